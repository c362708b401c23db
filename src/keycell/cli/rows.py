"""What is shown of nodes: the fields of each, and which of them a person sees."""

from typing import TYPE_CHECKING

from keycell.cli.tables import Column, Row, Table, iso, moment_text, size_text
from keycell.cli.terminal import Style

if TYPE_CHECKING:
    from keycell.client.nodes import Node

FIELDS = (
    "name", "type", "path", "size", "modified_at", "id", "etag", "hash", "content_type", "label",
)  # fmt: skip


def _colour(row: Row) -> Style:
    return Style.PLAIN if row["type"] == "file" else Style.BLUE


NAME = Column("name", gives_way=True, style=_colour)
PATH = Column("path", gives_way=True, style=_colour)
TYPE = Column("type")
SIZE = Column("size", text=size_text, is_number=True)
MODIFIED = Column("modified_at", "modified", text=moment_text)

NODES = Table((TYPE, SIZE, MODIFIED, NAME), FIELDS, raw="path")
PATHS = Table((TYPE, SIZE, MODIFIED, PATH), FIELDS, raw="path")
SPACES = Table((NAME, TYPE, Column("label", gives_way=True)), FIELDS, raw="path")


def node_row(node: "Node") -> dict[str, object]:
    """Give what is told of a node."""
    is_file = not node.is_folder
    return {
        "name": node.name,
        "type": kind_of(node),
        "path": node.path,
        "size": node.size if is_file else None,
        "modified_at": iso(node.mtime) if node.mtime else None,
        "id": node.node_id,
        "etag": node.etag or None,
        "hash": node.meta.get("x-cells-hash"),
        "content_type": node.content_type or None,
        "label": node.label,
    }


def kind_of(node: "Node") -> str:
    """Give what a node is in a word."""
    scope = node.meta.get("ws_scope")
    if scope is not None or not node.path:
        return "cell" if scope == "ROOM" else "space" if node.path else "top"
    return "folder" if node.is_folder else "file"
