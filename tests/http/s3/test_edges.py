"""What few programs send, and what must not be mistaken."""

import hashlib
import hmac
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from keycell.bootstrap import World
from keycell.http.s3.signatures import signing_key

from ...conftest import BASE
from .conftest import S3, code, xml

EMPTY = hashlib.sha256(b"").hexdigest()


class _Seed(S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """Signs a request whose body is signed chunk by chunk."""

    def payload(self, request: AWSRequest) -> str:
        del request
        return "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def in_signed_chunks(s3: S3, key: str, chunks: list[bytes]) -> tuple[bytes, dict[str, str]]:
    """Give the body and the headers of an upload whose chunks are signed."""
    length = sum(len(chunk) for chunk in chunks)
    request = AWSRequest(
        "PUT", f"{BASE}/io/{key}",
        headers={
            "x-amz-decoded-content-length": str(length),
            "content-encoding": "aws-chunked",
        },
    )  # fmt: skip
    _Seed(Credentials(s3.token, s3.secret), "s3", "us-east-1").add_auth(request)
    headers = {**dict(request.headers.items())}
    previous = headers["Authorization"].rpartition("=")[2]
    at = request.context["timestamp"]
    scope = f"{at[:8]}/us-east-1/s3/aws4_request"
    body = b""
    for chunk in (*chunks, b""):
        text = "\n".join(
            ("AWS4-HMAC-SHA256-PAYLOAD", at, scope, previous, EMPTY,
             hashlib.sha256(chunk).hexdigest())
        )  # fmt: skip
        key_bytes = signing_key(s3.secret, scope)
        previous = hmac.digest(key_bytes, text.encode(), "sha256").hex()
        body += f"{len(chunk):x};chunk-signature={previous}\r\n".encode() + chunk + b"\r\n"
    return body, headers


async def test_a_body_in_signed_chunks_is_verified_chunk_by_chunk(s3: S3) -> None:
    url = "/io/personal-files/a"
    body, headers = in_signed_chunks(s3, "personal-files/a", [b"a" * 9000, b"b" * 10])
    changed = body.replace(b"bbb", b"bcb", 1)
    assert code(await s3.http.put(url, content=changed, headers=headers)) == (
        "403 SignatureDoesNotMatch"
    )
    assert code(await s3.ask("GET", "personal-files/a")) == "404 NoSuchKey"
    assert (await s3.http.put(url, content=body, headers=headers)).status_code == 200
    assert (await s3.ask("GET", "personal-files/a")).content == b"a" * 9000 + b"b" * 10


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"x-amz-content-sha256": "nonsense"}, "400 InvalidRequest"),
        ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
         "411 MissingContentLength"),
        ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": "-1"}, "400 InvalidArgument"),
        ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": "9" * 14}, "400 EntityTooLarge"),
        ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "x-amz-decoded-content-length": "1", "x-amz-trailer": "x-other"},
         "400 InvalidRequest"),
        ({"x-amz-copy-source": "io/%ff"}, "400 InvalidURI"),
    ],
)  # fmt: skip
async def test_what_is_said_of_a_body_must_make_sense(
    s3: S3, headers: dict[str, str], refused: str
) -> None:
    bearer = {"Authorization": f"Bearer {s3.token}"}
    url = "/io/personal-files/a"
    assert code(await s3.http.put(url, content=b"x", headers=bearer | headers)) == refused


async def test_a_body_without_a_length_is_refused(s3: S3) -> None:
    """RFC9110-8.6."""

    async def stream() -> AsyncIterator[bytes]:
        yield b"x"

    bearer = {"Authorization": f"Bearer {s3.token}"}
    answer = await s3.http.put("/io/personal-files/a", content=stream(), headers=bearer)
    assert code(answer) == "411 MissingContentLength"


async def test_an_unsigned_header_checksum_and_a_trailer_may_both_come(s3: S3) -> None:
    bearer = {
        "Authorization": f"Bearer {s3.token}",
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "5",
        "x-amz-checksum-crc32": "NhCmhg==",
    }
    body = b"5\r\nhello\r\n0\r\n\r\n"
    answer = await s3.http.put("/io/personal-files/a", content=body, headers=bearer)
    assert answer.headers["x-amz-checksum-crc32"] == "NhCmhg=="
    wrong = body.replace(b"hello", b"hallo")
    answer = await s3.http.put("/io/personal-files/a", content=wrong, headers=bearer)
    assert code(answer) == "400 BadDigest"


async def test_folders_are_copied_as_folders_and_files_as_files(s3: S3) -> None:
    await s3.put("personal-files/dir/", b"")
    await s3.put("personal-files/file")
    folder = {"x-amz-copy-source": "io/personal-files/dir/"}
    file = {"x-amz-copy-source": "io/personal-files/file"}
    assert (await s3.ask("PUT", "personal-files/new/", headers=folder)).status_code == 200
    assert (await s3.ask("HEAD", "personal-files/new/")).status_code == 200
    assert code(await s3.ask("PUT", "personal-files/x", headers=folder)) == "400 InvalidArgument"
    assert code(await s3.ask("PUT", "personal-files/x/", headers=file)) == "400 InvalidArgument"
    mixed = {"x-amz-copy-source": "io/personal-files/file/"}
    assert code(await s3.ask("PUT", "personal-files/x", headers=mixed)) == "404 NoSuchKey"


async def test_an_older_version_is_read_by_its_identifier(s3: S3, world: World) -> None:
    key = "personal-files/a"
    await s3.put(key, b"older")
    await s3.put(key, b"newer")
    account = await world.people.accounts.find_by_login("ann")
    assert account is not None
    space = await world.files.spaces.find("personal-files", account.sub)
    assert space is not None
    node = (await world.files.nodes.resolve(space.root_id, ("a",))).node
    [_, older] = await world.files.nodes.versions(node.node_id, 10)
    got = await s3.ask("GET", key, query={"versionId": older.version_id})
    assert got.content == b"older"
    assert (await s3.ask("GET", key, query={"versionId": "null"})).content == b"newer"
    assert code(await s3.ask("GET", key, query={"versionId": "x"})) == "404 NoSuchKey"
    for method in ("DELETE", "PUT"):
        headers = {"x-amz-copy-source": f"io/{key}?versionId={older.version_id}"}
        answer = await s3.ask(
            method, "personal-files/b" if method == "PUT" else key,
            headers=headers if method == "PUT" else {},
            query={"versionId": older.version_id} if method == "DELETE" else {},
        )  # fmt: skip
        assert code(answer) == "501 NotImplemented"
    body = f"<Delete><Object><Key>{key}</Key><VersionId>v</VersionId></Object></Delete>".encode()
    answer = await s3.ask("POST", "", body, delete="")
    assert xml(answer).findtext("Error/Code") == "NotImplemented"


async def test_parts_of_an_object_are_no_objects(s3: S3) -> None:
    await s3.put("personal-files/a", b"whole")
    assert (await s3.ask("GET", "personal-files/a", query={"partNumber": "1"})).content == b"whole"
    answer = await s3.ask("GET", "personal-files/a", query={"partNumber": "2"})
    assert code(answer) == "416 InvalidPartNumber"


async def test_the_buckets_are_listed_at_the_root_to_whom_signs(s3: S3) -> None:
    request = AWSRequest("GET", f"{BASE}/")
    S3SigV4Auth(Credentials(s3.token, s3.secret), "s3", "us-east-1").add_auth(request)
    answer = await s3.http.get("/", headers=dict(request.headers.items()))
    root = xml(answer)
    assert root.findtext("Buckets/Bucket/Name") == "io"
    assert (root.findtext("Buckets/Bucket/CreationDate") or "")[:4] == str(datetime.now(UTC).year)
    assert root.findtext("Owner/DisplayName") == "ann"
    page = await s3.http.get("/", follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")


_ODD = (
    "", "0", "1", "-1", "x", "é", "\u0000", "%00", "..", "a/", "/", "//", "a" * 300, "\U0010ffff",
    "bytes=0-", "io/personal-files/a", "io/", "?versionId=", '"', "*", "W/", "9" * 30, "2", "url",
    "Fri, 01 Jan 2100 00:00:00 GMT", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-checksum-crc32",
)  # fmt: skip
_PARAMETERS = (
    "list-type", "prefix", "delimiter", "max-keys", "start-after", "continuation-token", "marker",
    "encoding-type", "uploads", "uploadId", "partNumber", "delete", "location", "versionId",
    "key-marker", "upload-id-marker", "max-uploads", "response-content-type", "max-parts",
    "X-Amz-Algorithm", "X-Amz-Credential", "AWSAccessKeyId", "fetch-owner", "part-number-marker",
)  # fmt: skip
_HEADERS = (
    "range", "if-match", "if-none-match", "if-modified-since", "if-range", "content-md5",
    "x-amz-copy-source", "x-amz-copy-source-range", "x-amz-copy-source-if-match", "x-amz-trailer",
    "x-amz-content-sha256", "x-amz-checksum-crc32", "x-amz-checksum-sha256", "x-amz-meta-mtime",
    "x-amz-metadata-directive", "x-amz-decoded-content-length", "content-type", "x-amz-date",
    "x-amz-checksum-algorithm", "x-amz-checksum-type", "content-encoding", "x-amz-checksum-mode",
)  # fmt: skip
_PATHS = (
    "",
    "personal-files/a",
    "personal-files/",
    "personal-files/d/",
    "%ff",
    "%2e%2e/a",
    "a%00",
)


async def test_whatever_is_asked_is_never_a_failure_of_ours(s3: S3) -> None:
    """Parameters and headers at random, always the same ones."""
    chance = random.Random(7)  # noqa: S311  (not a secret)
    await s3.put("personal-files/a", b"content")
    for _ in range(600):
        method = chance.choice(("GET", "HEAD", "PUT", "POST", "DELETE"))
        query = {name: chance.choice(_ODD) for name in chance.sample(_PARAMETERS, 3)}
        headers = {
            name.encode(): chance.choice(_ODD).encode().replace(b"\0", b"")
            for name in chance.sample(_HEADERS, 3)
        }
        headers[b"authorization"] = f"Bearer {s3.token}".encode()
        answer = await s3.http.request(
            method, f"/io/{chance.choice(_PATHS)}", params=query, headers=headers,
            content=chance.choice((b"", b"x", b"<Delete/>", b"1\r\nx\r\n0\r\n\r\n")),
        )  # fmt: skip
        assert answer.status_code != 500, (method, query, headers)


async def test_a_key_with_a_lines_end_is_refused_as_any_other_is(s3: S3) -> None:
    for name in ("a%0Ab", "a%0A", "%0D%0Ax-amz-acl: x"):
        for method in ("PUT", "GET"):
            response = await s3.http.request(
                method, f"/io/personal-files/{name}",
                headers={"Authorization": f"Bearer {s3.token}"},
            )  # fmt: skip
            assert code(response) == "400 InvalidArgument"
