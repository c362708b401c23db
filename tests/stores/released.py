"""Databases as earlier versions left them: rows that those versions wrote themselves."""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

from keycell.stores.migrate import MIGRATIONS

FOLDER = Path(__file__).parent / "released"
_A_TIME = 10**15
"""Whole numbers beyond are times; sizes and counts are less."""

Rows = Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Release:
    """What a version left behind, as if it had stopped at a moment just past."""

    version: str
    stopped_at: datetime
    sealing_key: str
    known: Mapping[str, str]
    """What people, browsers and applications hold."""
    cookies: Mapping[str, str]
    rows: Rows

    @classmethod
    def read(cls, version: str) -> "Release":
        document = json.loads((FOLDER / f"{version}.json").read_text())
        stopped_at = datetime.now(UTC)
        later = time.time_ns() // 1000 - document["made_at"]
        rows = {
            table: [{name: _value(value, later) for name, value in row.items()} for row in kept]
            for table, kept in document["rows"].items()
        }
        known = document["known"]
        return cls(version, stopped_at, document["sealing_key"], known, known.pop("cookies"), rows)


def _value(value: object, later: int) -> object:
    if isinstance(value, int) and value > _A_TIME:
        return value + later
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


async def write_release(release: Release, url: str) -> None:
    """Make the tables of a version, and fill them."""

    def write(connection: sqlalchemy.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, release.version)
        for table in _tables(connection):
            assert release.rows[table.name], f"no rows of {table.name}"
            connection.execute(table.insert(), list(release.rows[table.name]))

    await _on(url, write)


async def read_rows(url: str) -> Rows:
    """Give every row there is."""
    found: dict[str, list[Mapping[str, object]]] = {}

    def read(connection: sqlalchemy.Connection) -> None:
        for name in sqlalchemy.inspect(connection).get_table_names():
            rows = connection.execute(sqlalchemy.text(f'SELECT * FROM "{name}"')).mappings()  # noqa: S608
            found[name] = [dict(row) for row in rows]

    await _on(url, read)
    return found


def _tables(connection: sqlalchemy.Connection) -> list[sqlalchemy.Table]:
    metadata = sqlalchemy.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


async def _on(url: str, work: Callable[[sqlalchemy.Connection], None]) -> None:
    if url.startswith("sqlite"):
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            work(connection)
        engine.dispose()
        return
    server = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with server.begin() as opened:
        await opened.run_sync(work)
    await server.dispose()
