"""``aws-chunked``: a body in signed or unsigned chunks, with a checksum after the last.

The decoder does no I/O: bytes go in as they come, cut anywhere, and the content comes out. Content
comes out before its chunk's signature is seen; who writes it down must wait for the end.
"""

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass

from keycell.http.s3.checksums import ALGORITHMS, PREFIX, check_digest
from keycell.http.s3.errors import S3Error
from keycell.http.s3.signatures import ALGORITHM, Signed

_LONGEST_LINE = 1024
_MOST_TRAILERS = 8
_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
_SIGNED = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})")
_EMPTY = hashlib.sha256(b"").hexdigest()
_TRAILER_SIGNATURE = "x-amz-trailer-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How a body is cut into chunks, and what must come after the last."""

    decoded_length: int
    signed: Signed | None = None
    """Whose signature begins the chain of the chunks' signatures; None for unsigned chunks."""
    trailer: str | None = None
    """The name of the checksum that follows: ``x-amz-checksum-...``."""


class _Chain:
    """Signatures of chunks, each over the one before."""

    def __init__(self, signed: Signed) -> None:
        self._signed = signed
        self._previous = signed.claim.signature

    def check(self, kind: str, signature: str, *digests: str) -> None:
        claim = self._signed.claim
        text = "\n".join(
            (f"{ALGORITHM}-{kind}", claim.timestamp, claim.scope, self._previous, *digests)
        )
        wanted = hmac.digest(self._signed.signing_key, text.encode(), "sha256").hex()
        # As bytes: a signature that a stranger sends may hold any of them.
        if not hmac.compare_digest(wanted.encode(), signature.encode("latin-1")):
            raise S3Error("SignatureDoesNotMatch", f"a {kind.lower()}'s signature does not match")
        self._previous = signature


class Decoder:
    """Takes an ``aws-chunked`` body and gives its content."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._chain = _Chain(framing.signed) if framing.signed is not None else None
        self._line = b""
        self._read: Callable[[bytes], None] | None = self._chunk_line
        """What reads the line that comes next; None after the end."""
        self._left = 0
        """Bytes of the chunk under way that are still to come."""
        self._promised = 0
        self._chunk = hashlib.sha256()
        self._chunk_signature = ""
        algorithm = (framing.trailer or "").removeprefix(PREFIX)
        self._algorithm = algorithm if algorithm in ALGORITHMS else None
        self._checksum = ALGORITHMS[algorithm]() if self._algorithm is not None else None
        self._trailers: dict[str, str] = {}
        self._is_parted = False

    @property
    def trailers(self) -> Mapping[str, str]:
        """Give what came after the last chunk, by names in lower case."""
        return self._trailers

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Take bytes in, and give the content among them; raise S3Error."""
        at, end = 0, len(received)
        while at < end:
            if self._left:
                piece = received[at : at + self._left]
                at += len(piece)
                self._left -= len(piece)
                self._take(piece)
                yield piece
            else:
                at = self._take_line(received, at)

    def finish(self) -> None:
        """Refuse a body that broke off."""
        if self._read is not None:
            raise S3Error("IncompleteBody", "the body ended before its last chunk")

    def _take(self, piece: bytes) -> None:
        if self._checksum is not None:
            self._checksum.update(piece)
        if self._chain is not None:
            self._chunk.update(piece)

    def _take_line(self, received: bytes, at: int) -> int:
        if self._read is None:
            raise S3Error("IncompleteBody", "bytes follow the last chunk")
        stop = received.find(b"\n", at)
        piece = received[at:] if stop < 0 else received[at:stop]
        if len(self._line) + len(piece) > _LONGEST_LINE:
            raise _bad_framing(f"a line has more than {_LONGEST_LINE} bytes")
        self._line += piece
        if stop < 0:
            return len(received)
        line, self._line = self._line, b""
        self._read(line.removesuffix(b"\r"))
        return stop + 1

    def _chunk_line(self, line: bytes) -> None:
        pattern = _SIZE if self._chain is None else _SIGNED
        found = pattern.fullmatch(line)
        if found is None:
            form = "SIZE" if self._chain is None else "SIZE;chunk-signature=SIGNATURE"
            raise _bad_framing(f"expected {form} in hexadecimal where {line[:80]!r} came")
        size = int(line.partition(b";")[0], 16)
        self._promised += size
        if self._promised > self._framing.decoded_length:
            raise S3Error("IncompleteBody", self._lengths())
        if self._chain is not None:
            self._chunk_signature = found[2].decode()
        if size:
            self._left, self._read = size, self._chunk_end
        else:
            self._last_chunk()

    def _chunk_end(self, line: bytes) -> None:
        if line:
            raise _bad_framing("a chunk is longer than it was said to be")
        self._check_chunk()
        self._read = self._chunk_line

    def _check_chunk(self) -> None:
        if self._chain is not None:
            digest, self._chunk = self._chunk.hexdigest(), hashlib.sha256()
            self._chain.check("PAYLOAD", self._chunk_signature, _EMPTY, digest)

    def _last_chunk(self) -> None:
        self._check_chunk()
        if self._promised != self._framing.decoded_length:
            raise S3Error("IncompleteBody", self._lengths())
        self._read = self._trailer_line

    def _lengths(self) -> str:
        return (
            f"the chunks have {self._promised} bytes, and X-Amz-Decoded-Content-Length is "
            f"{self._framing.decoded_length}"
        )

    def _trailer_line(self, line: bytes) -> None:
        if not line:
            # Some programs end the trailer by a line feed of its own, before its signature.
            if self._is_signature_due() and not self._is_parted:
                self._is_parted = True
                return
            self._check_trailer()
            self._read = None
            return
        name, colon, value = line.decode("latin-1").partition(":")
        name = name.strip().lower()
        if not colon or name in self._trailers or len(self._trailers) >= _MOST_TRAILERS:
            raise _bad_trailer(f"expected NAME:VALUE, each once, where {line[:80]!r} came")
        self._trailers[name] = value.strip()

    def _is_signature_due(self) -> bool:
        wants_signature = self._chain is not None and self._framing.trailer is not None
        return (
            wants_signature
            and self._framing.trailer in self._trailers
            and _TRAILER_SIGNATURE not in self._trailers
        )

    def _check_trailer(self) -> None:
        name = self._framing.trailer
        if name is None:
            return
        value = self._trailers.get(name)
        if value is None:
            raise _bad_trailer(f"X-Amz-Trailer names {name}, which did not come")
        if self._chain is not None:
            said = hashlib.sha256(f"{name}:{value}\n".encode("latin-1")).hexdigest()
            self._chain.check("TRAILER", self._trailers.get(_TRAILER_SIGNATURE, ""), said)
        if self._algorithm is not None and self._checksum is not None:
            check_digest(self._algorithm, self._checksum, value)


async def decoded(decoder: Decoder, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the content of a body as it comes; raise S3Error where it is not well formed."""
    async for received in chunks:
        for piece in decoder.feed(received):
            yield piece
    decoder.finish()


def _bad_framing(sentence: str) -> S3Error:
    return S3Error("InvalidRequest", f"the body is no aws-chunked content: {sentence}")


def _bad_trailer(sentence: str) -> S3Error:
    return S3Error("MalformedTrailerError", f"the trailer is malformed: {sentence}")
