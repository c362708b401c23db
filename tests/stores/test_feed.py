"""The feed of changes: it skips nothing and tells everything in order."""

import asyncio

import pytest

from keycell.files.errors import CursorGone
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import volumes

from .trees import make_tree, placing


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    return await make_tree(database)


async def follow(tree: SqlNodeStore, done: asyncio.Event) -> dict[str, int]:
    """Read the feed in small pages until it ends; give each node's last number."""
    seen: dict[str, int] = {}
    cursor = 0
    while True:
        finished = done.is_set()
        page = await tree.changes("v", cursor, 3)
        numbers = [cursor, *(one.seq for one in page)]
        assert numbers == sorted(set(numbers))
        cursor = numbers[-1]
        seen |= {one.node_id: one.seq for one in page}
        if finished and not page:
            return seen
        await asyncio.sleep(0)


async def test_the_feed_skips_nothing_and_tells_everything_in_order(tree: SqlNodeStore) -> None:
    """Who follows while twenty write sees each node's last state."""
    done = asyncio.Event()

    async def write(n: int) -> None:
        for turn in range(3):
            await tree.place(placing(b"%d %d" % (n, turn), f"f{n}", "a"))

    follower = asyncio.create_task(follow(tree, done))
    await asyncio.gather(*(write(n) for n in range(20)))
    done.set()
    seen = await follower
    for n in range(20):
        for node in (await tree.resolve("root", (f"f{n}", "a"))).chain[1:]:
            assert seen[node.node_id] == node.revision


async def test_the_feed_says_when_it_no_more_reaches_back(
    tree: SqlNodeStore, database: Database
) -> None:
    await tree.place(placing(b"x", "a"))

    def forget() -> Verb[None]:
        yield Statement(volumes.update().values(feed_floor=5, seq=9)), {}

    await database.write(forget)
    with pytest.raises(CursorGone):
        await tree.changes("v", 4, 10)
    assert await tree.changes("v", 5, 10) == []
    assert len(await tree.changes("v", 0, 10)) == 1


async def test_a_folder_is_first_told_of_alone_and_in_the_order_of_the_feed(
    tree: SqlNodeStore,
) -> None:
    for path in (("else", "a"), ("top", "b"), ("top", "sub", "c"), ("else", "d"), ("e",)):
        await tree.place(placing(b"x", *path))
    top = (await tree.resolve("root", ("top",))).node
    whole = await tree.changes("v", 0, 100)
    told = await tree.first_changes(top, 0, whole[-1].seq, 100)
    assert [one.node and one.node.name for one in told] == ["top", "b", "sub", "c"]
    paged, after = list[str](), 0
    while page := await tree.first_changes(top, after, whole[-1].seq, 1):
        paged, after = [*paged, page[0].node_id], page[0].seq
    assert paged == [one.node_id for one in told]
    assert await tree.first_changes(top, 0, told[0].seq, 100) == told[:1]
    root = (await tree.resolve("root", ())).node
    assert await tree.first_changes(root, 0, whole[-1].seq, 100) == whole
