"""Objects: put, get, head, copy, delete; with conditions, ranges and digests."""

import base64
import hashlib
import zlib
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from .conftest import S3, code, xml

KEY = "personal-files/new dir/é +&=#?%@'!*~().txt"


async def test_what_was_put_is_got(s3: S3) -> None:
    """CELLS-CLIENT.md 4.4: parents are made."""
    put = await s3.put(KEY, b"hello", content_type="text/plain")
    assert put.headers["etag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert put.content == b""
    got = await s3.ask("GET", KEY)
    assert got.content == b"hello"
    head = await s3.ask("HEAD", KEY)
    assert head.status_code == 200
    assert head.content == b""
    for answer in (got, head):
        assert answer.headers["content-length"] == "5"
        assert answer.headers["etag"] == put.headers["etag"]
        assert answer.headers["last-modified"].endswith("GMT")
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("said", "content", "content_range"),
    [
        ("bytes=0-1", b"01", "bytes 0-1/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=0-1,4-5", b"0123456789", None),
        ("lines=1-2", b"0123456789", None),
    ],
)
async def test_a_range_gives_a_part(
    s3: S3, said: str, content: bytes, content_range: str | None
) -> None:
    """RFC9110-14.2."""
    await s3.put("personal-files/a", b"0123456789")
    got = await s3.ask("GET", "personal-files/a", headers={"Range": said})
    assert got.status_code == (206 if content_range else 200)
    assert got.content == content
    assert got.headers.get("content-range") == content_range


async def test_a_range_beyond_the_end_is_told(s3: S3) -> None:
    await s3.put("personal-files/a", b"0123456789")
    got = await s3.ask("GET", "personal-files/a", headers={"Range": "bytes=10-"})
    assert code(got) == "416 InvalidRange"


async def test_conditions_of_a_read_hold(s3: S3) -> None:
    """RFC9110-13."""
    tag = (await s3.put("personal-files/a", b"a")).headers["etag"]
    for headers, status in (
        ({"If-Match": tag}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-None-Match": tag}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"If-Unmodified-Since": "Fri, 01 Jan 2010 00:00:00 GMT"}, 412),
    ):
        got = await s3.ask("GET", "personal-files/a", headers=headers)
        assert got.status_code == status, headers


async def test_conditions_of_a_write_hold(s3: S3) -> None:
    """RFC9110-13.1.1, RFC9110-13.1.2."""
    key = "personal-files/a"
    tag = (await s3.put(key, b"1", if_none_match="*")).headers["etag"]
    again = await s3.ask("PUT", key, b"2", headers={"If-None-Match": "*"})
    assert code(again) == "412 PreconditionFailed"
    other = await s3.ask("PUT", key, b"2", headers={"If-Match": '"other"'})
    assert code(other) == "412 PreconditionFailed"
    await s3.put(key, b"2", if_match=tag)
    assert (await s3.ask("GET", key)).content == b"2"
    gone = await s3.ask("DELETE", key, headers={"If-Match": tag})
    assert code(gone) == "412 PreconditionFailed"


async def test_metadata_come_back_as_they_were_sent(s3: S3) -> None:
    await s3.put(
        "personal-files/a", x_amz_meta_colour="blue", cache_control="max-age=5",
        content_encoding="aws-chunked, gzip", content_language="fr",
    )  # fmt: skip
    head = await s3.ask("HEAD", "personal-files/a")
    assert head.headers["x-amz-meta-colour"] == "blue"
    assert head.headers["cache-control"] == "max-age=5"
    assert head.headers["content-encoding"] == "gzip"
    assert head.headers["content-language"] == "fr"
    many = {f"x-amz-meta-{n}": "v" * 1000 for n in range(9)}
    answer = await s3.ask("PUT", "personal-files/a", b"", headers=many)
    assert code(answer) == "400 MetadataTooLarge"


async def test_the_time_that_rclone_tells_is_the_files(s3: S3) -> None:
    await s3.put("personal-files/a", x_amz_meta_mtime="1000000000.5")
    head = await s3.ask("HEAD", "personal-files/a")
    assert head.headers["last-modified"] == "Sun, 09 Sep 2001 01:46:40 GMT"
    await s3.put("personal-files/a", x_amz_meta_mtime="9" * 40)
    head = await s3.ask("HEAD", "personal-files/a")
    assert str(datetime.now(UTC).year) in head.headers["last-modified"]


async def test_a_digest_that_does_not_fit_leaves_the_old_object(s3: S3) -> None:
    """CELLS-CLIENT.md 4.3."""
    key = "personal-files/a"
    await s3.put(key, b"old")
    md5 = base64.b64encode(hashlib.md5(b"else", usedforsecurity=False).digest()).decode()
    crc = base64.b64encode(zlib.crc32(b"else").to_bytes(4, "big")).decode()
    sha256 = base64.b64encode(hashlib.sha256(b"else").digest()).decode()
    for headers, refused in (
        ({"Content-MD5": md5}, "400 BadDigest"),
        ({"Content-MD5": "x"}, "400 InvalidDigest"),
        ({"x-amz-checksum-crc32": crc}, "400 BadDigest"),
        ({"x-amz-checksum-sha256": sha256}, "400 BadDigest"),
        ({"x-amz-checksum-crc32": "x"}, "400 InvalidRequest"),
        ({"x-amz-checksum-crc32": crc, "x-amz-checksum-sha1": crc}, "400 InvalidRequest"),
    ):
        assert code(await s3.ask("PUT", key, b"new", headers=headers)) == refused
    bearer = {"Authorization": f"Bearer {s3.token}", "x-amz-content-sha256": "0" * 64}
    answer = await s3.http.put(f"/io/{key}", content=b"new", headers=bearer)
    assert code(answer) == "400 XAmzContentSHA256Mismatch"
    alone = {"Authorization": f"Bearer {s3.token}", "x-amz-checksum-sha256": sha256}
    answer = await s3.http.put(f"/io/{key}", content=b"new", headers=alone)
    assert code(answer) == "400 BadDigest"
    assert (await s3.ask("GET", key)).content == b"old"
    answer = await s3.http.put(f"/io/{key}", content=b"else", headers=alone)
    assert answer.headers["x-amz-checksum-sha256"] == sha256


async def test_a_checksum_is_kept_and_given_back_on_demand(s3: S3) -> None:
    crc = base64.b64encode(zlib.crc32(b"abc").to_bytes(4, "big")).decode()
    put = await s3.put("personal-files/a", b"abc", x_amz_checksum_crc32=crc)
    assert put.headers["x-amz-checksum-crc32"] == crc
    enabled = {"x-amz-checksum-mode": "ENABLED"}
    got = await s3.ask("GET", "personal-files/a", headers=enabled)
    assert got.headers["x-amz-checksum-crc32"] == crc
    part = await s3.ask("GET", "personal-files/a", headers=enabled | {"Range": "bytes=0-0"})
    assert "x-amz-checksum-crc32" not in part.headers


async def test_a_body_in_chunks_is_taken_with_a_bearer_token(s3: S3) -> None:
    headers = {
        "Authorization": f"Bearer {s3.token}",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "Content-Encoding": "aws-chunked",
    }
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    put = await s3.http.put("/io/personal-files/a", content=body, headers=headers)
    assert put.headers["x-amz-checksum-crc32"] == "NhCmhg=="
    enabled = {"x-amz-checksum-mode": "ENABLED"}
    got = await s3.ask("GET", "personal-files/a", headers=enabled)
    assert got.content == b"hello"
    assert got.headers["x-amz-checksum-crc32"] == "NhCmhg=="
    assert "content-encoding" not in got.headers
    short = await s3.http.put("/io/personal-files/a", content=body[:-20], headers=headers)
    assert code(short) == "400 IncompleteBody"
    signed = headers | {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    answer = await s3.http.put("/io/personal-files/a", content=body, headers=signed)
    assert code(answer) == "400 InvalidRequest"
    assert (await s3.ask("GET", "personal-files/a")).content == b"hello"


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ("personal-files//b", "400 InvalidArgument"),
        ("personal-files/a\x00b", "400 InvalidArgument"),
        ("/personal-files/a", "400 InvalidArgument"),
        ("personal-files/" + "a" * 5000, "400 KeyTooLongError"),
        ("personal-files/" + "a/" * 70, "400 InvalidArgument"),
        ("nobodys-space/a", "404 NoSuchKey"),
        ("a", "403 AccessDenied"),
        ("personal-files/%2e%2e/b", "200"),
    ],
)
async def test_keys_that_nothing_can_have_are_refused(s3: S3, key: str, refused: str) -> None:
    """ATTACKS: paths; a key is decoded once, so `%2e` in it is three characters."""
    answer = await s3.ask("PUT", key, b"x")
    assert answer.status_code == 200 if refused == "200" else code(answer) == refused


@pytest.mark.parametrize("spelled", ["%2e%2e", "%2E.", "%2e"])
async def test_no_spelling_of_dots_leads_up(s3: S3, spelled: str) -> None:
    """ATTACKS: paths."""
    bearer = {"Authorization": f"Bearer {s3.token}"}
    url = f"/io/personal-files/a/{spelled}/b"
    assert code(await s3.http.put(url, content=b"x", headers=bearer)) == "400 InvalidArgument"
    assert code(await s3.http.get(url, headers=bearer)) == "400 InvalidArgument"


async def test_another_spelling_of_the_bucket_is_no_bucket(s3: S3) -> None:
    bearer = {"Authorization": f"Bearer {s3.token}"}
    answer = await s3.http.request("DELETE", "/%69o/personal-files/a", headers=bearer)
    assert code(answer) == "400 InvalidURI"


async def test_names_that_differ_by_case_or_form_hide_nothing(s3: S3) -> None:
    await s3.put("personal-files/é.txt", b"composed")
    decomposed = "personal-files/e\u0301.txt"
    assert (await s3.ask("GET", decomposed)).content == b"composed"
    answer = await s3.ask("PUT", "personal-files/É.TXT", b"x")
    assert code(answer) == "400 InvalidRequest"
    assert (await s3.ask("GET", "personal-files/É.TXT")).status_code == 404


async def test_a_folder_is_made_by_its_key_and_no_file_takes_its_place(s3: S3) -> None:
    """CELLS-CLIENT.md 4.4."""
    await s3.put("personal-files/dir/", b"")
    head = await s3.ask("HEAD", "personal-files/dir/")
    assert (head.status_code, head.headers["content-length"]) == (200, "0")
    assert (await s3.ask("HEAD", "personal-files/dir")).status_code == 404
    assert code(await s3.ask("PUT", "personal-files/dir", b"x")) == "403 AccessDenied"
    assert code(await s3.ask("PUT", "personal-files/dir/", b"x")) == "400 InvalidArgument"
    await s3.put("personal-files/file")
    assert (await s3.ask("HEAD", "personal-files/file/")).status_code == 404
    assert code(await s3.ask("PUT", "personal-files/file/x", b"x")) == "400 InvalidRequest"


async def test_what_is_deleted_lies_in_the_recycle_bin_and_then_nowhere(s3: S3) -> None:
    await s3.put("personal-files/a", b"x")
    assert (await s3.ask("DELETE", "personal-files/a")).status_code == 204
    assert (await s3.ask("DELETE", "personal-files/a")).status_code == 204
    assert code(await s3.ask("GET", "personal-files/a")) == "404 NoSuchKey"
    [binned] = await s3.keys(prefix="personal-files/recycle_bin/")
    assert await s3.keys(prefix="personal-files/") == ["personal-files/"]
    for after in ("personal-files/recycle_bin/", "personal-files/recycle_bin/A"):
        assert binned not in await s3.keys(prefix="personal-files/", start_after=after)
    assert (await s3.ask("DELETE", binned)).status_code == 204
    assert (await s3.ask("GET", binned)).status_code == 404


async def test_a_folders_key_deletes_it_if_it_is_empty(s3: S3) -> None:
    await s3.put("personal-files/dir/a")
    assert (await s3.ask("DELETE", "personal-files/dir/")).status_code == 204
    assert (await s3.ask("DELETE", "personal-files/dir")).status_code == 204
    assert (await s3.ask("GET", "personal-files/dir/a")).status_code == 200
    await s3.ask("DELETE", "personal-files/dir/a")
    await s3.ask("DELETE", "personal-files/dir/")
    assert (await s3.ask("HEAD", "personal-files/dir/")).status_code == 404


async def test_a_copy_keeps_or_replaces_what_is_said_of_it(s3: S3) -> None:
    await s3.put(KEY, b"abc", x_amz_meta_a="1", content_type="text/plain")
    source = {"x-amz-copy-source": quote(f"io/{KEY}")}
    answer = await s3.ask("PUT", "personal-files/b", headers=source)
    assert xml(answer).findtext("ETag") == '"900150983cd24fb0d6963f7d28e17f72"'
    got = await s3.ask("GET", "personal-files/b")
    assert (got.content, got.headers["x-amz-meta-a"]) == (b"abc", "1")
    replaced = source | {"x-amz-metadata-directive": "REPLACE", "x-amz-meta-b": "2"}
    assert (await s3.ask("PUT", KEY, headers=replaced)).status_code == 200
    got = await s3.ask("GET", KEY)
    assert got.content == b"abc"
    assert "x-amz-meta-a" not in got.headers
    assert got.headers["x-amz-meta-b"] == "2"
    assert code(await s3.ask("PUT", KEY, headers=source)) == "400 InvalidRequest"
    missing = {"x-amz-copy-source": "io/personal-files/none"}
    assert code(await s3.ask("PUT", "personal-files/c", headers=missing)) == "404 NoSuchKey"
    elsewhere = {"x-amz-copy-source": "bucket/none"}
    answer = await s3.ask("PUT", "personal-files/c", headers=elsewhere)
    assert code(answer) == "400 InvalidArgument"
    condition = source | {"x-amz-copy-source-if-match": '"other"'}
    answer = await s3.ask("PUT", "personal-files/c", headers=condition)
    assert code(answer) == "412 PreconditionFailed"


async def test_what_was_uploaded_never_runs_on_our_origin(s3: S3) -> None:
    """ATTACKS 83."""
    key = "personal-files/evil.svg"
    await s3.put(key, b"<svg onload='alert(1)'/>", content_type="image/svg+xml",
                 content_disposition="inline")  # fmt: skip
    for query in (
        {},
        {"response_content_type": "text/html", "response_content_disposition": "inline"},
    ):
        got = await s3.ask("GET", key, query=query)
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"].startswith("sandbox")
        assert got.headers["content-disposition"].startswith("attachment")
    asked = {"response_content_disposition": 'attachment; filename="x"',
             "response_cache_control": "no-store"}  # fmt: skip
    got = await s3.ask("GET", key, query=asked)
    assert got.headers["content-disposition"] == 'attachment; filename="x"'
    assert got.headers["cache-control"] == "no-store"
    answer = await s3.ask("GET", key, response_cache_control="a\r\nSet-Cookie: b=c")
    assert code(answer) == "400 InvalidArgument"


async def test_after_a_failed_upload_cells_client_cannot_leave_nothing(s3: S3) -> None:
    """CELLS-CLIENT.md 4.3: it repeats the request with what is left of the file: nothing."""
    key = "personal-files/a"
    agent = {"User-Agent": "linux/amd64 go1.23.9 github.com/pydio/cells-client@v4.3.1"}
    stale = S3(s3.http, "stale")
    assert code(await stale.ask("PUT", key, b"data", headers=agent)) == "403 InvalidAccessKeyId"
    answer = await s3.ask("PUT", key, b"", headers=agent)
    assert code(answer) == "403 InvalidAccessKeyId"
    assert (await s3.ask("HEAD", key)).status_code == 404
    await s3.put("personal-files/empty", b"", user_agent=agent["User-Agent"])
    assert (await s3.ask("PUT", key, b"data", headers=agent)).status_code == 200


async def test_what_this_server_has_not_is_said_to_be_missing(s3: S3) -> None:
    for query in ({"acl": ""}, {"tagging": ""}, {"versions": ""}, {"policy": ""}):
        assert code(await s3.ask("GET", "", query=query)) == "501 NotImplemented"
    answer = await s3.ask("PUT", "personal-files/a", headers={"x-amz-tagging": "a=b"})
    assert code(answer) == "501 NotImplemented"
    assert code(await s3.ask("POST", "personal-files/a")) == "405 MethodNotAllowed"
    assert (await s3.ask("PUT", "personal-files/a", b"x", copy="")).status_code == 200
