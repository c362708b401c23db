"""Lists of nodes, in SQL: what lies in a folder, what a search finds."""

from collections.abc import Mapping, Sequence
from itertools import islice

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from keycell.files.access import Right
from keycell.files.names import name_key
from keycell.files.nodes import Node, Order, OrderBy, Sought
from keycell.files.ports import Page
from keycell.stores.database import Database, Row
from keycell.stores.lists import MOST_LISTED, Listed, ListStatement
from keycell.stores.node_reads import (
    CHILDREN,
    CHILDREN_FROM,
    LATEST,
    RIGHTS_ON,
    SOUGHT,
    USAGE,
    latest_key,
    like_pattern,
    right_of,
    sought_key,
    sought_params,
)
from keycell.stores.node_rows import node_of
from keycell.stores.schema_files import nodes

_FEW = 50
"""Lists up to so many rows are read at once, longer ones in a thread."""
_NOBODY = ""
"""No node's identifier."""
_COLUMNS: Mapping[OrderBy, ColumnElement[object]] = {
    OrderBy.NAME: nodes.c.name_key,
    OrderBy.SIZE: nodes.c.size,
    OrderBy.MTIME: nodes.c.mtime,
}


def _is_in(listed: Listed) -> tuple[ColumnElement[bool], ...]:
    return (
        nodes.c.parent_id == bindparam("b_node_id"),
        nodes.c.name_key.like(bindparam("b_pattern"), escape="\\"),
        nodes.c.node_id.not_in(listed),
    )


def _ordered(by: OrderBy, *, is_descending: bool) -> ListStatement:
    column = _COLUMNS[by]

    def make(listed: Listed) -> Select[tuple[object, ...]]:
        # Those alike stand in the order of their names, so that no page repeats what another had.
        return (
            select(nodes)
            .where(*_is_in(listed))
            .order_by(
                nodes.c.is_folder.desc(),
                column.desc() if is_descending else column,
                nodes.c.name_key,
            )
            .limit(bindparam("b_most"))
            .offset(bindparam("b_offset"))
        )

    return ListStatement(make)


_IN_ORDER = {
    (by, is_descending): _ordered(by, is_descending=is_descending)
    for by in OrderBy
    for is_descending in (False, True)
}
_COUNT = ListStatement(
    lambda listed: select(func.count().label("children")).where(*_is_in(listed))
)


_NAMED = ListStatement(
    lambda listed: select(nodes).where(
        nodes.c.parent_id == bindparam("b_node_id"), nodes.c.name_key.in_(listed)
    )
)


class NodeLists:
    """What lies in folders, and what is found in spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def children(self, folder_id: str, after: str, most: int) -> Page:
        """List children whose sort keys are beyond one."""
        params = {"b_node_id": folder_id, "b_after": after, "b_most": most + 1}
        read = self._database.read if most <= _FEW else self._database.read_many
        return await self._page(await read(CHILDREN, params), most)

    async def children_named(self, folder_id: str, names: Sequence[str]) -> Page:
        """List children that stand under names, or under ones that collide with them."""
        rows: list[Row] = []
        for step in _NAMED.steps([name_key(name) for name in names], {"b_node_id": folder_id}):
            rows += await self._database.read(*step)
        return await self._page(rows, len(rows))

    async def children_from(self, folder_id: str, offset: int, most: int) -> Page:
        """List children from a number on."""
        params = {"b_node_id": folder_id, "b_offset": offset, "b_most": most + 1}
        return await self._page(await self._database.read_many(CHILDREN_FROM, params), most)

    async def in_order(
        self, folder_id: str, order: Order, offset: int, most: int
    ) -> tuple[Page, int]:
        """List children in an order, folders first, from a number on; and count all of them."""
        listed = [*order.without[:MOST_LISTED]] or [_NOBODY]
        params = {"b_node_id": folder_id, "b_pattern": like_pattern(name_key(order.text))}
        (count,) = _COUNT.steps(listed, params)
        part = {"b_offset": offset, "b_most": most + 1}
        statement = _IN_ORDER[order.by, order.is_descending]
        (step,) = statement.steps(listed, {**params, **part})
        total = int((await self._database.read_many(*count))[0].children)
        return await self._page(await self._database.read_many(*step), most), total

    async def search(self, root_ids: Sequence[str], sought: Sought, most: int) -> Sequence[Node]:
        """Find the first nodes in spaces, by their roots: folders before files, by names.

        Or the latest first, if these are sought.
        """
        params = {**sought_params(sought), "b_most": most}
        found: dict[str, Node] = {}
        for statement in LATEST if sought.is_latest_first else SOUGHT:
            for step in statement.steps(root_ids, params):
                rows = await self._database.read_many(*step)
                found |= {row.node_id: node_of(row) for row in rows}
        if sought.is_latest_first:
            return sorted(found.values(), key=latest_key)[:most]
        return sorted(found.values(), key=sought_key)[:most]

    async def usage(self, folder_id: str) -> tuple[int, int, int]:
        """Count folders, files and bytes below a folder."""
        row = (await self._database.read_many(USAGE, {"b_node_id": folder_id}))[0]
        return int(row.folders), int(row.nodes) - int(row.folders), int(row.size)

    async def _page(self, rows: Sequence[object], most: int) -> Page:
        ruled = [row.node_id for row in rows if row.is_ruled]  # type: ignore[attr-defined]
        rights: Mapping[str, tuple[Right, ...]] = {}
        if ruled:
            rights = await self._rights_on(ruled)
        nodes = tuple(node_of(row) for row in islice(rows, most))
        return Page(nodes, rights, len(rows) > most)

    async def _rights_on(self, node_ids: Sequence[str]) -> Mapping[str, tuple[Right, ...]]:
        found: dict[str, tuple[Right, ...]] = {}
        for step in RIGHTS_ON.steps(node_ids):
            for row in await self._database.read(*step):
                found[row.node_id] = (*found.get(row.node_id, ()), right_of(row))
        return found
