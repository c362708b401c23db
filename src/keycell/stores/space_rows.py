"""Spaces and new volumes as rows, and rows as spaces."""

from dataclasses import replace
from functools import lru_cache

from keycell.files.names import RECYCLE_BIN
from keycell.files.nodes import Node
from keycell.files.spaces import Space, SpaceKind, Volume
from keycell.stores.columns import micros, moment
from keycell.stores.database import Row


def space_row(space: Space) -> dict[str, object]:
    """Give the columns of a space."""
    return {
        "space_id": space.space_id,
        "slug": space.slug,
        "slug_owner": space.owner if space.kind is SpaceKind.PERSONAL else "",
        "label": space.label,
        "kind": space.kind.value,
        "description": space.description,
        "owner": space.owner,
        "volume_id": space.volume_id,
        "root_id": space.root_id,
        "created_at": micros(space.created_at),
        "kept_until": micros(space.kept_until),
    }


@lru_cache(maxsize=512)
def space_of(row: Row) -> Space:
    """Give the space that a row keeps."""
    return Space(
        space_id=row.space_id,
        slug=row.slug,
        label=row.label,
        kind=SpaceKind(row.kind),
        description=row.description,
        owner=row.owner,
        volume_id=row.volume_id,
        root_id=row.root_id,
        created_at=moment(row.created_at),
        kept_until=moment(row.kept_until),
    )


def volume_row(volume: Volume) -> dict[str, object]:
    """Give the columns of a new volume, whose root and recycle bin are its first changes."""
    return {
        "volume_id": volume.volume_id,
        "root_id": volume.root_id,
        "trash_id": volume.trash_id,
        "quota": volume.quota,
        "used": volume.used,
        "seq": volume.seq + 2,
        "feed_floor": volume.feed_floor,
        "nodes": volume.nodes + 2,
    }


def first_nodes(space: Space, volume: Volume, by: str) -> tuple[Node, Node]:
    """Give the root of a new volume, and its recycle bin."""
    root = Node(
        node_id=volume.root_id,
        volume_id=volume.volume_id,
        parent_id=None,
        name="",
        is_folder=True,
        mtime=space.created_at,
        created_at=space.created_at,
        created_by=by,
        changed_by=by,
        revision=volume.seq + 1,
    )
    trash = replace(
        root,
        node_id=volume.trash_id,
        parent_id=root.node_id,
        name=RECYCLE_BIN,
        revision=volume.seq + 2,
    )
    return root, trash
