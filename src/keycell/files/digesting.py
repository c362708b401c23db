"""Going through what came in parts, for the digests that only the whole has."""

import asyncio
from collections.abc import AsyncGenerator

from keycell.files.access import Actor
from keycell.files.errors import BlobMissing
from keycell.files.hashes import Digests
from keycell.files.jobs import Job
from keycell.files.ports import Files
from keycell.files.reading import open_version
from keycell.files.running import Progress
from keycell.files.uploads import block_hash

_TOLD_EVERY = 256 * 2**20


async def digest(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Make the SHA-256 and the block hash of a version, and keep them."""
    del actor  # nothing is shown to anybody, and nothing is changed but what we know
    version = await files.nodes.version(str(job.parameters.get("version")))
    if version is None:
        return
    digests, told = Digests(), 0
    try:
        async for chunk in (await open_version(files, version)).read():
            # It takes the better part of a millisecond, in which others may be answered.
            await asyncio.to_thread(digests.update, chunk)
            if digests.size - told >= _TOLD_EVERY:
                told = digests.size
                yield Progress(told, version.content.size, {})
    except BlobMissing:
        # Deleted meanwhile.
        return
    await files.nodes.know_digests(
        version.version_id, digests.sha256, block_hash(digests.block_md5s)
    )
