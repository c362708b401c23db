"""Nodes as the wire has them: 64-bit numbers as texts, metadata as JSON texts."""

import json
from collections.abc import Mapping, Sequence

from keycell.files.access import Actor, Allowed
from keycell.files.finding import Entry, Located
from keycell.files.names import Path
from keycell.files.nodes import Node
from keycell.files.ports import Files
from keycell.files.ports_stores import BOOKMARK, bookmark_of
from keycell.files.spaces import Space, SpaceKind

MODE = 0o777
USER_META = "usermeta-"
DELETED_BY = "x-keycell-deleted-by"
DELETED_BY_NAME = "x-keycell-deleted-by-name"
CHANGED_BY_NAME = "x-keycell-changed-by-name"
View = dict[str, object]
"""A node as it is written."""

_DEFAULT: Mapping[str, str] = {}
_ROOMS = frozenset({SpaceKind.CELL})


def node_view(node: Node, path: Path, said: Mapping[str, str] = _DEFAULT) -> View:
    """Give a node; ``said`` is its metadata, by namespace."""
    store = {"name": json.dumps(node.name or path.slug, ensure_ascii=False), **said}
    if node.block_hash is not None:
        store["x-cells-hash"] = json.dumps(node.block_hash)
    if node.content_type:
        store["mime"] = json.dumps(node.content_type)
    if node.origin is not None:
        store["x-keycell-origin"] = json.dumps(node.origin, ensure_ascii=False)
    if node.trashed_at is not None:
        store["x-keycell-trashed-at"] = json.dumps(node.trashed_at.timestamp())
        store[DELETED_BY] = json.dumps(node.changed_by)
    view: View = {
        "Uuid": node.node_id,
        "Path": str(path),
        "Type": "COLLECTION" if node.is_folder else "LEAF",
        "Size": str(node.size),
        "MTime": str(int(node.mtime.timestamp())),
        "Mode": MODE,
        "MetaStore": store,
    }
    if node.etag:
        view["Etag"] = node.etag
    return view


def located_view(located: Located, said: Mapping[str, str] = _DEFAULT) -> View:
    """Give what was found; a space says what it is."""
    if located.is_space:
        return space_view(located.space, located.allowed, located.node)
    return node_view(located.node, located.path, said)


def entry_view(entry: Entry, said: Mapping[str, str] = _DEFAULT) -> View:
    """Give something in a folder."""
    return node_view(entry.node, entry.path, said)


def space_view(space: Space, allowed: Allowed, root: Node | None) -> View:
    """Give a space as a node at the top."""
    store = {
        "name": json.dumps(space.slug),
        "ws_scope": json.dumps(scope_of(space)),
        "ws_uuid": json.dumps(space.space_id),
        "ws_slug": json.dumps(space.slug),
        "ws_label": json.dumps(space.label, ensure_ascii=False),
        "ws_description": json.dumps(space.description, ensure_ascii=False),
        "ws_permissions": json.dumps(letters(allowed)),
    }
    moment = space.created_at if root is None else root.mtime
    return {
        "Uuid": space.root_id,
        "Path": space.slug,
        "Type": "COLLECTION",
        "Size": "0",
        "MTime": str(int(moment.timestamp())),
        "Mode": MODE,
        "MetaStore": store,
    }


def root_view() -> View:
    """Give the place where the spaces are."""
    return {"Uuid": "ROOT", "Path": "", "Type": "COLLECTION", "Size": "0", "MTime": "0",
            "Mode": MODE, "MetaStore": {"name": '""'}}  # fmt: skip


def scope_of(space: Space) -> str:
    """Give the kind of a space in the old system's words."""
    return "ROOM" if space.kind in _ROOMS else "ADMIN"


def letters(allowed: Allowed) -> str:
    """Give what may be done as letters."""
    return "r" * allowed.read + "w" * allowed.write


async def said_of(
    files: Files, actor: Actor, node_ids: Sequence[str]
) -> Mapping[str, Mapping[str, str]]:
    """Give what people say of nodes; what other wires keep beside them is not for this one."""
    said = await files.meta.of_nodes(node_ids) if node_ids else {}
    own = bookmark_of(actor.sub)
    return {
        node_id: {
            BOOKMARK if name == own else name: text
            for name, text in found.items()
            if name == own or name.startswith(USER_META)
        }
        for node_id, found in said.items()
    }
