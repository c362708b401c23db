"""One way to the database, for SQLite and PostgreSQL alike.

Statements are written in SQLAlchemy Core and compiled once for each dialect. A *verb* is a
generator that yields statements and is sent their results: the same verb runs in SQLite's writer
thread and over PostgreSQL's connection. Verbs may be run again, so that a batch can be retried:
they hold no state beyond their arguments.
"""

from collections import namedtuple
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import ClauseElement, Dialect, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

from keycell.accounts.ports import StoreUnavailable as Unavailable

__all__ = [
    "NOTHING", "Compiled", "Database", "Doubt", "Params", "Result", "Row", "Statement", "Step",
    "Unavailable", "Verb", "first", "insert_new", "upsert",
]  # fmt: skip

T = TypeVar("T")
Row = Any
"""A named tuple of the columns selected."""
Params = Mapping[str, object]
NOTHING: Params = {}
_NO_COLUMNS: Mapping[str, object] = {}


@cache
def _dialect(name: str) -> tuple[Dialect, Callable[[Table], ClauseElement]]:
    """Give a dialect, and its ``insert``; one that is not used costs neither time nor memory."""
    if name == "sqlite":
        return SQLiteDialect_pysqlite(), sqlite.insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  (as said above)
    from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg  # noqa: PLC0415

    return PGDialect_asyncpg(), postgresql.insert  # type: ignore[no-untyped-call]


class Result(NamedTuple):
    """What a statement gave: rows of a select or of RETURNING, and how many rows it touched."""

    rows: Sequence[Row]
    touched: int


Step = tuple["Statement", Params]
Verb = Generator[Step, Result, T]
"""A write: yields statements, is sent their results, returns its outcome."""
Doubt = Callable[[int], Verb[object]]
"""Given the time in microseconds, mends what a verb may have done without anybody being told."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as a driver takes it."""

    text: str
    order: tuple[str, ...]
    in_order: Callable[[Params], tuple[object, ...]]
    """Puts parameters in the order the text wants them."""
    constants: Mapping[str, object]
    make_row: Callable[[Any], Row] | None

    def arguments(self, params: Params) -> tuple[object, ...]:
        """Give what stands in the places that the text leaves open."""
        return self.in_order({**self.constants, **params} if self.constants else params)


class Statement:
    """A statement, compiled at its first use for the dialect it is used on."""

    def __init__(
        self, core: "ClauseElement | Callable[[Any], ClauseElement]", *, recurs: bool = False
    ) -> None:
        """Take a statement, or a function of the dialect's ``insert`` where a conflict counts.

        One that recurs is run with nearly each request, by the same few parameters.
        """
        self._core = core
        self.recurs = recurs
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: str) -> Compiled:
        """Give the statement's text for a dialect."""
        try:
            return self._compiled[dialect]
        except KeyError:
            return self._compiled.setdefault(dialect, self._compile(dialect))

    def _compile(self, dialect: str) -> Compiled:
        core, (into, insert) = self._core, _dialect(dialect)
        if not isinstance(core, ClauseElement):
            core = core(insert)
        compiler = core.compile(dialect=into)
        assert isinstance(compiler, SQLCompiler)  # noqa: S101  (Core statements compile to SQL)
        names = [name for name, _ in getattr(core, "exported_columns", _NO_COLUMNS).items()]
        # As its `_make`, which looks at their number too: that is the statement's own.
        row = namedtuple("Row", names, rename=True) if names else None  # noqa: PYI024
        make_row = None if row is None else partial(tuple.__new__, row)
        constants = {name: value for name, value in compiler.params.items() if value is not None}
        order = tuple(compiler.positiontup or ())
        return Compiled(compiler.string, order, _picking(order), constants, make_row)


def _picking(names: tuple[str, ...]) -> Callable[[Params], tuple[object, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda _params: ()
    # It would give the value alone.
    (name,) = names
    return lambda params: (params[name],)


def upsert(table: Table, key: str | tuple[str, ...], *changed: str) -> Statement:
    """Make a statement that inserts a row, or changes some columns of the one that is there."""
    keys = [key] if isinstance(key, str) else list(key)

    def core(make: Any) -> ClauseElement:  # noqa: ANN401  (the insert of either dialect)
        statement = make(table)
        values = {name: statement.excluded[name] for name in changed}
        done: ClauseElement = statement.on_conflict_do_update(index_elements=keys, set_=values)
        return done

    return Statement(core)


def insert_new(table: Table, key: str | tuple[str, ...]) -> Statement:
    """Make a statement that inserts a row unless one of its key is there."""
    keys = [key] if isinstance(key, str) else list(key)
    return Statement(lambda make: make(table).on_conflict_do_nothing(index_elements=keys))


class Database(Protocol):
    """What the stores stand on."""

    dialect: str

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read a row or a few, at once; raise Unavailable if the database is away."""
        ...

    async def read_parted(
        self,
        whole: Callable[[], Step],
        recurring: Step,
        go_on: Callable[[Sequence[Row]], Step | None],
    ) -> Sequence[Row]:
        """Read what ``whole`` gives; where answers are remembered, by what recurs and one more.

        Both are of one moment: nothing is committed between them.
        """
        ...

    async def read_many(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        """Read a list, without holding up other requests."""
        ...

    async def write(
        self, verb: Callable[[], Verb[T]], in_doubt: Doubt | None = None, *,
        is_brief: bool = False, is_lasting: bool = True,
    ) -> T:  # fmt: skip
        """Run a verb in a transaction; when it returns, what it wrote survives a power cut.

        A brief verb touches a row or two by their keys, so that everybody may wait for it. What
        need not be lasting survives the end of this process, and nothing waits for the disk.

        Where the database goes away before it has said whether it kept the verb's work, this
        raises Unavailable, and ``in_doubt`` runs once it is back, before anything else does.
        """
        ...

    def note(self, verb: Callable[[], Verb[object]]) -> None:
        """Run a brief verb soon; nobody waits for it, and under great load it may be left out."""
        ...

    async def ping(self) -> None:
        """Return if the database answers, else raise Unavailable."""
        ...

    async def close(self) -> None:
        """Finish what is waiting, and let go."""
        ...


async def first(database: Database, statement: Statement, params: Params = NOTHING) -> Row | None:
    """Read the first row, if there is one."""
    rows = await database.read(statement, params)
    return rows[0] if rows else None
