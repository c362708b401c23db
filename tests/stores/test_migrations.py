"""The tables in the database are those of schema.py, on both, and no start harms a later one."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from keycell.stores.migrate import VERSIONS, FromLaterVersion, is_current, migrate
from keycell.stores.schema_files import metadata

from .released import Release, write_release

SELDOM_SET = [
    "blobs_condemned", "blobs_place", "file_versions_kept", "nodes_large", "nodes_trashed",
    "rights_expires",
]  # fmt: skip


def differences(connection: sqlalchemy.Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


@pytest.mark.parametrize("way", ["made anew", "over every version"])
async def test_every_way_ends_in_the_tables_of_the_schema(database_url: str, way: str) -> None:
    url = database_url
    if way == "over every version":
        await write_release(Release.read(VERSIONS[0]), url)
    await migrate(url)
    assert await is_current(url)
    driver = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg"}
    scheme, _, rest = url.partition("://")
    address = f"{driver[scheme]}://{rest}"
    if scheme == "sqlite":
        engine = sqlalchemy.create_engine(address)
        with engine.connect() as connection:
            assert differences(connection) == []
        engine.dispose()
        return
    server = create_async_engine(address)
    async with server.connect() as opened:
        assert await opened.run_sync(differences) == []
        rows = await opened.exec_driver_sql(
            "SELECT count(*) FROM information_schema.columns "
            "WHERE table_schema='public' AND data_type='text' AND collation_name <> 'C'"
        )
        assert rows.scalar() == 0
        rows = await opened.exec_driver_sql(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL ORDER BY 1"
        )
        assert list(rows.scalars()) == SELDOM_SET
    await server.dispose()


@pytest.mark.parametrize("way", ["made anew", "over every version"])
async def test_what_is_seldom_set_is_indexed_where_it_is(tmp_path: Path, way: str) -> None:
    """Each file would have four entries more, in indexes that are asked for few of them."""
    path = tmp_path / "keycell.db"
    if way == "over every version":
        await write_release(Release.read(VERSIONS[0]), f"sqlite:///{path}")
    await migrate(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT i.name FROM sqlite_master t, pragma_index_list(t.name) i "
        "WHERE t.type = 'table' AND i.partial ORDER BY i.name"
    ).fetchall()
    connection.close()
    names = [name for (name,) in found]
    assert names == SELDOM_SET


async def test_migrating_again_or_at_once_is_harmless(database_url: str) -> None:
    await asyncio.gather(migrate(database_url), migrate(database_url))
    await migrate(database_url)
    assert await is_current(database_url)


async def test_a_database_of_a_later_version_is_left_alone(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(FromLaterVersion, match="9999"):
        await migrate(sqlite_url)


async def test_the_file_is_nobody_elses(tmp_path: Path) -> None:
    await migrate(f"sqlite:///{tmp_path / 'new' / 'keycell.db'}")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new" / "keycell.db").stat().st_mode & 0o077 == 0


def test_every_version_is_listed() -> None:
    folder = Path(__file__).parents[2] / "src/keycell/stores/migrations/versions"
    assert tuple(sorted(path.name[1:5] for path in folder.glob("v*.py"))) == VERSIONS
