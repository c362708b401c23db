"""Files that go to one folder at the same time share a verb, on both databases. decisions/0079."""

import asyncio
import contextlib
import itertools
from dataclasses import replace
from datetime import timedelta

from keycell.accounts.ports import StoreUnavailable
from keycell.files.errors import NotFound, PreconditionFailed, QuotaExceeded
from keycell.files.nodes import Conditions
from keycell.files.ports import Placed
from keycell.stores.database import Database
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.placing_together import MOST, may_share

from ..postgres import Postgres
from .trees import make_tree, names, placing, used

NEW = Conditions(if_none_match=("*",))


async def put(tree: SqlNodeStore, *texts: bytes, name: str = "") -> list[Placed | BaseException]:
    return await asyncio.gather(
        *(tree.place(placing(one, name or one.decode())) for one in texts), return_exceptions=True
    )


async def test_each_is_counted_once_however_many_come(database: Database) -> None:
    tree = await make_tree(database)
    wanted = [f"{number:03}" for number in range(3 * MOST)]
    told = await put(tree, *(one.encode() for one in wanted))
    assert all(isinstance(one, Placed) for one in told)
    assert await names(tree) == [*wanted, "recycle_bin"]
    root = (await tree.resolve("root", ())).node
    assert (root.children, root.height) == (3 * MOST + 1, 1)
    assert await used(database) == 3 * 3 * MOST
    revisions = {one.node.revision for one in told if isinstance(one, Placed)}
    assert revisions == set(range(1, 3 * MOST + 1))


async def test_who_is_refused_keeps_nobody_out(database: Database) -> None:
    tree = await make_tree(database)
    told = await asyncio.gather(
        tree.place(placing(b"one", "a", conditions=NEW)),
        tree.place(placing(b"x" * 2000, "b")),
        tree.place(placing(b"two", "a", conditions=NEW)),
        tree.place(placing(b"three", "c")),
        return_exceptions=True,
    )
    kinds = [type(one) for one in told]
    assert kinds == [Placed, QuotaExceeded, PreconditionFailed, Placed]
    assert await names(tree) == ["a", "c", "recycle_bin"]
    assert await used(database) == len(b"one" + b"three")


async def test_what_was_begun_of_one_that_is_refused_is_not_counted(database: Database) -> None:
    """There is room for their bytes, and none for one more node."""
    await make_tree(database)
    numbers = itertools.count(1)
    tree = SqlNodeStore(database, lambda: f"more-{next(numbers)}", timedelta(days=1), most_nodes=3)
    told = await put(tree, b"a", b"bb", b"ccc")
    assert [isinstance(one, Placed) for one in told] == [True, False, False]
    assert await names(tree) == ["a", "recycle_bin"]
    assert (await tree.resolve("root", ())).node.children == 2
    assert await used(database) == len(b"a")


async def test_of_twenty_writers_of_one_name_all_become_versions(database: Database) -> None:
    tree = await make_tree(database)
    told = await put(tree, *(f"text {number}".encode() for number in range(20)), name="a")
    (node_id,) = {one.node.node_id for one in told if isinstance(one, Placed)}
    assert len(await tree.versions(node_id, 100)) == 20
    assert (await tree.resolve("root", ())).node.children == 2


async def test_a_folder_that_is_gone_is_told_to_each(database: Database) -> None:
    tree = await make_tree(database)
    told = await asyncio.gather(
        *(tree.place(placing(b"lost", name, parent="nowhere")) for name in "abc"),
        tree.place(placing(b"kept", "d")),
        return_exceptions=True,
    )
    assert [type(one) for one in told] == [NotFound, NotFound, NotFound, Placed]


async def test_who_went_away_is_no_harm_to_the_others(database: Database) -> None:
    tree = await make_tree(database)
    tasks = [asyncio.create_task(tree.place(placing(b"one", name))) for name in "abc"]
    await asyncio.sleep(0)
    tasks[0].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in told] == [asyncio.CancelledError, Placed, Placed]


async def test_nobody_waits_for_a_database_that_was_away(
    postgres: Postgres, migrated_postgres: str
) -> None:
    """It never came to their verb: who comes later is no part of it."""
    with postgres.database(migrated_postgres) as url:
        database = await open_database(url)
        tree = await make_tree(database)
        with contextlib.ExitStack() as away:
            await asyncio.to_thread(away.enter_context, postgres.away())
            for _ in range(MOST):
                lost = await put(tree, b"lost", b"lost, too")
                assert {type(one) for one in lost} == {StoreUnavailable}
            await asyncio.to_thread(away.close)
        kept = await asyncio.wait_for(put(tree, b"a", b"b"), 60)
        assert [type(one) for one in kept] == [Placed, Placed]
        assert await names(tree) == ["a", "b", "recycle_bin"]
        await database.close()


async def test_a_way_that_ends_early_leads_to_nothing_else(database: Database) -> None:
    """Though the folder where it ends has something of the last name."""
    tree = await make_tree(database)
    await tree.place(placing(b"one", "a"))
    for way in (("missing", "a"), ("missing", "deeper", "a")):
        found = await tree.resolve("root", way)
        assert (found.ids, found.missing, found.collision) == (("root",), way, None)


def test_only_what_is_refused_before_it_is_written_shares() -> None:
    alone = placing(b"one", "a")
    assert may_share(alone)
    for other in (
        replace(alone, names=("folder", "a")),
        replace(alone, written=()),
        replace(alone, upload_id="upload"),
    ):
        assert not may_share(other)


async def test_the_way_is_read_anew_when_another_process_moved_it(
    database: Database, url: str
) -> None:
    tree = await make_tree(database)
    await tree.place(placing(b"one", "folder", "a"))
    folder = (await tree.resolve("root", ("folder",))).node
    other = await open_database(url)
    try:
        numbers = itertools.count(1)
        elsewhere = SqlNodeStore(other, lambda: f"other-{next(numbers)}", timedelta(days=1))
        for text in (b"two", b"three", b"four"):
            assert (await tree.resolve("root", ("folder", "a"))).missing == ()
            await elsewhere.place(placing(text, "a", parent=folder.node_id))
            found = await tree.resolve("root", ("folder", "a"))
            assert found.node.size == len(text)
            assert found.ids == ("root", folder.node_id, found.node.node_id)
        await elsewhere.trash(folder.node_id, "folder", "ann", folder.mtime)
        assert (await tree.resolve("root", ("folder", "a"))).missing == ("folder", "a")
    finally:
        await other.close()
