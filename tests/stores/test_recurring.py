"""What recurs is read once between two commits, whoever makes them. decisions/0070."""

import sqlite3

import pytest
from sqlalchemy import bindparam, select

from keycell.stores.database import Database, Statement
from keycell.stores.opening import open_database
from keycell.stores.recurring import MOST
from keycell.stores.schema import versions

from .test_database import add, raise_one

ONE = Statement(select(versions).where(versions.c.name == bindparam("b_name")), recurs=True)


async def version_of(database: Database, name: str) -> int | None:
    rows = await database.read(ONE, {"b_name": name})
    return rows[0].version if rows else None


@pytest.mark.parametrize("is_brief", [False, True])
async def test_a_write_is_seen_by_the_next_read(database: Database, *, is_brief: bool) -> None:
    assert await version_of(database, "a") is None
    await database.write(lambda: add("a"), is_brief=is_brief)
    for expected in range(1, 20):
        assert [await version_of(database, "a") for _ in range(3)] == [expected] * 3
        await database.write(lambda: raise_one("a"), is_brief=is_brief)


@pytest.mark.parametrize("is_brief", [False, True])
async def test_what_another_process_writes_is_seen_at_once(
    database: Database, url: str, *, is_brief: bool
) -> None:
    other = await open_database(url)
    try:
        await other.write(lambda: add("a"), is_brief=is_brief)
        for expected in range(1, 20):
            assert [await version_of(database, "a") for _ in range(3)] == [expected] * 3
            await other.write(lambda: raise_one("a"), is_brief=is_brief)
    finally:
        await other.close()


async def test_one_answer_is_not_taken_for_anothers(database: Database) -> None:
    await database.write(lambda: add("a"))
    await database.write(lambda: add("b"))
    await database.write(lambda: raise_one("b"))
    assert [await version_of(database, name) for name in "abcab"] == [1, 2, None, 1, 2]


async def test_who_changes_an_answer_changes_their_own(database: Database) -> None:
    await database.write(lambda: add("a"))
    (await database.read(ONE, {"b_name": "a"})).clear()
    assert await version_of(database, "a") == 1


async def test_between_two_commits_it_is_read_once(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    try:
        await database.write(lambda: add("a"))
        (row,) = await database.read(ONE, {"b_name": "a"})
        assert (await database.read(ONE, {"b_name": "a"}))[0] is row
        # No more are kept than that, whatever is asked for.
        for number in range(MOST):
            assert await version_of(database, str(number)) is None
        (again,) = await database.read(ONE, {"b_name": "a"})
        assert again == row
        assert again is not row
    finally:
        await database.close()


async def test_what_is_read_in_one_turn_is_of_one_moment(sqlite_url: str) -> None:
    """Whoever is told of a commit asks in a later turn. decisions/0070."""
    database, other = await open_database(sqlite_url), await open_database(sqlite_url)
    plain = Statement(select(versions).where(versions.c.name == bindparam("b_name")))
    try:
        await database.write(lambda: add("a"))
        assert await version_of(database, "a") == 1
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE versions SET version = 2")
        connection.close()
        # Nothing was waited for, so this is still the turn that began before.
        (row,) = await database.read(plain, {"b_name": "a"})
        assert row.version == await version_of(database, "a") == 1
        await other.write(lambda: raise_one("a"))
        (row,) = await database.read(plain, {"b_name": "a"})
        assert row.version == await version_of(database, "a") == 3
    finally:
        await database.close()
        await other.close()
