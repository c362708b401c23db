"""Spaces and volumes, in SQL."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import bindparam, delete, func, insert, select, update

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Action, Right
from keycell.files.errors import Conflict, NotFound
from keycell.files.names import RECYCLE_BIN
from keycell.files.spaces import MOST_CELLS, Space, SpaceKind, Volume
from keycell.stores.audit import audit_insert
from keycell.stores.database import Database, Statement, Verb, first, insert_new
from keycell.stores.holders import hold_person, hold_role
from keycell.stores.leaving import over
from keycell.stores.lists import ListStatement
from keycell.stores.node_rows import node_row
from keycell.stores.node_writes import (
    Locked,
    advance,
    check_standing,
    count,
    detach,
    lock,
    lock_of,
)
from keycell.stores.rights import add_right, put_right, remove_allowing, remove_right, rights_of
from keycell.stores.schema_files import nodes, rights, spaces, volumes
from keycell.stores.space_rows import first_nodes, space_of, space_row, volume_row
from keycell.stores.uploads import give_up_all
from keycell.stores.volumes import VOLUME, volume_of

_FIND = Statement(
    select(spaces)
    .where(
        spaces.c.slug == bindparam("b_slug"),
        spaces.c.slug_owner.in_([bindparam("b_sub"), ""]),
    )
    .order_by(spaces.c.slug_owner.desc())
    .limit(1),
    recurs=True,
)
_BY_ID = Statement(select(spaces).where(spaces.c.space_id == bindparam("b_space_id")))
_SEEN = ListStatement(
    lambda listed: (
        select(spaces)
        .where(
            spaces.c.root_id.in_(
                select(rights.c.node_id).where(
                    rights.c.role_id.in_(listed),
                    rights.c.action != Action.DENY.value,
                )
            ),
            spaces.c.slug_owner.in_([bindparam("b_sub"), ""]),
        )
        .order_by(spaces.c.slug)
    )
)
_PAGE = Statement(
    select(spaces)
    .where(spaces.c.space_id > bindparam("b_after"))
    .order_by(spaces.c.space_id)
    .limit(bindparam("b_most"))
)
_OF_OWNER = Statement(
    select(spaces)
    .where(spaces.c.owner == bindparam("b_owner"))
    .order_by(spaces.c.space_id)
    .limit(bindparam("b_most"))
)
_OF_ROOT = Statement(
    select(spaces).where(spaces.c.root_id == bindparam("b_root_id")).order_by(spaces.c.space_id)
)
_CELLS = Statement(
    select(func.count().label("cells"))
    .select_from(spaces)
    .where(spaces.c.owner == bindparam("b_owner"), spaces.c.kind == SpaceKind.CELL.value)
)
_ADD = insert_new(spaces, ("slug", "slug_owner"))
_ADD_VOLUME = Statement(insert(volumes))
_ADD_NODE = Statement(insert(nodes))
_LOCK = Statement(
    select(spaces).where(spaces.c.space_id == bindparam("b_space_id")).with_for_update()
)
_REMOVE = Statement(delete(spaces).where(spaces.c.space_id == bindparam("b_space_id")))
_HELD = Statement(
    select(nodes.c.node_id)
    .where(nodes.c.parent_id == bindparam("b_root_id"), nodes.c.name != RECYCLE_BIN)
    .limit(1)
)
_REMOVE_OF_VOLUME = Statement(delete(spaces).where(spaces.c.volume_id == bindparam("b_volume_id")))
_SET_QUOTA = Statement(
    update(volumes)
    .where(volumes.c.volume_id == bindparam("b_volume_id"))
    .values(quota=bindparam("b_quota"))
)


class SqlSpaceStore:
    """The spaces, their volumes, and who may do what in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, slug: str, sub: str) -> Space | None:
        """Find a space by its slug; a person's own comes before any other."""
        row = await first(self._database, _FIND, {"b_slug": slug, "b_sub": sub})
        return None if row is None else space_of(row)

    async def by_id(self, space_id: str) -> Space | None:
        """Find a space."""
        row = await first(self._database, _BY_ID, {"b_space_id": space_id})
        return None if row is None else space_of(row)

    async def seen_by(self, sub: str, roles: frozenset[str]) -> Sequence[Space]:
        """List spaces by slug whose roots a right lets these roles read; no others' own ones."""
        steps = _SEEN.steps(sorted(roles), {"b_sub": sub})
        rows = [row for step in steps for row in await self._database.read(*step)]
        found = {row.space_id: space_of(row) for row in rows}
        return sorted(found.values(), key=lambda space: space.slug)

    async def all(self, after: str, most: int) -> Sequence[Space]:
        """List every space in the order of identifiers, beyond one."""
        rows = await self._database.read_many(_PAGE, {"b_after": after, "b_most": most})
        return [space_of(row) for row in rows]

    async def of_owner(self, sub: str, most: int) -> Sequence[Space]:
        """List the spaces that are a person's own, in the order of identifiers."""
        rows = await self._database.read_many(_OF_OWNER, {"b_owner": sub, "b_most": most})
        return [space_of(row) for row in rows]

    async def of_root(self, node_id: str) -> Sequence[Space]:
        """List the spaces whose root this node is."""
        rows = await self._database.read(_OF_ROOT, {"b_root_id": node_id})
        return [space_of(row) for row in rows]

    async def volume(self, volume_id: str) -> Volume | None:
        """Find a volume."""
        row = await first(self._database, VOLUME, {"b_volume_id": volume_id})
        return None if row is None else volume_of(row)

    async def add(
        self, space: Space, volume: Volume | None, rights: Sequence[Right], event: AuditEvent
    ) -> bool:
        """Keep a new space; of many with one slug, one, and over one folder too.

        Raises NotFound if the folder it is over or who it is for is gone, Conflict if there is
        one over it, or if it is a cell of somebody's who has as many as they may.
        """

        def verb() -> Verb[bool]:
            yield from _hold(space, rights)
            if volume is None:
                locked, _ = yield from lock_of(space.root_id)
                yield from check_standing(space.root_id)
            there = (yield _OF_ROOT, {"b_root_id": space.root_id}).rows
            if (yield _ADD, space_row(space)).touched != 1:
                return False
            if there:
                raise Conflict("there is a cell over this folder already")
            if volume is not None:
                locked = yield from _add_volume(space, volume, event.actor)
            for right in rights:
                yield from add_right(locked, right)
            yield audit_insert(event)
            yield from advance(locked)
            return True

        return await self._database.write(verb)

    async def update(self, space: Space, event: AuditEvent) -> bool:
        """Change a space's slug, label or description; False if gone or the slug is taken.

        False, too, if it is another's meanwhile: whoever asks has read it before.
        """

        def verb() -> Verb[bool]:
            rows = (yield _LOCK, {"b_space_id": space.space_id}).rows
            if not rows or rows[0].owner != space.owner:
                return False
            # Taken out and put in anew, so that of many who want a slug none fails on the index.
            yield _REMOVE, {"b_space_id": space.space_id}
            if (yield _ADD, space_row(space)).touched != 1:
                yield _ADD, space_row(space_of(rows[0]))
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def remove(self, space_id: str, at: datetime, event: AuditEvent) -> bool:
        """Remove a space: a cell with what its root allowed, any other if no files are in it.

        Raises Conflict if there are.
        """
        try:
            return await self._database.write(lambda: remove_space(space_id, at, event))
        except NotFound:
            return False

    async def remove_over(self, now: datetime) -> int:
        """Remove some spaces of people who are gone, whose time is over; tell how many."""
        done = 0
        for space_id in await over(self._database, now):
            event = AuditEvent(at=now, actor="system", action="space.removed", target=space_id)
            with contextlib.suppress(NotFound):
                done += await self._database.write(
                    partial(remove_space, space_id, now, event, is_over=True)
                )
        return done

    async def set_quota(self, volume_id: str, quota: int | None, event: AuditEvent) -> bool:
        """Set how much a volume may hold; what is there stays."""

        def verb() -> Verb[bool]:
            params = {"b_volume_id": volume_id, "b_quota": quota}
            if (yield _SET_QUOTA, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def rights(
        self, *, node_ids: Sequence[str] = (), role_ids: Sequence[str] = ()
    ) -> Sequence[Right]:
        """List rights by node and role; empty means any, and both empty all there are."""
        return await rights_of(self._database, node_ids, role_ids)

    async def put_right(self, right: Right, event: AuditEvent) -> bool:
        """Keep a right; False if the node is not there, NotFound if whom it is for is not."""
        return await self._database.write(lambda: put_right(right, event))

    async def remove_right(self, right: Right, event: AuditEvent) -> bool:
        """Remove a right; True for the call that did."""
        return await self._database.write(lambda: remove_right(right, event))


def remove_space(
    space_id: str, at: datetime, event: AuditEvent, *, is_over: bool = False
) -> Verb[bool]:
    """Remove a space as `SqlSpaceStore.remove` does; if ``is_over``, with the files in it."""
    rows = (yield _BY_ID, {"b_space_id": space_id}).rows
    if not rows:
        return False
    locked = yield from lock(rows[0].volume_id)
    # Read once more: an administrator may have kept it after all.
    rows = (yield _LOCK, {"b_space_id": space_id}).rows
    if not rows or (is_over and not _is_over(space_of(rows[0]), at)):
        return False
    space = space_of(rows[0])
    yield _REMOVE, {"b_space_id": space_id}
    if space.root_id == locked.root_id:
        # Those of who is gone go with their space; nobody else's do.
        if not is_over and (yield _HELD, {"b_root_id": space.root_id}).rows:
            raise Conflict(f"there are files in {space.slug!r}; move or delete them first")
        yield from _remove_volume(locked, at)
    elif not (yield _OF_ROOT, {"b_root_id": space.root_id}).rows:
        yield from remove_allowing(locked, space.root_id)
    yield audit_insert(event)
    yield from advance(locked)
    return True


def _is_over(space: Space, now: datetime) -> bool:
    return space.kept_until is not None and space.kept_until <= now


def _hold(space: Space, rights: Sequence[Right]) -> Verb[None]:
    """Raise NotFound if who has it is gone meanwhile, Conflict if its owner has too many cells."""
    if space.owner:
        yield from hold_person(space.owner)
        # Of many cells made at once, none is one too many.
        owner = {"b_owner": space.owner}
        if space.kind is SpaceKind.CELL and (yield _CELLS, owner).rows[0].cells >= MOST_CELLS:
            raise Conflict(f"you have {MOST_CELLS} cells already; remove one first")
    for role_id in sorted({right.role_id for right in rights} - {space.owner}):
        yield from hold_role(role_id)


def _add_volume(space: Space, volume: Volume, by: str) -> Verb[Locked]:
    yield _ADD_VOLUME, volume_row(volume)
    root, trash = first_nodes(space, volume, by)
    for node in (root, trash):
        yield _ADD_NODE, node_row(node)
    yield from count(root.node_id, 1)
    return (yield from lock(volume.volume_id))


def _remove_volume(locked: Locked, at: datetime) -> Verb[None]:
    # Cells over folders of this volume go with it, and what is being uploaded to it.
    yield _REMOVE_OF_VOLUME, {"b_volume_id": locked.volume_id}
    yield from give_up_all(locked)
    _, root = yield from lock_of(locked.root_id)
    yield from detach(locked, root, at)
