"""What recurs is read once between two commits, whoever makes them. decisions/0070."""

import asyncio
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import uvloop
from sqlalchemy import bindparam, column, select, text

from keycell.accounts.ports import StoreUnavailable
from keycell.stores.database import Database, Statement
from keycell.stores.opening import open_database
from keycell.stores.recurring import MOST
from keycell.stores.schema import versions

from .test_database import add, raise_one

COMMITS = 300
READERS = 20
NO_TABLE = Statement(text("SELECT 1 AS n FROM nowhere").columns(column("n")), recurs=True)
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


class Told(asyncio.Protocol):
    """Hears of each commit by a byte, and asks at once what there is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told = 0
        self.missed: list[tuple[int, int | None]] = []
        self.asking: set[asyncio.Task[None]] = set()
        self.is_over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._told += len(data)
        self.asking.add(asyncio.get_running_loop().create_task(self._ask(self._told)))

    def eof_received(self) -> None:
        self.is_over.set()

    async def _ask(self, told: int) -> None:
        found = await version_of(self._database, "a")
        if found is None or found < 1 + told:
            self.missed.append((told, found))


def commit_and_tell(url: str, wire: socket.socket) -> None:
    async def write() -> None:
        with wire:
            database = await open_database(url)
            for number in range(COMMITS):
                await database.write(lambda: raise_one("a"), is_brief=number % 2 == 0)
                wire.sendall(b".")
            await database.close()

    asyncio.run(write())


async def hear(url: str) -> Told:
    database = await open_database(url)
    await database.write(lambda: add("a"))

    async def read_on() -> None:
        while not told.is_over.is_set():
            await version_of(database, "a")
            await asyncio.sleep(0)

    told, (here, there) = Told(database), socket.socketpair()
    here.settimeout(0)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: told, sock=here)
    readers = [asyncio.ensure_future(read_on()) for _ in range(READERS)]
    await asyncio.to_thread(commit_and_tell, url, there)
    await told.is_over.wait()
    await asyncio.gather(*readers, *told.asking)
    transport.close()
    await database.close()
    return told


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_who_is_told_of_a_commit_finds_it(
    sqlite_url: str, make_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whatever wakes them, and however many hold a moment meanwhile. decisions/0070."""
    with asyncio.Runner(loop_factory=make_loop) as runner:
        told = runner.run(hear(sqlite_url))
    assert told.asking
    assert told.missed == []


async def test_who_writes_in_another_task_is_not_answered_from_before(
    database: Database,
) -> None:
    """Twenty tasks, each of which reads what it wrote while the others read on."""

    async def count(name: str) -> None:
        await database.write(lambda: add(name))
        for expected in range(1, 20):
            assert await version_of(database, name) == expected
            await database.write(lambda: raise_one(name), is_brief=expected % 2 == 0)

    await asyncio.gather(*(count(f"n{number}") for number in range(READERS)))


def folded(path: Path) -> bool:
    """Tell whether the log can be begun anew: nobody reads at an earlier moment."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


async def test_no_moment_is_held_when_the_loop_has_turned(sqlite_url: str) -> None:
    """Neither by who fails nor by who is cancelled: the log of writes is begun anew."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as other:
        database = await open_database(sqlite_url)
        await database.write(lambda: add("a"))
        assert await version_of(database, "a") == 1
        other.execute("UPDATE versions SET version = 2")
        other.commit()
        assert not folded(path)  # a moment is held, and it is that of before
        with pytest.raises(StoreUnavailable):
            await database.read(NO_TABLE)
        # Whoever fails takes nothing from others who read in the same turn.
        assert await version_of(database, "a") == 1
        reading = [asyncio.ensure_future(version_of(database, "a")) for _ in range(READERS)]
        await asyncio.sleep(0)
        for one in reading:
            one.cancel()
        await asyncio.sleep(0)
        assert folded(path)
        assert await version_of(database, "a") == 2
        await database.close()
