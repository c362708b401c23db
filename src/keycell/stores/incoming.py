"""Bytes on their way into a byte store: counted, gone through by the digests, and checked."""

from collections.abc import AsyncGenerator, AsyncIterator

from keycell.files.errors import DigestMismatch, LengthMismatch, TooLarge
from keycell.files.hashes import CHECKSUMS, Digests
from keycell.files.ports_blobs import INLINE_MOST, WriteLimits, Written
from keycell.oauth.sentences import phrase

GATHERED = 2**19
"""Bytes are handed on so many at a time: few changes between threads, all within their caches."""


class Incoming:
    """What is known of some bytes while they come, and must be true of them in the end."""

    def __init__(self, limits: WriteLimits) -> None:
        self._limits = limits
        self._digests = Digests((limits.compute | limits.checksums.keys()) & CHECKSUMS.keys())
        self._come = 0
        self._check_size(limits.declared_length or 0)

    async def gather(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Give pieces of at least `GATHERED` bytes, and the rest; the first may be all, or empty.

        Raises TooLarge or LengthMismatch as soon as too much has come.
        """
        held: list[bytes] = []
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            self._come += len(chunk)
            self._check_size(self._come)
            held.append(chunk)
            if size >= GATHERED:
                yield b"".join(held)
                held, size = [], 0
            elif len(held) == _MOST_HELD:
                held = [b"".join(held)]
        yield b"".join(held)

    def digest(self, piece: bytes) -> None:
        """Go through a piece; it takes a while, and belongs in a thread."""
        self._digests.update(piece)

    def digest_md5(self, piece: bytes) -> None:
        """Do one half of `digest`, which may be done beside the other."""
        self._digests.update_md5(piece)

    def digest_others(self, piece: bytes) -> None:
        """Do the other half of `digest`."""
        self._digests.update_others(piece)

    def check(self) -> None:
        """Compare what came with what was announced; raise LengthMismatch, DigestMismatch."""
        limits, found = self._limits, self._digests
        if limits.declared_length is not None and found.size != limits.declared_length:
            raise LengthMismatch(
                f"{limits.declared_length} bytes were announced, and {found.size} came; "
                "send the whole again"
            )
        for name, wanted, has in (("SHA-256", limits.sha256, found.sha256),
                                  ("MD5", limits.md5, found.md5)):  # fmt: skip
            if wanted is not None and wanted.lower() != has:
                raise _mismatch(name, wanted, has)
        for name, wanted in limits.checksums.items():
            has = found.checksums.get(name, "none that is computed here")
            if wanted != has:
                raise _mismatch(name, wanted, has)

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what has come so far, in hex."""
        return self._digests.sha256

    def written(self, key: str) -> Written:
        """Say what was written under a key."""
        return self._written(key, None)

    def small(self, content: bytes) -> Written:
        """Say what is small enough to be carried by its row."""
        self.digest(content)
        self.check()
        return self._written(None, content)

    def _written(self, key: str | None, content: bytes | None) -> Written:
        found = self._digests
        return Written(
            size=found.size,
            sha256=found.sha256,
            md5=found.md5,
            block_md5s=found.block_md5s,
            key=key,
            content=content,
            checksums=found.checksums,
        )

    def _check_size(self, size: int) -> None:
        declared, most = self._limits.declared_length, self._limits.most
        if declared is not None and size > declared:
            raise LengthMismatch(f"{declared} bytes were announced, and more came")
        if most is not None and size > most:
            raise TooLarge(
                phrase(
                    "the content has more than the %(most)s bytes that are taken here", most=most
                )
            )


_MOST_HELD = 1024
"""Chunks of few bytes each are joined now and then: their objects outweigh them."""


def is_small(first: bytes) -> bool:
    """Tell whether the first piece that was gathered is all, and may be carried by its row."""
    return len(first) <= INLINE_MOST


def _mismatch(name: str, wanted: str, has: str) -> DigestMismatch:
    return DigestMismatch(
        f"the announced {name} is {wanted[:100]}, and that of the bytes that came {has}; "
        "send the whole again"
    )
