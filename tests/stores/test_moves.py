"""What is moved or deleted costs the same, whether one node lies in it or a hundred thousand."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import ColumnElement, String, cast, insert, literal, null, select

from keycell.accounts.audit import AuditEvent
from keycell.files.nodes import Node
from keycell.files.ports import Move
from keycell.stores.columns import micros
from keycell.stores.database import Database, Result, Statement, Verb
from keycell.stores.node_rows import node_row
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import nodes

from .trees import NOW, folder, make_tree

T = TypeVar("T")
MANY = 100_000
EVENT = AuditEvent(at=NOW, actor="ann", action="node.deleted")


class Counting:
    """A database that counts what writes ask of it: statements, rows read, rows touched."""

    def __init__(self, database: Database) -> None:
        self.counted = (0, 0, 0)
        self._database = database

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the database has)
        return getattr(self._database, name)

    async def write(self, verb: Callable[[], Verb[T]]) -> T:
        return await self._database.write(lambda: self._count(verb()))

    def _count(self, verb: Verb[T]) -> Verb[T]:
        statements = rows = touched = 0
        result: Result | None = None
        try:
            while True:
                step = verb.send(result) if result is not None else next(verb)
                result = yield step
                statements += 1
                rows += len(result.rows)
                touched += max(0, result.touched)
        except StopIteration as end:
            self.counted = (statements, rows, touched)
            found: T = end.value
            return found


def _value(value: object) -> ColumnElement[Any]:
    return null() if value is None else literal(value)


async def fill(database: Database, parent: Node, count: int) -> None:
    """Put many folders into a folder at once, and say that they are there."""
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < count))
    name = literal(f"{parent.name}-") + cast(numbers.c.n, String)
    row = node_row(folder("x", parent.node_id, "x")) | {"mtime": micros(NOW)}
    named = {"node_id", "name", "name_key", "sort_key"}
    columns = [nodes.c[key] for key in row]
    values = [
        name.label(column.name) if column.name in named
        else cast(_value(row[column.name]), column.type).label(column.name)
        for column in columns
    ]  # fmt: skip
    statement = Statement(insert(nodes).from_select([c.name for c in columns], select(*values)))
    tall = Statement(nodes.update().where(nodes.c.node_id == parent.node_id).values(height=1))

    def verb() -> Verb[None]:
        yield statement, {}
        yield tall, {}

    await database.write(verb)


@pytest.mark.parametrize("what", ["move", "trash", "delete"])
async def test_a_folder_of_many_costs_what_a_folder_of_one_does(
    database: Database, what: str
) -> None:
    counting = Counting(database)
    plain = await make_tree(database)
    tree = SqlNodeStore(counting, plain._mint_id, plain._placer.versions_kept)  # type: ignore[arg-type]  # noqa: SLF001
    cost = []
    for name, count in (("one", 1), ("many", MANY)):
        made, _ = await tree.make_folders("root", (name,), "ann", NOW)
        target, _ = await tree.make_folders("root", ("to", name), "ann", NOW)
        await fill(database, made, count)
        if what == "move":
            await tree.move(Move(
                node_id=made.node_id, parent_id=target.node_id, name=name, by="ann", at=NOW,
            ))  # fmt: skip
        elif what == "trash":
            await tree.trash(made.node_id, name, "ann", NOW)
        else:
            await tree.delete(made.node_id, NOW, EVENT)
        cost.append(counting.counted)
    # The first is put into a folder that had nothing in it as deep: that is said once.
    assert cost[1] <= cost[0]
    assert cost[1][2] < 20
