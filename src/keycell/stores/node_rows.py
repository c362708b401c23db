"""Nodes as rows, and rows as nodes."""

import msgspec

from keycell.files.names import name_key, sort_key
from keycell.files.nodes import Node
from keycell.stores.columns import micros, moment
from keycell.stores.database import Row

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(dict[str, str])


def node_row(node: Node, *, is_ruled: bool = False) -> dict[str, object]:
    """Give the columns of a node."""
    return {
        "node_id": node.node_id,
        "volume_id": node.volume_id,
        "parent_id": node.parent_id,
        "name": node.name,
        "name_key": name_key(node.name),
        "sort_key": sort_key(node.name, is_folder=node.is_folder),
        "is_folder": int(node.is_folder),
        "size": node.size,
        "etag": node.etag,
        "sha256": node.sha256,
        "block_hash": node.block_hash,
        "content_type": node.content_type,
        "version_id": node.version_id,
        "mtime": micros(node.mtime),
        "created_at": micros(node.created_at),
        "created_by": node.created_by,
        "changed_by": node.changed_by,
        "revision": node.revision,
        "children": node.children,
        "height": node.height,
        "is_ruled": int(is_ruled),
        "origin": node.origin,
        "trashed_at": micros(node.trashed_at),
        "locked_until": micros(node.locked_until),
        "headers": _ENCODER.encode(dict(node.headers)).decode() if node.headers else "",
    }


def node_of(row: Row) -> Node:
    """Give the node that a row keeps."""
    return Node(
        node_id=row.node_id,
        volume_id=row.volume_id,
        parent_id=row.parent_id,
        name=row.name,
        is_folder=bool(row.is_folder),
        size=row.size,
        etag=row.etag,
        sha256=row.sha256,
        block_hash=row.block_hash,
        content_type=row.content_type,
        version_id=row.version_id,
        mtime=moment(row.mtime),
        created_at=moment(row.created_at),
        created_by=row.created_by,
        changed_by=row.changed_by,
        revision=row.revision,
        children=row.children,
        height=row.height,
        origin=row.origin,
        trashed_at=moment(row.trashed_at),
        locked_until=moment(row.locked_until),
        headers=_DECODER.decode(row.headers) if row.headers else {},
    )
