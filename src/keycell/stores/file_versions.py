"""Versions of files, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import Conflict, NotFound
from keycell.files.nodes import ANY, Content, Node, Part, Version
from keycell.files.ports import Placing
from keycell.files.reading import MOST_PINNED
from keycell.oauth.sentences import phrase
from keycell.stores.audit import audit_insert
from keycell.stores.columns import moment
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.node_reads import NODE
from keycell.stores.node_rows import node_of
from keycell.stores.node_writes import advance, lock_of
from keycell.stores.placing import Placer
from keycell.stores.schema_files import PINNED, file_versions, nodes, version_parts
from keycell.stores.sweep_trees import detach_versions

_OF_NODE = Statement(
    select(file_versions)
    .where(file_versions.c.node_id == bindparam("b_node_id"))
    .order_by(file_versions.c.created_at.desc(), file_versions.c.version_id.desc())
    .limit(bindparam("b_most"))
)
_ONE = Statement(
    select(
        file_versions,
        version_parts.c.sha256.label("part"),
        version_parts.c.size.label("part_size"),
    )
    .join_from(
        file_versions, version_parts, version_parts.c.version_id == file_versions.c.version_id
    )
    .where(file_versions.c.version_id == bindparam("b_version_id"))
    .order_by(version_parts.c.number)
)
_KNOW = Statement(
    update(file_versions)
    .where(file_versions.c.version_id == bindparam("b_version_id"))
    .values(sha256=bindparam("b_sha256"), block_hash=bindparam("b_block_hash"))
)
_KNOW_OF_NODE = Statement(
    update(nodes)
    .where(
        nodes.c.node_id == bindparam("b_node_id"),
        nodes.c.version_id == bindparam("b_version_id"),
    )
    .values(sha256=bindparam("b_sha256"), block_hash=bindparam("b_block_hash"))
)
_OF_FILE = Statement(
    select(file_versions.c.version_id, file_versions.c.size).where(
        file_versions.c.version_id == bindparam("b_version_id"),
        file_versions.c.node_id == bindparam("b_node_id"),
    )
)
_PINNED_OF = Statement(
    select(func.count().label("found")).where(
        file_versions.c.node_id == bindparam("b_node_id"),
        file_versions.c.kept_until == PINNED,
        file_versions.c.version_id != bindparam("b_version_id"),
    )
)
_PIN = Statement(
    update(file_versions)
    .where(file_versions.c.version_id == bindparam("b_version_id"))
    .values(kept_until=bindparam("b_kept_until"))
)
_NAME = Statement(
    update(file_versions)
    .where(
        file_versions.c.version_id == bindparam("b_version_id"),
        file_versions.c.node_id == bindparam("b_node_id"),
    )
    .values(label=bindparam("b_label"))
)
_NODE_OF = Statement(
    select(file_versions.c.node_id).where(file_versions.c.version_id == bindparam("b_version_id"))
)


async def versions(database: Database, node_id: str, most: int) -> Sequence[Version]:
    """List the versions of a file, the latest first; their parts are left out."""
    rows = await database.read(_OF_NODE, {"b_node_id": node_id, "b_most": most})
    return [_version_of(row, ()) for row in rows]


async def version(database: Database, version_id: str) -> Version | None:
    """Find a version with its parts."""
    rows = await database.read(_ONE, {"b_version_id": version_id})
    return _with_parts(rows) if rows else None


def restore(placer: Placer, node_id: str, version_id: str, by: str, at: datetime) -> Verb[Node]:
    """Place what an older version held once more; raise NotFound."""
    rows = (yield _ONE, {"b_version_id": version_id}).rows
    found = (yield NODE, {"b_node_id": node_id}).rows
    if not rows or not found or rows[0].node_id != node_id or found[0].parent_id is None:
        raise NotFound(f"the file has no version {version_id[:64]!r}")
    node = node_of(found[0])
    placing = Placing(
        parent_id=found[0].parent_id,
        names=(node.name,),
        content=_with_parts(rows).content,
        written=(),
        conditions=ANY,
        by=by,
        at=at,
        headers=node.headers,
    )
    return (yield from placer.verb(placing)).node


def remove(node_id: str, version_id: str, event: AuditEvent) -> Verb[None]:
    """Take an older version from its file; the sweep lets go of its bytes."""
    locked, node = yield from lock_of(node_id)
    rows = (yield _OF_FILE, {"b_node_id": node_id, "b_version_id": version_id}).rows
    if not rows:
        raise NotFound(f"the file has no version {version_id[:64]!r}")
    if node.version_id == version_id:
        raise Conflict(phrase("this is what the file holds now: restore another version first"))
    yield from detach_versions(locked, rows)
    yield audit_insert(event)
    yield from advance(locked)


def pin(node_id: str, version_id: str, kept_until: int, event: AuditEvent) -> Verb[None]:
    """Keep a version for good, or until a moment."""
    # Under the volume's lock, so that no more are pinned than may be.
    _, node = yield from lock_of(node_id)
    of_file = {"b_node_id": node_id, "b_version_id": version_id}
    if not (yield _OF_FILE, of_file).rows:
        raise NotFound(f"the file has no version {version_id[:64]!r}")
    # Beside this one, which may be pinned already.
    pinned = (yield _PINNED_OF, of_file).rows[0].found
    if kept_until == PINNED and pinned >= MOST_PINNED:
        raise Conflict(
            phrase(
                "%(most)s versions of the file are pinned: let go of one first",
                most=MOST_PINNED,
            )
        )
    until = None if kept_until != PINNED and node.version_id == version_id else kept_until
    yield _PIN, {"b_version_id": version_id, "b_kept_until": until}
    yield audit_insert(event)


def name(node_id: str, version_id: str, label: str, event: AuditEvent) -> Verb[None]:
    """Call a version something; an empty label takes its name away. Raises NotFound."""
    params = {"b_node_id": node_id, "b_version_id": version_id, "b_label": label or None}
    if (yield _NAME, params).touched != 1:
        raise NotFound(f"the file has no version {version_id[:64]!r}")
    yield audit_insert(event)


def know_digests(version_id: str, sha256: str, block_hash: str) -> Verb[None]:
    """Keep digests with a version, and with its file if it is the current one."""
    digests = {
        "b_version_id": version_id, "b_sha256": sha256, "b_block_hash": block_hash,
    }  # fmt: skip
    yield _KNOW, digests
    for row in (yield _NODE_OF, digests).rows:
        yield _KNOW_OF_NODE, digests | {"b_node_id": row.node_id}


def _with_parts(rows: Sequence[Row]) -> Version:
    return _version_of(rows[0], tuple(Part(row.part, row.part_size) for row in rows))


def _version_of(row: Row, parts: tuple[Part, ...]) -> Version:
    return Version(
        version_id=row.version_id,
        node_id=row.node_id,
        content=Content(
            size=row.size,
            etag=row.etag,
            sha256=row.sha256,
            block_hash=row.block_hash,
            content_type=row.content_type,
            parts=parts,
        ),
        created_at=moment(row.created_at),
        created_by=row.created_by,
        is_pinned=row.kept_until == PINNED,
        label=row.label or "",
    )
