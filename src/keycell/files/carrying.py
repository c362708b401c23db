"""The work of jobs: carrying many nodes to another place, deleting and restoring them."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace

from keycell.accounts.audit import NOWHERE
from keycell.files.access import Actor
from keycell.files.digesting import digest
from keycell.files.errors import BadRequest, NotFound
from keycell.files.finding import Located, by_id, locate, walk, within
from keycell.files.jobs import Job, JobKind
from keycell.files.locking import check_unlocked
from keycell.files.moving import (
    check_nothing_denied,
    delete,
    free_path,
    move,
    restore,
    trash,
)
from keycell.files.names import Path, read_path
from keycell.files.nodes import ANY, Conditions
from keycell.files.ports import Files
from keycell.files.running import Progress, Work
from keycell.files.writing import Put, copy_file, make_folder
from keycell.files.zipping import zip_up
from keycell.oauth.sentences import phrase

STEP = 50
"""Nodes between two times that a job's progress is kept."""
_NEW = Conditions(if_none_match=("*",))


async def copy_all(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Copy nodes, and all that may be read of what lies in them."""
    async for progress in _carry(files, actor, job, moves=False):
        yield progress


async def move_all(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Move nodes: at once within a volume, by copying and deleting between two."""
    async for progress in _carry(files, actor, job, moves=True):
        yield progress


async def delete_all(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Move nodes to the recycle bin, or delete for good what lay there or is meant to be."""
    for_good = job.parameters.get("for_good") is True
    from_trash = frozenset(_texts(job.parameters.get("from_trash")))
    node_ids = _texts(job.parameters.get("nodes"))
    for done in range(job.done, len(node_ids)):
        try:
            located = await by_id(files, actor, node_ids[done])
        except NotFound:
            continue
        # Brought back before it is come to, it goes where what is deleted goes first.
        if for_good or (located.in_trash and node_ids[done] in from_trash):
            await delete(files, actor, located, NOWHERE)
        elif not located.in_trash:
            # What lies there by now was moved before somebody stopped us.
            await trash(files, actor, located)
        yield Progress(done + 1, len(node_ids), {})


async def restore_all(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
    """Bring nodes back from the recycle bin."""
    node_ids = _texts(job.parameters.get("nodes"))
    for done in range(job.done, len(node_ids)):
        try:
            located = await by_id(files, actor, node_ids[done])
        except NotFound:
            continue
        if located.in_trash:
            await restore(files, actor, located)
        yield Progress(done + 1, len(node_ids), {})


WORKS: dict[JobKind, Work] = {
    JobKind.COPY: copy_all,
    JobKind.MOVE: move_all,
    JobKind.DELETE: delete_all,
    JobKind.RESTORE: restore_all,
    JobKind.ZIP: zip_up,
    JobKind.DIGEST: digest,
}


async def _carry(files: Files, actor: Actor, job: Job, *, moves: bool) -> AsyncGenerator[Progress]:
    node_ids = _texts(job.parameters.get("nodes"))
    begun = int(str(job.state.get("at", 0)))
    done, total = job.done, job.total or await _count(files, actor, node_ids)
    for number in range(begun, len(node_ids)):
        state = job.state if number == begun else {}
        source = await by_id(files, actor, node_ids[number])
        named = state.get("target")
        if isinstance(named, str):
            target = read_path(named)
        else:
            wanted = _target(job, source)
            target = await free_path(files, actor, wanted, source.node if moves else None)
            # Kept before anything is done: whoever goes on from here does it to the same place.
            yield Progress(done, total, {"at": number, "target": str(target)})
        if moves and await _moved(files, actor, source, target):
            done += 1
            yield Progress(done, total, {"at": number + 1})
            continue
        async for names in _copied(files, actor, source, target, _texts(state.get("after"))):
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
    return target.child(source.path.name) if job.parameters.get("into") is True else target


async def _moved(files: Files, actor: Actor, source: Located, target: Path) -> bool:
    """Move a node within its volume; False if it has to be copied to another one."""
    if source.in_trash or source.path == target:
        # Done before somebody stopped us: what is to be moved lies in no recycle bin.
        return True
    place = await locate(files, actor, target)
    if place.node.volume_id != source.node.volume_id:
        # Refused before all of it is copied, rather than after.
        await check_nothing_denied(files, actor, source)
        await check_unlocked(files, actor, source)
        return False
    await move(files, actor, source, target)
    return True


async def _copied(
    files: Files, actor: Actor, source: Located, target: Path, after: Sequence[str]
) -> AsyncIterator[tuple[str, ...]]:
    """Copy a node and what lies in it; give the names below it of each, as it is done."""
    if not source.node.is_folder:
        await _copy_once(files, actor, source, target, _NEW)
        yield ()
        return
    if source.node.node_id in (await locate(files, actor, target)).found.ids:
        raise BadRequest(phrase("a folder cannot be copied into itself"))
    await make_folder(files, actor, target)
    depth = len(source.path.names)
    async for entry in walk(files, actor, source, after):
        names = entry.path.names[depth:]
        path = replace(target, names=(*target.names, *names))
        if entry.node.is_folder:
            await make_folder(files, actor, path)
        else:
            await _copy_once(files, actor, within(source, entry), path, ANY)
        yield names


async def _copy_once(
    files: Files, actor: Actor, source: Located, path: Path, conditions: Conditions
) -> None:
    """Copy a file, unless it was copied there before somebody stopped us."""
    node = source.node
    there = await locate(files, actor, path)
    if there.exists and (there.node.etag, there.node.size) == (node.etag, node.size):
        return
    said = Put(
        content_type=node.content_type, headers=node.headers, mtime=node.mtime,
        conditions=conditions,
    )  # fmt: skip
    await copy_file(files, actor, source, path, said)


async def _count(files: Files, actor: Actor, node_ids: Sequence[str]) -> int:
    total = 0
    for node_id in node_ids:
        located = await by_id(files, actor, node_id)
        folders, others, _ = await files.nodes.usage(located.node.node_id)
        total += 1 + folders + others
    return total


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
