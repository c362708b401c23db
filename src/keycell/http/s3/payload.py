"""The body of a write: its bytes, and what must be true of them."""

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator, MutableMapping, Sequence
from dataclasses import replace

from keycell.files.errors import DigestMismatch
from keycell.files.ports_blobs import WriteLimits
from keycell.http.content_digest import FIELDS, bound
from keycell.http.s3.calls import Call
from keycell.http.s3.checksums import ALGORITHMS, PREFIX, announced, check_digest, check_value
from keycell.http.s3.chunked import Decoder, Framing, decoded
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import UNSIGNED, Signed
from keycell.http.wire import read_body
from keycell.values import dataclass

_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_STREAMING = {
    _SIGNED_CHUNKS: (True, False),
    f"{_SIGNED_CHUNKS}-TRAILER": (True, True),
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER": (False, True),
}
"""Whether chunks are signed, and whether a trailer follows."""
_HEX = re.compile(r"[0-9a-f]{64}")
_MD5_BYTES = 16
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Body:
    """What comes with a request, as a stream that can be read once."""

    chunks: AsyncIterator[bytes]
    limits: WriteLimits
    checksums: MutableMapping[str, str]
    """By header name, in base64. One that follows the body is here when the body is through."""
    is_hashed: bool = False
    """The signature covers a SHA-256 of the bytes."""
    has_trailer: bool = False


def body_of(call: Call) -> Body:
    """Give the body of a write; raise S3Error for what cannot be meant."""
    said = _payload_hash(call)
    if said in _STREAMING:
        return _streamed(call, said)
    if said != UNSIGNED and not _HEX.fullmatch(said):
        raise S3Error("InvalidRequest", f"x-amz-content-sha256 {said[:80]!r} is not known here")
    length = _length(call, "content-length")
    is_hashed = said != UNSIGNED
    limits = WriteLimits(
        declared_length=length, sha256=said if is_hashed else None, md5=_md5(call)
    )
    limits, checksums = _summed(call, limits)
    return Body(call.request.stream(), _bound(call, limits, FIELDS), checksums, is_hashed)


def _payload_hash(call: Call) -> str:
    if call.signed is not None:
        return call.signed.claim.payload_hash
    return call.headers.get("x-amz-content-sha256", UNSIGNED)


def _streamed(call: Call, said: str) -> Body:
    is_signed, has_trailer = _STREAMING[said]
    signed: Signed | None = call.signed if is_signed else None
    if is_signed and signed is None:
        raise S3Error("InvalidRequest", f"{said} needs a signature; a bearer token signs nothing")
    length = _length(call, "x-amz-decoded-content-length")
    trailer = _trailer(call) if has_trailer else None
    decoder = Decoder(Framing(decoded_length=length, signed=signed, trailer=trailer))
    limits, checksums = _summed(call, WriteLimits(declared_length=length, md5=_md5(call)))

    async def chunks() -> AsyncIterator[bytes]:
        async for piece in decoded(decoder, call.request.stream()):
            yield piece
        if trailer is not None:
            checksums[trailer] = decoder.trailers[trailer]

    # What comes is framed in chunks: Content-Digest would be of the frames, which nobody keeps.
    limits = _bound(call, limits, ("repr-digest",))
    return Body(chunks(), limits, checksums, has_trailer=has_trailer)


def _summed(call: Call, limits: WriteLimits) -> tuple[WriteLimits, dict[str, str]]:
    """Bind a body to the checksum announced beside it; it is made where the digests are."""
    checksum = announced(call.headers)
    if checksum is None:
        return limits, {}
    algorithm, value = checksum
    digest = check_value(algorithm, value)
    told = {PREFIX + algorithm: value}
    if algorithm != "sha256":
        said = base64.b64encode(digest).decode("ascii")
        return replace(limits, checksums={algorithm: said}), told
    if limits.sha256 not in (None, digest.hex()):
        raise S3Error("BadDigest", "two SHA-256 are announced, and they differ")
    # The one that is made of all that comes.
    return replace(limits, sha256=digest.hex()), told


def _bound(call: Call, limits: WriteLimits, fields: Sequence[str]) -> WriteLimits:
    # Few send them: a field sent several times is put together where one is there at all.
    if call.headers.keys().isdisjoint(fields):
        return limits
    return bound(limits, call.request.headers, fields)


def _trailer(call: Call) -> str | None:
    name = call.headers.get("x-amz-trailer", "").strip().lower()
    if not name:
        return None
    if name.removeprefix(PREFIX) not in ALGORITHMS:
        raise S3Error("InvalidRequest", f"the trailer {name[:80]!r} is not known here")
    return name


def _length(call: Call, name: str) -> int:
    text = call.headers.get(name)
    if text is None:
        raise S3Error("MissingContentLength", f"the header {name} is missing")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise S3Error("InvalidArgument", f"the header {name} is no number of bytes")
    if int(text) > call.files.limits.largest_file:
        raise S3Error(
            "EntityTooLarge", f"at most {call.files.limits.largest_file} bytes are taken"
        )
    return int(text)


def _md5(call: Call) -> str | None:
    text = call.headers.get("content-md5")
    if text is None:
        return None
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != _MD5_BYTES:
        raise S3Error("InvalidDigest", "Content-MD5 must be 16 bytes, written in base64")
    return found.hex()


def digest_error(body: Body, error: DigestMismatch) -> S3Error:
    """Say which of the announced digests the bytes do not have."""
    is_signed = body.is_hashed and "SHA-256" in str(error)
    return S3Error("XAmzContentSHA256Mismatch" if is_signed else "BadDigest", str(error))


async def read_document(call: Call, most: int, *, is_summed: bool = True) -> bytes:
    """Read a body that is a document, and refuse one that is not what was signed or announced.

    The checksum that comes with a completion is the whole file's, so it is not looked at here.
    """
    body = await read_body(call.request, most)
    said = _payload_hash(call)
    if said != UNSIGNED and said != hashlib.sha256(body).hexdigest():
        raise S3Error(
            "XAmzContentSHA256Mismatch", "the body's SHA-256 is not x-amz-content-sha256"
        )
    md5 = _md5(call)
    if md5 is not None and md5 != hashlib.md5(body, usedforsecurity=False).hexdigest():
        raise S3Error("BadDigest", "the body's MD5 is not Content-MD5")
    checksum = announced(call.headers) if is_summed else None
    if checksum is not None:
        algorithm, value = checksum
        computed = ALGORITHMS[algorithm]()
        computed.update(body)
        check_digest(algorithm, computed, value)
    return body
