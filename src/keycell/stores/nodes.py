"""Nodes, their versions and the feed, in SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import (
    Conflict,
    CursorGone,
    FilesError,
    FolderNotEmpty,
    NameTaken,
    NotFound,
)
from keycell.files.locks import NO_TOKENS
from keycell.files.names import marked_name, name_key
from keycell.files.nodes import (
    ANY,
    Conditions,
    Node,
    Version,
    check_conditions,
    check_folder,
    check_seen,
)
from keycell.files.ports import MOST_NODES, Change, Found, Move, Placed, Placing
from keycell.oauth.sentences import phrase
from keycell.stores import file_versions
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Verb, first
from keycell.stores.heights import check_height, grow
from keycell.stores.lock_checks import check_locks, take_locks_along
from keycell.stores.node_lists import NodeLists
from keycell.stores.node_reads import (
    CHANGED,
    DELETED,
    TOLD_FIRST,
    UP,
    UP_EACH,
    down,
    down_by_parts,
    matching,
    on_the_way,
)
from keycell.stores.node_rows import node_of
from keycell.stores.node_writes import (
    Locked,
    NewNodes,
    advance,
    change,
    check_movable,
    check_standing,
    child,
    count,
    descend,
    detach,
    lock_of,
    lock_way,
    standing,
)
from keycell.stores.placing import Placer
from keycell.stores.placing_together import Together, may_share
from keycell.stores.rights import shed_denials, take_denials
from keycell.stores.schema_files import PINNED
from keycell.stores.volumes import FEED_RANGE

_FEW_NAMES = 4
"""A placing that makes no more is brief: a row or two in each of a few tables, by their keys."""


class SqlNodeStore(NodeLists):
    """The nodes of every volume."""

    def __init__(
        self,
        database: Database,
        mint_id: Callable[[], str],
        versions_kept: timedelta,
        most_nodes: int = MOST_NODES,
    ) -> None:
        super().__init__(database)
        self._mint_id = mint_id
        self._placer = Placer(mint_id, versions_kept, most_nodes)
        self._together = Together(database, self._placer)

    async def resolve(self, root_id: str, names: Sequence[str]) -> Found:
        """Follow names down from a root, as far as they lead."""
        keys = [name_key(name) for name in names]
        by_parts = down_by_parts(root_id, keys)
        rows = await self._database.read_parted(partial(down, root_id, keys), *by_parts)
        if not rows:
            raise NotFound(phrase("the space is not there any more"))
        chain, rights = on_the_way(rows)
        above: tuple[Node, ...] = ()
        if chain[0].parent_id is not None:
            found = await self.locate(root_id)
            if found is None:
                raise NotFound(phrase("the space is not there any more"))
            above = found.chain[:-1]
            rights = (*rights, *(one for one in found.rights if one.node_id != root_id))
        reached, collision = matching(chain, names)
        missing = tuple(names[len(reached) - 1 :])
        return Found((*above, *reached), missing, rights, collision)

    async def locate(self, node_id: str) -> Found | None:
        """Find a node and all it lies in."""
        chain, rights = on_the_way(await self._database.read(UP, {"b_node_id": node_id}))
        if not chain or chain[0].parent_id is not None:
            return None
        return Found(tuple(chain), (), rights)

    async def locate_each(self, node_ids: Sequence[str]) -> Mapping[str, Found]:
        """Find nodes and all they lie in; those that are not there are left out."""
        rows: dict[str, list[Row]] = {}
        for step in UP_EACH.steps(node_ids):
            for row in await self._database.read_many(*step):
                rows.setdefault(row.wanted, []).append(row)
        ways = {node_id: on_the_way(some) for node_id, some in rows.items()}
        return {
            node_id: Found(tuple(chain), (), rights)
            for node_id, (chain, rights) in ways.items()
            if chain[0].parent_id is None
        }

    async def locate_read(self, read: Sequence[Node]) -> Mapping[str, Found]:
        """Find what nodes lie in that were read just now; what hangs from nowhere is left out.

        Many have few folders: those alone are looked up.
        """
        folders = {node.parent_id: None for node in read if node.parent_id is not None}
        above = await self.locate_each(list(folders))
        rights = await self._rights_on([node.node_id for node in read])
        found = {}
        for node in read:
            own = rights.get(node.node_id, ())
            if node.parent_id is None:
                found[node.node_id] = Found((node,), (), own)
            elif (folder := above.get(node.parent_id)) is not None:
                chain = (*folder.chain, node)
                found[node.node_id] = Found(chain, (), (*folder.rights, *own))
        return found

    async def place(self, placing: Placing) -> Placed:
        """Give a file new content."""
        if may_share(placing):
            return await self._together.place(placing)
        is_brief = len(placing.names) <= _FEW_NAMES and len(placing.content.parts) <= 1
        return await self._database.write(lambda: self._placer.verb(placing), is_brief=is_brief)

    async def place_each(
        self, volume_id: str, placings: Sequence[Placing]
    ) -> Sequence[Placed | FilesError]:
        """Give files of one volume new content, each for itself."""
        return await self._database.write(
            lambda: self._placer.each(volume_id, placings), is_brief=True
        )

    async def make_folders(
        self,
        parent_id: str,
        names: Sequence[str],
        by: str,
        at: datetime,
        lock_tokens: frozenset[str] = NO_TOKENS,
    ) -> tuple[Node, bool]:
        """Make folders below each other where they are not."""

        def verb() -> Verb[tuple[Node, bool]]:
            locked, parent, way = yield from lock_way(parent_id, len(names))
            yield from check_locks(way[::-1], by, lock_tokens, at)
            new = NewNodes(self._mint_id, by, at, self._placer.most_nodes)
            made = yield from descend(locked, parent, names, new)
            yield from advance(locked)
            return made

        return await self._database.write(verb)

    async def move(self, move: Move) -> Node:
        """Give a node another place in its volume."""
        return await self._database.write(lambda: _move(move))

    async def trash(
        self,
        node_id: str,
        origin: str,
        by: str,
        at: datetime,
        lock_tokens: frozenset[str] = NO_TOKENS,
        conditions: Conditions = ANY,
    ) -> Node | None:
        """Move a node to its volume's recycle bin; None if it is gone, or lies there already."""
        away = Away(node_id, origin, by, at, lock_tokens, conditions)
        return await self._database.write(lambda: _put_away(away))

    async def trash_seen(
        self, node_id: str, revision: int, origin: str, by: str, at: datetime
    ) -> Node | None:
        """Move a node that is as it was seen to its volume's recycle bin."""
        away = Away(node_id, origin, by, at, revision=revision)
        return await self._database.write(lambda: _put_away(away))

    async def delete(
        self,
        node_id: str,
        at: datetime,
        event: AuditEvent,
        lock_tokens: frozenset[str] = NO_TOKENS,
        conditions: Conditions = ANY,
    ) -> bool:
        """Delete for good."""

        def verb() -> Verb[bool]:
            try:
                locked, node = yield from lock_of(node_id)
                way = yield from standing(node_id)
            except NotFound:
                return False
            check_movable(locked, node)
            check_conditions(conditions, node)
            yield from take_locks_along(way[::-1], event.actor, lock_tokens, at)
            yield from detach(locked, node, at)
            yield audit_insert(event)
            yield from advance(locked)
            return True

        return await self._database.write(verb)

    async def versions(self, node_id: str, most: int) -> Sequence[Version]:
        """List the versions of a file, the latest first."""
        return await file_versions.versions(self._database, node_id, most)

    async def version(self, version_id: str) -> Version | None:
        """Find a version with its parts."""
        return await file_versions.version(self._database, version_id)

    async def restore_version(self, node_id: str, version_id: str, by: str, at: datetime) -> Node:
        """Make an older version the current one again, as a new version."""
        return await self._database.write(
            lambda: file_versions.restore(self._placer, node_id, version_id, by, at)
        )

    async def remove_version(self, node_id: str, version_id: str, event: AuditEvent) -> None:
        """Let go of an older version for good."""
        await self._database.write(lambda: file_versions.remove(node_id, version_id, event))

    async def pin_version(
        self, node_id: str, version_id: str, until: datetime, event: AuditEvent, *, is_pinned: bool
    ) -> None:
        """Keep a version however old it is, or as long as others."""
        kept = PINNED if is_pinned else micros(until)
        await self._database.write(lambda: file_versions.pin(node_id, version_id, kept, event))

    async def name_version(
        self, node_id: str, version_id: str, label: str, event: AuditEvent
    ) -> None:
        """Call a version something, or nothing any more."""
        await self._database.write(lambda: file_versions.name(node_id, version_id, label, event))

    async def know_digests(self, version_id: str, sha256: str, block_hash: str) -> None:
        """Keep the digests of a version whose bytes were gone through."""
        await self._database.write(
            lambda: file_versions.know_digests(version_id, sha256, block_hash)
        )

    async def touch(self, node_id: str, mtime: datetime, by: str) -> Node:
        """Set when a file's content changed."""

        def verb() -> Verb[Node]:
            locked, node = yield from lock_of(node_id)
            yield from check_standing(node_id)
            touched = replace(node, mtime=mtime, changed_by=by, revision=locked.next_seq())
            yield from change(touched)
            yield from advance(locked)
            return touched

        return await self._database.write(verb)

    async def first_changes(
        self, folder: Node, after: int, last: int, most: int
    ) -> Sequence[Change]:
        """List a folder and what lies below it, of which nothing was ever told, in that order."""
        is_all = folder.parent_id is None
        params = {"b_volume_id": folder.volume_id, "b_after": after, "b_last": last,
                  "b_most": most, **({} if is_all else {"b_node_id": folder.node_id})}  # fmt: skip
        found = await self._database.read_many(CHANGED if is_all else TOLD_FIRST, params)
        return [Change(row.revision, row.node_id, node_of(row)) for row in found]

    async def changes(self, volume_id: str, after: int, most: int) -> Sequence[Change]:
        """List changes beyond one, in their order."""
        # Where the feed ends is read first: what is numbered later comes with the next call.
        known = await first(self._database, FEED_RANGE, {"b_volume_id": volume_id})
        if known is None:
            raise NotFound(phrase("the space is not there any more"))
        params = {"b_volume_id": volume_id, "b_after": after, "b_last": known.seq, "b_most": most}
        found = [
            Change(row.revision, row.node_id, node_of(row))
            for row in await self._database.read_many(CHANGED, params)
        ]
        found += [
            Change(row.seq, row.node_id, None)
            for row in await self._database.read_many(DELETED, params)
        ]
        # Where it begins is read last: what a sweep took from its beginning meanwhile is told of.
        floor = await first(self._database, FEED_RANGE, {"b_volume_id": volume_id})
        if floor is None or 0 < after < floor.feed_floor:
            raise CursorGone("the feed no more reaches back to this cursor; list everything anew")
        return sorted(found, key=lambda change: change.seq)[:most]


def _move(move: Move) -> Verb[Node]:
    locked, node = yield from lock_of(move.node_id)
    check_movable(locked, node)
    check_seen(move.revision, node)
    source = yield from standing(move.node_id)
    way = yield from standing(move.parent_id)
    if move.node_id in {row.node_id for row in way}:
        raise Conflict(phrase("a folder cannot lie in itself"))
    if locked.root_id != way[-1].node_id:
        raise Conflict("the place is in another volume")
    _, parent = yield from lock_of(move.parent_id)
    check_folder(parent)
    height = yield from check_height(node, len(way))
    yield from take_locks_along(source[::-1], move.by, move.lock_tokens, move.at)
    yield from check_locks(way[::-1], move.by, move.lock_tokens, move.at)
    existing = yield from child(move.parent_id, move.name)
    if existing is not None and existing.node_id != node.node_id:
        if existing.node_id != move.replaces:
            raise NameTaken(move.name, existing.name)
        yield from _make_way(locked, existing, way, move)
    if node.trashed_at is not None:
        yield from shed_denials(locked, node.node_id, [row.node_id for row in way])
    moved = replace(node, parent_id=move.parent_id, name=move.name, changed_by=move.by,
                    origin=None, trashed_at=None, revision=locked.next_seq())  # fmt: skip
    yield from _settle(node, moved, move.event)
    yield from grow(way, height + 1)
    yield from advance(locked)
    return moved


def _settle(before: Node, moved: Node, event: AuditEvent | None = None) -> Verb[None]:
    yield from count(before.parent_id, -1)
    yield from change(moved)
    yield from count(moved.parent_id, 1)
    if event is not None:
        yield audit_insert(event)


@dataclass(frozen=True, slots=True)
class Away:
    """What is to go to the recycle bin."""

    node_id: str
    origin: str
    by: str
    at: datetime
    lock_tokens: frozenset[str] = NO_TOKENS
    conditions: Conditions = ANY
    revision: int | None = None


def _put_away(away: Away) -> Verb[Node | None]:
    try:
        locked, node = yield from lock_of(away.node_id)
        way = yield from standing(away.node_id)
    except NotFound:
        return None
    if locked.trash_id in {row.node_id for row in way[1:]}:
        return None
    check_seen(away.revision, node)
    check_conditions(away.conditions, node)
    if away.revision is not None and node.children:
        raise FolderNotEmpty(phrase("something lies in the folder"))
    yield from take_locks_along(way[::-1], away.by, away.lock_tokens, away.at)
    yield from take_denials(locked, away.node_id, [row.node_id for row in way[1:]])
    trashed = yield from _trash(locked, node, away.origin, away.by, away.at)
    yield from advance(locked)
    return trashed


def _make_way(locked: Locked, existing: Node, way: Sequence[Row], move: Move) -> Verb[None]:
    yield from take_locks_along([*way[::-1], existing], move.by, move.lock_tokens, move.at)
    yield from take_denials(locked, existing.node_id, [row.node_id for row in way])
    yield from _trash(locked, existing, move.replaces_at, move.by, move.at)


def _trash(locked: Locked, node: Node, origin: str, by: str, at: datetime) -> Verb[Node]:
    check_movable(locked, node)
    name = node.name
    if (yield from child(locked.trash_id, name)) is not None:
        # Told apart by its own identifier: no search for a free name among thousands.
        name = marked_name(name, f" {node.node_id[-12:]}")
    trashed = replace(
        node, parent_id=locked.trash_id, name=name, origin=origin, trashed_at=at, changed_by=by,
        revision=locked.next_seq(),
    )  # fmt: skip
    yield from _settle(node, trashed)
    return trashed
