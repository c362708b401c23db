"""The steps that every change of a tree is made of; each verb locks the volume first.

Under that lock nothing else of the volume changes, so what is read after it stays true until the
transaction ends: that a folder hangs in the tree, that a name is free, how much room is left.
"""

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from keycell.files.errors import Conflict, NameTaken, NotFound, QuotaExceeded
from keycell.files.names import check_depth, name_key, sort_key
from keycell.files.nodes import Node, check_folder
from keycell.oauth.sentences import phrase
from keycell.stores.columns import micros
from keycell.stores.database import Row, Statement, Verb
from keycell.stores.heights import grow
from keycell.stores.node_reads import CHILD, NODE, STANDING
from keycell.stores.node_rows import node_of, node_row
from keycell.stores.schema_files import GONE, nodes, tombstones, volumes
from keycell.values import dataclass

_VOLUME: Statement = Statement(
    select(volumes).where(volumes.c.volume_id == bindparam("b_volume_id")).with_for_update()
)
_VOLUME_OF_NODE = Statement(
    select(volumes)
    .where(
        volumes.c.volume_id
        == select(nodes.c.volume_id)
        .where(nodes.c.node_id == bindparam("b_node_id"))
        .scalar_subquery()
    )
    .with_for_update()
)
"""A node stays in its volume: which one it is may be read before the lock is there."""
_ADVANCE = Statement(
    update(volumes)
    .where(volumes.c.volume_id == bindparam("b_volume_id"))
    .values(seq=bindparam("b_seq"), used=bindparam("b_used"), nodes=bindparam("b_nodes"))
)
_INSERT = Statement(insert(nodes))
_CHANGED = tuple(
    column.name
    for column in nodes.c
    if column.name not in ("node_id", "volume_id", "created_at", "created_by", "children",
                           "height", "is_ruled", "is_folder", "locked_until")
)  # fmt: skip
_UPDATE = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values({name: bindparam(f"b_{name}") for name in _CHANGED})
)
_COUNT = Statement(
    update(nodes)
    .where(nodes.c.node_id == bindparam("b_node_id"))
    .values(children=nodes.c.children + bindparam("b_more"))
)
_TOMBSTONE = Statement(insert(tombstones))


@dataclass(slots=True)
class Locked:
    """A volume under its lock, and what the verb has made of its counters so far."""

    volume_id: str
    root_id: str
    trash_id: str
    quota: int | None
    used: int
    seq: int
    nodes: int
    came: dict[str, int] = field(default_factory=dict)
    """How many children came to which folders, so far as their rows do not say so yet."""

    def copy(self) -> "Locked":
        """Give one that goes on from here by itself; the children that came are of both."""
        return Locked(
            self.volume_id, self.root_id, self.trash_id, self.quota, self.used, self.seq,
            self.nodes, self.came,
        )  # fmt: skip

    def next_seq(self) -> int:
        """Give the number of one more change."""
        self.seq += 1
        return self.seq


def lock_of(node_id: str) -> Verb[tuple[Locked, Node]]:
    """Lock the volume of a node, and read the node anew; raise NotFound."""
    rows = (yield NODE, {"b_node_id": node_id}).rows
    if not rows:
        raise NotFound(phrase("what was meant is not there any more"))
    locked = yield from lock(rows[0].volume_id)
    rows = (yield NODE, {"b_node_id": node_id}).rows
    if not rows:
        raise NotFound(phrase("what was meant is not there any more"))
    return locked, node_of(rows[0])


def lock(volume_id: str) -> Verb[Locked]:
    """Lock a volume; raise NotFound."""
    rows = (yield _VOLUME, {"b_volume_id": volume_id}).rows
    if not rows:
        raise NotFound(phrase("the space is not there any more"))
    return _locked(rows[0])


def lock_way(folder_id: str, more: int) -> Verb[tuple[Locked, Node, Sequence[Row]]]:
    """Lock a folder's volume, and give the folder and all it lies in, as `standing` does.

    Raises NotFound, NotAFolder, and TooDeep if so many levels more may not lie there.
    """
    rows = (yield _VOLUME_OF_NODE, {"b_node_id": folder_id}).rows
    if not rows:
        raise NotFound(phrase("what was meant is not there any more"))
    folder, way = yield from way_to(folder_id, more)
    return _locked(rows[0]), folder, way


def way_to(folder_id: str, more: int) -> Verb[tuple[Node, Sequence[Row]]]:
    """Give a folder of a volume that is locked, and all it lies in; raise as `lock_way` does."""
    way = yield from standing(folder_id)
    folder = node_of(way[0])
    check_folder(folder)
    check_depth(len(way) - 1 + more)
    return folder, way


def _locked(row: Row) -> Locked:
    return Locked(
        row.volume_id, row.root_id, row.trash_id, row.quota, row.used, row.seq, row.nodes
    )


def advance(locked: Locked) -> Verb[None]:
    """Keep the counters; the last thing a verb does."""
    for folder_id, more in locked.came.items():
        yield from count(folder_id, more)
    yield (
        _ADVANCE,
        {
            "b_volume_id": locked.volume_id,
            "b_seq": locked.seq,
            "b_used": locked.used,
            "b_nodes": locked.nodes,
        },
    )


def check_standing(node_id: str) -> Verb[tuple[str, ...]]:
    """Give all that a node lies in, itself first; raise NotFound if it hangs from nothing."""
    return tuple(row.node_id for row in (yield from standing(node_id)))


def standing(node_id: str) -> Verb[Sequence[Row]]:
    """Give the rows of all that a node lies in, itself first; raise NotFound as above."""
    rows = sorted((yield STANDING, {"b_node_id": node_id}).rows, key=lambda row: -row.step)
    if not rows or rows[-1].parent_id is not None:
        raise NotFound(phrase("what was meant is not there any more"))
    return rows


def child(parent_id: str, name: str) -> Verb[Node | None]:
    """Find what stands in a folder under a name, or one that collides with it."""
    rows = (yield CHILD, {"b_parent_id": parent_id, "b_key": name_key(name)}).rows
    return node_of(rows[0]) if rows else None


def descend(
    locked: Locked, parent: Node, names: Sequence[str], new: "NewNodes"
) -> Verb[tuple[Node, bool]]:
    """Go down through folders, making those that are not there; tell whether the last is new."""
    is_new = False
    lowest: Node | None = None
    for name in names:
        check_folder(parent)
        found = yield from child(parent.node_id, name)
        is_new = found is None
        if found is None:
            found = new.folder(locked, parent.node_id, name)
            yield from add(found)
            lowest = parent
        elif found.name != name:
            raise NameTaken(name, found.name)
        parent = found
    check_folder(parent)
    if lowest is not None:
        yield from _reach_below(lowest)
    return parent, is_new


def add_to(locked: Locked, folder: Node, node: Node) -> Verb[None]:
    """Keep a new node, and that its folder has something in it; `advance` counts it there."""
    yield from _insert(node)
    locked.came[folder.node_id] = locked.came.get(folder.node_id, 0) + 1
    yield from _reach_below(folder)


def _reach_below(folder: Node) -> Verb[None]:
    """Say that something new lies in a folder, if it is the first there."""
    if not folder.height:
        yield from grow((yield from standing(folder.node_id)), 1)


@dataclass(frozen=True, slots=True)
class NewNodes:
    """What the new nodes of one verb have in common."""

    mint_id: Callable[[], str]
    by: str
    at: datetime
    most: int
    """Nodes that a volume may have."""

    def take_room(self, locked: Locked) -> None:
        """Count one more node; raise QuotaExceeded."""
        if locked.nodes >= self.most:
            raise QuotaExceeded(
                phrase(
                    "the space holds %(count)s files and folders, those in its recycle bin too; "
                    "at most %(most)s are taken: delete some for good",
                    count=locked.nodes,
                    most=self.most,
                )
            )
        locked.nodes += 1

    def folder(self, locked: Locked, parent_id: str, name: str) -> Node:
        """Give a new folder; raise QuotaExceeded."""
        self.take_room(locked)
        return Node(
            node_id=self.mint_id(),
            volume_id=locked.volume_id,
            parent_id=parent_id,
            name=name,
            is_folder=True,
            mtime=self.at,
            created_at=self.at,
            created_by=self.by,
            changed_by=self.by,
            revision=locked.next_seq(),
        )


def add(node: Node) -> Verb[None]:
    """Keep a new node."""
    yield from _insert(node)
    yield from count(node.parent_id, 1)


def _insert(node: Node) -> Verb[None]:
    yield _INSERT, node_row(node)


def change(node: Node) -> Verb[None]:
    """Keep what a node has become."""
    row = node_row(node)
    yield _UPDATE, {"b_node_id": node.node_id} | {f"b_{name}": row[name] for name in _CHANGED}


def count(folder_id: str | None, more: int) -> Verb[None]:
    """Count children that came to a folder, or left it."""
    yield _COUNT, {"b_node_id": folder_id, "b_more": more}


def check_movable(locked: Locked, node: Node) -> None:
    """Refuse to move what a volume is made of."""
    if node.node_id in (locked.root_id, locked.trash_id):
        raise Conflict(f"{node.name or 'a space'!r} stays where it is")


def detach(locked: Locked, node: Node, at: datetime) -> Verb[None]:
    """Take a node, and what lies in it, out of the tree for good; the sweep does the rest."""
    yield from count(node.parent_id, -1)
    row = node_row(node) | {
        "parent_id": GONE, "name_key": node.node_id, "sort_key": node.node_id,
        "revision": locked.next_seq(), "trashed_at": None,
    }  # fmt: skip
    yield _UPDATE, {"b_node_id": node.node_id} | {f"b_{name}": row[name] for name in _CHANGED}
    yield (
        _TOMBSTONE,
        {
            "volume_id": locked.volume_id,
            "seq": locked.seq,
            "node_id": node.node_id,
            "at": micros(at),
        },
    )


def keys_of(name: str, *, is_folder: bool) -> dict[str, str]:
    """Give the columns that follow from a name."""
    return {
        "name": name,
        "name_key": name_key(name),
        "sort_key": sort_key(name, is_folder=is_folder),
    }
