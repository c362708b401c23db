"""What every write does about locks, under the volume's lock: look, and take along.

A node's ``locked_until`` says whether there is anything to look for, so that a write where nothing
is locked costs no statement more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from keycell.files.locks import Lock, check_shown, covering
from keycell.stores.columns import micros, moment
from keycell.stores.database import Row, Statement, Verb
from keycell.stores.lists import ListStatement
from keycell.stores.schema_files import locks, nodes

ON_NODES = ListStatement(
    lambda listed: (
        select(locks)
        .where(locks.c.node_id.in_(listed), locks.c.expires_at > bindparam("b_at"))
        .order_by(locks.c.expires_at, locks.c.token)
    )
)
FORGET = ListStatement(lambda listed: delete(locks).where(locks.c.token.in_(listed)))
LOCKED_UNTIL = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values(locked_until=bindparam("b_until"))
)


def _below() -> Select[Any]:
    """Climb from each locked node of a volume, and keep those that pass the folder."""
    way = (
        select(locks.c.token, nodes.c.parent_id)
        .join_from(locks, nodes, nodes.c.node_id == locks.c.node_id)
        .where(
            locks.c.volume_id == bindparam("b_volume_id"), locks.c.expires_at > bindparam("b_at")
        )
        .cte("way", recursive=True)
    )
    way = way.union_all(
        select(way.c.token, nodes.c.parent_id).where(nodes.c.node_id == way.c.parent_id)
    )
    return (
        select(locks)
        .join_from(way, locks, locks.c.token == way.c.token)
        .where(way.c.parent_id == bindparam("b_node_id"))
        .order_by(locks.c.expires_at, locks.c.token)
    )


BELOW = Statement(_below())


def lock_of_row(row: Row) -> Lock:
    """Give the lock that a row keeps."""
    return Lock(
        token=row.token,
        node_id=row.node_id,
        volume_id=row.volume_id,
        is_exclusive=bool(row.is_exclusive),
        is_deep=bool(row.is_deep),
        owner=row.owner,
        sub=row.sub,
        timeout=moment(row.timeout) - moment(0),
        expires_at=moment(row.expires_at),
    )


def standing_on(way: Sequence[Row], at: datetime) -> Verb[list[Lock]]:
    """Give the locks on nodes, given as rows or as values; without a statement if none has any."""
    now = micros(at)
    held = [one.node_id for one in way if _until(one.locked_until) > now]
    found: list[Lock] = []
    for step in ON_NODES.steps(held, {"b_at": now}):
        found += [lock_of_row(row) for row in (yield step).rows]
    return found


def _until(locked_until: int | datetime | None) -> int:
    if isinstance(locked_until, datetime):
        return micros(locked_until)
    return locked_until or 0


def check_locks(way: Sequence[Row], by: str, tokens: frozenset[str], at: datetime) -> Verb[None]:
    """Refuse to change the last of some nodes, given from the root down, if it is locked."""
    found = yield from standing_on(way, at)
    if found:
        check_shown(covering(found, [one.node_id for one in way]), by, tokens)


def take_locks_along(
    way: Sequence[Row], by: str, tokens: frozenset[str], at: datetime
) -> Verb[None]:
    """Refuse to take the last of some nodes out of its folder if any of it is locked.

    Its locks, and those in it, end: they were for the place. RFC4918-7.5, RFC4918-7.7.
    """
    yield from check_locks(way[:-1], by, tokens, at)
    yield from check_locks(way, by, tokens, at)
    top = way[-1]
    ended = yield from standing_on(way[-1:], at)
    if top.is_folder:
        params = {"b_volume_id": top.volume_id, "b_node_id": top.node_id, "b_at": micros(at)}
        below = [lock_of_row(row) for row in (yield BELOW, params).rows]
        for node_id in {lock.node_id for lock in below}:
            check_shown([lock for lock in below if lock.node_id == node_id], by, tokens)
        ended += below
    yield from FORGET.steps([lock.token for lock in ended])
