"""COPY and MOVE. Within a space a move costs the same for any folder; else it is a copy.

RFC4918-9.8, RFC4918-9.9.
"""

from collections.abc import Sequence

from starlette.responses import Response

from keycell.files import finding, moving
from keycell.files.errors import NotFound, QuotaExceeded
from keycell.files.finding import Entry, Located, check_placeable, check_writable
from keycell.files.locking import check_unlocked
from keycell.files.names import Path
from keycell.files.writing import Put, copy_file, make_folder, room_in
from keycell.http.dav.calls import Call, check_parent
from keycell.http.dav.dead import copy_dead
from keycell.http.dav.errors import DavError
from keycell.http.dav.paths import read_destination
from keycell.http.dav.propfind import read_depth
from keycell.http.wire import NO_STORE

MOST_COPIED = 2_000
"""Files and folders that one request copies; more are a job's work."""


async def copy(call: Call) -> Response:
    """Answer COPY."""
    depth = read_depth(call, "infinity", ("0", "infinity"))
    source, target = await _both(call)
    below = await _below(call, source) if depth == "infinity" else ()
    await _clear(call, source, target, below)
    await _copy(call, source, target.path, below)
    return _done(target)


async def move(call: Call) -> Response:
    """Answer MOVE."""
    read_depth(call, "infinity", ("infinity",))
    source, target = await _both(call)
    try:
        await moving.move(
            call.files, call.actor, source, target.path, replaces=True,
            lock_tokens=call.lock_tokens,
        )  # fmt: skip
    except moving.OtherVolume:
        await _move_elsewhere(call, source, target)
    return _done(target)


def _done(target: Located) -> Response:
    return Response(b"", 204 if target.exists else 201, NO_STORE)


async def _both(call: Call) -> tuple[Located, Located]:
    """Find what is to be copied or moved, and where to; refuse what leads nowhere."""
    destination = read_destination(call.request, call.edge.settings.origins)
    source = await call.stat()
    call.check(source.node)
    overwrite = call.request.headers.get("overwrite", "T").strip().upper()
    if overwrite not in ("T", "F"):
        raise DavError(400, "the header Overwrite is T or F")
    if not destination.path.names:
        raise DavError(403, "a space, or where they are, is no place to copy or move over")
    try:
        target = await finding.locate(call.files, call.actor, destination.path)
    except NotFound:
        raise DavError(409, "there is no such place to copy or move to") from None
    _check_apart(source, check_parent(target))
    moving.check_same_name(source, target)
    if target.exists and overwrite == "F":
        raise DavError(412, "something is there, and Overwrite is F")
    return source, target


def _check_apart(source: Located, target: Located) -> None:
    is_itself = target.exists and target.node.node_id == source.node.node_id
    if is_itself and source.path == target.path:
        raise DavError(403, "the Destination is where it is already")
    if not is_itself and source.node.node_id in target.found.ids:
        raise DavError(403, "a folder cannot be copied or moved into itself")
    if target.exists and not is_itself and target.node.node_id in source.found.ids:
        raise DavError(409, "the Destination holds what is to be copied or moved over it")


async def _below(call: Call, source: Located) -> Sequence[Entry]:
    if not source.node.is_folder:
        return ()
    found: list[Entry] = []
    async for entry in finding.walk(call.files, call.actor, source):
        found.append(entry)
        if len(found) > MOST_COPIED:
            raise DavError(
                507,
                f"the folder holds more than the {MOST_COPIED} files and folders that are copied "
                "at once; copy its parts",
            )
    return found


async def _clear(call: Call, source: Located, target: Located, below: Sequence[Entry]) -> None:
    """Check that all will fit, and make way: what a folder meets goes to the recycle bin."""
    check_placeable(target)
    await check_unlocked(call.files, call.actor, target, call.lock_tokens)
    room = await room_in(call.files, target)
    size = source.node.size + sum(entry.node.size for entry in below)
    if room is not None and size > room:
        raise QuotaExceeded(
            f"there are {size} bytes to copy, and {room} left in the space's quota"
        )
    if target.exists and (source.node.is_folder or target.node.is_folder):
        await moving.trash(call.files, call.actor, target, call.lock_tokens)


async def _copy(call: Call, source: Located, path: Path, below: Sequence[Entry]) -> None:
    await _copy_one(call, source, path)
    folders = {source.path.names: source}
    for entry in below:
        above = folders[entry.path.names[:-1]]
        located = finding.within(above, entry)
        if entry.node.is_folder:
            folders[entry.path.names] = located
        names = entry.path.names[len(source.path.names) :]
        await _copy_one(call, located, Path(path.slug, (*path.names, *names)))


async def _copy_one(call: Call, source: Located, path: Path) -> None:
    node = source.node
    if node.is_folder:
        copied = await make_folder(
            call.files, call.actor, path, parents=False, lock_tokens=call.lock_tokens
        )
    else:
        said = Put(
            content_type=node.content_type, headers=node.headers, mtime=node.mtime,
            lock_tokens=call.lock_tokens,
        )  # fmt: skip
        copied = (await copy_file(call.files, call.actor, source, path, said)).node
    await copy_dead(call.files, call.actor, node.node_id, copied.node_id)


async def _move_elsewhere(call: Call, source: Located, target: Located) -> None:
    """Copy to another space, then let the source go to its recycle bin."""
    check_writable(source)
    await moving.check_nothing_denied(call.files, call.actor, source)
    await check_unlocked(call.files, call.actor, source, call.lock_tokens)
    below = await _below(call, source)
    await _clear(call, source, target, below)
    await _copy(call, source, target.path, below)
    await moving.trash(call.files, call.actor, source, call.lock_tokens)
