"""Nothing comes to lie so deep that no path leads there, and a move of much looks at little."""

import asyncio

import pytest
from sqlalchemy import bindparam, select

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import TooDeep
from keycell.files.names import DEEPEST
from keycell.files.nodes import Node
from keycell.files.ports import Move
from keycell.stores.database import Database, Statement
from keycell.stores.node_rows import node_of
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import nodes

from .trees import NOW, make_tree, placing

_NODE = Statement(select(nodes).where(nodes.c.node_id == bindparam("b_node_id")))
EVENT = AuditEvent(at=NOW, actor="ann", action="node.deleted")


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    return await make_tree(database)


def names(top: str, count: int) -> tuple[str, ...]:
    return (top, *(f"d{number}" for number in range(1, count)))


def into(node_id: str, parent_id: str, name: str) -> Move:
    return Move(node_id=node_id, parent_id=parent_id, name=name, by="ann", at=NOW)


async def height(database: Database, node_id: str) -> int:
    (row,) = await database.read(_NODE, {"b_node_id": node_id})
    return node_of(row).height


async def chain(tree: SqlNodeStore, *path: str) -> tuple[Node, ...]:
    return (await tree.resolve("root", path)).chain


async def test_a_folder_knows_how_far_down_it_goes(tree: SqlNodeStore, database: Database) -> None:
    await tree.make_folders("root", ("a", "b"), "ann", NOW)
    await tree.place(placing(b"x", "a", "b", "c", "d.txt"))
    assert [node.height for node in await chain(tree, "a", "b", "c", "d.txt")] == [4, 3, 2, 1, 0]
    await tree.place(placing(b"x", "a", "e.txt"))
    assert await height(database, "root") == 4
    _, a, b, *_ = await chain(tree, "a", "b")
    other, _ = await tree.make_folders("root", ("x", "y"), "ann", NOW)
    await tree.move(into(b.node_id, other.node_id, "b"))
    assert [node.height for node in await chain(tree, "x", "y", "b")] == [5, 4, 3, 2]
    # What has gone leaves the number as it was: never too few.
    assert await height(database, a.node_id) == 3


async def test_nothing_is_made_deeper_than_a_path_leads(tree: SqlNodeStore) -> None:
    deepest, _ = await tree.make_folders("root", names("a", DEEPEST - 1), "ann", NOW)
    await tree.place(placing(b"x", "in.txt", parent=deepest.node_id))
    last, _ = await tree.make_folders(deepest.node_id, ("last",), "ann", NOW)
    with pytest.raises(TooDeep, match=f"{DEEPEST + 1} folders deep"):
        await tree.place(placing(b"x", "in.txt", parent=last.node_id))
    with pytest.raises(TooDeep):
        await tree.make_folders(last.node_id, ("more",), "ann", NOW)


async def test_what_goes_deep_is_not_moved_to_what_is_deep(
    tree: SqlNodeStore, database: Database
) -> None:
    await tree.make_folders("root", names("a", 33), "ann", NOW)
    target, _ = await tree.make_folders("root", names("b", 32), "ann", NOW)
    _, moved, *below = await chain(tree, *names("a", 33))
    with pytest.raises(TooDeep, match="65"):
        await tree.move(into(moved.node_id, target.node_id, "a"))
    assert (await chain(tree, "a"))[-1].node_id == moved.node_id
    await tree.move(into(below[0].node_id, target.node_id, "a"))
    assert len(await chain(tree, *names("b", 32), *names("a", 33)[1:])) == 33
    await tree.delete(below[-2].node_id, NOW, EVENT)


async def test_what_was_deep_once_may_be_moved_where_it_is_not_any_more(
    tree: SqlNodeStore, database: Database
) -> None:
    """The number says too many then, so what is there is gone through, once."""
    await tree.make_folders("root", names("a", 40), "ann", NOW)
    target, _ = await tree.make_folders("root", names("b", 40), "ann", NOW)
    _, moved, below, *_ = await chain(tree, "a", "d1", "d2")
    await tree.delete(below.node_id, NOW, EVENT)
    assert await height(database, moved.node_id) == 39
    await tree.move(into(moved.node_id, target.node_id, "a"))
    assert await height(database, moved.node_id) == 0
    assert await height(database, target.node_id) == 1


async def test_of_twenty_who_put_deep_into_deep_none_gets_too_deep(tree: SqlNodeStore) -> None:
    tops = []
    for number in range(20):
        await tree.make_folders("root", names(f"t{number}", 10), "ann", NOW)
        tops.append((await chain(tree, f"t{number}"))[-1])
        # The lowest of each is where another is to be put.
    lowest = [(await chain(tree, *names(f"t{n}", 10)))[-1] for n in range(20)]
    moves = (
        tree.move(into(tops[n].node_id, lowest[(n + 1) % 20].node_id, "x")) for n in range(20)
    )
    outcomes = await asyncio.gather(*moves, return_exceptions=True)
    assert any(isinstance(one, Node) for one in outcomes)
    assert any(isinstance(one, TooDeep) for one in outcomes)
    for node in lowest:
        found = await tree.locate(node.node_id)
        assert found is not None
        assert len(found.chain) - 1 <= DEEPEST
