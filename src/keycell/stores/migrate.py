"""Bringing a database to the tables of this version, forward from every released one."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import sqlalchemy

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011",
    "0012", "0013", "0014", "0015", "0016", "0017", "0018", "0019", "0020", "0021", "0022",
    "0023", "0024", "0025", "0026", "0027", "0028", "0029",
)  # fmt: skip
"""Every version of the tables there was, the latest last."""


class FromLaterVersion(Exception):
    """The database was written by a later version of Keycell."""


async def migrate(url: str) -> None:
    """Bring a database up to date; raise FromLaterVersion. Two at once wait for each other."""
    if url.startswith("sqlite:///"):
        await asyncio.to_thread(_migrate_sqlite, Path(url.removeprefix("sqlite:///")))
    else:
        await _migrate_postgres(url)


async def is_current(url: str) -> bool:
    """Tell whether there is a database of this version; raise FromLaterVersion."""
    return check_version(await _version(url))


async def is_earlier(url: str) -> bool:
    """Tell whether there is a database of an earlier version; raise FromLaterVersion."""
    found = await _version(url)
    return not check_version(found) and found is not None


async def _version(url: str) -> str | None:
    if url.startswith("sqlite:///"):
        return _sqlite_version(Path(url.removeprefix("sqlite:///")))
    return await _postgres_version(url)


def check_version(found: str | None) -> bool:
    """Tell whether the tables are of this version; raise FromLaterVersion."""
    if found is not None and found not in VERSIONS:
        raise FromLaterVersion(
            f"the database has tables of version {found}, which this Keycell does not know: it "
            "was written by a later version; start that version, or restore an older backup"
        )
    return found == VERSIONS[-1]


def _migrate_sqlite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if check_version(_sqlite_version(path)):
        return
    import sqlalchemy  # noqa: PLC0415  (a quarter of a second that most starts need not spend)

    engine = sqlalchemy.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @sqlalchemy.event.listens_for(engine, "begin")
    def lock(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        _upgrade(connection)
    engine.dispose()
    path.chmod(0o600)


def _sqlite_version(path: Path) -> str | None:
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return None if row is None else str(row[0])


async def _migrate_postgres(url: str) -> None:
    if check_version(await _postgres_version(url)):
        return
    import sqlalchemy  # noqa: PLC0415  (as above)
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(4919)"))
        await connection.run_sync(_upgrade)
    await engine.dispose()


async def _postgres_version(url: str) -> str | None:
    import asyncpg  # noqa: PLC0415  (not every database is a PostgreSQL)

    try:
        connection = await asyncpg.connect(url, timeout=10)
    except OSError as error:
        host = urlsplit(url).netloc.rpartition("@")[2]
        reason = error.strerror or str(error) or type(error).__name__
        raise ConnectionError(f"the database at {host} cannot be reached: {reason}") from None
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def _upgrade(connection: "sqlalchemy.Connection") -> None:
    import sqlalchemy  # noqa: PLC0415  (as above)

    if not sqlalchemy.inspect(connection).get_table_names():
        _create(connection)
        return
    from alembic import command  # noqa: PLC0415  (as above)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _create(connection: "sqlalchemy.Connection") -> None:
    """Make every table as it is today: an empty database has no way to come.

    A test holds it against the way over every version. A first start is quicker by it, and eight
    megabytes smaller.
    """
    import sqlalchemy  # noqa: PLC0415  (as above)

    from keycell.stores.schema_files import metadata  # noqa: PLC0415  (as above)

    if connection.dialect.name == "postgresql":
        for index in (one for table in metadata.tables.values() for one in table.indexes):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    metadata.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    stamp = sqlalchemy.text("INSERT INTO alembic_version (version_num) VALUES (:version)")
    connection.execute(stamp, {"version": VERSIONS[-1]})
