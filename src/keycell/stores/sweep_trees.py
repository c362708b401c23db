"""What the sweep takes out of trees and out of the feed, one batch of one volume at a time.

Room is given back, under the volume's lock, when a version leaves its file. What it was made of
is let go later, without that lock: it belongs to `GONE` by then.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, func, null, or_, select, update

from keycell.files.errors import NotFound
from keycell.stores.columns import micros
from keycell.stores.database import NOTHING, Database, Params, Row, Statement, Verb
from keycell.stores.lists import ListStatement
from keycell.stores.node_reads import NODE
from keycell.stores.node_rows import node_of
from keycell.stores.node_writes import Locked, advance, detach, lock
from keycell.stores.schema_files import (
    GONE,
    PINNED,
    comments,
    file_versions,
    links,
    locks,
    node_meta,
    nodes,
    rights,
    spaces,
    tombstones,
    volumes,
)

MOST = 200
"""Rows of one transaction, so that no writer waits long for the sweep."""
_FEW = 50
"""Rows of one transaction that takes several statements for each."""
_PAGES = 10
_NEVER = 2**62

_OLD_TRASH = Statement(
    select(nodes.c.node_id, nodes.c.volume_id)
    .where(nodes.c.trashed_at <= bindparam("b_before"))
    .order_by(nodes.c.trashed_at)
    .limit(_FEW)
)
_GONE_NODES = Statement(
    select(nodes.c.node_id, nodes.c.volume_id)
    .where(nodes.c.parent_id == GONE)
    .order_by(nodes.c.name_key)
    .limit(MOST)
)
_CHILDREN = ListStatement(
    lambda listed: select(nodes.c.node_id).where(nodes.c.parent_id.in_(listed)).limit(MOST)
)
_ORPHAN = ListStatement(
    lambda listed: (
        update(nodes)
        .where(nodes.c.node_id.in_(listed))
        .values(
            parent_id=GONE,
            name_key=nodes.c.node_id,
            sort_key=nodes.c.node_id,
            trashed_at=null(),
        )
    )
)
_INNER = nodes.alias("inner_nodes")
_BARE = ListStatement(
    lambda listed: select(nodes.c.node_id).where(
        nodes.c.node_id.in_(listed),
        nodes.c.parent_id == GONE,
        ~exists().where(_INNER.c.parent_id == nodes.c.node_id),
        ~exists().where(file_versions.c.node_id == nodes.c.node_id),
    )
)
_FORGET = (
    ListStatement(lambda listed: delete(node_meta).where(node_meta.c.node_id.in_(listed))),
    ListStatement(lambda listed: delete(comments).where(comments.c.node_id.in_(listed))),
    ListStatement(lambda listed: delete(rights).where(rights.c.node_id.in_(listed))),
    ListStatement(lambda listed: delete(links).where(links.c.node_id.in_(listed))),
    ListStatement(lambda listed: delete(locks).where(locks.c.node_id.in_(listed))),
    ListStatement(lambda listed: delete(spaces).where(spaces.c.root_id.in_(listed))),
    ListStatement(lambda listed: delete(nodes).where(nodes.c.node_id.in_(listed))),
)
"""Nodes, and what cannot be without them."""
_FORGET_VOLUME = Statement(
    delete(volumes).where(
        volumes.c.volume_id == bindparam("b_volume_id"),
        ~exists().where(nodes.c.volume_id == bindparam("b_volume_id")),
    )
)

_OF_FILES = ListStatement(
    lambda listed: (
        select(file_versions.c.version_id, file_versions.c.size)
        .where(file_versions.c.node_id.in_(listed))
        .limit(MOST)
    )
)
_DETACH = ListStatement(
    lambda listed: (
        update(file_versions)
        .where(file_versions.c.version_id.in_(listed))
        .values(node_id=GONE, kept_until=null())
    )
)
_IS_OVER = and_(
    file_versions.c.kept_until <= bindparam("b_now"),
    nodes.c.version_id != file_versions.c.version_id,
)


def _over(*columns: Any) -> Select[Any]:  # noqa: ANN401  (columns of any type)
    on = nodes.c.node_id == file_versions.c.node_id
    return select(*columns).join_from(file_versions, nodes, on).where(_IS_OVER)


_OVER = Statement(
    _over(file_versions.c.version_id, nodes.c.volume_id)
    .order_by(file_versions.c.kept_until)
    .limit(MOST)
)
_STILL_OVER = ListStatement(
    lambda listed: _over(file_versions.c.version_id, file_versions.c.size).where(
        file_versions.c.version_id.in_(listed)
    )
)
_REPLACED = Statement(
    select(file_versions.c.version_id, file_versions.c.node_id, file_versions.c.kept_until)
    .where(
        file_versions.c.kept_until >= bindparam("b_from"),
        file_versions.c.kept_until < PINNED,
        or_(
            file_versions.c.kept_until > bindparam("b_from"),
            file_versions.c.version_id > bindparam("b_version_id"),
        ),
    )
    .order_by(file_versions.c.kept_until, file_versions.c.version_id)
    .limit(MOST)
)
_IS_NOT_PINNED = func.coalesce(file_versions.c.kept_until, 0) < PINNED
_CROWDED = ListStatement(
    lambda listed: (
        select(file_versions.c.node_id)
        .where(file_versions.c.node_id.in_(listed), _IS_NOT_PINNED)
        .group_by(file_versions.c.node_id)
        .having(func.count() > bindparam("b_most") + 1)
    )
)
_OLDEST = Statement(
    select(file_versions.c.version_id, file_versions.c.size)
    .where(
        file_versions.c.node_id == bindparam("b_node_id"),
        file_versions.c.version_id != bindparam("b_version_id"),
        _IS_NOT_PINNED,
    )
    .order_by(file_versions.c.created_at.desc(), file_versions.c.version_id.desc())
    .limit(MOST)
    .offset(bindparam("b_most"))
)
_OLD_TOMBSTONES = Statement(
    select(tombstones.c.volume_id, tombstones.c.seq)
    .where(tombstones.c.at <= bindparam("b_before"))
    .order_by(tombstones.c.at)
    .limit(MOST)
)
_FORGET_TOMBSTONES = Statement(
    delete(tombstones).where(
        tombstones.c.volume_id == bindparam("b_volume_id"),
        tombstones.c.seq <= bindparam("b_seq"),
        tombstones.c.at <= bindparam("b_before"),
    )
)
_RAISE_FLOOR = Statement(
    update(volumes)
    .where(
        volumes.c.volume_id == bindparam("b_volume_id"),
        volumes.c.feed_floor < bindparam("b_seq"),
    )
    .values(feed_floor=bindparam("b_seq"))
)


async def empty_trash(database: Database, before: datetime, at: datetime) -> int:
    """Delete for good what went to a recycle bin before a moment."""
    rows = await database.read(_OLD_TRASH, {"b_before": micros(before)})
    if not rows:
        return 0
    volume_id, node_ids = _of_one_volume(rows, "node_id")

    def verb() -> Verb[int]:
        locked = yield from _locked(volume_id)
        done = 0
        for node_id in node_ids if locked is not None else ():
            found = (yield NODE, {"b_node_id": node_id}).rows
            # Brought back and deleted once more meanwhile, it has its time anew.
            is_old = bool(found) and (found[0].trashed_at or _NEVER) <= micros(before)
            if is_old and locked is not None:
                yield from detach(locked, node_of(found[0]), at)
                done += 1
        if locked is not None:
            yield from advance(locked)
        return done

    return await database.write(verb)


async def forget_nodes(database: Database) -> int:
    """Let go of nodes that were deleted for good, a layer of a tree after the other."""
    rows = await database.read(_GONE_NODES)
    if not rows:
        return 0
    volume_id, node_ids = _of_one_volume(rows, "node_id")

    def verb() -> Verb[int]:
        locked = yield from _locked(volume_id)
        if locked is None:
            return 0
        done = yield from detach_versions(locked, (yield from _all(_OF_FILES, node_ids)))
        children = [row.node_id for row in (yield from _all(_CHILDREN, node_ids))]
        yield from _ORPHAN.steps(children)
        bare = [row.node_id for row in (yield from _all(_BARE, node_ids))]
        for statement in _FORGET:
            yield from statement.steps(bare)
        locked.nodes -= len(bare)
        yield from advance(locked)
        yield _FORGET_VOLUME, {"b_volume_id": volume_id}
        return done + len(children) + len(bare)

    return await database.write(verb)


async def retire_versions(database: Database, now: datetime) -> int:
    """Let go of older versions whose time is over."""
    params = {"b_now": micros(now)}
    rows = await database.read(_OVER, params)
    if not rows:
        return 0
    volume_id, version_ids = _of_one_volume(rows, "version_id")

    def verb() -> Verb[int]:
        locked = yield from _locked(volume_id)
        if locked is None:
            return 0
        over = yield from _all(_STILL_OVER, version_ids, params)
        done = yield from detach_versions(locked, over)
        yield from advance(locked)
        return done

    return await database.write(verb)


class Crowding:
    """Looks through what was replaced lately for files that have too many versions."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._seen = (-1, "")

    async def thin_out(self, newest: datetime) -> int:
        """Let go of the oldest versions of such files.

        What is replaced from now on is kept until ``newest`` or longer: there the next look begins
        once this one has come to the end.
        """
        done = 0
        for _ in range(_PAGES):
            params = {"b_from": self._seen[0], "b_version_id": self._seen[1]}
            rows = await self._database.read(_REPLACED, params)
            done += await self._thin_out(sorted({row.node_id for row in rows}))
            if len(rows) < MOST:
                self._seen = (micros(newest), "")
                break
            self._seen = (rows[-1].kept_until, rows[-1].version_id)
        return done

    async def _thin_out(self, node_ids: Sequence[str]) -> int:
        done = 0
        for step in _CROWDED.steps(node_ids, {"b_most": self._most}):
            for row in await self._database.read(*step):
                verb = partial(self._verb, row.node_id)
                while some := await self._database.write(verb):
                    done += some
        return done

    def _verb(self, node_id: str) -> Verb[int]:
        where = {"b_node_id": node_id}
        found = (yield NODE, where).rows
        locked = None if not found else (yield from _locked(found[0].volume_id))
        found = (yield NODE, where).rows
        if locked is None or not found:
            return 0
        current = {"b_version_id": found[0].version_id, "b_most": self._most}
        oldest = (yield _OLDEST, where | current).rows
        yield from detach_versions(locked, oldest)
        yield from advance(locked)
        return len(oldest)


async def shorten_feed(database: Database, before: datetime) -> int:
    """Forget deletions before a moment; the feed begins after them then."""
    rows = await database.read(_OLD_TOMBSTONES, {"b_before": micros(before)})
    if not rows:
        return 0
    volume_id = rows[0].volume_id
    last = max(row.seq for row in rows if row.volume_id == volume_id)
    params = {"b_volume_id": volume_id, "b_seq": last, "b_before": micros(before)}

    def verb() -> Verb[int]:
        yield _RAISE_FLOOR, params
        return (yield _FORGET_TOMBSTONES, params).touched

    return await database.write(verb)


def _of_one_volume(rows: Sequence[Row], name: str) -> tuple[str, list[str]]:
    volume_id: str = rows[0].volume_id
    return volume_id, [getattr(row, name) for row in rows if row.volume_id == volume_id]


def _locked(volume_id: str) -> Verb[Locked | None]:
    # Another sweep may have come to its end in between.
    try:
        return (yield from lock(volume_id))
    except NotFound:
        return None


def _all(
    statement: ListStatement, values: Sequence[str], params: Params = NOTHING
) -> Verb[list[Row]]:
    found: list[Row] = []
    for step in statement.steps(values, params):
        found.extend((yield step).rows)
    return found


def detach_versions(locked: Locked, rows: Sequence[Row]) -> Verb[int]:
    """Take versions from their files, and give their room back."""
    yield from _DETACH.steps([row.version_id for row in rows])
    locked.used -= sum(row.size for row in rows)
    return len(rows)
