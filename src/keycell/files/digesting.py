"""Going through what came in parts, for the digests that only the whole has."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from keycell.files.access import Actor
from keycell.files.errors import BlobMissing
from keycell.files.hashes import Blocks
from keycell.files.jobs import Job
from keycell.files.nodes import Content
from keycell.files.ports import Files
from keycell.files.reading import open_version
from keycell.files.running import Progress
from keycell.files.uploads import block_hash

_TOLD_EVERY = 256 * 2**20
_GATHERED = 2 * 2**20
"""A thread is handed so many bytes at a time: finding one costs as much as digesting many."""


class _Missing:
    """Makes the digests that a version lacks; the MD5 of the whole is none, nobody tells it."""

    def __init__(self, content: Content) -> None:
        self.size = 0
        self._known = content.block_hash
        self._sha256, self._blocks = hashlib.sha256(), Blocks()

    def update(self, pieces: Sequence[bytes]) -> None:
        """Go through more bytes."""
        for piece in pieces:
            self.size += len(piece)
            self._sha256.update(piece)
            if self._known is None:
                self._blocks.update(piece)

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what has come so far, in hex."""
        return self._sha256.hexdigest()

    @property
    def block_hash(self) -> str:
        """Give the block hash: that of the parts, where it takes no reading."""
        return self._known or block_hash(self._blocks.md5s)


async def digest(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Make the SHA-256 and the block hash of a version, and keep them."""
    del actor  # nothing is shown to anybody, and nothing is changed but what we know
    version = await files.nodes.version(str(job.parameters.get("version")))
    if version is None:
        return
    digests, told = _Missing(version.content), 0
    try:
        async for pieces in _gathered((await open_version(files, version)).read()):
            # It takes some milliseconds, in which others may be answered.
            await asyncio.to_thread(digests.update, pieces)
            if digests.size - told >= _TOLD_EVERY:
                told = digests.size
                yield Progress(told, version.content.size, {})
    except BlobMissing:
        # Deleted meanwhile.
        return
    await files.nodes.know_digests(version.version_id, digests.sha256, digests.block_hash)


async def _gathered(chunks: AsyncIterator[bytes]) -> AsyncIterator[Sequence[bytes]]:
    held: list[bytes] = []
    size = 0
    async for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= _GATHERED:
            yield held
            held, size = [], 0
    if held:
        yield held
