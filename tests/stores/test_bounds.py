"""Storage is bounded: what is over goes with the writes that follow, in every table."""

import asyncio
import time

from sqlalchemy import Integer, Table, bindparam, func, insert, select, update
from sqlalchemy.sql.sqltypes import BigInteger, SmallInteger

from keycell.stores import schema_files
from keycell.stores.batch import PURGE_EVERY
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.opening import now_micros, purged_tables
from keycell.stores.schema import metadata, versions

SECONDS = 2.5
ADD = {table.name: Statement(insert(table)) for table in purged_tables()}
COUNT = {
    table.name: Statement(
        select(func.count().label("n"))
        .select_from(table)
        .where(table.c.purge_at < bindparam("b_now"))
    )
    for table in purged_tables()
}
TOUCH = Statement(update(versions).where(versions.c.name == bindparam("b_name")).values(version=0))


def row(table: Table, number: int, purge_at: int) -> dict[str, object]:
    """Give a row with something in every column."""
    made: dict[str, object] = {
        column.name: 0
        if isinstance(column.type, Integer | BigInteger | SmallInteger)
        else f"{column.name}{number}"
        for column in table.c
    }
    return made | {"purge_at": purge_at}


def fill(number: int, purge_at: int) -> Verb[None]:
    for table in purged_tables():
        yield ADD[table.name], row(table, number, purge_at)


def touch() -> Verb[None]:
    yield TOUCH, {"b_name": "nothing"}


async def expired(database: Database) -> dict[str, int]:
    now = {"b_now": now_micros()}
    return {name: (await database.read_many(count, now))[0].n for name, count in COUNT.items()}


async def test_under_load_no_table_keeps_what_is_over(database: Database) -> None:
    """decisions/0017: the bound follows the pace of the writes, however long they go on."""
    written, most = 0, dict.fromkeys(COUNT, 0)
    until, look_at = time.monotonic() + SECONDS, time.monotonic() + PURGE_EVERY
    while time.monotonic() < until:
        numbers = range(written, written + 32)
        await asyncio.gather(
            *(database.write(lambda n=n: fill(n, now_micros())) for n in numbers)  # type: ignore[misc]
        )
        written += 32
        if time.monotonic() >= look_at:
            look_at = time.monotonic() + PURGE_EVERY
            found = await expired(database)
            most = {name: max(most[name], found[name]) for name in found}
    # What two rounds' time writes may wait for the next round; the rest is gone.
    allowed = max(400, 4 * written * PURGE_EVERY / SECONDS)
    assert max(most.values()) <= allowed, (written, most)
    for _ in range(3):
        await asyncio.sleep(PURGE_EVERY)
        await database.write(touch)
    assert set((await expired(database)).values()) == {0}


async def test_what_is_not_over_stays(database: Database) -> None:
    await database.write(lambda: fill(1, now_micros() + 3_600_000_000))
    for _ in range(2):
        await asyncio.sleep(PURGE_EVERY)
        await database.write(touch)
    for table in purged_tables():
        rows = await database.read_many(Statement(select(table.c.purge_at)))
        assert len(rows) == 1, table.name


def test_only_what_somebody_keeps_has_no_end() -> None:
    """Every other table must say when its rows are over, or it grows for ever.

    Those of files are let go by the sweep, with the bytes and the room that they name.
    """
    of_files = {one.name for one in vars(schema_files).values() if isinstance(one, Table)}
    kept = {table.name for table in metadata.sorted_tables} - {t.name for t in purged_tables()}
    kept -= of_files
    assert kept == {
        "accounts", "groups", "roles", "trusted_issuers", "factor_policies",  # administrators' own
        "factor_skips", "preferences",  # one for each account
        "consents",  # one for each account and client
        "passkeys", "apps", "recovery_codes",  # a few for each account
        "signing_keys",  # a handful for each algorithm: a previous one goes after a week
        "brandings", "logos",  # what is shown, what is being drawn, and the pictures of both
        "alerts",  # one for each rule
        "hooks", "trail_positions",  # twenty at most, and who reads the trail
        "versions",  # one for each kind of thing that is kept in memory
    }  # fmt: skip
