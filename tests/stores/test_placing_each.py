"""Many files placed by one transaction, on both databases: each for itself. decisions/0065."""

import itertools
from datetime import timedelta

import pytest

from keycell.files.errors import NameTaken, NotFound, QuotaExceeded
from keycell.files.nodes import Conditions
from keycell.files.ports import Placed
from keycell.stores.database import Database
from keycell.stores.nodes import SqlNodeStore

from .trees import make_tree, names, placing, used


async def test_what_is_refused_of_some_is_not_counted(database: Database) -> None:
    await make_tree(database)
    numbers = itertools.count(1)
    tree = SqlNodeStore(database, lambda: f"id-{next(numbers):06}", timedelta(days=30), 4)
    told = await tree.place_each("v", [
        placing(b"one", "a"), placing(b"x" * 2000, "b"), placing(b"three", "c"),
        placing(b"no room for a node", "d"), placing(b"edited", "a"),
        placing(b"lost", "e", parent="nowhere"),
    ])  # fmt: skip
    kinds = [type(one) for one in told]
    assert kinds == [Placed, QuotaExceeded, Placed, QuotaExceeded, Placed, NotFound]
    assert await names(tree) == ["a", "c", "recycle_bin"]
    assert await used(database) == len(b"one" + b"three" + b"edited")
    placed = [one.node for one in told if isinstance(one, Placed)]
    assert [node.revision for node in placed] == [1, 2, 3]
    assert (await tree.resolve("root", ())).node.children == 3
    assert (await tree.resolve("root", ())).node.height == 1


async def test_each_sees_what_the_one_before_it_did(database: Database) -> None:
    tree = await make_tree(database)
    new = Conditions(if_none_match=("*",))
    first, second = await tree.place_each("v", [
        placing(b"one", "a", conditions=new), placing(b"two", "A", conditions=new),
    ])  # fmt: skip
    assert isinstance(first, Placed)
    assert isinstance(second, NameTaken)
    page = await tree.children_named("root", ["A", "b"])
    assert [node.name for node in page.nodes] == ["a"]


async def test_a_volume_that_is_not_there_takes_nothing(database: Database) -> None:
    tree = await make_tree(database)
    with pytest.raises(NotFound):
        await tree.place_each("nowhere", [placing(b"one", "a")])
