"""Nodes: files and folders, the versions of a file, and what may become of them."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from keycell.files.errors import IsAFolder, NameTaken, NotAFolder, PreconditionFailed
from keycell.files.names import name_key
from keycell.oauth.sentences import phrase
from keycell.values import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a version's bytes: a whole blob."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file holds: the bytes' pieces and what is known of them."""

    size: int
    etag: str
    """MD5 in hex, or ``md5-of-md5s-N`` for what came in N parts."""
    sha256: str | None
    """None until a multipart upload's bytes have been gone through."""
    block_hash: str | None
    """MD5 of the MD5s of 10-MiB blocks, in hex; None as above."""
    content_type: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of a file."""

    version_id: str
    node_id: str
    content: Content
    created_at: datetime
    created_by: str
    """The ``sub`` of whoever wrote it, or the client's identifier."""
    is_pinned: bool = False
    """Somebody asked for it to be kept, however old it is."""
    label: str = ""
    """What people call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A file or folder."""

    node_id: str
    volume_id: str
    parent_id: str | None
    """None for the root of a volume."""
    name: str
    is_folder: bool
    size: int = 0
    etag: str = ""
    sha256: str | None = None
    block_hash: str | None = None
    content_type: str = ""
    version_id: str | None = None
    mtime: datetime
    """When the content changed; a client may set it for a file."""
    created_at: datetime
    created_by: str
    changed_by: str
    revision: int
    """The number of its latest change in its volume."""
    children: int = 0
    """How many lie directly in a folder."""
    height: int = 0
    """Of how many levels what lies in it is; fewer than this, perhaps, never more."""
    origin: str | None = None
    """For the top of something in the recycle bin: the path it was at."""
    trashed_at: datetime | None = None
    locked_until: datetime | None = None
    """No lock stands on it beyond this moment; None for none at all."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What an S3 client wants back as it sent it: ``x-amz-meta-...`` and ``cache-control``."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must be true of the place a write goes to. RFC9110-13."""

    if_match: tuple[str, ...] | None = None
    """Entity tags without quotes; ``*`` for any."""
    if_none_match: tuple[str, ...] | None = None
    base_version: str | None = None
    """The version the writer started from."""
    parent: str | None = None
    """The folder that it must lie in, which must be there: whoever writes by a path may have
    another in mind than the one that stands there by now."""


SENT_BY = "x-amz-meta-sent-by"
"""The header of a file in which the mail address stands of who sent it by a public link."""
ANY = Conditions()
MOST_BYTES = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a search looks for; all of it must be true of what is found."""

    text: str = ""
    """Some part of the name, whatever its case."""
    is_folder: bool | None = None
    content_type: str = ""
    """How the content type begins, as ``image/``, whatever its case."""
    smallest: int = 0
    largest: int = MOST_BYTES
    """Bytes, as `smallest`."""
    since: datetime | None = None
    until: datetime | None = None
    made_by: str = ""
    """The ``sub`` of whoever made it."""
    is_latest_first: bool = False
    """The order in which it is told, and no condition."""
    """When the content changed at the latest, as `since` at the earliest."""


def meets(sought: Sought, node: Node) -> bool:
    """Tell whether a node is what a search looks for."""
    return (
        name_key(sought.text) in name_key(node.name)
        and sought.is_folder in (None, node.is_folder)
        and node.content_type.lower().startswith(sought.content_type.lower())
        and sought.smallest <= node.size <= sought.largest
        and (sought.since is None or sought.since <= node.mtime)
        and (sought.until is None or node.mtime <= sought.until)
        and sought.made_by in ("", node.created_by)
    )


class OrderBy(StrEnum):
    """What the children of a folder are ordered by, folders first."""

    NAME = "name"
    SIZE = "size"
    MTIME = "mtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """In which order children are listed, and which of them."""

    by: OrderBy
    is_descending: bool = False
    text: str = ""
    """Some part of the name, whatever its case."""
    without: Sequence[str] = ()
    """Identifiers of those left out; the first 256 count."""


def check_conditions(conditions: Conditions, existing: Node | None) -> None:
    """Refuse a write whose conditions do not hold. RFC9110-13.1.1, RFC9110-13.1.2."""
    etag = None if existing is None or existing.is_folder else existing.etag
    wanted = conditions.if_match
    if wanted is not None and not _is_among(wanted, existing, etag):
        raise PreconditionFailed(_said("If-Match", wanted, etag))
    unwanted = conditions.if_none_match
    if unwanted is not None and _is_among(unwanted, existing, etag):
        raise PreconditionFailed(_said("If-None-Match", unwanted, etag))
    base = conditions.base_version
    if base is not None and (existing is None or existing.version_id != base):
        raise PreconditionFailed(f"the file is no more at version {base[:64]}")


def check_parent(conditions: Conditions, parent_id: str, names: Sequence[str]) -> None:
    """Refuse a write into another folder than the one that is meant; ``names`` lead on from it."""
    if conditions.parent is not None and (conditions.parent != parent_id or len(names) > 1):
        raise PreconditionFailed(phrase("the path leads no more to the folder that was meant"))


def _is_among(tags: Sequence[str], existing: Node | None, etag: str | None) -> bool:
    return existing is not None and ("*" in tags or (etag is not None and etag in tags))


def _said(header: str, tags: Sequence[str], etag: str | None) -> str:
    there = "nothing is there" if etag is None else f"its entity tag is {etag}"
    return f"{header} was {', '.join(tags)[:200]}; {there}"


def check_seen(revision: int | None, node: Node) -> None:
    """Refuse to change what changed after whoever asks saw it; None where that does not matter."""
    if revision is not None and node.revision != revision:
        raise PreconditionFailed(
            f"{node.name!r} was changed after change {revision}: its latest is {node.revision}"
        )


def check_replaceable(name: str, existing: Node | None) -> None:
    """Refuse to write a file where a folder or a colliding name stands."""
    if existing is None:
        return
    if existing.name != name:
        raise NameTaken(name, existing.name)
    if existing.is_folder:
        raise IsAFolder(
            phrase("%(name)s is a folder; a file cannot take its place", name=repr(name))
        )


def check_folder(node: Node) -> None:
    """Refuse to go through a file as if it were a folder."""
    if not node.is_folder:
        raise NotAFolder(phrase("%(name)s is a file; nothing can lie in it", name=repr(node.name)))
