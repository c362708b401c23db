"""A consistent copy of every row, from one database to another of either kind.

A copy is lines of JSON: a heading, then for each table its columns and its rows, then the number
of rows, by which a cut-off copy is told. The rows are those of one moment, whatever is written
meanwhile. A restore is one transaction: either all of it is there, or nothing has changed.
"""

import base64
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol, cast

import asyncpg
from sqlalchemy import Column, LargeBinary, Table, delete, insert, select

from keycell.files.ports_blobs import BlobStore
from keycell.stores.backup_bytes import BadBytes, Stored, byte_lines, put_bytes
from keycell.stores.database import Result, Statement, Step, Unavailable
from keycell.stores.migrate import VERSIONS, check_version
from keycell.stores.schema import versions
from keycell.stores.schema_files import blobs, metadata
from keycell.stores.sqlite import connect

FORM = 1
_BATCH = 1000
_LONGEST_LINE = 16 * 2**20
COPIED = tuple(table for table in metadata.sorted_tables if table is not versions)
"""What processes keep in memory is no part of a copy: it is bumped when one is restored."""

_KEY = list(blobs.c).index(blobs.c.key)

_PLACE = re.compile(r"[0-9A-Za-z-]{1,200}")

Written = str | int | bytes | None


class BadBackup(Exception):
    """The file is no whole backup, or not of a version that this Keycell knows."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a copy says of itself."""

    version: str
    """The version of the tables."""
    made_at: int
    """In microseconds."""
    has_files: bool
    """The bytes of files follow on the rows."""
    sealing_key: str
    """What opens the keys and secrets in it, in base64url."""


async def copy_lines(url: str, heading: Heading, store: BlobStore | None) -> AsyncIterator[bytes]:
    """Give the lines of a copy, with the bytes of files if their store is given.

    Writers go on meanwhile.
    """
    yield _line({
        "keycell-backup": FORM, "version": heading.version, "made_at": heading.made_at,
        "has_files": heading.has_files, "sealing_key": heading.sealing_key,
    })  # fmt: skip
    count = 0
    stored: list[Stored] = []
    async for table, rows in _snapshot(url):
        yield _line({"table": table.name, "columns": [column.name for column in table.c]})
        async for row in rows:
            count += 1
            if table is blobs and row[_KEY] is not None:
                stored.append(Stored(str(row[0]), cast("int", row[1]), str(row[_KEY])))
            yield _line(row)
    yield _line({"rows": count})
    if store is not None:
        async for line in byte_lines(store, stored):
            yield line


def _line(value: object) -> bytes:
    encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_base64)
    return encoded.encode() + b"\n"


def _base64(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value)} is in no column")
    return base64.b64encode(value).decode()


async def _snapshot(url: str) -> AsyncIterator[tuple[Table, AsyncIterator[list[object]]]]:
    if url.startswith("sqlite:///"):
        connection = connect(Path(url.removeprefix("sqlite:///")), is_reader=True)
        try:
            connection.execute("BEGIN")
            for table in COPIED:
                yield table, _sqlite_rows(connection, table)
        finally:
            connection.close()
        return
    server = await asyncpg.connect(url, timeout=10)
    try:
        async with server.transaction(isolation="repeatable_read", readonly=True):
            for table in COPIED:
                yield table, _postgres_rows(server, table)
    finally:
        await server.close()


async def _sqlite_rows(
    connection: sqlite3.Connection, table: Table
) -> AsyncIterator[list[object]]:
    for row in connection.execute(Statement(select(table)).compiled("sqlite").text):
        yield list(row)


async def _postgres_rows(
    server: "asyncpg.Connection", table: Table
) -> AsyncIterator[list[object]]:
    async for record in server.cursor(Statement(select(table)).compiled("postgresql").text):
        yield list(record.values())


def read_heading(lines: Iterator[bytes]) -> Heading:
    """Read the first line; raise BadBackup, FromLaterVersion."""
    found = _read_line(next(lines, b""))
    if not isinstance(found, dict) or found.get("keycell-backup") != FORM:
        raise BadBackup("this is no backup of Keycell")
    try:
        heading = Heading(
            version=str(found["version"]),
            made_at=int(found["made_at"]),
            has_files=found.get("has_files") is True,
            sealing_key=str(found["sealing_key"]),
        )
    except (KeyError, TypeError, ValueError):
        raise BadBackup("the first line of the backup is damaged") from None
    if not check_version(heading.version):
        raise BadBackup(
            f"the backup has tables of version {heading.version}, this Keycell of {VERSIONS[-1]}: "
            "restore it with the one that made it, then start this one, which brings it forward"
        )
    return heading


class Target(Protocol):
    """A database in a transaction."""

    async def run(self, step: Step) -> Result:
        """Run one statement."""
        ...

    async def insert(self, table: Table, rows: list[Mapping[str, Written]]) -> None:
        """Insert rows."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """What follows on the rows, in their transaction."""

    store: BlobStore
    """Takes the bytes of files, if the copy has them."""
    steps: list[Step]
    before_commit: Callable[[], None]


async def restore_lines(url: str, heading: Heading, lines: Iterator[bytes], ending: Ending) -> int:
    """Replace every row by those of a copy, whose heading was read; give their number."""
    if url.startswith("sqlite:///"):
        return await _restore_sqlite(url, heading, lines, ending)
    server = await asyncpg.connect(url, timeout=10)
    try:
        async with server.transaction():
            count = await _restore(_Postgres(server), heading, lines, ending)
            ending.before_commit()
    finally:
        await server.close()
    return count


async def _restore_sqlite(
    url: str, heading: Heading, lines: Iterator[bytes], ending: Ending
) -> int:
    connection = connect(Path(url.removeprefix("sqlite:///")))
    try:
        connection.execute("BEGIN IMMEDIATE")
        count = await _restore(_Sqlite(connection), heading, lines, ending)
        ending.before_commit()
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise Unavailable(str(error)) from error
    finally:
        connection.close()
    return count


async def _restore(
    target: Target, heading: Heading, lines: Iterator[bytes], ending: Ending
) -> int:
    for table in COPIED:
        await target.run((Statement(delete(table)), {}))
    count = 0
    for table, rows in groupby(_rows(lines), key=itemgetter(0)):
        while pending := [row for _, row in islice(rows, _BATCH)]:
            await target.insert(table, pending)
            count += len(pending)
    if heading.has_files:
        try:
            async for step in put_bytes(ending.store, lines):
                await target.run(step)
        except BadBytes as error:
            raise BadBackup(str(error)) from None
    for step in ending.steps:
        await target.run(step)
    return count


def _rows(lines: Iterator[bytes]) -> Iterator[tuple[Table, Mapping[str, Written]]]:
    """Give the rows with their tables, up to the end, which must be there."""
    table: Table | None = None
    count = 0
    for line in lines:
        found = _read_line(line)
        if isinstance(found, list) and table is not None:
            count += 1
            yield table, _checked_row(table, found)
        elif isinstance(found, dict) and "rows" in found:
            _check_end(found["rows"], count)
            return
        elif isinstance(found, dict):
            table = _checked_table(found)
    raise BadBackup("the backup is cut off: its last line is missing")


def _read_line(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BadBackup("a line of the backup is damaged") from None


def _checked_table(found: Mapping[str, object]) -> Table:
    tables = {table.name: table for table in COPIED}
    table = tables.get(str(found.get("table")))
    if table is None:
        raise BadBackup(f"the backup has a table {found.get('table')!r}, which is none of ours")
    if found.get("columns") != [column.name for column in table.c]:
        raise BadBackup(f"the backup has other columns than ours in its table {table.name}")
    return table


def _checked_row(table: Table, values: list[object]) -> Mapping[str, Written]:
    names = [column.name for column in table.c]
    if len(values) != len(names):
        raise _bad_row()
    row: dict[str, Written] = {}
    for name, value in zip(names, values, strict=True):
        if not (value is None or isinstance(value, str | int)):
            raise _bad_row()
        row[name] = value
    for column in table.c:
        row[column.name] = _checked_bytes(column, row[column.name])
    if table is blobs and not _is_place(row["key"]):
        raise _bad_row()
    return row


def _is_place(key: Written) -> bool:
    """Tell whether bytes may lie under a key; any other would lead out of where they lie."""
    return key is None or (isinstance(key, str) and _PLACE.fullmatch(key) is not None)


def _checked_bytes(column: "Column[Any]", value: Written) -> Written:
    if not isinstance(column.type, LargeBinary) or not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise _bad_row() from None


def _check_end(told: object, count: int) -> None:
    if told != count:
        raise BadBackup(f"the backup tells of {told} rows, and {count} were found")


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, step: Step) -> Result:
        compiled = step[0].compiled("sqlite")
        cursor = self._connection.execute(compiled.text, compiled.arguments(step[1]))
        return Result((), cursor.rowcount)

    async def insert(self, table: Table, rows: list[Mapping[str, Written]]) -> None:
        compiled = Statement(insert(table)).compiled("sqlite")
        try:
            self._connection.executemany(compiled.text, [compiled.arguments(row) for row in rows])
        except (sqlite3.IntegrityError, OverflowError):
            raise _bad_row() from None


class _Postgres:
    def __init__(self, server: "asyncpg.Connection") -> None:
        self._server = server

    async def run(self, step: Step) -> Result:
        compiled = step[0].compiled("postgresql")
        await self._server.execute(compiled.text, *compiled.arguments(step[1]))
        return Result((), 0)

    async def insert(self, table: Table, rows: list[Mapping[str, Written]]) -> None:
        compiled = Statement(insert(table)).compiled("postgresql")
        try:
            await self._server.executemany(compiled.text, map(compiled.arguments, rows))
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            raise _bad_row() from None


def _bad_row() -> BadBackup:
    return BadBackup("a row of the backup is damaged")


def bounded_lines(read_line: Callable[[int], bytes]) -> Iterator[bytes]:
    """Give the lines of a file, none longer than any of ours is."""
    while line := read_line(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise BadBackup("a line of the backup is longer than any of ours")
        yield line
