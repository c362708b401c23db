"""Opening a database by its URL."""

import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Table

from keycell.stores.database import Database
from keycell.stores.schema_files import metadata


def now_micros() -> int:
    """Give the time as the database keeps it: microseconds since 1970."""
    return time.time_ns() // 1000


async def open_database(url: str) -> Database:
    """Open ``sqlite:///path`` or ``postgresql://...``; its tables must be there."""
    purged = purged_tables()
    if url.startswith("sqlite:///"):
        from keycell.stores.sqlite import SqliteDatabase  # noqa: PLC0415  (one driver is enough)

        return SqliteDatabase(Path(url.removeprefix("sqlite:///")), purged, now_micros)
    from keycell.stores.postgres import PostgresDatabase  # noqa: PLC0415  (one driver is enough)

    return PostgresDatabase(url, purged, now_micros)


def purged_tables() -> Sequence[Table]:
    """Give the tables whose rows expire."""
    return [table for table in metadata.sorted_tables if "purge_at" in table.c]
