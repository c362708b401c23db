"""``aws-chunked`` bodies, by AWS's own examples, cut anywhere."""

import base64
import hashlib
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.http.s3.checksums import ALGORITHMS, whole_checksum
from keycell.http.s3.chunked import Decoder, Framing, decoded
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import Claim, Signed, signing_key

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SCOPE = "20130524/us-east-1/s3/aws4_request"
CONTENT = b"a" * 66560
CRC32 = "x-amz-checksum-crc32"


def signed(seed: str) -> Signed:
    claim = Claim(
        access_key="AKIAIOSFODNN7EXAMPLE", scope=SCOPE, signed_headers=("host",), signature=seed,
        timestamp="20130524T000000Z", expires_in=None, payload_hash="",
    )  # fmt: skip
    return Signed(claim, signing_key(SECRET, SCOPE))


def chunk(content: bytes, signature: str = "") -> bytes:
    extension = f";chunk-signature={signature}" if signature else ""
    return f"{len(content):x}{extension}\r\n".encode() + content + b"\r\n"


PLAIN = Framing(
    decoded_length=len(CONTENT),
    signed=signed("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
)
DOCUMENTED = (
    chunk(CONTENT[:65536], "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648")
    + chunk(CONTENT[65536:], "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497")
    + chunk(b"", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")
)
TRAILED = Framing(
    decoded_length=len(CONTENT),
    signed=signed("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
    trailer="x-amz-checksum-crc32c",
)
DOCUMENTED_TRAILED = (
    chunk(CONTENT[:65536], "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2")
    + chunk(CONTENT[65536:], "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7")
    + b"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    b"\r\n\r\n"
)


def decode(framing: Framing, *received: bytes) -> bytes:
    decoder = Decoder(framing)
    content = b"".join(piece for one in received for piece in decoder.feed(one))
    decoder.finish()
    return content


def refused(framing: Framing, *received: bytes) -> str:
    with pytest.raises(S3Error) as caught:
        decode(framing, *received)
    return caught.value.code


@given(cuts=st.lists(st.integers(0, len(DOCUMENTED)), max_size=12))
def test_the_documented_signed_body_is_taken_however_it_is_cut(cuts: list[int]) -> None:
    ends = [*sorted(cuts), len(DOCUMENTED)]
    pieces = [DOCUMENTED[one:two] for one, two in zip([0, *ends], ends, strict=False)]
    assert decode(PLAIN, *pieces) == CONTENT


def test_the_documented_signed_trailer_is_taken() -> None:
    assert decode(TRAILED, DOCUMENTED_TRAILED) == CONTENT
    assert decode(TRAILED, *(bytes([one]) for one in DOCUMENTED_TRAILED)) == CONTENT
    parted = DOCUMENTED_TRAILED.replace(b"/Q==\r\n", b"/Q==\n\r\n")
    assert decode(TRAILED, parted) == CONTENT


def test_a_changed_byte_signature_or_trailer_is_seen() -> None:
    assert refused(PLAIN, DOCUMENTED.replace(b"aaa\r\n", b"aab\r\n", 1)) == "SignatureDoesNotMatch"
    assert refused(PLAIN, DOCUMENTED.replace(b"=ad80", b"=ad81")) == "SignatureDoesNotMatch"
    assert refused(PLAIN, DOCUMENTED.replace(b"=b6c6", b"=b6c7")) == "SignatureDoesNotMatch"
    changed = DOCUMENTED_TRAILED.replace(b"d81f", b"d81e")
    assert refused(TRAILED, changed) == "SignatureDoesNotMatch"
    changed = DOCUMENTED_TRAILED.replace(b"sOO8", b"sOO9")
    assert refused(TRAILED, changed) == "SignatureDoesNotMatch"
    without = DOCUMENTED_TRAILED.replace(b"x-amz-trailer-signature", b"x-other")
    assert refused(TRAILED, without) in {"SignatureDoesNotMatch", "IncompleteBody"}


def test_an_unsigned_chunk_is_refused_where_signatures_are_due() -> None:
    assert refused(PLAIN, chunk(CONTENT) + chunk(b"")) == "InvalidRequest"


def unsigned(content: bytes, trailer: str | None = None) -> Framing:
    return Framing(decoded_length=len(content), trailer=trailer)


def test_todays_sdks_one_big_chunk_and_its_checksum_are_taken() -> None:
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    assert decode(unsigned(b"hello", CRC32), body) == b"hello"
    assert refused(unsigned(b"hello", CRC32), body.replace(b"hello", b"hallo")) == "BadDigest"


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
@given(content=st.binary(max_size=300), size=st.integers(1, 50), step=st.integers(1, 40))
def test_any_content_comes_through_any_chunks_and_cuts(
    algorithm: str, content: bytes, size: int, step: int
) -> None:
    checksum = ALGORITHMS[algorithm]()
    checksum.update(content)
    name = f"x-amz-checksum-{algorithm}"
    body = b"".join(chunk(content[at : at + size]) for at in range(0, len(content), size))
    told = base64.b64encode(checksum.digest()).decode()
    body += f"0\r\n{name}: {told}\r\n\r\n".encode()
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    assert decode(unsigned(content, name), *pieces) == content


@given(st.binary(max_size=200))
def test_whatever_comes_is_content_or_refused(body: bytes) -> None:
    try:
        content = decode(Framing(decoded_length=20), body)
    except S3Error as error:
        told = error.code in {"InvalidRequest", "IncompleteBody", "MalformedTrailerError"}
    else:
        told = len(content) == 20
    assert told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"5\r\nhello\r\n", "IncompleteBody"),
        (b"5\r\nhel", "IncompleteBody"),
        (b"", "IncompleteBody"),
        (b"4\r\nhell\r\n0\r\n\r\n", "IncompleteBody"),
        (b"6\r\nhello!\r\n0\r\n\r\n", "IncompleteBody"),
        (b"ffffffffffffffff\r\n", "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n\r\nmore", "IncompleteBody"),
        (b"5\r\nhelloo\r\n0\r\n\r\n", "InvalidRequest"),
        (b"-5\r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"5;a=b\r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"5 \r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"0" * 2000, "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nno colon\r\n\r\n", "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\na:1\r\na:2\r\n\r\n", "MalformedTrailerError"),
        (
            b"5\r\nhello\r\n0\r\n" + b"".join(b"t%d:1\r\n" % n for n in range(9)),
            "MalformedTrailerError",
        ),
    ],
)
def test_framing_that_is_broken_is_told(body: bytes, code: str) -> None:
    assert refused(unsigned(b"hello"), body) == code


def test_a_trailer_that_was_named_must_come_and_be_a_checksum() -> None:
    body = b"5\r\nhello\r\n0\r\n\r\n"
    assert refused(unsigned(b"hello", CRC32), body) == "MalformedTrailerError"
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:?\r\n\r\n"
    assert refused(unsigned(b"hello", CRC32), body) == "InvalidRequest"


async def test_a_stream_that_ends_early_is_refused_at_its_end() -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"5\r\nhel"

    pieces = decoded(Decoder(unsigned(b"hello")), stream())
    assert await anext(pieces) == b"hel"
    with pytest.raises(S3Error, match="ended"):
        await anext(pieces)


def test_checksums_are_those_of_their_standards() -> None:
    known: dict[str, Any] = {
        "crc32": zlib.crc32(b"123456789").to_bytes(4, "big"),
        "crc32c": bytes.fromhex("e3069283"),
        "crc64nvme": bytes.fromhex("ae8b14860a799888"),
        "sha1": bytes.fromhex("f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        "sha256": hashlib.sha256(b"123456789").digest(),
    }
    for algorithm, digest in known.items():
        checksum = ALGORITHMS[algorithm]()
        checksum.update(b"1234")
        checksum.update(b"56789")
        assert checksum.digest() == digest


@pytest.mark.parametrize("algorithm", ["crc32", "crc32c", "crc64nvme"])
@given(parts=st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_the_checksum_of_a_whole_is_made_of_those_of_its_parts(
    algorithm: str, parts: list[bytes]
) -> None:
    def told(content: bytes) -> str:
        checksum = ALGORITHMS[algorithm]()
        checksum.update(content)
        return base64.b64encode(checksum.digest()).decode()

    pairs = [(told(part), len(part)) for part in parts]
    assert whole_checksum(algorithm, pairs) == told(b"".join(parts))
