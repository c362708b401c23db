"""Cells: spaces that a person makes for whom they like, over a folder or with room of their own.

Who is in a cell is said by rights on its root. Over a folder of somebody else's, whoever makes it
gives no right to themselves: what they may do there stays what they were given, and ends with it.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keycell.accounts.audit import AuditEvent, Origin
from keycell.files.access import Action, Actor, Right, reached
from keycell.files.acting import done_by
from keycell.files.errors import BadRequest, Conflict, Forbidden, NotFound
from keycell.files.finding import Located, add_space, by_id, check_writable, new_space
from keycell.files.ports import Files
from keycell.files.spaces import (
    MOST_CELLS,
    Space,
    SpaceKind,
    check_description,
    check_label,
    check_new_slug,
    slug_of,
)
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Member:
    """What a role may, or may not, do in a cell."""

    actions: frozenset[Action]
    until: datetime | None = None
    """When that ends; a denial has no end."""


Members = Mapping[str, Member]
"""By role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellWish:
    """What somebody says of a cell."""

    label: str
    description: str = ""
    root_id: str = ""
    """The folder it is over; empty for room of its own."""
    members: Members


async def make_cell(files: Files, actor: Actor, wish: CellWish, origin: Origin) -> Space:
    """Make a cell of an actor's; raise NotFound, Forbidden, Conflict, BadRequest."""
    slug = slug_of(check_label(wish.label))
    space = new_space(files, slug, wish.label, SpaceKind.CELL, actor.sub)
    space = replace(space, description=check_description(wish.description))
    if wish.root_id:
        node = (await _folder(files, actor, wish.root_id)).node
        space = replace(space, root_id=node.node_id, volume_id=node.volume_id)
        is_own = await _is_own(files, actor.sub, space)
    else:
        is_own = True
        if not reached(actor.reach, space.slug, (space.root_id,)).write:
            raise Forbidden(phrase("this access is for some places alone, and opens no new ones"))
    rights = _rights(space, wish.members, is_own=is_own)
    _check_rights(actor, rights, is_own=is_own)
    _check_ends(rights, files.clock())
    for number in range(_TRIES):
        tried = replace(space, slug=_slug(slug, number))
        if await _add(files, actor, tried, rights, origin, is_over=bool(wish.root_id)):
            return tried
    raise Conflict(phrase("the name %(name)s is taken; choose another", name=repr(wish.label)))


def _slug(slug: str, number: int) -> str:
    try:
        return check_new_slug(slug if number == 0 else f"{slug}-{random_bytes(4).hex()}")
    except BadRequest:
        return f"cell-{random_bytes(4).hex()}"


async def _add(
    files: Files, actor: Actor, space: Space, rights: Sequence[Right], origin: Origin, *,
    is_over: bool,
) -> bool:  # fmt: skip
    event = _event(files, actor, space, "space.added", origin)
    if not is_over:
        return await add_space(files, space, rights, event)
    return await files.spaces.add(space, None, rights, event)


async def change_cell(
    files: Files, actor: Actor, space: Space, wish: CellWish, origin: Origin
) -> Space:
    """Change an actor's own cell, and who is in it; raise Forbidden, BadRequest, Conflict."""
    await check_own(files, actor, space)
    is_own = await _is_own(files, actor.sub, space)
    if wish.root_id not in ("", space.root_id):
        raise BadRequest(phrase("a cell stays over the folder that it was made for"))
    is_owners = await _is_own(files, space.owner, space)
    rights = set(_rights(space, wish.members, is_own=is_owners))
    before = set(await files.spaces.rights(node_ids=[space.root_id]))
    _check_rights(actor, rights ^ before, is_own=is_own)
    _check_ends(rights - before, files.clock())
    changed = replace(
        space, label=check_label(wish.label), description=check_description(wish.description)
    )
    event = _event(files, actor, space, "space.changed", origin)
    if changed != space and not await files.spaces.update(changed, event):
        raise Conflict(phrase("what was shared is not shared any more, or is another's"))
    # What is taken away goes first: whatever comes between, nobody has more than is wanted.
    for right in before - rights:
        await files.spaces.remove_right(
            right, right_event(files, actor, right, "right.removed", origin, space.label)
        )
    for right in rights - before:
        await files.spaces.put_right(
            right, right_event(files, actor, right, "right.added", origin, space.label)
        )
    return changed


async def remove_cell(files: Files, actor: Actor, space: Space, origin: Origin) -> None:
    """Remove an actor's own cell; the files of the folder it is over stay. Raises Conflict."""
    await check_own(files, actor, space)
    event = _event(files, actor, space, "space.removed", origin)
    if not await files.spaces.remove(space.space_id, event.at, event):
        raise _no_cell(space.space_id)


async def find_cell(files: Files, actor: Actor, space_id: str) -> Space:
    """Find a cell that an actor may read, that is their own, or any for an administrator."""
    space = await files.spaces.by_id(space_id)
    if space is not None and space.kind is SpaceKind.CELL:
        # To whoever may not read it, it answers as one that is not there, its folder too.
        with contextlib.suppress(NotFound):
            if not actor.is_admin:
                await by_id(files, actor, space.root_id)
            return space
    raise _no_cell(space_id)


async def cells_of(files: Files, actor: Actor) -> Sequence[Space]:
    """List the cells that are an actor's own."""
    # Their own space is among them.
    found = await files.spaces.of_owner(actor.sub, MOST_CELLS + 1)
    return [space for space in found if space.kind is SpaceKind.CELL]


async def check_own(files: Files, actor: Actor, space: Space) -> None:
    """Refuse to change what is somebody else's cell, over a folder of somebody else's.

    Whoever made the cell must still be able to change the folder.
    """
    if actor.is_admin:
        return
    if space.owner != actor.sub and not await _is_own(files, actor.sub, space):
        raise Forbidden(phrase("this is shared anew by whose it is, or whose the folder is"))
    check_writable(await by_id(files, actor, space.root_id))


def _no_cell(space_id: str) -> NotFound:
    return NotFound(phrase("there is no cell %(name)s", name=repr(space_id[:64])))


def right_event(
    files: Files, actor: Actor, right: Right, action: str, origin: Origin, label: str
) -> AuditEvent:
    """Say that a right was added or removed on what people call by a label."""
    detail = {"role": right.role_id, "action": right.action.value, "label": label}
    if right.expires_at is not None:
        detail["until"] = right.expires_at.isoformat()
    return done_by(actor, files.clock(), action, right.node_id, origin, detail)


async def _folder(files: Files, actor: Actor, node_id: str) -> Located:
    located = await by_id(files, actor, node_id)
    check_writable(located)
    node = located.node
    if not node.is_folder or node.parent_id is None or located.in_trash:
        raise Forbidden(phrase("a cell is over a folder: no file, no whole space, no recycle bin"))
    # What stands there is somebody's: it would be taken for the cell's, and go with it.
    if await files.spaces.of_root(node_id) or await files.spaces.rights(node_ids=[node_id]):
        raise Conflict(phrase("there is a cell over this folder already, or rights are set on it"))
    return located


async def _is_own(files: Files, sub: str, space: Space) -> bool:
    """Tell whether what a cell is over is its owner's own volume."""
    volume = await files.spaces.volume(space.volume_id)
    above = await files.spaces.of_root(volume.root_id) if volume is not None else ()
    # A cell whose person is gone is nobody's own.
    return bool(sub) and any(
        one.owner == sub and one.kind in (SpaceKind.PERSONAL, SpaceKind.CELL) for one in above
    )


def _rights(space: Space, members: Members, *, is_own: bool) -> Sequence[Right]:
    found = {
        Right(space.root_id, role, action, member.until)
        for role, member in members.items()
        for action in member.actions
    }
    if is_own:
        found.add(Right(space.root_id, space.owner, Action.WRITE))
    return sorted(found, key=lambda one: (one.role_id, one.action))


def _check_rights(actor: Actor, changed: Iterable[Right], *, is_own: bool) -> None:
    for right in () if actor.is_admin else changed:
        _check_right(actor, right, is_own=is_own)


def _check_ends(given: Iterable[Right], now: datetime) -> None:
    for right in given:
        if right.expires_at is None:
            continue
        if right.action is Action.DENY:
            raise BadRequest(
                phrase("what is denied is denied until somebody lifts it: it has no end")
            )
        if right.expires_at <= now:
            raise BadRequest(phrase("AccessEnd is over: it would have ended already"))


def _check_right(actor: Actor, right: Right, *, is_own: bool) -> None:
    if right.action is Action.DENY and right.role_id in actor.roles:
        raise Forbidden(phrase("this would shut you out yourself"))
    if is_own:
        return
    if right.action is Action.DENY:
        raise Forbidden(phrase("over somebody else's folder a cell denies nothing to anybody"))
    if right.role_id in actor.roles:
        raise Forbidden(
            phrase("over somebody else's folder a cell gives nothing to a role of your own")
        )


def _event(files: Files, actor: Actor, space: Space, action: str, origin: Origin) -> AuditEvent:
    detail = {"kind": space.kind.value}
    return done_by(actor, files.clock(), action, space.slug, origin, detail)
