"""The digests of a file, all in one pass: SHA-256, MD5, and the MD5 of each block of 10 MiB."""

import hashlib

from keycell.files.uploads import BLOCK


class Digests:
    """Takes bytes as they come; each of them is gone through once by each digest it needs."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._block = self._md5
        self._in_block = 0
        self._blocks: list[bytes] = []

    def update(self, data: bytes | memoryview) -> None:
        """Go through more bytes."""
        view = memoryview(data)
        self._sha256.update(view)
        self.size += len(view)
        while view:
            if self._in_block == BLOCK:
                self._end_block()
            piece = view[: BLOCK - self._in_block]
            self._md5.update(piece)
            # The first block is the beginning of the whole: one MD5 serves both.
            if self._block is not self._md5:
                self._block.update(piece)
            self._in_block += len(piece)
            view = view[len(piece) :]

    def _end_block(self) -> None:
        self._blocks.append(self._block.digest())
        self._block = hashlib.md5(usedforsecurity=False)
        self._in_block = 0

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
        return (*self._blocks, self._block.digest())
