"""Digests announced in Content-Digest and Repr-Digest are held to, on both wires of files."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.errors import BadRequest, DigestMismatch
from keycell.files.ports_blobs import WriteLimits
from keycell.http.content_digest import FIELDS, bound

from ..conftest import Browser
from .dav.conftest import Dav, token_for
from .s3.conftest import S3, code, s3

__all__ = ["s3"]
SMALL, LARGE = b"content", b"content " * 2**17
KEY = "personal-files/a.bin"


@pytest.fixture
async def dav(world: World, ann: Account, browser: Browser) -> Dav:
    return Dav(browser.http, await token_for(world, ann))


def member(algorithm: str, content: bytes) -> str:
    digest = hashlib.new(algorithm.replace("-", ""), content).digest()
    return f"{algorithm}=:{base64.b64encode(digest).decode()}:"


def of(*lines: str, field: str = "content-digest") -> Headers:
    return Headers(raw=[(field.encode(), line.encode()) for line in lines])


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_announced_is_what_must_be_true(field: str) -> None:
    """RFC9530-2, RFC9530-3."""
    said = [member("sha-256", SMALL), f"unixsum=12, {member('md5', SMALL)};a=b", "sha-512=?0"]
    limits = bound(WriteLimits(declared_length=7), of(*said[:2], field=field))
    assert limits == WriteLimits(
        declared_length=7,
        sha256=hashlib.sha256(SMALL).hexdigest(),
        md5=hashlib.md5(SMALL, usedforsecurity=False).hexdigest(),
    )
    long = bound(WriteLimits(), of(member("sha-512", SMALL), field=field))
    assert long.checksums == {"sha512": base64.b64encode(hashlib.sha512(SMALL).digest()).decode()}
    with pytest.raises(BadRequest, match=field):
        bound(WriteLimits(), of(*said, field=field))


def test_what_is_not_known_is_passed_over() -> None:
    """RFC9530-5."""
    assert bound(WriteLimits(), of("sha-3=:AA==:, crc32c=:AAAAAA==:, a, b;c=d")) == WriteLimits()
    assert bound(WriteLimits(), Headers()) == WriteLimits()


@pytest.mark.parametrize(
    "text",
    ["sha-256=:AA==:", "sha-256=AA==", "sha-256", "sha-256=:A:", "SHA-256=:AA==:", "=", "("],
)
def test_what_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        bound(WriteLimits(), of(text))


def test_two_that_differ_cannot_both_be_true() -> None:
    limits = WriteLimits(sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(DigestMismatch):
        bound(limits, of(member("sha-256", SMALL)))
    assert bound(limits, of(member("sha-256", b"other"))) == limits


@given(st.text(alphabet='sha-256md=:;,"() AZaz09+/\t', max_size=60))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        bound(WriteLimits(), of(text))
    except (BadRequest, DigestMismatch):
        return


@pytest.mark.parametrize(
    ("field", "algorithm", "content"),
    [
        ("content-digest", "sha-256", SMALL),
        ("content-digest", "sha-512", LARGE),
        ("repr-digest", "sha-512", SMALL),
        ("repr-digest", "md5", LARGE),
    ],
    ids=["sha-256", "sha-512", "small", "md5"],
)
async def test_bytes_that_are_others_are_refused_and_change_nothing(
    s3: S3, dav: Dav, field: str, algorithm: str, content: bytes
) -> None:
    """RFC9530-6.2: what was there stays."""
    good, bad = ({field: member(algorithm, one)} for one in (content, b"other"))
    assert (await s3.ask("PUT", KEY, content, headers=good)).status_code == 200
    assert code(await s3.ask("PUT", KEY, content[1:], headers=good)) == "400 BadDigest"
    assert code(await s3.ask("PUT", "personal-files/b", content, headers=bad)) == "400 BadDigest"
    assert await dav.put("a.bin", content, **good) == 204
    assert await dav.put("a.bin", content[1:], **good) == 400
    assert await dav.put("b", content, **bad) == 400
    assert (await s3.ask("GET", KEY)).content == content
    assert (await dav("GET", "b")).status_code == 404


async def test_a_part_is_held_to_it_too(s3: S3) -> None:
    begun = await s3.ask("POST", KEY, uploads="")
    upload = begun.text.partition("<UploadId>")[2].partition("</UploadId>")[0]
    query, headers = {"uploadId": upload, "partNumber": "1"}, {FIELDS[0]: member("md5", SMALL)}
    assert code(await s3.ask("PUT", KEY, LARGE, headers, query)) == "400 BadDigest"
    assert (await s3.ask("PUT", KEY, SMALL, headers, query)).status_code == 200
