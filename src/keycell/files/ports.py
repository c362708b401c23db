"""What the file flows need of the world, and `Files`, which holds it.

Every write is one atomic verb that checks again, under the volume's lock, what the flow decided
on: that the parent still hangs in its tree, that the name is free, that the quota has room.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports import AccountStore, AuditTrail
from keycell.files.access import Right
from keycell.files.errors import FilesError
from keycell.files.locks import NO_TOKENS
from keycell.files.nodes import ANY, Conditions, Content, Node, Order, Sought, Version
from keycell.files.ports_blobs import BlobStore, Thumbnailer, Written
from keycell.files.ports_locks import LockStore
from keycell.files.ports_stores import (
    CommentStore,
    JobStore,
    LinkStore,
    MetaStore,
    PictureStore,
    SpaceStore,
    UploadStore,
)
from keycell.values import dataclass

MOST_NODES = 10_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever runs Keycell decides about files."""

    quota: int | None = None
    """Bytes of a new personal space; None for no limit."""
    largest_file: int = 5 * 2**40
    versions_kept: timedelta = timedelta(days=30)
    most_versions: int = 100
    """Of one file, the current one aside; the oldest go first."""
    most_nodes: int = MOST_NODES
    """Of one space, its recycle bin's too: what has no bytes takes room as well."""
    trash_kept: timedelta = timedelta(days=30)
    uploads_kept: timedelta = timedelta(days=7)
    blobs_condemned: timedelta = timedelta(hours=1)
    """Whoever reads what was just deleted has so long to finish."""
    feed_kept: timedelta = timedelta(days=90)
    jobs_kept: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Found:
    """How far a path leads: the nodes on the way, the root first, and the names that lead on.

    ``missing`` is empty where everything is there. ``collision`` is the node whose name differs
    from the first missing one by case or Unicode form alone.
    """

    chain: tuple[Node, ...]
    missing: tuple[str, ...]
    rights: tuple[Right, ...]
    collision: Node | None = None

    @property
    def node(self) -> Node:
        """Give the last node there is."""
        return self.chain[-1]

    @property
    def ids(self) -> tuple[str, ...]:
        """Give the identifiers of all nodes on the way."""
        return tuple(node.node_id for node in self.chain)


@dataclass(frozen=True, slots=True)
class Page:
    """Children of a folder, in the order of their sort keys."""

    nodes: tuple[Node, ...]
    ruled: Mapping[str, tuple[Right, ...]]
    """The rights that stand on some of them, by node: all others inherit alone."""
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """A file's new content, and where it goes."""

    parent_id: str
    names: tuple[str, ...]
    """Folders to be made below the parent, and the file's own name last."""
    content: Content
    written: Sequence[Written]
    """The bytes, if they were written just now: kept with the rows, or let go as known. Empty for
    what is kept already: a copy, or an upload's parts."""
    conditions: Conditions
    by: str
    at: datetime
    mtime: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    upload_id: str | None = None
    """The multipart upload that this completes: it must still be open, and its parts count."""
    lock_tokens: frozenset[str] = NO_TOKENS
    """Tokens of locks that the writer shows."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file as it was placed, and which of the written bytes were known already."""

    node: Node
    unneeded: tuple[str, ...]
    """Keys in the blob store that no row names: to be removed."""
    replaced: str | None
    """The version that was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A node's new place in its volume."""

    node_id: str
    parent_id: str
    name: str
    by: str
    at: datetime
    replaces: str | None = None
    """A node that stands there and goes to the recycle bin in the same moment."""
    replaces_at: str = ""
    """The path that it is known to have been at."""
    lock_tokens: frozenset[str] = NO_TOKENS
    revision: int | None = None
    """The change after which the mover saw it: there must be no later one."""
    event: AuditEvent | None = None
    """What the trail is to say of it, where it is more than the feed's affair."""


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the feed: what a node is after its latest change, or that it is gone."""

    seq: int
    node_id: str
    node: Node | None


class NodeStore(Protocol):
    """Nodes, their versions and the feed."""

    async def resolve(self, root_id: str, names: Sequence[str]) -> Found:
        """Follow names down from a root, as far as they lead; with the rights on the way.

        The chain begins with what the root itself lies in, if it is no volume's root.
        """
        ...

    async def locate(self, node_id: str) -> Found | None:
        """Find a node and all it lies in; None if it is not there or was deleted for good."""
        ...

    async def locate_each(self, node_ids: Sequence[str]) -> Mapping[str, Found]:
        """Find nodes as `locate` does, by few questions; those that are not there are left out."""
        ...

    async def locate_read(self, read: Sequence[Node]) -> Mapping[str, Found]:
        """Find what nodes lie in that were read just now; what hangs from nowhere is left out."""
        ...

    async def children(self, folder_id: str, after: str, most: int) -> Page:
        """List children whose sort keys are beyond one."""
        ...

    async def children_named(self, folder_id: str, names: Sequence[str]) -> Page:
        """List children that stand under names, or under ones that collide with them."""
        ...

    async def children_from(self, folder_id: str, offset: int, most: int) -> Page:
        """List children from a number on."""
        ...

    async def in_order(
        self, folder_id: str, order: Order, offset: int, most: int
    ) -> tuple[Page, int]:
        """List children in an order, folders first, from a number on; and count all of them."""
        ...

    async def search(self, root_ids: Sequence[str], sought: Sought, most: int) -> Sequence[Node]:
        """Find the first nodes in spaces, by their roots: folders before files, by names."""
        ...

    async def place(self, placing: Placing) -> Placed:
        """Give a file new content, and make it and its folders where they are not.

        The version that was there is kept. Raises NotFound, NameTaken, IsAFolder, NotAFolder,
        PreconditionFailed, QuotaExceeded, NoSuchUpload, Locked; then nothing has changed.
        """
        ...

    async def place_each(
        self, volume_id: str, placings: Sequence[Placing]
    ) -> Sequence[Placed | FilesError]:
        """Give files of one volume new content, each as `place` does or as it refuses.

        Each goes into a folder that is there, and its bytes into their row. All are kept by one
        transaction; of what is refused nothing is in it. Raises NotFound for the volume.
        """
        ...

    async def make_folders(
        self,
        parent_id: str,
        names: Sequence[str],
        by: str,
        at: datetime,
        lock_tokens: frozenset[str] = NO_TOKENS,
    ) -> tuple[Node, bool]:
        """Make folders below each other where they are not; tell whether the last is new.

        Raises NotFound, NameTaken, NotAFolder, Locked.
        """
        ...

    async def move(self, move: Move) -> Node:
        """Give a node another place in its volume, and all that lies in it.

        Its locks end. Raises NotFound, NameTaken, Conflict (into itself), Locked,
        PreconditionFailed.
        """
        ...

    async def trash(
        self,
        node_id: str,
        origin: str,
        by: str,
        at: datetime,
        lock_tokens: frozenset[str] = NO_TOKENS,
        conditions: Conditions = ANY,
    ) -> Node | None:
        """Move a node to its volume's recycle bin; None if it is not there any more.

        Its locks end. Raises Locked.
        """
        ...

    async def trash_seen(
        self, node_id: str, revision: int, origin: str, by: str, at: datetime
    ) -> Node | None:
        """Do the same if nothing changed the node after that revision; a folder must be empty.

        Raises PreconditionFailed, FolderNotEmpty, Locked.
        """
        ...

    async def delete(
        self,
        node_id: str,
        at: datetime,
        event: AuditEvent,
        lock_tokens: frozenset[str] = NO_TOKENS,
        conditions: Conditions = ANY,
    ) -> bool:
        """Delete for good, all that lies in it too; True for the call that did.

        The event's actor is whose locks count. Raises Locked.
        """
        ...

    async def versions(self, node_id: str, most: int) -> Sequence[Version]:
        """List the versions of a file, the latest first; the current one is among them."""
        ...

    async def version(self, version_id: str) -> Version | None:
        """Find a version with its parts."""
        ...

    async def restore_version(self, node_id: str, version_id: str, by: str, at: datetime) -> Node:
        """Make an older version the current one again, as a new version. Raises NotFound."""
        ...

    async def remove_version(self, node_id: str, version_id: str, event: AuditEvent) -> None:
        """Let go of an older version for good. Raises NotFound; Conflict for the current one."""
        ...

    async def pin_version(
        self, node_id: str, version_id: str, until: datetime, event: AuditEvent, *, is_pinned: bool
    ) -> None:
        """Keep a version however old it is, or from now on as long as others: ``until``.

        Raises NotFound, Conflict where a file has too many such versions.
        """
        ...

    async def name_version(
        self, node_id: str, version_id: str, label: str, event: AuditEvent
    ) -> None:
        """Call a version something; an empty label takes its name away. Raises NotFound."""
        ...

    async def know_digests(self, version_id: str, sha256: str, block_hash: str) -> None:
        """Keep the digests of a version whose bytes were gone through."""
        ...

    async def touch(self, node_id: str, mtime: datetime, by: str) -> Node:
        """Set when a file's content changed. Raises NotFound."""
        ...

    async def changes(self, volume_id: str, after: int, most: int) -> Sequence[Change]:
        """List changes beyond one, in their order. Raises CursorGone."""
        ...

    async def first_changes(
        self, folder: Node, after: int, last: int, most: int
    ) -> Sequence[Change]:
        """List a folder and what lies below it, of which nothing was ever told, in that order."""
        ...

    async def usage(self, folder_id: str) -> tuple[int, int, int]:
        """Count folders, files and bytes (of current versions) below a folder."""
        ...


class BlobRows(Protocol):
    """Which bytes are kept, and where."""

    async def places(self, sha256s: Sequence[str]) -> Mapping[str, "Place"]:
        """Say where blobs are, by digest."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blob is: in the row itself, or in the store."""

    size: int
    key: str | None
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Everything a file flow may reach."""

    spaces: SpaceStore
    nodes: NodeStore
    uploads: UploadStore
    meta: MetaStore
    comments: CommentStore
    jobs: JobStore
    links: LinkStore
    pictures: PictureStore
    rows: BlobRows
    blobs: BlobStore
    thumbnails: Thumbnailer
    locks: LockStore
    accounts: AccountStore
    audit: AuditTrail
    clock: Callable[[], datetime]
    mint_id: Callable[[], str]
    """A fresh identifier of a node, version, upload or job: a UUID."""
    limits: Limits = field(default_factory=Limits)
