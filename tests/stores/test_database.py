"""What every store stands on: batches, durability, failures, bounds."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import bindparam, column, func, insert, select, text, update

from keycell.accounts.ports import StoreUnavailable
from keycell.stores.batch import MOST_NOTES
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.migrate import migrate
from keycell.stores.opening import now_micros, open_database
from keycell.stores.schema import seen_ids, versions

from ..postgres import Postgres

ADD = Statement(insert(versions))
RAISE = Statement(
    update(versions)
    .where(versions.c.name == bindparam("b_name"))
    .values(version=versions.c.version + 1)
)
ALL = Statement(select(versions).order_by(versions.c.name))
COUNT_SEEN = Statement(select(func.count().label("n")).select_from(seen_ids))
SEE = Statement(insert(seen_ids))
FAILS = """
CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'inside' USING ERRCODE = 'XX000'; END $$
"""


@pytest.fixture(params=[False, True], ids=["long", "brief"])
def is_brief(request: pytest.FixtureRequest) -> bool:
    """Brief verbs are run elsewhere, and promise the same. decisions/0050."""
    brief: bool = request.param
    return brief


def add(name: str) -> Verb[str]:
    yield ADD, {"name": name, "version": 1}
    return name


def raise_one(name: str) -> Verb[int]:
    return (yield RAISE, {"b_name": name}).touched


def see(row: dict[str, object]) -> Verb[None]:
    yield SEE, row


async def test_who_reads_a_thousand_rows_lets_others_in_between(database: Database) -> None:
    """SQLite is read in the event loop: nothing else would be answered meanwhile."""
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    turning = asyncio.ensure_future(turn())
    for _ in range(1000):
        await database.read(ALL)
    turning.cancel()
    assert turns >= 30


async def test_a_write_returns_what_its_verb_returns(database: Database) -> None:
    assert await database.write(lambda: add("a")) == "a"
    assert await database.write(lambda: raise_one("a")) == 1
    assert await database.write(lambda: raise_one("b")) == 0
    rows = await database.read(ALL)
    assert [(row.name, row.version) for row in rows] == [("a", 2)]
    assert await database.read_many(ALL) == rows


async def test_twenty_at_once_are_all_counted(database: Database, *, is_brief: bool) -> None:
    await database.write(lambda: add("a"))
    await asyncio.gather(
        *(database.write(lambda: raise_one("a"), is_brief=is_brief) for _ in range(100))
    )
    assert (await database.read(ALL))[0].version == 101


async def test_one_callers_failure_is_never_anothers(
    database: Database, *, is_brief: bool
) -> None:
    """Batched together, those around a failing verb are written nevertheless."""

    def fail() -> Verb[str]:
        yield ADD, {"name": "lost", "version": 1}
        raise ValueError("no")

    writes = [
        database.write(lambda n=n: add(f"n{n:02}"), is_brief=is_brief)  # type: ignore[misc]
        for n in range(20)
    ]
    writes.insert(7, database.write(fail, is_brief=is_brief))
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(one) for one in outcomes].count(ValueError) == 1
    assert [row.name for row in await database.read(ALL)] == [f"n{n:02}" for n in range(20)]


async def test_a_broken_constraint_is_told_to_its_caller(database: Database) -> None:
    await database.write(lambda: add("a"))
    with pytest.raises(Exception, match=r"(?i)unique") as caught:
        await database.write(lambda: add("a"))
    assert not isinstance(caught.value, StoreUnavailable)


async def test_a_note_is_written_though_nobody_waits(database: Database, url: str) -> None:
    database.note(lambda: add("noted"))
    await database.close()
    again = await open_database(url)
    assert [row.name for row in await again.read(ALL)] == ["noted"]
    await again.close()


async def test_notes_beyond_the_most_are_left_out(database: Database) -> None:
    for n in range(MOST_NOTES + 5000):
        database.note(lambda n=n: add(f"n{n}"))  # type: ignore[misc]
    assert await database.write(lambda: add("z"))
    kept = len(await database.read_many(ALL))
    assert kept + database.notes.left_out == MOST_NOTES + 5001  # type: ignore[attr-defined]
    assert kept <= MOST_NOTES + 1 + 5000
    assert database.notes.left_out > 0  # type: ignore[attr-defined]


async def test_a_closed_database_takes_nothing(database: Database) -> None:
    await database.close()
    with pytest.raises(StoreUnavailable):
        await database.write(lambda: add("a"))


async def test_expired_rows_go_as_others_are_written(
    database: Database, *, is_brief: bool
) -> None:
    """decisions/0017: the bound holds under load, without a job."""
    for n in range(40):
        rows = [{"key": f"{n}-{i}", "purge_at": now_micros() - 1} for i in range(50)]
        await asyncio.gather(
            *(database.write(lambda row=row: see(row), is_brief=is_brief) for row in rows)  # type: ignore[misc]
        )
    await asyncio.sleep(0.3)
    await database.write(lambda: add("a"), is_brief=is_brief)
    assert (await database.read(COUNT_SEEN))[0].n == 0


WRITER = """
import asyncio, sys
from keycell.stores.migrate import migrate
from keycell.stores.opening import open_database
sys.path.insert(0, sys.argv[3])
from tests.stores.test_database import raise_one, add

async def main():
    is_brief = sys.argv[4] == "True"
    database = await open_database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    if sys.argv[2] == "count":
        verbs = [lambda: raise_one("a")] * 200
        await asyncio.gather(*(database.write(one, is_brief=is_brief) for one in verbs))
        await database.close()
    for n in range(1_000_000):
        if sys.argv[2] == "count":
            break
        await database.write(lambda: add(f"n{n:07}"), is_brief=is_brief)
        print(n, flush=True)

asyncio.run(main())
"""
ROOT = str(Path(__file__).parents[2])


def start_writer(url: str, what: str, *, is_brief: bool) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, what, ROOT, str(is_brief)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


async def test_two_processes_count_together(
    database: Database, url: str, *, is_brief: bool
) -> None:
    await database.write(lambda: add("a"))
    writers = [start_writer(url, "count", is_brief=is_brief) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n", timeout=60)
        assert writer.returncode == 0
    assert (await database.read(ALL))[0].version == 401


async def test_what_was_answered_survives_a_kill(
    database: Database, url: str, *, is_brief: bool
) -> None:
    """A process killed in the middle of writing loses nothing that it has told anybody."""
    writer = start_writer(url, "add", is_brief=is_brief)
    assert writer.stdout is not None
    assert writer.stdin is not None
    writer.stdout.readline()
    writer.stdin.write("go\n")
    writer.stdin.flush()
    told = -1
    deadline = time.monotonic() + 20
    while told < 100 and time.monotonic() < deadline:
        told = int(writer.stdout.readline())
    writer.kill()
    told = max([told, *(int(line) for line in writer.stdout.read().split())])
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    names = {row.name for row in await database.read_many(ALL)}
    assert {f"n{n:07}" for n in range(told + 1)} <= names


async def test_the_log_of_writes_does_not_grow_without_bound(sqlite_url: str) -> None:
    """SQLite's WAL is folded back while writes go on."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = await open_database(sqlite_url)
    text = "x" * 4000
    until = time.monotonic() + 2
    n = 0
    while time.monotonic() < until:
        n += 1
        writes = (
            database.write(lambda i=i, n=n: add(f"{n}-{i}-{text}"))  # type: ignore[misc]
            for i in range(32)
        )
        await asyncio.gather(*writes)
    log = path.with_name(path.name + "-wal").stat().st_size
    await database.close()
    assert log < 64 * 2**20


def commits(log: Path) -> int:
    """Count the frames of a write-ahead log that end a transaction: they say how long it is."""
    whole = log.read_bytes()
    page = int.from_bytes(whole[8:12], "big")
    frames = range(32, len(whole), 24 + page)
    return sum(1 for at in frames if int.from_bytes(whole[at + 4 : at + 8], "big"))


async def test_who_comes_one_after_another_shares_a_commit(
    sqlite_url: str, *, is_brief: bool
) -> None:
    """Requests come in different turns of the loop, and a commit costs more than they do."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    log = path.with_name(path.name + "-wal")
    database = await open_database(sqlite_url)
    await database.write(lambda: add("a"))
    before = commits(log)

    async def come(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await database.write(lambda: raise_one("a"), is_brief=is_brief)

    assert await asyncio.gather(*(come(turns) for turns in range(20))) == [1] * 20
    shared = commits(log) - before
    await database.close()
    assert shared == 1


async def test_a_write_waits_for_a_locked_file(sqlite_url: str, *, is_brief: bool) -> None:
    """And nobody else does: what runs in the event loop never waits for another process."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = await open_database(sqlite_url)
    await database.write(lambda: add("a"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(database.write(lambda: raise_one("a"), is_brief=is_brief))
    started = time.monotonic()
    await asyncio.sleep(0.2)
    # Of the twenty for which it would wait in the loop.
    assert time.monotonic() - started < 10
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    assert await waiting == 1
    await database.close()


async def test_brief_verbs_come_after_what_came_before(sqlite_url: str) -> None:
    """However they are mixed, each finds what those before it in line wrote."""
    database = await open_database(sqlite_url)
    await database.write(lambda: add("a"))

    def seen() -> Verb[int]:
        yield RAISE, {"b_name": "a"}
        return cast("int", (yield ALL, {}).rows[0].version)

    writes = (database.write(seen, is_brief=n % 3 > 0) for n in range(200))
    assert await asyncio.gather(*writes) == list(range(2, 202))
    await database.close()


async def test_a_server_that_goes_away_and_comes_back(postgres: Postgres, tmp_path: Path) -> None:
    """503 while it is away, and a right answer when it is back."""
    with postgres.database() as url:
        await migrate(url)
        database = await open_database(url)
        await database.write(lambda: add("a"))
        await database.read(ALL)
        with contextlib.ExitStack() as away:
            await asyncio.to_thread(away.enter_context, postgres.away())
            with pytest.raises(StoreUnavailable):
                await database.write(lambda: raise_one("a"))
            with pytest.raises(StoreUnavailable):
                await database.read(ALL)
            with pytest.raises(StoreUnavailable):
                await database.ping()
            await asyncio.to_thread(away.close)
        assert await database.write(lambda: raise_one("a")) == 1
        assert (await database.read(ALL))[0].version == 2
        await database.ping()
        await database.close()


async def test_what_need_not_last_waits_for_no_disk_alone(database: Database) -> None:
    """decisions/0055: whatever shares its commit with what must last, lasts."""
    setting = {
        "sqlite": text("SELECT synchronous AS kept FROM pragma_synchronous"),
        "postgresql": text("SELECT current_setting('synchronous_commit') AS kept"),
    }[database.dialect].columns(column("kept"))
    asked = Statement(setting)

    def ask() -> Verb[str]:
        return str((yield asked, {}).rows[0].kept)

    lasts, does_not = {"sqlite": ("2", "1"), "postgresql": ("on", "off")}[database.dialect]
    for is_brief in (False, True):
        alone = await database.write(ask, is_brief=is_brief, is_lasting=False)
        together = await asyncio.gather(
            database.write(ask, is_brief=is_brief, is_lasting=False),
            database.write(ask, is_brief=is_brief),
        )
        after = await database.write(ask, is_brief=is_brief)
        assert (alone, *together, after) == (does_not, lasts, lasts, lasts)


async def test_what_need_not_last_outlives_its_process(database: Database, url: str) -> None:
    """decisions/0055."""
    await database.write(lambda: add("a"), is_brief=True, is_lasting=False)
    other = await open_database(url)
    assert [row.name for row in await other.read(ALL)] == ["a"]
    await other.close()


async def test_an_error_inside_the_server_is_not_told_as_ours(
    postgres: Postgres, migrated_postgres: str
) -> None:
    """It is 503, for who met it alone, and nothing of theirs is written."""
    inside = Statement(text("SELECT fails() AS n").columns(column("n")))

    def fail() -> Verb[None]:
        yield ADD, {"name": "lost", "version": 1}
        yield inside, {}

    with postgres.database(migrated_postgres) as url:
        postgres.execute(FAILS, url)
        database = await open_database(url)
        writes = [database.write(lambda n=n: add(f"n{n:02}")) for n in range(20)]  # type: ignore[misc]
        writes.insert(7, database.write(fail))  # type: ignore[arg-type]
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(one) for one in outcomes].count(StoreUnavailable) == 1
        with pytest.raises(StoreUnavailable):
            await database.read(inside)
        assert [row.name for row in await database.read(ALL)] == [f"n{n:02}" for n in range(20)]
        await database.close()
