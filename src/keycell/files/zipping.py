"""The job that makes a zip of files and folders, as a file beside them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from keycell.files.access import Actor
from keycell.files.errors import NotFound, PreconditionFailed
from keycell.files.finding import Located, each_by_id, stat
from keycell.files.jobs import Job
from keycell.files.moving import free_path
from keycell.files.names import Path, read_path
from keycell.files.nodes import Conditions
from keycell.files.ports import Files
from keycell.files.running import Progress
from keycell.files.writing import Put, put
from keycell.files.zips import zip_stream
from keycell.oauth.sentences import phrase

TOLD_EVERY = 5.0
"""Seconds between two times that a zip's progress is kept, and its lease renewed."""
ZIP = "application/zip"
_NEW = Conditions(if_none_match=("*",))


async def zip_up(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Make a zip of what may be read of some nodes. It is there as a whole, or not at all."""
    wanted = job.parameters.get("nodes")
    node_ids = [str(one) for one in wanted] if isinstance(wanted, list) else []
    tops = [one async for one in each_by_id(files, actor, node_ids)]
    if not tops:
        raise NotFound(phrase("nothing of what was to be put into the zip is there any more"))
    named = job.state.get("target")
    if isinstance(named, str):
        target = read_path(named)
    else:
        target = await free_path(files, actor, read_path(str(job.parameters.get("target", ""))))
    total = job.total or await _size(files, tops)
    # Kept before anything is done: whoever goes on from here makes the same file.
    yield Progress(0, total, {"target": str(target)})
    if not await _is_made(files, actor, job, target):
        counted = _Counted(zip_stream(files, actor, tops))
        made = Put(content_type=ZIP, conditions=_NEW)
        writing = asyncio.ensure_future(put(files, actor, target, counted.pieces(), made))
        try:
            while not (await asyncio.wait({writing}, timeout=TOLD_EVERY))[0]:
                yield Progress(min(counted.size, total), total, {"target": str(target)})
        finally:
            writing.cancel()
        await writing
    yield Progress(total, total, {})


class _Counted:
    """Pieces on their way, and how many bytes they were so far."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self.size = 0
        self._source = source

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._source:
            self.size += len(piece)
            yield piece


async def _size(files: Files, tops: list[Located]) -> int:
    total = 0
    for top in tops:
        is_folder = top.node.is_folder
        total += (await files.nodes.usage(top.node.node_id))[2] if is_folder else top.node.size
    return total


async def _is_made(files: Files, actor: Actor, job: Job, target: Path) -> bool:
    """Tell whether the zip is there already: its worker died before that was told."""
    try:
        node = (await stat(files, actor, target)).node
    except NotFound:
        return False
    is_ours = node.created_by == job.sub and node.created_at >= job.created_at
    if not is_ours or node.content_type != ZIP:
        raise PreconditionFailed(f"{str(target)[:200]!r} was taken meanwhile")
    return True
