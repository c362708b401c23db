"""Group commit: what waits is written in one transaction, and made durable once.

A batch in which anything fails is rolled back whole, and its verbs are run again one at a time:
one caller's failure is never another's.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, literal_column, select

from keycell.stores.database import Doubt, Statement, Verb
from keycell.values import dataclass

MOST_IN_BATCH = 32
"""So many of those that somebody waits for; the event loop may run them all at a stretch."""
MOST_TOGETHER = 128
"""With the notes among them, each of which is a row: a commit costs as much as a dozen."""
MOST_NOTES = 10_000
"""So many writes that nobody waits for may stand in line; the rest is left out and counted."""
NOTES_LINGER = 0.05
"""Seconds that a note waits for company, if nothing is written that it can ride along with."""
PURGE_EVERY = 0.25
_LEAST_PURGED = 200


@dataclass(slots=True)
class Waiting:
    """A verb in line, and who waits for what it returns."""

    verb: Callable[[], Verb[Any]]
    future: asyncio.Future[Any] | None
    in_doubt: Doubt | None = None
    is_brief: bool = False
    is_lasting: bool = True


def must_last(batch: Sequence[Waiting]) -> bool:
    """Tell whether a batch must survive a power cut: whether anything in it must."""
    return any(one.is_lasting for one in batch)


def take(line: deque[Waiting]) -> list[Waiting]:
    """Take out of the line what shares the next commit."""
    batch: list[Waiting] = []
    waited_for = 0
    while line and waited_for < MOST_IN_BATCH and len(batch) < MOST_TOGETHER:
        one = line.popleft()
        waited_for += one.future is not None
        batch.append(one)
    return batch


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a verb."""

    waiting: Waiting
    value: object = None
    error: BaseException | None = None


def deliver(outcomes: Sequence[Outcome]) -> None:
    """Answer those who wait; whoever left is passed over."""
    for outcome in outcomes:
        future = outcome.waiting.future
        if future is None or future.done():
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)


class Notes:
    """Gathers writes that nobody waits for, so that each of them does not cost a commit."""

    def __init__(self, put: Callable[[Sequence[Waiting]], None]) -> None:
        self._put = put
        self._loop = asyncio.get_running_loop()
        self._held: list[Waiting] = []
        self._timer: asyncio.TimerHandle | None = None
        self._unwritten = 0
        self.left_out = 0

    def add(self, verb: Callable[[], Verb[object]]) -> None:
        """Hold a note for a moment; leave it out where too many stand in line."""
        if self._unwritten >= MOST_NOTES:
            self.left_out += 1
            return
        self._unwritten += 1
        self._held.append(Waiting(verb, None, is_brief=True))
        if len(self._held) >= MOST_TOGETHER:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(NOTES_LINGER, self.flush)

    def flush(self) -> None:
        """Put what is held in line."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            held, self._held = self._held, []
            self._put(held)

    def written(self, outcomes: Sequence[Outcome]) -> None:
        """Make room for as many as a batch has written."""
        self._unwritten -= sum(1 for one in outcomes if one.waiting.future is None)


class Purge:
    """Deletes expired rows a little at a time, more of them the more is written."""

    def __init__(self, dialect: str, tables: Sequence[Table]) -> None:
        row = "rowid" if dialect == "sqlite" else "ctid"
        self._statements = [_purge_statement(table, row) for table in tables]
        self._written = 0
        self._next_at = 0.0

    def is_due(self, written: int, monotonic: float) -> bool:
        """Count what a batch wrote, and tell whether it is time to delete."""
        self._written += written
        return monotonic >= self._next_at

    def steps(
        self, now_micros: int, monotonic: float
    ) -> list[tuple[Statement, dict[str, object]]]:
        """Give the statements of one round."""
        self._next_at = monotonic + PURGE_EVERY
        most = max(_LEAST_PURGED, 2 * self._written)
        self._written = 0
        return [(one, {"now_micros": now_micros, "most": most}) for one in self._statements]


@functools.cache
def _purge_statement(table: Table, row: str) -> Statement:
    row_id: Any = literal_column(row)
    expired = (
        select(row_id)
        .select_from(table)
        .where(table.c.purge_at < bindparam("now_micros"))
        .limit(bindparam("most"))
    )
    return Statement(delete(table).where(row_id.in_(expired)))
