"""What the file flows need of the byte store. Bytes are written before any row names them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from keycell.values import dataclass

INLINE_MOST = 16 * 2**10
"""Content up to so many bytes is carried in its row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Bytes that are safe on the disk, and belong to no row yet."""

    size: int
    sha256: str
    md5: str
    block_md5s: tuple[bytes, ...]
    """MD5 of each block of 10 MiB; empty content is one empty block."""
    key: str | None
    """Where the store keeps them; None if they are in ``content``."""
    content: bytes | None
    checksums: Mapping[str, str] = field(default_factory=dict)
    """Further digests that were asked for, in base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLimits:
    """What must be true of the bytes that come."""

    declared_length: int | None = None
    most: int | None = None
    sha256: str | None = None
    md5: str | None = None
    """In hex, as the one above."""
    compute: frozenset[str] = frozenset()
    """Further checksums to compute: crc32, crc32c, crc64nvme, sha1, sha512."""
    checksums: Mapping[str, str] = field(default_factory=dict)
    """Further checksums that were announced, in base64."""


class BlobStore(Protocol):
    """Bytes, by keys that the store makes up."""

    async def write(self, chunks: AsyncIterator[bytes], limits: WriteLimits) -> Written:
        """Take bytes in; when this returns they survive a power cut.

        Raises TooLarge, LengthMismatch, DigestMismatch, StoreFull, StoreAway; then, as when it is
        cancelled, nothing stays behind.
        """
        ...

    def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from one place to another; raise BlobMissing, StoreAway."""
        ...

    async def remove(self, keys: Sequence[str]) -> None:
        """Let bytes go; what is not there is no error."""
        ...

    def orphans(self, older_than: datetime) -> AsyncIterator[list[str]]:
        """Give keys last written before a moment, some at a time: rows may name them or not."""
        ...

    async def close(self) -> None:
        """Finish, and let go."""
        ...


class Thumbnailer(Protocol):
    """Makes pictures small, and keeps what it made."""

    async def small(
        self, name: str, size: int, read: Callable[[], AsyncIterator[bytes]]
    ) -> bytes | None:
        """Give the small picture of this name; made of what is read, if it is not kept.

        None where none is made of these bytes. Raises ThumbnailsBusy, StoreAway, BlobMissing.
        """
        ...

    async def close(self) -> None:
        """End what makes them."""
        ...
