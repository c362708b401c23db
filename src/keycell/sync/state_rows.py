"""What the state keeps as rows, read as what a plan knows; many of them share their texts."""

from collections.abc import Callable
from sqlite3 import Cursor
from sys import intern
from typing import Any, TypeVar

from keycell.sync.trees import Local, Pair, Place, Remote

T = TypeVar("T")
Columns = tuple[Any, ...]
Known = tuple[str, str, str, int, int, int, int, int]
"""A node of the disk: identifier, folder, name, whether a folder, inode, size, two times."""


def local_of(row: Columns) -> Local:
    """Read a node of the disk."""
    return Local(id=row[0], place=Place(intern(row[1]), row[2]), is_folder=bool(row[3]),
                 digest=intern(row[4]))  # fmt: skip


def remote_of(row: Columns) -> Remote:
    """Read a node of the server."""
    return Remote(id=row[0], place=Place(intern(row[1]), row[2]), is_folder=bool(row[3]),
                  digest=row[4] and intern(row[4]), version=row[5], etag=row[6],
                  revision=row[7], size=row[8], mtime_ms=row[9])  # fmt: skip


def pair_of(row: Columns) -> Pair:
    """Read what was agreed on of a node."""
    return Pair(local=row[0], remote=row[1], is_folder=bool(row[2]),
                local_place=Place(intern(row[3]), row[4]),
                remote_place=Place(intern(row[5]), row[6]),
                digest=intern(row[7]), version=row[8])  # fmt: skip


def first(read: Callable[[Columns], T], rows: Cursor) -> T | None:
    """Read one row; None if there is none."""
    row = rows.fetchone()
    return None if row is None else read(row)


def place_of(node: Local | Remote | None, parent: str, name: str) -> Place:
    """Give a place: a node's own, if it is that."""
    if node is not None and node.place.name == name and node.place.parent == parent:
        return node.place
    return Place(intern(parent), name)
