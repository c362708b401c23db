"""Counts of failed attempts, and identifiers that must not come twice, in SQL."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from keycell.accounts.errors import Throttled
from keycell.accounts.throttle import Counter, Slot, take
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new
from keycell.stores.schema import seen_ids, throttles

_BEGIN = insert_new(throttles, "key")
_LOCKED = Statement(
    select(throttles).where(throttles.c.key == bindparam("b_key")).with_for_update()
)
_FIND = Statement(select(throttles).where(throttles.c.key == bindparam("b_key")))
_SET = Statement(
    update(throttles)
    .where(throttles.c.key == bindparam("b_key"))
    .values(
        count=bindparam("b_count"),
        wait_until=bindparam("b_wait_until"),
        purge_at=bindparam("b_purge_at"),
    )
)
_CLEAR = Statement(delete(throttles).where(throttles.c.key == bindparam("b_key")))
_LOWER = Statement(
    update(throttles)
    .where(throttles.c.key == bindparam("b_key"), throttles.c.count > 0)
    .values(count=throttles.c.count - 1)
)
_SEE = insert_new(seen_ids, "key")


class SqlThrottleStore:
    """Counts of failed attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, slots: Sequence[Slot], now: datetime) -> None:
        """Count an attempt under every key, all or none; raise Throttled."""
        # The refusal is returned, not raised, in the transaction: it must not roll back others.
        refusal = await self._database.write(lambda: _take(slots, now), is_brief=True)
        if refusal is not None:
            raise refusal

    async def count(self, key: str, now: datetime) -> int:
        """Tell how many failures are counted under a key."""
        row = await first(self._database, _FIND, {"b_key": key})
        return row.count if row is not None and moment(row.purge_at) > now else 0

    async def give_back(self, cleared: Sequence[str], lowered: Sequence[str]) -> None:
        """After a success: forget some keys, take one attempt back from others."""

        def verb() -> Verb[None]:
            for key in sorted(cleared):
                yield _CLEAR, {"b_key": key}
            for key in sorted(lowered):
                yield _LOWER, {"b_key": key}

        await self._database.write(verb, is_brief=True)


class SqlSeenIds:
    """The identifiers that must not come twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def see(self, kind: str, issuer: str, jti: str, until: datetime) -> bool:
        """Remember one; True for the first caller alone.

        After a power cut the last proofs may come once more, for as long as they are fresh:
        waiting for the disk at each request would cost more than that is worth. decisions/0055.
        """
        key = hashlib.sha256(f"{kind}\0{issuer}\0{jti}".encode()).hexdigest()

        def verb() -> Verb[bool]:
            return (yield _SEE, {"key": key, "purge_at": micros(until)}).touched == 1

        return await self._database.write(verb, is_brief=True, is_lasting=kind != "dpop")


def _take(slots: Sequence[Slot], now: datetime) -> Verb[Throttled | None]:
    taken: list[tuple[str, Counter]] = []
    for slot in sorted(slots, key=lambda slot: slot.key):
        # The row is there before it is locked, so that newcomers line up too.
        yield _BEGIN, {"key": slot.key, "count": 0, "wait_until": 0, "purge_at": 0}
        rows = (yield _LOCKED, {"b_key": slot.key}).rows
        try:
            taken.append((slot.key, take(_counter(rows[0]) if rows else None, slot.limit, now)))
        except Throttled as refusal:
            return refusal
    for key, counter in taken:
        yield _SET, _params(key, counter)
    return None


def _counter(row: Row) -> Counter:
    return Counter(row.count, moment(row.wait_until), moment(row.purge_at))


def _params(key: str, counter: Counter) -> dict[str, object]:
    return {
        "b_key": key,
        "b_count": counter.count,
        "b_wait_until": micros(counter.wait_until),
        "b_purge_at": micros(counter.forgotten_at),
    }
