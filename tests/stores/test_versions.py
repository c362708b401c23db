"""Versions that somebody keeps, or lets go of before their time."""

import asyncio

import pytest

from keycell.files.errors import Conflict, NotFound
from keycell.files.nodes import Node
from keycell.stores.database import Database
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.sweep import Sweep

from .bytes import placing, written
from .conftest import EVENT, NOW
from .test_sweep import DAY, shelf, sweep, to_the_end, tree, used

__all__ = ["shelf", "sweep", "tree"]


async def three(tree: SqlNodeStore) -> tuple[Node, list[str]]:
    """A file that held three things, the latest last."""
    placed = [
        await tree.place(placing(written(content), "a.txt")) for content in (b"1", b"22", b"333")
    ]
    return placed[-1].node, [str(one.node.version_id) for one in placed]


async def left(tree: SqlNodeStore, node: Node) -> set[str]:
    return {one.version_id for one in await tree.versions(node.node_id, 300)}


async def test_a_version_is_let_go_of_and_its_room_given_back(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    node, (first, second, third) = await three(tree)
    await tree.remove_version(node.node_id, first, EVENT)
    assert await left(tree, node) == {second, third}
    assert await used(database) == 5
    with pytest.raises(NotFound):
        await tree.remove_version(node.node_id, first, EVENT)
    with pytest.raises(Conflict, match="holds now"):
        await tree.remove_version(node.node_id, third, EVENT)
    other = (await tree.place(placing(written(b"x"), "b.txt"))).node
    with pytest.raises(NotFound):
        await tree.remove_version(other.node_id, second, EVENT)
    await to_the_end(sweep)
    assert await tree.version(first) is None


async def test_of_many_at_once_one_lets_go_of_it(tree: SqlNodeStore, database: Database) -> None:
    node, (first, *_) = await three(tree)
    attempts = (tree.remove_version(node.node_id, first, EVENT) for _ in range(20))
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, NotFound) for one in outcomes) == 19
    assert await used(database) == 5


async def test_what_is_pinned_outlives_the_others(sweep: Sweep, tree: SqlNodeStore) -> None:
    node, (first, second, third) = await three(tree)
    await tree.pin_version(node.node_id, first, NOW, EVENT, is_pinned=True)
    await tree.pin_version(node.node_id, third, NOW, EVENT, is_pinned=True)
    told = {one.version_id: one.is_pinned for one in await tree.versions(node.node_id, 10)}
    assert told == {first: True, second: False, third: True}
    # Pinned while it was the current one, it stays so when it is replaced.
    latest = (await tree.place(placing(written(b"4444"), "a.txt"))).node
    await to_the_end(sweep, 400)
    assert await left(tree, node) == {first, third, str(latest.version_id)}
    await tree.pin_version(node.node_id, first, NOW + 401 * DAY, EVENT, is_pinned=False)
    await to_the_end(sweep, 400)
    assert first in await left(tree, node)
    await to_the_end(sweep, 402)
    assert first not in await left(tree, node)
    with pytest.raises(NotFound):
        await tree.pin_version(node.node_id, first, NOW, EVENT, is_pinned=True)


async def test_pinned_versions_do_not_crowd_out_others(sweep: Sweep, tree: SqlNodeStore) -> None:
    node, versions = await three(tree)
    for one in versions:
        await tree.pin_version(node.node_id, one, NOW, EVENT, is_pinned=True)
    for number in range(6):
        await tree.place(placing(written(b"more %d" % number), "a.txt"))
    await to_the_end(sweep)
    found = await left(tree, node)
    assert set(versions) < found
    assert len(found) == len(versions) + 4


async def test_no_more_are_pinned_than_may_be(
    tree: SqlNodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keycell.stores.file_versions.MOST_PINNED", 2)
    node, versions = await three(tree)
    outcomes = await asyncio.gather(
        *(tree.pin_version(node.node_id, one, NOW, EVENT, is_pinned=True) for one in versions),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 2
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1


async def test_a_current_version_that_is_unpinned_has_no_end(
    sweep: Sweep, tree: SqlNodeStore
) -> None:
    node, (*_, third) = await three(tree)
    await tree.pin_version(node.node_id, third, NOW, EVENT, is_pinned=True)
    await tree.pin_version(node.node_id, third, NOW, EVENT, is_pinned=False)
    await to_the_end(sweep, 400)
    assert await left(tree, node) == {third}
    replaced = (await tree.place(placing(written(b"4"), "a.txt", at=NOW + 400 * DAY))).node
    await to_the_end(sweep, 401)
    assert await left(tree, node) == {third, str(replaced.version_id)}
