"""How deep a tree goes: of each folder, of how many levels what lies in it is.

The number grows with what comes and does not shrink with what goes, so it may say too many, never
too few. A move looks at one number; only where that says too many, what is there is gone through.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, literal, select, update

from keycell.files.names import DEEPEST, check_depth
from keycell.files.nodes import Node
from keycell.stores.database import Row, Statement, Verb
from keycell.stores.schema_files import nodes

_SET = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values(height=bindparam("b_height"))
)
_LEVELS = (
    select(nodes.c.node_id, literal(0).label("step"))
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .cte("levels", recursive=True)
)
_LEVELS = _LEVELS.union_all(
    select(nodes.c.node_id, _LEVELS.c.step + 1).where(
        nodes.c.parent_id == _LEVELS.c.node_id, _LEVELS.c.step <= DEEPEST
    )
)
_HEIGHT = Statement(select(func.max(_LEVELS.c.step).label("height")))


def grow(way: Sequence[Row], levels: int) -> Verb[None]:
    """Say that so many levels lie in a folder; ``way`` is all it lies in, itself first."""
    for above, row in enumerate(way):
        if row.height >= levels + above:
            return
        yield _SET, {"b_node_id": row.node_id, "b_height": levels + above}


def check_height(node: Node, depth: int) -> Verb[int]:
    """Give the height of what is to lie at a depth; raise TooDeep."""
    if depth + node.height <= DEEPEST:
        return node.height
    height = int((yield _HEIGHT, {"b_node_id": node.node_id}).rows[0].height)
    check_depth(depth + height)
    yield _SET, {"b_node_id": node.node_id, "b_height": height}
    return height
