"""The work of jobs: carrying many nodes to another place, deleting and restoring them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from keycell.accounts.audit import NOWHERE
from keycell.files.access import Actor
from keycell.files.digesting import digest
from keycell.files.errors import FilesError, NameTaken, NotFound
from keycell.files.finding import Located, by_id, locate, walk, within
from keycell.files.jobs import Job, JobKind
from keycell.files.moving import OtherVolume, delete, move, restore, trash
from keycell.files.names import Path, free_name, read_path
from keycell.files.ports import Files
from keycell.files.running import Progress, Work
from keycell.files.writing import copy_file, make_folder

STEP = 50
"""Nodes between two times that a job's progress is kept."""
_MOST_NAMES = 1000


async def copy_all(files: Files, actor: Actor, job: Job) -> AsyncIterator[Progress]:
    """Copy nodes, and all that may be read of what lies in them."""
    async for progress in _carry(files, actor, job, moves=False):
        yield progress


async def move_all(files: Files, actor: Actor, job: Job) -> AsyncIterator[Progress]:
    """Move nodes: at once within a volume, by copying and deleting between two."""
    async for progress in _carry(files, actor, job, moves=True):
        yield progress


async def delete_all(files: Files, actor: Actor, job: Job) -> AsyncIterator[Progress]:
    """Move nodes to the recycle bin, or delete for good what lay there or is meant to be.

    What lies there by now, but did not when the job was asked for, was brought there by the job
    itself: before it was interrupted, or with the folder it lay in.
    """
    for_good = job.parameters.get("for_good") is True
    trashed = frozenset(_texts(job.parameters.get("trashed")))
    node_ids = _texts(job.parameters.get("nodes"))
    for done in range(job.done, len(node_ids)):
        try:
            located = await by_id(files, actor, node_ids[done])
        except NotFound:
            continue
        if for_good or node_ids[done] in trashed:
            await delete(files, actor, located, NOWHERE)
        elif not located.in_trash:
            await trash(files, actor, located)
        yield Progress(done + 1, len(node_ids), {})


async def restore_all(files: Files, actor: Actor, job: Job) -> AsyncIterator[Progress]:
    """Bring nodes back from the recycle bin."""
    node_ids = _texts(job.parameters.get("nodes"))
    for done in range(job.done, len(node_ids)):
        try:
            located = await by_id(files, actor, node_ids[done])
        except NotFound:
            continue
        await restore(files, actor, located)
        yield Progress(done + 1, len(node_ids), {})


WORKS: dict[JobKind, Work] = {
    JobKind.COPY: copy_all,
    JobKind.MOVE: move_all,
    JobKind.DELETE: delete_all,
    JobKind.RESTORE: restore_all,
    JobKind.DIGEST: digest,
}


async def _carry(files: Files, actor: Actor, job: Job, *, moves: bool) -> AsyncIterator[Progress]:
    node_ids = _texts(job.parameters.get("nodes"))
    begun = int(str(job.state.get("at", 0)))
    done, total = job.done, job.total or await _count(files, actor, node_ids)
    for number in range(begun, len(node_ids)):
        state = job.state if number == begun else {}
        source = await by_id(files, actor, node_ids[number])
        named = state.get("target")
        target = read_path(named) if isinstance(named, str) else await _free(
            files, actor, _target(job, source)
        )  # fmt: skip
        if moves and await _moved(files, actor, source, target):
            done += 1
            yield Progress(done, total, {"at": number + 1})
            continue
        after = tuple(_texts(state.get("after")))
        async for names in _copied(files, actor, source, target, after):
            done += 1
            if done % STEP == 0:
                yield Progress(done, total, {
                    "at": number, "target": str(target), "after": list(names),
                })  # fmt: skip
        if moves:
            await trash(files, actor, await by_id(files, actor, node_ids[number]))
        yield Progress(done, total, {"at": number + 1})


def _target(job: Job, source: Located) -> Path:
    target = read_path(str(job.parameters.get("target", "")))
    return target.child(source.node.name) if job.parameters.get("into") is True else target


async def _free(files: Files, actor: Actor, target: Path) -> Path:
    """Give a path that nothing stands at: the one asked for, or one beside it."""
    for number in range(1, _MOST_NAMES):
        path = target if number == 1 else target.parent.child(free_name(target.name, number))
        located = await locate(files, actor, path)
        if not located.exists and located.found.collision is None:
            return path
    raise NameTaken(target.name, target.name)


async def _moved(files: Files, actor: Actor, source: Located, target: Path) -> bool:
    try:
        await move(files, actor, source, target)
    except OtherVolume:
        return False
    return True


async def _copied(
    files: Files, actor: Actor, source: Located, target: Path, after: Sequence[str]
) -> AsyncIterator[tuple[str, ...]]:
    """Copy a node and what lies in it; give the names below it of each, as it is done."""
    if not source.node.is_folder:
        await copy_file(files, actor, source, target)
        yield ()
        return
    if target.is_within(source.path):
        raise FilesError("a folder cannot be copied into itself")
    await make_folder(files, actor, target)
    depth = len(source.path.names)
    async for entry in walk(files, actor, source, after):
        names = entry.path.names[depth:]
        path = replace(target, names=(*target.names, *names))
        if entry.node.is_folder:
            await make_folder(files, actor, path)
        else:
            await copy_file(files, actor, within(source, entry), path)
        yield names


async def _count(files: Files, actor: Actor, node_ids: Sequence[str]) -> int:
    total = 0
    for node_id in node_ids:
        located = await by_id(files, actor, node_id)
        folders, others, _ = await files.nodes.usage(located.node.node_id)
        total += 1 + folders + others
    return total


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
