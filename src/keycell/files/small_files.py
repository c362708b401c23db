"""Putting many small files by one question: each is judged for itself, and kept with the others.

A file names the folder that it goes to by its identifier, so that none is made on the way, and
says what it found there: a version, or nothing.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from keycell.files.access import Actor
from keycell.files.errors import FilesError, NotFound
from keycell.files.finding import Entry, Located, check_placeable, each_by_id, readable, within
from keycell.files.names import check_name, name_key
from keycell.files.nodes import check_conditions, check_folder, check_parent, check_replaceable
from keycell.files.ports import Files, Found, Placed, Placing
from keycell.files.writing import Put, content_of
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallFile:
    """A file whose row carries its bytes, and where it goes."""

    parent: str
    name: str
    content: bytes
    put: Put


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that files go to, and what stands there under their names."""

    located: Located
    taken: Mapping[str, Entry | None]
    """By the names' keys; None for what the actor may not read."""


async def put_each(
    files: Files, actor: Actor, wanted: Sequence[SmallFile]
) -> Sequence[Placed | FilesError]:
    """Put files, and say of each what it became or why it was refused, in their order.

    Those of one volume are kept by one transaction, in which no refusal of one undoes another.
    """
    parents = dict.fromkeys(one.parent for one in wanted)
    found = [one async for one in each_by_id(files, actor, parents)]
    folders = {one.node.node_id: await _look(files, actor, one, wanted) for one in found}
    outcomes: dict[int, Placed | FilesError] = {}
    placings: dict[str, dict[int, Placing]] = {}
    for number, one in enumerate(wanted):
        try:
            placing = await _placing(files, actor, one, folders.get(one.parent))
        except FilesError as error:
            outcomes[number] = error
        else:
            volume_id = folders[one.parent].located.node.volume_id
            placings.setdefault(volume_id, {})[number] = placing
    for volume_id, some in placings.items():
        placed = await files.nodes.place_each(volume_id, list(some.values()))
        outcomes |= dict(zip(some, placed, strict=True))
    return [outcomes[number] for number in range(len(wanted))]


async def _look(
    files: Files, actor: Actor, located: Located, wanted: Sequence[SmallFile]
) -> _Folder:
    names = [one.name for one in wanted if one.parent == located.node.node_id]
    page = await files.nodes.children_named(located.node.node_id, names)
    taken: dict[str, Entry | None] = {name_key(node.name): None for node in page.nodes}
    taken |= {name_key(one.node.name): one for one in readable(actor, located, page)}
    return _Folder(located, taken)


async def _placing(files: Files, actor: Actor, one: SmallFile, folder: _Folder | None) -> Placing:
    if folder is None:
        raise NotFound(phrase("there is no folder %(folder)s", folder=repr(one.parent[:64])))
    _check_target(one, folder)
    limits = replace(one.put.limits, most=files.limits.largest_file)
    written = await files.blobs.write(_only(one.content), limits)
    return Placing(
        parent_id=one.parent,
        names=(one.name,),
        content=content_of(written, one.put),
        written=(written,),
        conditions=one.put.conditions,
        by=actor.sub,
        at=files.clock(),
        mtime=one.put.mtime,
        headers=one.put.headers,
    )


def _check_target(one: SmallFile, folder: _Folder) -> None:
    """Refuse what `find_target` of a single file refuses."""
    name, above = check_name(one.name), folder.located
    path = above.path.child(name)
    if name_key(name) not in folder.taken:
        missing = Found(above.found.chain, (name,), above.found.rights)
        check_placeable(replace(above, path=path, found=missing))
        check_folder(above.node)
        check_conditions(one.put.conditions, None)
        return
    entry = folder.taken[name_key(name)]
    if entry is None:
        raise NotFound(phrase("there is nothing at %(path)s", path=repr(str(path)[:200])))
    check_placeable(within(above, entry))
    check_replaceable(name, entry.node)
    check_conditions(one.put.conditions, entry.node)
    check_parent(one.put.conditions, above.node.node_id, (name,))


async def _only(content: bytes) -> AsyncIterator[bytes]:
    yield content
