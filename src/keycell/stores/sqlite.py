"""SQLite: readers of their own in the event loop, and group commit by one writer thread.

Brief verbs are run in the event loop as well, and only committed by the thread: two threads that
take turns at every statement cost more than the statements. See decisions/0050.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table

from keycell.accounts.ports import NotStorable
from keycell.stores.batch import (
    MOST_IN_BATCH,
    Notes,
    Outcome,
    Purge,
    Waiting,
    deliver,
    must_last,
    take,
)
from keycell.stores.database import (
    NOTHING,
    Doubt,
    Params,
    Result,
    Row,
    Statement,
    Step,
    Unavailable,
    Verb,
)
from keycell.stores.recurring import Recurring
from keycell.values import dataclass

T = TypeVar("T")

_UNFIT = (OverflowError, UnicodeEncodeError)
"""A value came from outside that no column can have."""
_BUSY_SECONDS = 20.0
_CHECKPOINT_EVERY = 1.0
_LONGEST_LOG = 16 * 2**20
"""Bytes of write-ahead log; beyond, it is begun anew, for which the writer stops for a moment."""
_LOG_LOOKED_AT_EVERY = 32
_FOLD_MILLISECONDS = 50
_STATEMENTS = 512
_READS_AT_A_TIME = 32
"""After so many the loop turns once: whoever asks for a thousand nodes lets others in between."""


class _Connection(sqlite3.Connection):
    """A connection that knows whether its commits are synced: to say so costs a statement."""

    is_lasting = True


def connect(path: Path, *, is_reader: bool = False) -> _Connection:
    """Open a connection with the settings that durability rests on."""
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
        factory=_Connection,
    )
    _keep_log(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    if is_reader:
        connection.execute("PRAGMA query_only=ON")
    return connection


def _keep_log(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log, and wait for others that do: SQLite itself does not here."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@dataclass(frozen=True, slots=True)
class _Batch:
    """What shares a commit, and what came of it where it was run in the event loop."""

    verbs: list[Waiting]
    outcomes: list[Outcome] | None


class SqliteDatabase:
    """A database in one file, shared by as many processes as open it."""

    dialect = "sqlite"

    def __init__(self, path: Path, purged: Sequence[Table], now_micros: Callable[[], int]) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._reader = _opened(path)
        self._recurring = Recurring(self._reader, self._loop)
        self._list_reader = _opened(path)
        self._list_lock = threading.Lock()
        self._reads = 0
        self._brief = _opened(path, is_reader=False)
        self._brief.execute("PRAGMA busy_timeout=0")
        self._line: deque[Waiting] = deque()
        self._is_writing = False
        self._in_line = 0
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self.notes = Notes(self._put)
        self._is_closed = False
        self._purge = Purge("sqlite", purged)
        self._now_micros = now_micros
        self._threads = [
            threading.Thread(target=self._write_batches, name="sqlite-writer", daemon=True),
            threading.Thread(target=self._checkpoint, name="sqlite-checkpointer", daemon=True),
        ]
        self._closing = threading.Event()
        self._log = path.with_name(f"{path.name}-wal")
        for thread in self._threads:
            thread.start()

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read a row or a few, in the event loop: a point read takes some 15 microseconds."""
        await self._let_others_in()
        with _unavailable():
            if statement.recurs:
                return list(self._recurring.read(statement, params, self._read_now))
            return self._read_now(statement, params)

    async def read_parted(
        self,
        whole: Callable[[], Step],  # noqa: ARG002  (its parts give the same)
        recurring: Step,
        go_on: Callable[[Sequence[Row]], Step | None],
    ) -> Sequence[Row]:
        """Read by parts what is given whole, the first of them from memory where it can be."""
        await self._let_others_in()
        with _unavailable():
            # What recurs holds the moment, and the loop does not turn in between.
            rows = self._recurring.read(*recurring, self._read_now)
            further = go_on(rows)
            return rows if further is None else [*rows, *self._read_now(*further)]

    async def _let_others_in(self) -> None:
        self._reads += 1
        if self._reads >= _READS_AT_A_TIME:
            self._reads = 0
            await asyncio.sleep(0)

    def _read_now(self, statement: Statement, params: Params) -> list[Row]:
        return list(_run(self._reader, statement, params).rows)

    async def read_many(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read a list in a thread."""
        return await asyncio.to_thread(self._read_list, statement, params)

    def _read_list(self, statement: Statement, params: Params) -> list[Row]:
        with self._list_lock, _unavailable():
            return list(_run(self._list_reader, statement, params).rows)

    async def write(
        self, verb: Callable[[], Verb[T]], in_doubt: Doubt | None = None, *,
        is_brief: bool = False, is_lasting: bool = True,
    ) -> T:  # fmt: skip
        """Run a verb in the next batch; it is on the disk when this returns, if it must last.

        A commit to a file of this machine fails or it does not: there is never a doubt.
        """
        if self._is_closed:
            raise Unavailable("the database is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self.notes.flush()
        self._put([Waiting(verb, future, in_doubt, is_brief, is_lasting)])
        return await future

    def note(self, verb: Callable[[], Verb[object]]) -> None:
        """Run a verb in some batch soon."""
        if not self._is_closed:
            self.notes.add(verb)

    def _put(self, waiting: Sequence[Waiting]) -> None:
        self._line.extend(waiting)
        if not self._is_writing:
            self._is_writing = True
            # Who comes in the same turn of the loop comes into the same transaction.
            self._loop.call_soon(self._write_next)

    def _write_next(self) -> None:
        if not self._line:
            self._is_writing = False
            return
        if self._in_line < len(self._line) < MOST_IN_BATCH:
            # More are on their way, and a commit for each of them would cost as much as they do.
            self._in_line = len(self._line)
            self._loop.call_soon(self._write_next)
            return
        self._in_line = 0
        verbs = take(self._line)
        is_brief = all(one.is_brief for one in verbs)
        self._batches.put(_Batch(verbs, self._run_briefly(verbs) if is_brief else None))

    def _run_briefly(self, verbs: Sequence[Waiting]) -> list[Outcome] | None:
        """Run verbs here, uncommitted; None where another process writes, or one of them fails."""
        try:
            _begin(self._brief, is_lasting=must_last(verbs))
            return [Outcome(one, _drive(self._brief, one.verb())) for one in verbs]
        except Exception:  # noqa: BLE001  (the thread tries again, and tells each caller its own)
            _roll_back(self._brief)
            return None

    async def ping(self) -> None:
        """Return if the file can be read."""
        with _unavailable():
            self._reader.execute("SELECT 1").fetchall()

    async def close(self) -> None:
        """Write what waits, and close the file."""
        if self._is_closed:
            return
        self._is_closed = True
        self.notes.flush()
        self._closing.set()
        last: asyncio.Future[None] = self._loop.create_future()
        self._put([Waiting(_nothing, last)])
        await last
        self._batches.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        for connection in (self._reader, self._list_reader, self._brief):
            connection.close()

    def _write_batches(self) -> None:
        connection: _Connection | None = None
        batches = 0
        while (batch := self._batches.get()) is not None:
            try:
                connection = connection or connect(self._path)
                outcomes = self._keep(batch) or self._write(connection, batch.verbs)
            except sqlite3.Error as error:
                outcomes = [Outcome(one, error=Unavailable(str(error))) for one in batch.verbs]
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
                self._loop.call_soon_threadsafe(self._deliver, outcomes)
            batches += 1
            if batches % _LOG_LOOKED_AT_EVERY == 0 and connection is not None:
                self._bound_log(connection)
        if connection is not None:
            connection.close()

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        # The next commit goes on while these answers are written.
        self._write_next()
        self.notes.written(outcomes)
        deliver(outcomes)

    def _keep(self, batch: "_Batch") -> list[Outcome] | None:
        """Commit what was run in the event loop; None if it was not, or nothing of it is kept."""
        if batch.outcomes is None:
            return None
        try:
            self._commit(self._brief, len(batch.verbs))
        except sqlite3.Error:
            _roll_back(self._brief)
            return None
        return batch.outcomes

    def _write(self, connection: _Connection, batch: list[Waiting]) -> list[Outcome]:
        try:
            return self._transact(connection, batch)
        except Exception as error:  # noqa: BLE001  (each verb's failure is told to its own caller)
            if len(batch) == 1:
                return [Outcome(batch[0], error=_told(error))]
        return [outcome for one in batch for outcome in self._write(connection, [one])]

    def _transact(self, connection: _Connection, batch: list[Waiting]) -> list[Outcome]:
        _begin(connection, is_lasting=must_last(batch))
        try:
            outcomes = [Outcome(one, _drive(connection, one.verb())) for one in batch]
            self._commit(connection, len(batch))
        except BaseException:
            _roll_back(connection)
            raise
        return outcomes

    def _commit(self, connection: sqlite3.Connection, written: int) -> None:
        if self._purge.is_due(written, time.monotonic()):
            for step in self._purge.steps(self._now_micros(), time.monotonic()):
                _run(connection, *step)
        connection.execute("COMMIT")

    def _checkpoint(self) -> None:
        # On a connection of its own, so that commits do not wait for the pages to be written.
        connection = connect(self._path)
        while not self._closing.wait(_CHECKPOINT_EVERY):
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.close()

    def _bound_log(self, connection: sqlite3.Connection) -> None:
        if not self._log.exists() or self._log.stat().st_size < _LONGEST_LOG:
            return
        # Most is folded already; whoever reads at this very moment puts it off to the next look.
        connection.execute(f"PRAGMA busy_timeout={_FOLD_MILLISECONDS}")
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute(f"PRAGMA busy_timeout={int(_BUSY_SECONDS * 1000)}")


def _opened(path: Path, *, is_reader: bool = True) -> _Connection:
    with _unavailable():
        return connect(path, is_reader=is_reader)


def _begin(connection: _Connection, *, is_lasting: bool) -> None:
    # Whoever commits next with FULL syncs the log with all that stands in it before.
    if connection.is_lasting != is_lasting:
        connection.execute(f"PRAGMA synchronous={'FULL' if is_lasting else 'NORMAL'}")
        connection.is_lasting = is_lasting
    connection.execute("BEGIN IMMEDIATE")


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _nothing() -> Verb[None]:
    yield from ()


def _drive(connection: sqlite3.Connection, verb: Verb[Any]) -> object:
    try:
        step = next(verb)
        while True:
            step = verb.send(_run(connection, *step))
    except StopIteration as end:
        return end.value


def _run(connection: sqlite3.Connection, statement: Statement, params: Params) -> Result:
    compiled = statement.compiled("sqlite")
    cursor = connection.execute(compiled.text, compiled.arguments(params))
    if compiled.make_row is None:
        return Result((), cursor.rowcount)
    rows = list(map(compiled.make_row, cursor.fetchall()))
    return Result(rows, cursor.rowcount if cursor.rowcount >= 0 else len(rows))


def _told(error: Exception) -> Exception:
    if isinstance(error, _UNFIT):
        return NotStorable()
    return Unavailable(str(error)) if isinstance(error, sqlite3.OperationalError) else error


class _unavailable:  # noqa: N801  (used as a statement, like contextlib's own)
    """Turns a failing file into `Unavailable`, and what no file can have into `NotStorable`."""

    def __enter__(self) -> None:
        return

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and (told := _told(error)) is not error:
            raise told from error
