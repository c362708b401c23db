"""Putting files and folders where they are to be: find, decide, commit.

Bytes are on the disk before any row names them. Whatever fails on the way leaves what was there as
it was; whoever loses against another writer is told so by a condition, or becomes a version.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import TypeVar

from keycell.files.access import Actor
from keycell.files.errors import (
    FilesError,
    Forbidden,
    IsAFolder,
    NameTaken,
    NotFound,
    QuotaExceeded,
    TooLarge,
)
from keycell.files.finding import Located, check_placeable, locate
from keycell.files.jobs import Job, JobKind
from keycell.files.locking import check_unlocked
from keycell.files.locks import NO_TOKENS
from keycell.files.names import Path, check_name
from keycell.files.nodes import (
    ANY,
    Conditions,
    Content,
    Node,
    Part,
    check_conditions,
    check_folder,
    check_parent,
    check_replaceable,
)
from keycell.files.ports import Files, Placed, Placing
from keycell.files.ports_blobs import INLINE_MOST, WriteLimits, Written
from keycell.files.uploads import block_hash
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

T = TypeVar("T")
_TRIES = 3
"""So often is a path found anew, when the folder it leads to moves away meanwhile."""
DEFAULT_TYPE = "application/octet-stream"
_LONGEST_TYPE = 255
_LONGEST_LABEL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What is said of a file beside its bytes."""

    content_type: str = ""
    conditions: Conditions = ANY
    limits: WriteLimits = field(default_factory=WriteLimits)
    mtime: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    lock_tokens: frozenset[str] = NO_TOKENS
    """Tokens of locks that the writer shows; a wire without locks shows none."""


async def put(
    files: Files, actor: Actor, path: Path, chunks: AsyncIterator[bytes], put: Put
) -> tuple[Placed, Written]:
    """Give a file new content, making it and its folders where they are not."""
    located = await find_target(files, actor, path, put.conditions, put.lock_tokens)
    most = await _most_taken(files, located, put.limits.declared_length)
    limits = put.limits if most is None else replace(put.limits, most=most)
    try:
        written = await files.blobs.write(chunks, limits)
    except TooLarge:
        if most is None or most == files.limits.largest_file:
            raise
        raise QuotaExceeded(
            phrase("%(left)s bytes are left in the space's quota, and more came", left=most)
        ) from None
    placed = await place(files, actor, located, content_of(written, put), put, written)
    return placed, written


def content_of(written: Written, put: Put) -> Content:
    """Say what a file holds whose bytes came at once."""
    return Content(
        size=written.size,
        etag=written.md5,
        sha256=written.sha256,
        block_hash=block_hash(written.block_md5s),
        content_type=read_content_type(put.content_type),
        parts=(Part(written.sha256, written.size),),
    )


async def _most_taken(files: Files, located: Located, declared: int | None) -> int | None:
    if declared is not None and declared <= min(INLINE_MOST, files.limits.largest_file):
        # No more comes than that. Where the row carries it, nothing is written before the room is
        # looked at in the end.
        return None
    room = await room_in(files, located)
    if room is None:
        return files.limits.largest_file
    if (declared or 0) > room:
        raise _no_room(declared or 0, room)
    return min(room, files.limits.largest_file)


async def place(
    files: Files,
    actor: Actor,
    located: Located,
    content: Content,
    put: Put,
    *written: Written,
    upload_id: str | None = None,
) -> Placed:
    """Commit what was written, and remove what nothing names in the end."""

    async def commit(found: Located) -> Placed:
        return await files.nodes.place(
            Placing(
                parent_id=_parent_of(found).node_id,
                names=_names_of(found),
                content=content,
                written=written,
                conditions=put.conditions,
                by=actor.sub,
                at=files.clock(),
                mtime=put.mtime,
                headers=put.headers,
                upload_id=upload_id,
                lock_tokens=put.lock_tokens,
            )
        )

    try:
        placed = await _again(files, actor, located, put, commit)
    except FilesError:
        # Refused for certain. Of whatever else went wrong it is not known whether the row is
        # there, so the bytes stay: if no row names them, the sweep finds that out.
        await files.blobs.remove([one.key for one in written if one.key is not None])
        raise
    await files.blobs.remove(placed.unneeded)
    if content.sha256 is None or content.block_hash is None:
        await files.jobs.add(digest_job(files, actor.sub, placed.node))
    return placed


def digest_job(files: Files, sub: str, node: Node) -> Job:
    """Give the job that goes through what came in parts, for the digests of the whole."""
    return Job(
        job_id=files.mint_id(),
        kind=JobKind.DIGEST,
        label=f"Digests of {node.name}"[:_LONGEST_LABEL],
        sub=sub,
        parameters={"node": node.node_id, "version": node.version_id},
        created_at=files.clock(),
    )


async def _again(
    files: Files,
    actor: Actor,
    located: Located,
    put: Put,
    commit: Callable[[Located], Awaitable[T]],
) -> T:
    # The folder that was found may be moved or deleted meanwhile: then the path leads elsewhere.
    for _ in range(_TRIES - 1):
        try:
            return await commit(located)
        except NotFound:
            located = await find_target(
                files, actor, located.path, put.conditions, put.lock_tokens
            )
    return await commit(located)


async def find_target(
    files: Files,
    actor: Actor,
    path: Path,
    conditions: Conditions = ANY,
    lock_tokens: frozenset[str] = NO_TOKENS,
) -> Located:
    """Find where a file may be put; what can be refused is refused before its bytes come."""
    if not path.names:
        raise Forbidden(phrase("files lie in spaces; the top holds none itself"))
    located = await locate(files, actor, path)
    check_placeable(located)
    existing = located.node if located.exists else None
    if existing is None:
        check_folder(located.node)
    check_replaceable(path.name, existing)
    check_conditions(conditions, existing)
    check_parent(conditions, _parent_of(located).node_id, located.found.missing)
    await check_unlocked(files, actor, located, lock_tokens)
    return located


async def make_folder(
    files: Files,
    actor: Actor,
    path: Path,
    *,
    parents: bool = True,
    exist_ok: bool = True,
    lock_tokens: frozenset[str] = NO_TOKENS,
) -> Node:
    """Make a folder; raise NameTaken if it is there and may not be, NotFound for its parent."""
    located = await locate(files, actor, path)
    if located.exists:
        if not exist_ok or not located.node.is_folder:
            raise NameTaken(path.name, located.node.name)
        return located.node
    check_placeable(located)
    if not parents and len(located.found.missing) > 1:
        raise NotFound(phrase("there is no folder %(path)s", path=repr(str(path.parent)[:200])))
    folder, is_new = await files.nodes.make_folders(
        located.node.node_id, located.found.missing, actor.sub, files.clock(), lock_tokens
    )
    if not is_new and not exist_ok:
        raise NameTaken(path.name, folder.name)
    return folder


async def make_folder_in(files: Files, actor: Actor, parent: Located, name: str) -> Node:
    """Make a folder in one that is meant by itself, wherever it is; raise NameTaken."""
    located = await locate(files, actor, parent.path.child(check_name(name)))
    if located.exists:
        raise NameTaken(name, located.node.name)
    check_placeable(located)
    check_parent(
        Conditions(parent=parent.node.node_id), located.node.node_id, located.found.missing
    )
    folder, is_new = await files.nodes.make_folders(
        parent.node.node_id, located.found.missing, actor.sub, files.clock()
    )
    if not is_new:
        raise NameTaken(name, folder.name)
    return folder


async def copy_file(
    files: Files, actor: Actor, source: Located, path: Path, put: Put | None = None
) -> Placed:
    """Put what a file holds somewhere else too; its bytes are not copied."""
    node = source.node
    if node.is_folder:
        raise IsAFolder(phrase("%(path)s is a folder", path=repr(str(source.path)[:200])))
    version = await files.nodes.version(node.version_id) if node.version_id else None
    if version is None:
        raise NotFound(phrase("there is nothing at %(path)s", path=repr(str(source.path)[:200])))
    said = put or Put(content_type=node.content_type, headers=node.headers, mtime=node.mtime)
    target = await find_target(files, actor, path, said.conditions, said.lock_tokens)
    room = await room_in(files, target)
    if room is not None and node.size > room:
        raise _no_room(node.size, room)
    content = replace(
        version.content, content_type=read_content_type(said.content_type or node.content_type)
    )
    return await place(files, actor, target, content, said)


async def room_in(files: Files, located: Located) -> int | None:
    """Tell how many bytes a volume has room for; None without a quota."""
    volume = await files.spaces.volume(located.node.volume_id)
    if volume is None or volume.quota is None:
        return None
    return max(0, volume.quota - volume.used)


def read_content_type(text: str) -> str:
    """Give a content type that may be kept and sent."""
    is_good = len(text) <= _LONGEST_TYPE and text.isascii() and text.isprintable() and "/" in text
    return text if is_good else DEFAULT_TYPE


def _no_room(size: int, room: int) -> QuotaExceeded:
    return QuotaExceeded(f"the file has {size} bytes, and {room} are left in the space's quota")


def _parent_of(located: Located) -> Node:
    return located.node if located.found.missing else located.found.chain[-2]


def _names_of(located: Located) -> tuple[str, ...]:
    names = located.found.missing or located.path.names[-1:]
    return tuple(check_name(name) for name in names)
