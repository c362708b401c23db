"""Placing a file: its bytes' rows, its version, its node and its folders, in one verb."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from keycell.files.errors import FilesError, NoSuchUpload, NotFound, QuotaExceeded
from keycell.files.nodes import Content, Node, check_conditions, check_parent, check_replaceable
from keycell.files.ports import Placed, Placing
from keycell.oauth.sentences import phrase
from keycell.stores.blob_rows import hold_blobs, keep_blob, release_blobs
from keycell.stores.columns import micros
from keycell.stores.database import Row, Statement, Verb
from keycell.stores.lock_checks import check_locks
from keycell.stores.node_writes import (
    Locked,
    NewNodes,
    add_to,
    advance,
    change,
    child,
    descend,
    lock,
    lock_way,
    way_to,
)
from keycell.stores.schema_files import (
    GIVEN_UP,
    file_versions,
    upload_parts,
    uploads,
    version_parts,
)

_ADD_VERSION = Statement(insert(file_versions))
_ADD_PART = Statement(insert(version_parts))
_RETIRE = Statement(
    update(file_versions)
    .where(file_versions.c.version_id == bindparam("b_version_id"))
    # What somebody pinned while it was the current version stays pinned.
    .values(kept_until=func.coalesce(file_versions.c.kept_until, bindparam("b_kept_until")))
)
_COMPLETE = Statement(
    delete(uploads).where(
        uploads.c.upload_id == bindparam("b_upload_id"),
        uploads.c.volume_id == bindparam("b_volume_id"),
        uploads.c.expires_at > GIVEN_UP,
    )
)
_PARTS = Statement(
    select(upload_parts.c.sha256, upload_parts.c.size).where(
        upload_parts.c.upload_id == bindparam("b_upload_id")
    )
)
_FORGET_PARTS = Statement(
    delete(upload_parts).where(upload_parts.c.upload_id == bindparam("b_upload_id"))
)


@dataclass(frozen=True, slots=True)
class Placer:
    """Makes the verb of a placing."""

    mint_id: Callable[[], str]
    versions_kept: timedelta
    most_nodes: int

    def verb(self, placing: Placing) -> Verb[Placed]:
        """Place a file under the volume's lock; what does not hold is raised before any write."""
        locked, top, way = yield from lock_way(placing.parent_id, len(placing.names))
        placed = yield from self._place(locked, top, way, placing)
        yield from advance(locked)
        return placed

    def each(self, volume_id: str, placings: Sequence[Placing]) -> Verb[list[Placed | FilesError]]:
        """Place files of one volume, each in a folder that is there and with bytes of its own.

        So whatever does not hold of one of them is raised before anything of it is written: it is
        told in its place, and the others are kept.
        """
        locked = yield from lock(volume_id)
        return (yield from self._each(locked, placings, {}))

    def together(
        self, parent_id: str, placings: Sequence[Placing]
    ) -> Verb[list[Placed | FilesError]]:
        """Place files in one folder as `each` does; raise what would keep all of them out."""
        locked, folder, way = yield from lock_way(parent_id, 1)
        return (yield from self._each(locked, placings, {parent_id: (folder, way)}))

    def _each(
        self,
        locked: Locked,
        placings: Sequence[Placing],
        folders: dict[str, tuple[Node, Sequence[Row]]],
    ) -> Verb[list[Placed | FilesError]]:
        outcomes: list[Placed | FilesError] = []
        for placing in placings:
            counted = locked.copy()
            try:
                if placing.parent_id not in folders:
                    folders[placing.parent_id] = yield from way_to(placing.parent_id, 1)
                folder, way = folders[placing.parent_id]
                placed = yield from self._place(counted, folder, way, placing)
            except FilesError as error:
                outcomes.append(error)
                continue
            # What was counted for a file that was refused in the end does not count.
            locked = counted
            if not folder.height:
                folders[placing.parent_id] = replace(folder, height=1), way
            outcomes.append(placed)
        yield from advance(locked)
        return outcomes

    def _place(
        self, locked: Locked, top: Node, way: Sequence[Row], placing: Placing
    ) -> Verb[Placed]:
        new = NewNodes(self.mint_id, placing.by, placing.at, self.most_nodes)
        *folders, name = placing.names
        existing = yield from _existing(top, placing)
        check_replaceable(name, existing)
        check_conditions(placing.conditions, existing)
        check_parent(placing.conditions, top.node_id, placing.names)
        way = [*way[::-1], *([] if existing is None else [existing])]
        yield from check_locks(way, placing.by, placing.lock_tokens, placing.at)
        before, stale = yield from _close_upload(locked, placing)
        is_known = existing is not None and is_same_content(existing, placing.content)
        _take_room(locked, placing.content, before, adds=not is_known)
        folder, _ = yield from descend(locked, top, folders, new)
        if existing is None:
            new.take_room(locked)
        unneeded = yield from _keep_bytes(placing)
        node = self._placed_node(locked, folder, existing, placing)
        if not is_known:
            yield from self._new_version(node, existing, placing)
        yield from (add_to(locked, folder, node) if existing is None else change(node))
        yield from release_blobs(stale, placing.at)
        replaced = None if existing is None or is_known else existing.version_id
        return Placed(node, unneeded, replaced)

    def _placed_node(
        self, locked: Locked, folder: Node, existing: Node | None, placing: Placing
    ) -> Node:
        content = placing.content
        if existing is not None and is_same_content(existing, content):
            version_id = existing.version_id
        else:
            version_id = self.mint_id()
        said: dict[str, Any] = {
            "size": content.size,
            "etag": content.etag,
            "sha256": content.sha256,
            "block_hash": content.block_hash,
            "content_type": content.content_type,
            "version_id": version_id,
            "mtime": placing.mtime or placing.at,
            "changed_by": placing.by,
            "revision": locked.next_seq(),
            "headers": placing.headers,
        }
        if existing is not None:
            return replace(existing, **said)
        return Node(
            node_id=self.mint_id(),
            volume_id=locked.volume_id,
            parent_id=folder.node_id,
            name=placing.names[-1],
            is_folder=False,
            created_at=placing.at,
            created_by=placing.by,
            **said,
        )

    def _new_version(self, node: Node, existing: Node | None, placing: Placing) -> Verb[None]:
        if existing is not None and existing.version_id is not None:
            kept_until = micros(placing.at + self.versions_kept)
            yield _RETIRE, {"b_version_id": existing.version_id, "b_kept_until": kept_until}
        assert node.version_id is not None  # noqa: S101  (a file that was placed has one)
        yield from add_version(node.version_id, node.node_id, placing)


def add_version(version_id: str, node_id: str, placing: Placing) -> Verb[None]:
    """Keep a version with its parts."""
    content = placing.content
    yield (
        _ADD_VERSION,
        {
            "version_id": version_id,
            "node_id": node_id,
            "size": content.size,
            "etag": content.etag,
            "sha256": content.sha256,
            "block_hash": content.block_hash,
            "content_type": content.content_type,
            "created_at": micros(placing.at),
            "created_by": placing.by,
            "kept_until": None,
            "label": None,
        },
    )
    for number, part in enumerate(content.parts):
        row = {"version_id": version_id, "number": number, "sha256": part.sha256}
        yield _ADD_PART, row | {"size": part.size}


def is_same_content(existing: Node, content: Content) -> bool:
    """Tell whether a file holds this already: then there is no new version of it."""
    return (
        existing.etag == content.etag
        and existing.size == content.size
        and existing.sha256 is not None
        and existing.sha256 == content.sha256
    )


def _existing(top: Node, placing: Placing) -> Verb[Node | None]:
    parent = top
    for name in placing.names[:-1]:
        found = yield from child(parent.node_id, name)
        if found is None or not found.is_folder or found.name != name:
            return None
        parent = found
    return (yield from child(parent.node_id, placing.names[-1]))


def _close_upload(locked: Locked, placing: Placing) -> Verb[tuple[int, tuple[str, ...]]]:
    """Give the room that an upload's parts took, and the parts that the file does not hold."""
    if placing.upload_id is None:
        return 0, ()
    params = {"b_upload_id": placing.upload_id, "b_volume_id": locked.volume_id}
    parts = (yield _PARTS, params).rows
    if (yield _COMPLETE, params).touched != 1:
        raise NoSuchUpload("the upload was completed or given up in between")
    yield _FORGET_PARTS, params
    held = {part.sha256 for part in placing.content.parts}
    stale = tuple(row.sha256 for row in parts if row.sha256 not in held)
    return sum(row.size for row in parts), stale


def _take_room(locked: Locked, content: Content, before: int, *, adds: bool) -> None:
    used = locked.used - before + (content.size if adds else 0)
    if adds and locked.quota is not None and used > locked.quota:
        raise QuotaExceeded(
            phrase(
                "the file has %(size)s bytes; of the %(quota)s that the space may hold, %(left)s "
                "are left",
                size=content.size,
                quota=locked.quota,
                left=max(0, locked.quota - locked.used + before),
            )
        )
    locked.used = used


def _keep_bytes(placing: Placing) -> Verb[tuple[str, ...]]:
    unneeded: list[str] = []
    for written in placing.written:
        key = yield from keep_blob(written)
        if key is not None:
            unneeded.append(key)
    if not placing.written:
        held = {part.sha256 for part in placing.content.parts}
        if not (yield from hold_blobs(sorted(held))):
            raise NotFound("the bytes that were meant are not kept any more")
    return tuple(unneeded)
