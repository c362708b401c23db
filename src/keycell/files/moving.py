"""Moving, deleting and bringing back. Within a volume all of it costs the same for any folder."""

import contextlib
from dataclasses import dataclass

from keycell.accounts.audit import AuditEvent, Origin
from keycell.files.access import EVERYTHING, Action, Actor
from keycell.files.acting import done_by
from keycell.files.errors import (
    Conflict,
    Forbidden,
    NameTaken,
    NoSuchSpace,
    NotFound,
    PreconditionFailed,
)
from keycell.files.finding import (
    Located,
    check_placeable,
    check_writable,
    locate,
    space_of,
)
from keycell.files.locks import NO_TOKENS
from keycell.files.names import Path, free_name, read_path
from keycell.files.nodes import ANY, Conditions, Node, check_conditions, check_folder
from keycell.files.ports import Files, Move
from keycell.files.spaces import Space, check_label
from keycell.oauth.sentences import phrase

_MOST_NAMES = 100
_MOST_BESIDE = 1000


class OtherVolume(Conflict):
    """The place is in another volume: the nodes must be copied there, which a job does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever moves a node knows of it, and the folder they mean: nothing else is moved."""

    revision: int
    parent_id: str


async def move(  # noqa: PLR0913  (two of them are what few wires have)
    files: Files,
    actor: Actor,
    source: Located,
    path: Path,
    *,
    replaces: bool = False,
    lock_tokens: frozenset[str] = NO_TOKENS,
    seen: Seen | None = None,
) -> Node:
    """Give a file or folder another place; what stands there goes to the recycle bin if asked.

    Raises NameTaken, OtherVolume, NotFound for the folder it is to lie in, PreconditionFailed.
    """
    _check_movable(source)
    target = await locate(files, actor, path)
    parent, replaced = _new_place(source, target)
    if seen is not None and parent.node_id != seen.parent_id:
        raise PreconditionFailed(phrase("the folder that it was to lie in was moved meanwhile"))
    if replaced is not None and not replaces:
        raise NameTaken(path.name, replaced.name)
    if parent.volume_id != source.node.volume_id:
        raise OtherVolume("the place is in another space")
    await check_nothing_denied(files, actor, source)
    if replaced is not None:
        await check_nothing_denied(files, actor, target)
    return await files.nodes.move(
        Move(
            node_id=source.node.node_id,
            parent_id=parent.node_id,
            name=path.name,
            by=actor.sub,
            at=files.clock(),
            replaces=None if replaced is None else replaced.node_id,
            replaces_at="" if replaced is None else str(target.path),
            lock_tokens=lock_tokens,
            revision=None if seen is None else seen.revision,
        )
    )


def _check_movable(source: Located) -> None:
    check_writable(source)
    check_stays_not(source)
    if source.in_trash:
        raise Forbidden(phrase("what is in the recycle bin is restored, not moved"))


def _new_place(source: Located, target: Located) -> tuple[Node, Node | None]:
    """Give the folder that something is to lie in, and what stands in its place there."""
    collision = target.found.collision
    # Another spelling of its own name is no collision.
    if collision is None or collision.node_id != source.node.node_id:
        check_placeable(target)
    check_writable(target)
    if len(target.found.missing) > 1:
        raise NotFound(
            phrase("there is no folder %(path)s", path=repr(str(target.path.parent)[:200]))
        )
    if not target.path.names:
        raise Forbidden(phrase("files lie in spaces; the top holds none itself"))
    check_same_name(source, target)
    parent = target.node if target.found.missing else target.found.chain[-2]
    check_folder(parent)
    if not target.exists or target.node.node_id == source.node.node_id:
        return parent, None
    return parent, target.node


def check_same_name(source: Located, target: Located) -> None:
    """Refuse to take the place of what is named alike, but in another Unicode form."""
    is_itself = target.node.node_id == source.node.node_id
    if target.exists and not is_itself and target.node.name != target.path.name:
        raise NameTaken(target.path.name, target.node.name)


async def free_path(files: Files, actor: Actor, target: Path, moved: Node | None = None) -> Path:
    """Give a path that nothing stands at: the one asked for, or one beside it.

    What is moved does not stand in its own way.
    """
    for number in range(1, _MOST_BESIDE):
        path = target if number == 1 else target.parent.child(free_name(target.name, number))
        located = await locate(files, actor, path)
        there = located.node if located.exists else located.found.collision
        if there is None or (moved is not None and there.node_id == moved.node_id):
            return path
    raise NameTaken(target.name, target.name)


async def trash(
    files: Files,
    actor: Actor,
    located: Located,
    lock_tokens: frozenset[str] = NO_TOKENS,
    conditions: Conditions = ANY,
) -> Node | None:
    """Move something to the recycle bin; None if it is gone already.

    The conditions hold of it in the moment in which it goes, not only in the one before.
    """
    check_writable(located)
    check_conditions(conditions, located.node)
    check_stays_not(located)
    if located.in_trash:
        raise Forbidden(
            phrase("it is in the recycle bin already; delete it for good, or restore it")
        )
    await check_nothing_denied(files, actor, located)
    return await files.nodes.trash(
        located.node.node_id, str(located.path), actor.sub, files.clock(), lock_tokens, conditions
    )


async def trash_seen(files: Files, actor: Actor, located: Located, revision: int) -> Node | None:
    """Move something to the recycle bin, if it is as it was seen; a folder only if it is empty."""
    check_writable(located)
    check_stays_not(located)
    await check_nothing_denied(files, actor, located)
    return await files.nodes.trash_seen(
        located.node.node_id, revision, str(located.path), actor.sub, files.clock()
    )


async def delete(
    files: Files,
    actor: Actor,
    located: Located,
    origin: Origin,
    lock_tokens: frozenset[str] = NO_TOKENS,
    conditions: Conditions = ANY,
) -> bool:
    """Delete something for good, with all that lies in it and all its versions; as `trash`."""
    check_writable(located)
    check_conditions(conditions, located.node)
    check_stays_not(located)
    await check_nothing_denied(files, actor, located)
    now = files.clock()
    node_id = located.node.node_id
    event = done_by(actor, now, "node.deleted", node_id, origin, {"path": str(located.path)})
    return await files.nodes.delete(node_id, now, event, lock_tokens, conditions)


async def restore(files: Files, actor: Actor, located: Located) -> Node:
    """Bring something back from the recycle bin to where it was, beside what is there now.

    What was in a space that is gone or renamed comes to the top of the space whose bin it is in.
    """
    check_writable(located)
    node = located.node
    if not located.in_trash or node.origin is None:
        raise NotFound(
            phrase("%(name)s is nothing that was deleted", name=repr(str(located.path)[:200]))
        )
    path = read_path(node.origin)
    target = await _place_of_old(files, actor, located, path.parent)
    return await _put_back(files, actor.sub, node, target, path.name or node.name)


async def restore_for(files: Files, space: Space, node: Node, event: AuditEvent) -> Node:
    """Bring something back as `restore` does, from a space of somebody else's.

    No right of the event's actor counts: an administrator does it for whose it is, and the trail
    says so. Nothing of what the file holds is shown by it.
    """
    path = read_path(node.origin or "")
    # Their own space and a cell over a folder of it are found as whose it is sees them.
    there = await files.spaces.find(path.slug, space.owner) if path.slug else None
    names = path.parent.names
    if there is None or there.volume_id != space.volume_id:
        there, names = space, ()
    found = await files.nodes.resolve(there.root_id, names)
    target = Located(there, Path(there.slug, names), found, EVERYTHING)
    return await _put_back(files, event.actor, node, target, path.name or node.name, event)


async def _put_back(
    files: Files, sub: str, node: Node, target: Located, name: str,
    event: AuditEvent | None = None,
) -> Node:  # fmt: skip
    """Move a node out of the recycle bin into a folder, beside what is there now."""
    check_placeable(target)
    parent_id = target.node.node_id
    if target.found.missing:
        folder, _ = await files.nodes.make_folders(
            parent_id, target.found.missing, sub, files.clock()
        )
        parent_id = folder.node_id
    for number in range(1, _MOST_NAMES):
        free = name if number == 1 else free_name(name, number)
        try:
            return await files.nodes.move(
                Move(
                    node_id=node.node_id,
                    parent_id=parent_id,
                    name=free,
                    by=sub,
                    at=files.clock(),
                    event=event,
                )
            )
        except NameTaken:
            continue
    raise NameTaken(name, name)


async def _place_of_old(files: Files, actor: Actor, located: Located, path: Path) -> Located:
    """Find the folder that something of the recycle bin was in, or the top of its space."""
    with contextlib.suppress(NoSuchSpace):
        # What was asked by its slug may be another's space by now: nothing is looked for there.
        space = await space_of(files, actor, path.slug)
        if space.volume_id == located.node.volume_id:
            return await _readable(files, actor, path)
    return await locate(files, actor, Path(located.space.slug, ()))


async def _readable(files: Files, actor: Actor, path: Path) -> Located:
    try:
        return await locate(files, actor, path)
    except NotFound:
        raise Conflict(
            phrase(
                "it was in %(path)s, which you may not read any more: let somebody who may bring "
                "it back, or give you a right there",
                path=repr(str(path)[:200]),
            )
        ) from None


async def restore_version(files: Files, actor: Actor, located: Located, version_id: str) -> Node:
    """Make an older version of a file the current one again."""
    check_writable(located)
    return await files.nodes.restore_version(
        located.node.node_id, version_id, actor.sub, files.clock()
    )


async def remove_version(
    files: Files, actor: Actor, located: Located, version_id: str, origin: Origin
) -> None:
    """Let go of an older version of a file for good."""
    check_writable(located)
    event = _of_version(files, actor, located, version_id, "version.deleted", origin)
    await files.nodes.remove_version(located.node.node_id, version_id, event)


async def pin_version(
    files: Files,
    actor: Actor,
    located: Located,
    version_id: str,
    origin: Origin,
    *,
    is_pinned: bool,
) -> None:
    """Keep a version of a file however old it is, or no longer than others."""
    check_writable(located)
    until = files.clock() + files.limits.versions_kept
    action = "version.pinned" if is_pinned else "version.unpinned"
    event = _of_version(files, actor, located, version_id, action, origin)
    await files.nodes.pin_version(
        located.node.node_id, version_id, until, event, is_pinned=is_pinned
    )  # fmt: skip


async def name_version(
    files: Files, actor: Actor, located: Located, version_id: str, label: str, origin: Origin
) -> None:
    """Call a version of a file something; an empty label takes its name away."""
    check_writable(located)
    kept = check_label(label) if label else ""
    action = "version.named" if kept else "version.unnamed"
    event = _of_version(files, actor, located, version_id, action, origin, label=kept)
    await files.nodes.name_version(located.node.node_id, version_id, kept, event)


def _of_version(
    files: Files,
    actor: Actor,
    located: Located,
    version_id: str,
    action: str,
    origin: Origin,
    **said: str,
) -> AuditEvent:
    detail = {"path": str(located.path), "version": version_id, **said}
    return done_by(actor, files.clock(), action, located.node.node_id, origin, detail)


def check_stays_not(located: Located) -> None:
    """Refuse to move or delete a space by way of its root."""
    if located.is_space:
        raise Forbidden(
            phrase("a space is removed by whom it belongs to, not moved or deleted as a folder")
        )


async def check_nothing_denied(files: Files, actor: Actor, located: Located) -> None:
    """Refuse to move or delete a folder in which something is denied to the actor."""
    if not located.node.is_folder:
        return
    for right in await files.spaces.rights(role_ids=sorted(actor.roles)):
        if right.action is not Action.DENY:
            continue
        found = await files.nodes.locate(right.node_id)
        if found is not None and located.node.node_id in found.ids:
            raise Forbidden(phrase("something in this folder may not be changed with this access"))
