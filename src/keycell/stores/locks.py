"""Write locks, in SQL: the volume's lock decides who of many comes first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update

from keycell.files.errors import NotFound, TooLarge
from keycell.files.locks import MOST_OF_ONE, Lock, check_compatible, covering
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.lock_checks import (
    BELOW,
    LOCKED_UNTIL,
    ON_NODES,
    lock_of_row,
    standing_on,
)
from keycell.stores.node_writes import lock_of, standing
from keycell.stores.schema_files import locks

_ADD = Statement(insert(locks))
_OWN = (locks.c.token == bindparam("b_token"), locks.c.sub == bindparam("b_sub"))
_MINE = Statement(select(locks).where(*_OWN))
_END = Statement(delete(locks).where(*_OWN))
_PROLONG = Statement(update(locks).where(*_OWN).values(expires_at=bindparam("b_until")))
_LATEST = Statement(
    select(func.max(locks.c.expires_at).label("until")).where(
        locks.c.node_id == bindparam("b_node_id")
    )
)
_COUNT = Statement(
    select(func.count().label("held")).where(
        locks.c.volume_id == bindparam("b_volume_id"),
        locks.c.sub == bindparam("b_sub"),
        locks.c.expires_at > bindparam("b_at"),
    )
)


class SqlLockStore:
    """The locks of every volume."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, lock: Lock, at: datetime) -> None:
        """Keep a new lock, if all that stand suffer it."""
        await self._database.write(lambda: _take(lock, at))

    async def refresh(self, token: str, sub: str, until: datetime, at: datetime) -> Lock | None:
        """Prolong somebody's own lock."""

        def verb() -> Verb[Lock | None]:
            row = yield from _own(token, sub)
            if row is None or row.expires_at <= micros(at):
                return None
            yield _PROLONG, {"b_token": token, "b_sub": sub, "b_until": micros(until)}
            yield from _note_latest(row.node_id)
            rows = (yield _MINE, {"b_token": token, "b_sub": sub}).rows
            return lock_of_row(rows[0])

        return await self._database.write(verb)

    async def release(self, token: str, sub: str) -> bool:
        """End somebody's own lock."""

        def verb() -> Verb[bool]:
            row = yield from _own(token, sub)
            if row is None:
                return False
            yield _END, {"b_token": token, "b_sub": sub}
            yield from _note_latest(row.node_id)
            return True

        return await self._database.write(verb)

    async def on_nodes(self, node_ids: Sequence[str], at: datetime) -> Sequence[Lock]:
        """List the locks that stand on nodes themselves."""
        found: list[Lock] = []
        for step in ON_NODES.steps(node_ids, {"b_at": micros(at)}):
            found += [lock_of_row(row) for row in await self._database.read(*step)]
        return found


def _take(lock: Lock, at: datetime) -> Verb[None]:
    yield from lock_of(lock.node_id)
    way = list(reversed((yield from standing(lock.node_id))))
    ids = [row.node_id for row in way]
    found = covering((yield from standing_on(way, at)), ids)
    where = {"b_volume_id": lock.volume_id, "b_node_id": lock.node_id, "b_at": micros(at)}
    if lock.is_deep:
        found += [lock_of_row(row) for row in (yield BELOW, where).rows]
    check_compatible(lock, found)
    held = (yield _COUNT, where | {"b_sub": lock.sub}).rows[0].held
    if held >= MOST_OF_ONE:
        raise TooLarge(f"you hold {held} locks in this space; end some, or let them expire")
    yield (
        _ADD,
        {
            "token": lock.token,
            "node_id": lock.node_id,
            "volume_id": lock.volume_id,
            "is_exclusive": int(lock.is_exclusive),
            "is_deep": int(lock.is_deep),
            "owner": lock.owner,
            "sub": lock.sub,
            "timeout": lock.timeout // timedelta(microseconds=1),
            "expires_at": micros(lock.expires_at),
        },
    )
    yield from _note_latest(lock.node_id)


def _own(token: str, sub: str) -> Verb[Row | None]:
    """Give the row of somebody's own lock, under the lock of its volume."""
    where = {"b_token": token, "b_sub": sub}
    rows = (yield _MINE, where).rows
    if not rows:
        return None
    try:
        yield from lock_of(rows[0].node_id)
    except NotFound:
        return None
    rows = (yield _MINE, where).rows
    return rows[0] if rows else None


def _note_latest(node_id: str) -> Verb[None]:
    until = (yield _LATEST, {"b_node_id": node_id}).rows[0].until
    yield LOCKED_UNTIL, {"b_node_id": node_id, "b_until": until}
