"""The digests of a file, all in one pass: SHA-256, MD5, the MD5 of each block, and what is asked.

Nothing here reads or waits; whoever has the bytes hands them over, in pieces of any size.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from keycell.files.uploads import BLOCK


class Checksum(Protocol):
    """A digest under way."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Go through more bytes."""
        ...

    def digest(self) -> bytes:
        """Give the digest of all bytes so far."""
        ...


class _Crc:
    """A cyclic redundancy check, the highest byte first."""

    def __init__(self, step: Callable[[bytes, int], int], size: int) -> None:
        self._step, self._size, self._value = step, size, 0

    def update(self, data: bytes | memoryview, /) -> None:
        self._value = self._step(bytes(data), self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def _crc32c() -> Checksum:
    # Eight megabytes that most servers never need.
    from awscrt import checksums as crt  # noqa: PLC0415

    return _Crc(crt.crc32c, 4)


def _crc64nvme() -> Checksum:
    from awscrt import checksums as crt  # noqa: PLC0415  (as above)

    return _Crc(crt.crc64nvme, 8)


CHECKSUMS: Mapping[str, Callable[[], Checksum]] = {
    "crc32": lambda: _Crc(zlib.crc32, 4),
    "crc32c": _crc32c,
    "crc64nvme": _crc64nvme,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha512": hashlib.sha512,
}
"""What can be asked for beside SHA-256 and MD5."""


class Blocks:
    """The MD5 of each block."""

    def __init__(self) -> None:
        self._block = hashlib.md5(usedforsecurity=False)
        self._room = BLOCK
        self._ended: list[bytes] = []

    def update(self, data: bytes | memoryview) -> None:
        """Go through more bytes."""
        view = memoryview(data)
        while view:
            if not self._room:
                self._ended.append(self._block.digest())
                self._block, self._room = hashlib.md5(usedforsecurity=False), BLOCK
            piece, view = view[: self._room], view[self._room :]
            self._block.update(piece)
            self._room -= len(piece)

    @property
    def md5s(self) -> tuple[bytes, ...]:
        """Give the MD5 of each block; no content at all is one empty block."""
        return (*self._ended, self._block.digest())


class Digests:
    """Takes bytes as they come; each of them is gone through once by each digest it needs."""

    def __init__(self, checksums: Iterable[str] = ()) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._further = {name: CHECKSUMS[name]() for name in checksums}
        self._later: Blocks | None = None
        self._md5 = hashlib.md5(usedforsecurity=False)
        # The first block is the beginning of the whole: one MD5 serves both.
        self._left_of_first = BLOCK
        self._first = b""

    def update(self, data: bytes | memoryview) -> None:
        """Go through more bytes."""
        self.update_md5(data)
        self.update_others(data)

    def update_md5(self, data: bytes | memoryview) -> None:
        """Go through more bytes by the MD5 of the whole, which takes about half of the time.

        The other half is `update_others`: a thread may be at work on each.
        """
        view = memoryview(data)
        if len(view) > self._left_of_first and not self._first:
            self._md5.update(view[: self._left_of_first])
            self._first, view = self._md5.digest(), view[self._left_of_first :]
        self._left_of_first -= len(data)
        self._md5.update(view)

    def update_others(self, data: bytes | memoryview) -> None:
        """Go through more bytes by all that is not the MD5 of the whole."""
        self._sha256.update(data)
        for checksum in self._further.values():
            checksum.update(data)
        self.size += len(data)
        beyond = min(len(data), self.size - BLOCK)
        if beyond > 0:
            self._later = self._later or Blocks()
            self._later.update(memoryview(data)[len(data) - beyond :])

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what has come so far, in hex."""
        return self._sha256.hexdigest()

    @property
    def md5(self) -> str:
        """Give the MD5 of what has come so far, in hex."""
        return self._md5.hexdigest()

    @property
    def block_md5s(self) -> tuple[bytes, ...]:
        """Give the MD5 of each block; no content at all is one empty block."""
        if self._later is None:
            return (self._md5.digest(),)
        return (self._first, *self._later.md5s)

    @property
    def checksums(self) -> Mapping[str, str]:
        """Give what was asked for beside these, in base64."""
        return {
            name: base64.b64encode(checksum.digest()).decode("ascii")
            for name, checksum in self._further.items()
        }
