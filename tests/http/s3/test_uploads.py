"""Multipart uploads: parts in any order, again, and completed once."""

import asyncio
import base64
import hashlib
import zlib

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.files.uploads import LEAST_PART
from keycell.provider.register import Made

from ...conftest import Browser
from .conftest import S3, code, somebody_else, token_for, xml

KEY = "personal-files/big é.bin"
ONE, TWO = b"1" * LEAST_PART, b"2" * 10


async def begin(s3: S3, key: str = KEY, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await s3.ask("POST", key, headers=named, uploads="")
    assert answer.status_code == 200, answer.text
    assert xml(answer).findtext("Key") == key
    return xml(answer).findtext("UploadId") or ""


async def part(s3: S3, upload: str, number: int, content: bytes, key: str = KEY) -> str:
    query = {"partNumber": str(number), "uploadId": upload}
    answer = await s3.ask("PUT", key, content, query=query)
    assert answer.status_code == 200, answer.text
    found: str = answer.headers["etag"]
    assert found == f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
    return found


async def complete(
    s3: S3, upload: str, *parts: tuple[int, str], key: str = KEY, **headers: str
) -> httpx2.Response:
    inner = "".join(
        f"<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>"
        for number, etag in parts
    )
    body = f"<CompleteMultipartUpload>{inner}</CompleteMultipartUpload>".encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await s3.ask("POST", key, body, headers=named, query={"uploadId": upload})


async def test_parts_that_came_out_of_order_make_one_file(s3: S3) -> None:
    """CELLS-CLIENT.md 4.4."""
    upload = await begin(s3, x_amz_meta_a="1", content_type="text/plain")
    two = await part(s3, upload, 2, TWO)
    await part(s3, upload, 1, b"replaced")
    one = await part(s3, upload, 1, ONE)
    answer = await complete(s3, upload, (1, one), (2, two))
    etag = xml(answer).findtext("ETag")
    assert etag is not None
    assert etag.endswith('-2"')
    got = await s3.ask("GET", KEY)
    assert got.content == ONE + TWO
    assert (got.headers["etag"], got.headers["x-amz-meta-a"]) == (etag, "1")
    span = {"Range": f"bytes={LEAST_PART - 2}-{LEAST_PART + 1}"}
    assert (await s3.ask("GET", KEY, headers=span)).content == b"1122"


async def test_a_completion_whose_answer_was_lost_is_answered_again(s3: S3) -> None:
    upload = await begin(s3)
    one = await part(s3, upload, 1, TWO)
    first = await complete(s3, upload, (1, one))
    again = await complete(s3, upload, (1, one))
    assert (first.status_code, first.text) == (again.status_code, again.text)
    other = await complete(s3, upload, (1, '"00000000000000000000000000000000"'))
    assert code(other) == "404 NoSuchUpload"
    assert code(await complete(s3, upload, (1, '"nonsense"'))) == "404 NoSuchUpload"


async def test_of_many_completions_at_once_all_give_the_one_file(s3: S3) -> None:
    for _ in range(5):
        upload = await begin(s3)
        one = await part(s3, upload, 1, TWO)
        answers = await asyncio.gather(*(complete(s3, upload, (1, one)) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
    assert await s3.keys(prefix="personal-files/") == [KEY]


async def test_what_is_wrong_with_a_completion_is_told(s3: S3) -> None:
    upload = await begin(s3)
    small, two = await part(s3, upload, 1, b"small"), await part(s3, upload, 2, TWO)
    assert code(await complete(s3, upload, (1, small), (2, two))) == "400 EntityTooSmall"
    assert code(await complete(s3, upload, (2, two), (1, small))) == "400 InvalidPartOrder"
    assert code(await complete(s3, upload, (3, two))) == "400 InvalidPart"
    assert code(await complete(s3, upload, (1, two))) == "400 InvalidPart"
    assert code(await complete(s3, upload)) == "400 InvalidArgument"
    answer = await s3.ask("POST", KEY, b"nonsense", query={"uploadId": upload})
    assert code(answer) == "400 MalformedXML"
    assert (await complete(s3, upload, (2, two))).status_code == 200


@pytest.mark.parametrize("number", ["0", "10001", "-1", "x", ""])
async def test_part_numbers_are_1_to_10000(s3: S3, number: str) -> None:
    query = {"partNumber": number, "uploadId": await begin(s3)}
    assert code(await s3.ask("PUT", KEY, TWO, query=query)) == "400 InvalidArgument"


async def test_a_completion_with_a_condition_wins_or_leaves_the_old(s3: S3) -> None:
    """RFC9110-13.1.2."""
    await s3.put(KEY, b"old")
    upload = await begin(s3)
    one = await part(s3, upload, 1, TWO)
    answer = await complete(s3, upload, (1, one), if_none_match="*")
    assert code(answer) == "412 PreconditionFailed"
    assert (await s3.ask("GET", KEY)).content == b"old"
    assert (await complete(s3, upload, (1, one))).status_code == 200


async def test_an_upload_that_was_given_up_takes_no_parts(s3: S3) -> None:
    upload = await begin(s3)
    one = await part(s3, upload, 1, TWO)
    query = {"uploadId": upload}
    assert (await s3.ask("DELETE", KEY, query=query)).status_code == 204
    assert code(await s3.ask("DELETE", KEY, query=query)) == "404 NoSuchUpload"
    query["partNumber"] = "2"
    assert code(await s3.ask("PUT", KEY, TWO, query=query)) == "404 NoSuchUpload"
    assert code(await complete(s3, upload, (1, one))) == "404 NoSuchKey"


async def test_an_upload_is_its_keys_and_its_persons(
    s3: S3, browser: Browser, app: Made, world: World
) -> None:
    """ATTACKS: parts put into somebody else's upload."""
    upload = await begin(s3)
    query = {"partNumber": "1", "uploadId": upload}
    other = await s3.ask("PUT", "personal-files/other", TWO, query=query)
    assert code(other) == "404 NoSuchUpload"
    reader = S3(s3.http, await token_for(browser, app, "openid files.read"))
    assert code(await reader.ask("PUT", KEY, TWO, query=query)) == "403 AccessDenied"
    assert code(await reader.ask("POST", KEY, uploads="")) == "403 AccessDenied"
    bob = await somebody_else(world, browser, app)
    assert code(await bob.ask("PUT", KEY, TWO, query=query)) == "404 NoSuchUpload"
    assert code(await bob.ask("GET", KEY, query={"uploadId": upload})) == "404 NoSuchUpload"
    assert code(await bob.ask("DELETE", KEY, query={"uploadId": upload})) == "404 NoSuchUpload"
    assert xml(await bob.ask("GET", uploads="")).find("Upload") is None


async def test_parts_and_uploads_are_listed_in_pages(s3: S3) -> None:
    upload = await begin(s3)
    for number in (3, 1, 2):
        await part(s3, upload, number, TWO)
    query = {"uploadId": upload, "max-parts": "2"}
    first = xml(await s3.ask("GET", KEY, query=query))
    assert [one.text for one in first.iterfind("Part/PartNumber")] == ["1", "2"]
    assert first.findtext("IsTruncated") == "true"
    query["part-number-marker"] = first.findtext("NextPartNumberMarker") or ""
    second = xml(await s3.ask("GET", KEY, query=query))
    assert [one.text for one in second.iterfind("Part/PartNumber")] == ["3"]
    assert second.findtext("Part/Size") == str(len(TWO))

    other = await begin(s3, "personal-files/a")
    found = xml(await s3.ask("GET", uploads="", max_uploads="1"))
    assert [one.text for one in found.iterfind("Upload/UploadId")] == [other]
    assert found.findtext("IsTruncated") == "true"
    query = {
        "key-marker": found.findtext("NextKeyMarker") or "",
        "upload-id-marker": found.findtext("NextUploadIdMarker") or "",
    }
    rest = xml(await s3.ask("GET", uploads="", query=query))
    assert [one.text for one in rest.iterfind("Upload/UploadId")] == [upload]
    only = xml(await s3.ask("GET", uploads="", prefix="personal-files/b"))
    assert [one.text for one in only.iterfind("Upload/Key")] == [KEY]
    behind = xml(await s3.ask("GET", uploads="", key_marker="personal-files/a"))
    assert [one.text for one in behind.iterfind("Upload/UploadId")] == [upload]


async def test_who_asks_for_nothing_is_not_told_to_go_on(s3: S3) -> None:
    upload = await begin(s3)
    await part(s3, upload, 1, TWO)
    parts = xml(await s3.ask("GET", KEY, query={"uploadId": upload, "max-parts": "0"}))
    uploads = xml(await s3.ask("GET", uploads="", max_uploads="0"))
    for answer, name in ((parts, "Part"), (uploads, "Upload")):
        assert answer.find(name) is None
        assert answer.findtext("IsTruncated") == "false"


async def test_a_part_can_be_made_of_another_object(s3: S3) -> None:
    await s3.put("personal-files/source", b"0123456789")
    upload = await begin(s3)
    query = {"partNumber": "1", "uploadId": upload}
    source = {"x-amz-copy-source": "/io/personal-files/source"}
    ranged = source | {"x-amz-copy-source-range": "bytes=2-4"}
    answer = await s3.ask("PUT", KEY, headers=ranged, query=query)
    etag = xml(answer).findtext("ETag") or ""
    for wrong in ("bytes=2-10", "bytes=4-2", "2-4", "bytes=-3"):
        headers = source | {"x-amz-copy-source-range": wrong}
        refused = await s3.ask("PUT", KEY, headers=headers, query=query)
        assert code(refused) == "400 InvalidArgument", wrong
    assert (await complete(s3, upload, (1, etag))).status_code == 200
    assert (await s3.ask("GET", KEY)).content == b"234"


async def test_the_parts_checksums_make_that_of_the_whole(s3: S3) -> None:
    def crc(content: bytes) -> str:
        return base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()

    kind = {"x_amz_checksum_algorithm": "CRC32", "x_amz_checksum_type": "FULL_OBJECT"}
    upload = await begin(s3, **kind)
    etags = []
    for number, content in ((1, ONE), (2, TWO)):
        query = {"partNumber": str(number), "uploadId": upload}
        headers = {"x-amz-checksum-crc32": crc(content)}
        answer = await s3.ask("PUT", KEY, content, headers=headers, query=query)
        assert answer.headers["x-amz-checksum-crc32"] == crc(content)
        etags.append((number, answer.headers["etag"]))
    wrong = await complete(s3, upload, *etags, x_amz_checksum_crc32=crc(b"else"))
    assert code(wrong) == "400 BadDigest"
    done = await complete(s3, upload, *etags, x_amz_checksum_crc32=crc(ONE + TWO))
    assert xml(done).findtext("ChecksumCRC32") == crc(ONE + TWO)
    head = await s3.ask("HEAD", KEY, headers={"x-amz-checksum-mode": "ENABLED"})
    assert head.headers["x-amz-checksum-crc32"] == crc(ONE + TWO)
    answer = await s3.ask("POST", KEY, headers={"x-amz-checksum-algorithm": "MD6"}, uploads="")
    assert code(answer) == "400 InvalidRequest"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "crc32"])
async def test_the_parts_checksums_make_one_of_their_own(s3: S3, algorithm: str) -> None:
    """Of the parts' checksums, and their number: as AWS tells it where it is called composite."""

    def raw(content: bytes) -> bytes:
        if algorithm == "crc32":
            return zlib.crc32(content).to_bytes(4, "big")
        return hashlib.new(algorithm, content, usedforsecurity=False).digest()

    def text(content: bytes) -> str:
        return base64.b64encode(raw(content)).decode()

    kind = {"x-amz-checksum-algorithm": algorithm.upper(), "x-amz-checksum-type": "COMPOSITE"}
    name, upload = f"x-amz-checksum-{algorithm}", await begin(s3, **kind)
    etags = []
    for number, content in ((1, ONE), (2, TWO)):
        query = {"partNumber": str(number), "uploadId": upload}
        answer = await s3.ask("PUT", KEY, content, headers={name: text(content)}, query=query)
        etags.append((number, answer.headers["etag"]))
    made = f"{text(raw(ONE) + raw(TWO))}-2"
    for wrong in (f"{text(b'else')}-2", f"{made[:-2]}-3"):
        assert code(await complete(s3, upload, *etags, **{name: wrong})) == "400 BadDigest"
    assert code(await complete(s3, upload, *etags, **{name: "x-2"})) == "400 InvalidRequest"
    done = xml(await complete(s3, upload, *etags, **{name: made}))
    assert done.findtext(f"Checksum{algorithm.upper()}") == made
    assert done.findtext("ChecksumType") == "COMPOSITE"
    head = await s3.ask("HEAD", KEY, headers={"x-amz-checksum-mode": "ENABLED"})
    assert (head.headers[name], head.headers["x-amz-checksum-type"]) == (made, "COMPOSITE")
    assert name not in (await s3.ask("HEAD", KEY)).headers


async def test_a_quota_refuses_what_has_no_room_and_keeps_the_old(s3: S3, world: World) -> None:
    """RFC4331-6: every attempt alike."""
    await s3.put("personal-files/a", b"old")
    space = await world.files.spaces.find("personal-files", await _sub(world))
    assert space is not None
    event = AuditEvent(at=world.files.clock(), actor="test", action="quota.set")
    await world.files.spaces.set_quota(space.volume_id, 100, event)
    for _ in range(3):
        answer = await s3.ask("PUT", "personal-files/a", b"x" * 101)
        assert code(answer) == "507 QuotaExceeded"
    upload = await begin(s3)
    query = {"partNumber": "1", "uploadId": upload}
    assert code(await s3.ask("PUT", KEY, b"x" * 101, query=query)) == "507 QuotaExceeded"
    assert (await s3.ask("GET", "personal-files/a")).content == b"old"


async def _sub(world: World) -> str:
    account = await world.people.accounts.find_by_login("ann")
    assert account is not None
    return account.sub
