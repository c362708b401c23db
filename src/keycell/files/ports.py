"""What the file flows need of the world, and `Files`, which holds it.

Every write is one atomic verb that checks again, under the volume's lock, what the flow decided
on: that the parent still hangs in its tree, that the name is free, that the quota has room.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports import AccountStore, AuditTrail
from keycell.files.access import Right
from keycell.files.jobs import Job, JobStep
from keycell.files.links import Link
from keycell.files.locks import NO_TOKENS
from keycell.files.nodes import Conditions, Content, Node, Version
from keycell.files.ports_blobs import BlobStore, Written
from keycell.files.ports_locks import LockStore
from keycell.files.spaces import Space, Volume
from keycell.files.uploads import Upload, UploadPart


@dataclass(frozen=True, slots=True)
class Limits:
    """What whoever runs Keycell decides about files."""

    quota: int | None = None
    """Bytes of a new personal space; None for no limit."""
    largest_file: int = 5 * 2**40
    versions_kept: timedelta = timedelta(days=30)
    most_versions: int = 100
    """Of one file, the current one aside; the oldest go first."""
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
    lock_tokens: frozenset[str] = NO_TOKENS


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

    async def children(self, folder_id: str, after: str, most: int) -> Page:
        """List children whose sort keys are beyond one."""
        ...

    async def children_from(self, folder_id: str, offset: int, most: int) -> Page:
        """List children from a number on."""
        ...

    async def named(self, volume_ids: Sequence[str], text: str, most: int) -> Sequence[Node]:
        """Find nodes whose names hold a text, whatever its case."""
        ...

    async def place(self, placing: Placing) -> Placed:
        """Give a file new content, and make it and its folders where they are not.

        The version that was there is kept. Raises NotFound, NameTaken, IsAFolder, NotAFolder,
        PreconditionFailed, QuotaExceeded, NoSuchUpload, Locked; then nothing has changed.
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

        Its locks end. Raises NotFound, NameTaken, Conflict (into itself), Locked.
        """
        ...

    async def trash(
        self,
        node_id: str,
        origin: str,
        by: str,
        at: datetime,
        lock_tokens: frozenset[str] = NO_TOKENS,
    ) -> Node | None:
        """Move a node to its volume's recycle bin; None if it is not there any more.

        Its locks end. Raises Locked.
        """
        ...

    async def delete(
        self,
        node_id: str,
        at: datetime,
        event: AuditEvent,
        lock_tokens: frozenset[str] = NO_TOKENS,
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

    async def know_digests(self, version_id: str, sha256: str, block_hash: str) -> None:
        """Keep the digests of a version whose bytes were gone through."""
        ...

    async def touch(self, node_id: str, mtime: datetime, by: str) -> Node:
        """Set when a file's content changed. Raises NotFound."""
        ...

    async def changes(self, volume_id: str, after: int, most: int) -> Sequence[Change]:
        """List changes beyond one, in their order. Raises CursorGone."""
        ...

    async def usage(self, folder_id: str) -> tuple[int, int, int]:
        """Count folders, files and bytes (of current versions) below a folder."""
        ...


class SpaceStore(Protocol):
    """Spaces, volumes and rights."""

    async def find(self, slug: str, sub: str) -> Space | None:
        """Find a space by its slug, as a person sees it."""
        ...

    async def by_id(self, space_id: str) -> Space | None:
        """Find a space."""
        ...

    async def seen_by(self, sub: str, roles: frozenset[str]) -> Sequence[Space]:
        """List the spaces whose roots some right lets these roles read; denials not applied."""
        ...

    async def all(self, after: str, most: int) -> Sequence[Space]:
        """List every space in the order of identifiers, beyond one."""
        ...

    async def of_root(self, node_id: str) -> Sequence[Space]:
        """List the spaces whose root this node is."""
        ...

    async def volume(self, volume_id: str) -> Volume | None:
        """Find a volume."""
        ...

    async def add(
        self, space: Space, volume: Volume | None, rights: Sequence[Right], event: AuditEvent
    ) -> bool:
        """Keep a new space, with its volume unless it lies in another's; False if taken."""
        ...

    async def update(self, space: Space, event: AuditEvent) -> bool:
        """Change a space's slug, label or description; False if gone or the slug is taken."""
        ...

    async def remove(self, space_id: str, at: datetime, event: AuditEvent) -> bool:
        """Remove a space; its own volume's nodes are deleted for good with it."""
        ...

    async def set_quota(self, volume_id: str, quota: int | None, event: AuditEvent) -> bool:
        """Set how much a volume may hold; what is there stays."""
        ...

    async def rights(
        self, *, node_ids: Sequence[str] = (), role_ids: Sequence[str] = ()
    ) -> Sequence[Right]:
        """List rights by node and role; empty means any, and both empty all there are."""
        ...

    async def put_right(self, right: Right, event: AuditEvent) -> bool:
        """Keep a right; False if the node is not there."""
        ...

    async def remove_right(self, right: Right, event: AuditEvent) -> bool:
        """Remove a right; True for the call that did."""
        ...


class UploadStore(Protocol):
    """Multipart uploads under way."""

    async def begin(self, upload: Upload) -> None:
        """Keep a new upload."""
        ...

    async def find(self, upload_id: str) -> Upload | None:
        """Find an upload that was neither completed nor given up."""
        ...

    async def keep_part(self, part: UploadPart, written: Written) -> tuple[str, ...]:
        """Keep a part, in the place of an earlier one of its number; give unneeded keys.

        Raises NoSuchUpload, QuotaExceeded.
        """
        ...

    async def parts(self, upload_id: str, after: int, most: int) -> Sequence[UploadPart]:
        """List the parts that arrived, in the order of their numbers, beyond one."""
        ...

    async def abort(self, upload_id: str) -> bool:
        """Give an upload up, with its parts; True for the call that did."""
        ...

    async def of_person(self, sub: str, after: tuple[str, str], most: int) -> Sequence[Upload]:
        """List a person's uploads in the order of paths and identifiers, beyond one."""
        ...


class MetaStore(Protocol):
    """What people say about nodes, by namespace."""

    async def of_nodes(self, node_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Give JSON texts by namespace, by node."""
        ...

    async def put(
        self, node_id: str, namespace: str, value: str | None, by: str, at: datetime
    ) -> bool:
        """Keep a JSON text, or forget it; False if the node is not there. Seen in the feed."""
        ...

    async def revise(
        self,
        node_id: str,
        namespace: str,
        revise: Callable[[str | None], str | None],
        by: str,
        at: datetime,
    ) -> bool:
        """Change a JSON text by what a pure function makes of it; nothing comes in between.

        What the function raises is raised, and nothing is changed. Otherwise as `put`.
        """
        ...

    async def namespaces(self) -> Sequence["Namespace"]:
        """List the namespaces in their order."""
        ...

    async def put_namespace(self, namespace: "Namespace", event: AuditEvent) -> None:
        """Keep a namespace."""
        ...

    async def remove_namespace(self, name: str, event: AuditEvent) -> bool:
        """Remove a namespace and all that was said in it."""
        ...


@dataclass(frozen=True, slots=True)
class Namespace:
    """A kind of thing people may say about nodes."""

    name: str
    label: str
    position: int
    is_indexable: bool
    definition: str
    """JSON text that says of which type the values are."""


class JobStore(Protocol):
    """Work that outlives its request, and the process that began it."""

    async def add(self, job: Job) -> None:
        """Keep a new job."""
        ...

    async def find(self, job_id: str) -> Job | None:
        """Find a job."""
        ...

    async def of_person(self, sub: str | None, most: int) -> Sequence[Job]:
        """List somebody's jobs, or everybody's, the latest first."""
        ...

    async def take(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Lease a job that waits, or whose worker is gone; one worker gets it."""
        ...

    async def keep(self, step: JobStep) -> bool:
        """Keep how far a job has come, and the lease; False if it was taken or cancelled."""
        ...

    async def cancel(self, job_id: str, at: datetime) -> bool:
        """Stop a job at its next step; True for the call that did."""
        ...

    async def remove(self, job_id: str) -> bool:
        """Forget a job."""
        ...


class LinkStore(Protocol):
    """Public links."""

    async def find(self, hash_: str) -> Link | None:
        """Find a link by what its address ends with."""
        ...

    async def by_id(self, link_id: str) -> Link | None:
        """Find a link by its identifier."""
        ...

    async def of_node(self, node_id: str, most: int) -> Sequence[Link]:
        """List the links of a file or folder, the oldest first."""
        ...

    async def of_person(self, sub: str, most: int) -> Sequence[Link]:
        """List somebody's links, the oldest first."""
        ...

    async def add(self, link: Link, event: AuditEvent) -> bool:
        """Keep a new link; False if its address is taken."""
        ...

    async def update(self, link: Link, event: AuditEvent) -> bool:
        """Change a link; False if it is gone or its new address is taken."""
        ...

    async def count(self, link_id: str) -> bool:
        """Count a download; False if there is none left, however many ask at once."""
        ...

    async def remove(self, link_id: str, event: AuditEvent) -> bool:
        """Remove a link; True for the call that did."""
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
    jobs: JobStore
    links: LinkStore
    rows: BlobRows
    blobs: BlobStore
    locks: LockStore
    accounts: AccountStore
    audit: AuditTrail
    clock: Callable[[], datetime]
    mint_id: Callable[[], str]
    """A fresh identifier of a node, version, upload or job: a UUID."""
    limits: Limits = field(default_factory=Limits)
