"""PostgreSQL: one writing connection with group commit, a pool of readers."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
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

if TYPE_CHECKING:
    from asyncpg.prepared_stmt import PreparedStatement

T = TypeVar("T")
Connection = asyncpg.Connection

_CONNECT_SECONDS = 5.0
_COMMAND_SECONDS = 20.0
_MOST_READERS = 8
_TRIES = 5

_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What the operator of the database mends, not whoever asks: stopping, failing over, full."""
_INSIDE = asyncpg.InternalServerError
"""The same, found at one statement or while connecting: others may go on.

A full disk may be told so: PostgreSQL 15 does to who connects while its list of tables is written.
"""
_UNFIT = asyncpg.DataError
"""A value came from outside that no column can have."""
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_RACED = asyncpg.UniqueViolationError
"""Another process took what a verb had found free: run once more, it finds it taken."""


class PostgresDatabase:
    """A database of a PostgreSQL server, shared by as many machines as reach it."""

    dialect = "postgresql"

    def __init__(self, url: str, purged: Sequence[Table], now_micros: Callable[[], int]) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None
        self._pool_lock = asyncio.Lock()
        self._writer: _Session | None = None
        self._queue: deque[Waiting] = deque()
        self._doubts: list[Doubt] = []
        self._has_work = asyncio.Event()
        self.notes = Notes(self._put)
        self._is_closed = False
        self._purge = Purge("postgresql", purged)
        self._now_micros = now_micros
        self._task = asyncio.get_running_loop().create_task(self._write_batches())

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read through the pool; a connection that broke is replaced."""
        if self._doubts:
            await self.write(_nothing)
        with _unavailable():
            pool = await self._readers()
            async with pool.acquire(timeout=_CONNECT_SECONDS) as connection:
                compiled = statement.compiled("postgresql")
                records = await connection.fetch(compiled.text, *compiled.arguments(params))
        make_row = compiled.make_row or tuple
        return [make_row(record) for record in records]

    async def read_parted(
        self,
        whole: Callable[[], Step],
        recurring: Step,  # noqa: ARG002  (nothing is remembered here)
        go_on: Callable[[Sequence[Row]], Step | None],  # noqa: ARG002
    ) -> Sequence[Row]:
        """Read the whole: one question and one answer."""
        return await self.read(*whole())

    async def read_many(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read a list; the server does the work, so the loop is free meanwhile."""
        return await self.read(statement, params)

    async def write(
        self,
        verb: Callable[[], Verb[T]],
        in_doubt: Doubt | None = None,
        *,
        is_brief: bool = False,  # noqa: ARG002  (none of them runs here)
        is_lasting: bool = True,
    ) -> T:
        """Run a verb in the next batch; it is on the disk when this returns, if it must last."""
        if self._is_closed:
            raise Unavailable("the database is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self.notes.flush()
        self._put([Waiting(verb, future, in_doubt, is_lasting=is_lasting)])
        return await future

    def note(self, verb: Callable[[], Verb[object]]) -> None:
        """Run a verb in some batch soon."""
        if not self._is_closed:
            self.notes.add(verb)

    def _put(self, waiting: Sequence[Waiting]) -> None:
        self._queue.extend(waiting)
        self._has_work.set()

    async def ping(self) -> None:
        """Return if the server answers."""
        with _unavailable():
            pool = await self._readers()
            async with pool.acquire(timeout=_CONNECT_SECONDS) as connection:
                await connection.fetchval("SELECT 1", timeout=_CONNECT_SECONDS)

    async def close(self) -> None:
        """Write what waits, and let the connections go."""
        self._is_closed = True
        self.notes.flush()
        self._has_work.set()
        await self._task
        if self._writer is not None:
            await self._writer.close()
        if self._pool is not None:
            self._pool.terminate()

    async def _readers(self) -> "asyncpg.Pool":
        if self._pool is None:
            async with self._pool_lock:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        min_size=1,
                        max_size=_MOST_READERS,
                        timeout=_CONNECT_SECONDS,
                        command_timeout=_COMMAND_SECONDS,
                    )
        return self._pool

    async def _write_batches(self) -> None:
        while self._queue or not self._is_closed:
            if not self._queue:
                self._has_work.clear()
                await self._has_work.wait()
                continue
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_IN_BATCH))]
            outcomes = await self._write(batch)
            self.notes.written(outcomes)
            deliver(outcomes)

    async def _write(self, batch: list[Waiting]) -> list[Outcome]:
        for number in range(_TRIES):
            try:
                return await self._transact(batch)
            except _AGAIN:
                continue
            except _AWAY as error:
                failed = [*batch, *await self._give_up(batch)]
                return [Outcome(one, error=Unavailable(str(error))) for one in failed]
            except Exception as error:  # noqa: BLE001  (told to the verb's own caller)
                if len(batch) > 1:
                    break
                if number or not isinstance(error, _RACED):
                    return [Outcome(batch[0], error=_told(error))]
        else:
            if len(batch) == 1:
                return [Outcome(batch[0], error=Unavailable("the database is contended"))]
        return [outcome for one in batch for outcome in await self._write([one])]

    async def _give_up(self, batch: list[Waiting]) -> list[Waiting]:
        """Let the writer go, keep what is in doubt, and give those who need not wait."""
        writer, self._writer = self._writer, None
        if writer is None:
            # Nobody can be reached: the others in line would only wait as long.
            rest = list(self._queue)
            self._queue.clear()
            return rest
        if writer.is_committing:
            self._doubts += [one.in_doubt for one in batch if one.in_doubt is not None]
        await writer.close()
        return []

    async def _transact(self, batch: list[Waiting]) -> list[Outcome]:
        session = await self._session()
        async with session.transaction(is_lasting=must_last(batch)):
            outcomes = [Outcome(one, await session.drive(one.verb())) for one in batch]
            if self._purge.is_due(len(batch), time.monotonic()):
                for step in self._purge.steps(self._now_micros(), time.monotonic()):
                    await session.run(*step)
        return outcomes

    async def _session(self) -> "_Session":
        if self._writer is None or self._writer.is_closed():
            self._writer = None
            self._writer = await _Session.open(self._url)
        if self._doubts:
            async with self._writer.transaction():
                for doubt in self._doubts:
                    await self._writer.drive(doubt(self._now_micros()))
            self._doubts.clear()
        return self._writer


def _nothing() -> Verb[None]:
    yield from ()


def _told(error: Exception) -> Exception:
    if isinstance(error, _UNFIT):
        return NotStorable()
    return Unavailable(str(error)) if isinstance(error, _INSIDE) else error


class _Session:
    """A connection with the statements it has prepared."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._prepared: dict[str, PreparedStatement] = {}
        self.is_committing = False
        """The end of a transaction was asked for, and nothing has come back."""

    @classmethod
    async def open(cls, url: str) -> "_Session":
        """Connect."""
        return cls(
            await asyncpg.connect(url, timeout=_CONNECT_SECONDS, command_timeout=_COMMAND_SECONDS)
        )

    def is_closed(self) -> bool:
        """Tell whether the server hung up."""
        return self._connection.is_closed()

    async def close(self) -> None:
        """Hang up, whatever the server does."""
        self._connection.terminate()

    @contextlib.asynccontextmanager
    async def transaction(self, *, is_lasting: bool = True) -> AsyncIterator[None]:
        """Commit what is done inside, or roll it back."""
        manner = "" if is_lasting else "; SET LOCAL synchronous_commit TO off"
        await self._connection.execute(f"BEGIN{manner}")
        try:
            yield
            self.is_committing = True
            await self._connection.execute("COMMIT")
            self.is_committing = False
        except BaseException:
            await self._roll_back()
            raise

    async def _roll_back(self) -> None:
        """Undo what was begun, or hang up: nobody goes on in the middle of it."""
        if self._connection.is_closed():
            return
        try:
            await self._connection.execute("ROLLBACK")
        except (*_AWAY, _INSIDE):
            self._connection.terminate()

    async def drive(self, verb: Verb[Any]) -> object:
        """Run a verb to its end."""
        try:
            step = next(verb)
            while True:
                step = verb.send(await self.run(*step))
        except StopIteration as end:
            return end.value

    async def run(self, statement: Statement, params: Params) -> Result:
        """Run one statement."""
        compiled = statement.compiled("postgresql")
        prepared = self._prepared.get(compiled.text)
        if prepared is None:
            prepared = await self._connection.prepare(compiled.text)
            self._prepared[compiled.text] = prepared
        records = await prepared.fetch(*compiled.arguments(params))
        count = int((prepared.get_statusmsg() or "0").rpartition(" ")[2])
        make_row = compiled.make_row
        rows = () if make_row is None else [make_row(record) for record in records]
        return Result(rows, count)


@contextlib.contextmanager
def _unavailable() -> Any:  # noqa: ANN401  (a context manager's own type says nothing more)
    try:
        yield
    except _AWAY as error:
        raise Unavailable(str(error)) from error
    except (_UNFIT, _INSIDE) as error:
        raise _told(error) from error
