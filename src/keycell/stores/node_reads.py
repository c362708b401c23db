"""Statements that find nodes: down by names, up by parents, across a folder, along the feed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)

from keycell.files.access import Action, Right
from keycell.files.names import DEEPEST, is_same, name_key
from keycell.files.nodes import Node, Sought
from keycell.stores.columns import micros
from keycell.stores.database import Params, Row, Statement, Step
from keycell.stores.lists import Listed, ListStatement
from keycell.stores.node_rows import node_of
from keycell.stores.schema_files import GONE, nodes, rights, tombstones, volumes

_MOST_STEPS = 64 * DEEPEST
"""Earlier moves put what was deep into what was deep; it must be found to be moved out."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_ID: ColumnElement[str] = bindparam("b_node_id")


def _with_rights(way: CTE, *more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(nodes, way.c.step, rights.c.role_id, rights.c.action, *more)
        .join_from(way, nodes, nodes.c.node_id == way.c.node_id)
        .join(rights, rights.c.node_id == nodes.c.node_id, isouter=True)
    )


def _up(begin: ColumnElement[bool]) -> CTE:
    here = (
        select(
            nodes.c.node_id.label("wanted"), nodes.c.node_id, nodes.c.parent_id,
            literal(0).label("step"),
        )
        .where(begin)
        .cte("up", recursive=True)
    )  # fmt: skip
    above = select(here.c.wanted, nodes.c.node_id, nodes.c.parent_id, here.c.step - 1).where(
        nodes.c.node_id == here.c.parent_id, here.c.step > -_MOST_STEPS
    )
    return here.union_all(above)


@cache
def _down(length: int) -> Statement:
    start = (
        select(nodes.c.node_id, literal(0).label("step"))
        .where(nodes.c.node_id == _ID)
        .cte("down", recursive=True)
    )
    if length:
        key = case(
            {step: bindparam(f"b_key_{step}") for step in range(length)}, value=start.c.step
        )
        below = select(nodes.c.node_id, start.c.step + 1).where(
            nodes.c.parent_id == start.c.node_id,
            nodes.c.name_key == key,
            start.c.step < bindparam("b_depth"),
        )
        start = start.union_all(below)
    return Statement(_with_rights(start), recurs=True)


def down(root_id: str, keys: Sequence[str]) -> Step:
    """Give the statement that follows names' keys from a root, as far as they lead.

    Padded to a power of two, so that a few lengths alone are compiled.
    """
    length = 1 << (len(keys) - 1).bit_length() if keys else 0
    padded = [*keys, *[""] * (length - len(keys))]
    named = {f"b_key_{step}": key for step, key in enumerate(padded)}
    depth = {"b_depth": len(keys)} if keys else {}
    return _down(length), {"b_node_id": root_id, **depth, **named}


def down_by_parts(
    root_id: str, keys: Sequence[str]
) -> tuple[Step, Callable[[Sequence[Row]], Step | None]]:
    """Give `down` to the folder of the last name, and what goes on from its rows.

    Files are asked for one after the other, and the folder that they lie in is the same.
    """
    *above, key = keys or ("",)

    def last(rows: Sequence[Row]) -> Step | None:
        lowest = max(rows, key=lambda row: row.step, default=None)
        if not keys or lowest is None or lowest.step < len(above):
            return None
        params = {"b_parent_id": lowest.node_id, "b_key": key, "b_step": len(keys)}
        return CHILD_WITH_RIGHTS, params

    return down(root_id, above), last


UP = Statement(_with_rights(_up(nodes.c.node_id == _ID)))


def _up_each(listed: Listed) -> Select[Any]:
    way = _up(nodes.c.node_id.in_(listed))
    return _with_rights(way, way.c.wanted)


UP_EACH = ListStatement(_up_each)
_WAY = _up(nodes.c.node_id == _ID)
STANDING = Statement(
    select(nodes, _WAY.c.step).join_from(_WAY, nodes, nodes.c.node_id == _WAY.c.node_id)
)
"""The nodes on the way up; it stands if the last of them is a volume's root."""
NODE = Statement(select(nodes).where(nodes.c.node_id == _ID))
CHILD = Statement(
    select(nodes).where(
        nodes.c.parent_id == bindparam("b_parent_id"), nodes.c.name_key == bindparam("b_key")
    )
)
_STEP: ColumnElement[int] = bindparam("b_step", type_=Integer)
CHILD_WITH_RIGHTS = Statement(
    select(nodes, _STEP.label("step"), rights.c.role_id, rights.c.action)
    .join_from(nodes, rights, rights.c.node_id == nodes.c.node_id, isouter=True)
    .where(nodes.c.parent_id == bindparam("b_parent_id"), nodes.c.name_key == bindparam("b_key"))
)
"""The next node of a way that was found already, as `down` finds it."""
_CHILDREN = select(nodes).where(nodes.c.parent_id == _ID).order_by(nodes.c.sort_key)
CHILDREN = Statement(
    _CHILDREN.where(nodes.c.sort_key > bindparam("b_after")).limit(bindparam("b_most"))
)
CHILDREN_FROM = Statement(_CHILDREN.limit(bindparam("b_most")).offset(bindparam("b_offset")))
CHANGED = Statement(
    select(nodes)
    .where(
        nodes.c.volume_id == bindparam("b_volume_id"),
        nodes.c.revision > bindparam("b_after"),
        nodes.c.revision <= bindparam("b_last"),
        func.coalesce(nodes.c.parent_id, "") != GONE,
    )
    .order_by(nodes.c.revision)
    .limit(bindparam("b_most"))
)


def _told_first() -> Select[Any]:
    top = select(nodes.c.node_id).where(nodes.c.node_id == _ID).cte("folders", recursive=True)
    folders = top.union_all(
        select(nodes.c.node_id).where(nodes.c.parent_id == top.c.node_id, nodes.c.is_folder == 1)
    )
    # An expression, so that pages are read in the feed's order, each where the last one ended.
    parent = func.coalesce(nodes.c.parent_id, "")
    return (
        select(nodes)
        .where(
            nodes.c.volume_id == bindparam("b_volume_id"),
            nodes.c.revision > bindparam("b_after"),
            nodes.c.revision <= bindparam("b_last"),
            or_(parent.in_(select(folders.c.node_id)), nodes.c.node_id == _ID),
        )
        .order_by(nodes.c.revision)
        .limit(bindparam("b_most"))
    )


TOLD_FIRST = Statement(_told_first())
DELETED = Statement(
    select(tombstones.c.seq, tombstones.c.node_id)
    .where(
        tombstones.c.volume_id == bindparam("b_volume_id"),
        tombstones.c.seq > bindparam("b_after"),
        tombstones.c.seq <= bindparam("b_last"),
    )
    .order_by(tombstones.c.seq)
    .limit(bindparam("b_most"))
)


def _usage() -> Select[Any]:
    top = select(nodes.c.node_id).where(nodes.c.node_id == _ID).cte("below", recursive=True)
    below = top.union_all(select(nodes.c.node_id).where(nodes.c.parent_id == top.c.node_id))
    return (
        select(
            func.coalesce(func.sum(nodes.c.is_folder), 0).label("folders"),
            func.count().label("nodes"),
            func.coalesce(func.sum(nodes.c.size), 0).label("size"),
        )
        .join_from(below, nodes, nodes.c.node_id == below.c.node_id)
        .where(nodes.c.node_id != _ID)
    )


USAGE = Statement(_usage())


_IS_SOUGHT = and_(
    nodes.c.parent_id.is_not(None),
    nodes.c.parent_id != GONE,
    nodes.c.name_key.like(bindparam("b_pattern"), escape="\\"),
    nodes.c.is_folder.between(bindparam("b_least_folder"), bindparam("b_most_folder")),
    func.lower(nodes.c.content_type).like(bindparam("b_type"), escape="\\"),
    nodes.c.size.between(bindparam("b_smallest"), bindparam("b_largest")),
    nodes.c.mtime.between(bindparam("b_since"), bindparam("b_until")),
    or_(bindparam("b_made_by", type_=Text) == "", nodes.c.created_by == bindparam("b_made_by")),
)
_TOPS = nodes.alias("tops")


SOUGHT_ORDER = (nodes.c.is_folder.desc(), nodes.c.name_key, nodes.c.node_id)
"""Of what is found, however much it is, the first in this order are told: that of `sought_key`."""


def sought_key(node: Node) -> tuple[bool, str, str]:
    """Give what found nodes are ordered by: folders first, then names."""
    return not node.is_folder, name_key(node.name), node.node_id


LATEST_ORDER = (nodes.c.mtime.desc(), nodes.c.node_id)
"""That of `latest_key`."""


def latest_key(node: Node) -> tuple[float, str]:
    """Give what found nodes are ordered by where the latest come first."""
    return -node.mtime.timestamp(), node.node_id


def _in_all(listed: Listed) -> Select[Any]:
    of_tops = select(_TOPS.c.volume_id).where(_TOPS.c.node_id.in_(listed))
    whole = select(volumes.c.volume_id).where(
        volumes.c.volume_id.in_(of_tops), volumes.c.root_id.in_(listed)
    )
    return select(nodes).where(nodes.c.volume_id.in_(whole), _IS_SOUGHT)


def _below(listed: Listed) -> Select[Any]:
    top = (
        select(nodes.c.node_id)
        .where(nodes.c.node_id.in_(listed), nodes.c.parent_id.is_not(None))
        .cte("below", recursive=True)
    )
    below = top.union(select(nodes.c.node_id).where(nodes.c.parent_id == top.c.node_id))
    found = select(nodes).join_from(below, nodes, nodes.c.node_id == below.c.node_id)
    return found.where(_IS_SOUGHT)


def _first(
    find: Callable[[Listed], Select[Any]], order: Sequence[ColumnElement[Any]]
) -> ListStatement:
    return ListStatement(lambda listed: find(listed).order_by(*order).limit(bindparam("b_most")))


SOUGHT = (_first(_in_all, SOUGHT_ORDER), _first(_below, SOUGHT_ORDER))
"""Where all of a volume is meant, and below folders within one: both are asked."""
LATEST = (_first(_in_all, LATEST_ORDER), _first(_below, LATEST_ORDER))
"""The same, and the latest first."""


def sought_params(sought: Sought) -> Params:
    """Give the parameters of both statements that search."""
    folder = sought.is_folder
    return {
        "b_pattern": like_pattern(name_key(sought.text)),
        "b_least_folder": int(folder is True),
        "b_most_folder": int(folder is not False),
        "b_type": like_pattern(sought.content_type.lower())[1:],
        "b_smallest": sought.smallest,
        "b_largest": sought.largest,
        "b_since": micros(sought.since or _EARLIEST),
        "b_until": micros(sought.until or _LATEST),
        "b_made_by": sought.made_by,
    }


RIGHTS_ON = ListStatement(lambda listed: select(rights).where(rights.c.node_id.in_(listed)))


# What lies on the way to much is found over and over, and mostly unchanged.
_kept_node_of = lru_cache(maxsize=512)(node_of)


@lru_cache(maxsize=512)
def _right(node_id: str, role_id: str, action: str) -> Right:
    return Right(node_id, role_id, Action(action))


def right_of(row: Row) -> Right:
    """Give the right that a row keeps."""
    return _right(row.node_id, row.role_id, row.action)


def on_the_way(rows: Iterable[Row]) -> tuple[list[Node], tuple[Right, ...]]:
    """Give the nodes of a way, the outermost first, and the rights on them."""
    found: dict[int, Node] = {}
    standing: list[Right] = []
    for row in rows:
        if row.step not in found:
            found[row.step] = _kept_node_of(row)
        if row.action is not None:
            standing.append(right_of(row))
    return [found[step] for step in sorted(found)], tuple(standing)


def matching(chain: Sequence[Node], names: Sequence[str]) -> tuple[list[Node], Node | None]:
    """Give those of a way that are named as asked for, and the next, which is not quite."""
    reached = [chain[0]]
    for node, name in zip(chain[1:], names, strict=False):
        if not is_same(node.name, name):
            return reached, node
        reached.append(node)
    return reached, None


def like_pattern(text: str) -> str:
    """Give the pattern that finds a text anywhere."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
