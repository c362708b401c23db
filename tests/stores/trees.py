"""An empty volume, and what is placed in it."""

import hashlib
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from keycell.files.names import RECYCLE_BIN
from keycell.files.nodes import ANY, Conditions, Content, Node, Part
from keycell.files.ports import Placing
from keycell.files.ports_blobs import Written
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.node_rows import node_row
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import nodes, volumes
from keycell.stores.volumes import VOLUME

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def folder(node_id: str, parent: str | None, name: str) -> Node:
    return Node(
        node_id=node_id, volume_id="v", parent_id=parent, name=name, is_folder=True, mtime=NOW,
        created_at=NOW, created_by="ann", changed_by="ann", revision=0,
    )  # fmt: skip


async def make_tree(database: Database) -> SqlNodeStore:
    """An empty volume ``v`` with the root ``root``."""

    def verb() -> Verb[None]:
        yield Statement(insert(volumes)), {
            "volume_id": "v", "root_id": "root", "trash_id": "bin", "quota": 1000, "used": 0,
            "seq": 0, "feed_floor": 0, "nodes": 2,
        }  # fmt: skip
        for node in (replace(folder("root", None, ""), children=1),
                     folder("bin", "root", RECYCLE_BIN)):  # fmt: skip
            yield Statement(insert(nodes)), node_row(node)

    await database.write(verb)
    numbers = itertools.count(1)
    return SqlNodeStore(database, lambda: f"id-{next(numbers):06}", timedelta(days=30))


def placing(
    text: bytes, *names: str, parent: str = "root", conditions: Conditions = ANY
) -> Placing:
    sha256 = hashlib.sha256(text).hexdigest()
    md5 = hashlib.md5(text).hexdigest()  # noqa: S324
    written = Written(
        size=len(text), sha256=sha256, md5=md5, block_md5s=(b"",), key=None, content=text
    )
    content = Content(
        size=len(text), etag=md5, sha256=sha256, block_hash="b", content_type="text/plain",
        parts=(Part(sha256, len(text)),),
    )  # fmt: skip
    return Placing(
        parent_id=parent, names=names, content=content, written=(written,),
        conditions=conditions, by="ann", at=NOW,
    )  # fmt: skip


async def names(tree: SqlNodeStore, folder_id: str = "root") -> list[str]:
    return [node.name for node in (await tree.children(folder_id, "", 1000)).nodes]


async def used(database: Database) -> int:
    return int((await database.read(VOLUME, {"b_volume_id": "v"}))[0].used)
