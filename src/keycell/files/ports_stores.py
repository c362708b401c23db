"""What the file flows need beside nodes: spaces, uploads, what is said, jobs and links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Right
from keycell.files.comments import Comment
from keycell.files.jobs import Job, JobStep
from keycell.files.links import Link
from keycell.files.ports_blobs import Written
from keycell.files.spaces import Space, Volume
from keycell.files.uploads import Upload, UploadPart

MOST_TAGS = 5000
"""That a namespace offers before they are on any node."""


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

    async def of_owner(self, sub: str, most: int) -> Sequence[Space]:
        """List the spaces that are a person's own, in the order of identifiers."""
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
        """Keep a new space, with its volume unless it lies in another's; False if taken.

        Raises NotFound if the folder it is over is gone, Conflict if there is one over it, or if
        it is a cell of somebody's who has as many as they may.
        """
        ...

    async def update(self, space: Space, event: AuditEvent) -> bool:
        """Change a space's slug, label or description; False if gone or the slug is taken.

        False, too, if it is another's meanwhile.
        """
        ...

    async def remove(self, space_id: str, at: datetime, event: AuditEvent) -> bool:
        """Remove a space, with what is in its recycle bin; raise Conflict if it has files."""
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
        """Keep a right; False if the node is not there, NotFound if whom it is for is not."""
        ...

    async def remove_right(self, right: Right, event: AuditEvent) -> bool:
        """Remove a right; True for the call that did."""
        ...


class UploadStore(Protocol):
    """Multipart uploads under way."""

    async def begin(self, upload: Upload) -> None:
        """Keep a new upload. Raises QuotaExceeded if its person has too many under way."""
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

    async def said_in(
        self, namespace: str, root_ids: Sequence[str], most: int
    ) -> Sequence[tuple[str, str]]:
        """List nodes of which something is said in a namespace, and what; the first as found.

        Looked at are the volumes of some roots alone; the order is that of a search.
        """
        ...

    async def namespaces(self) -> Sequence["Namespace"]:
        """List the namespaces in their order."""
        ...

    async def put_namespace(self, namespace: "Namespace", event: AuditEvent) -> None:
        """Keep a namespace."""
        ...

    async def remove_namespace(self, name: str, event: AuditEvent) -> bool:
        """Remove a namespace, all that was said in it, and the tags that it offers."""
        ...

    async def tags(self, namespace: str) -> Sequence[str]:
        """List the tags that a namespace offers, in their order."""
        ...

    async def add_tag(self, namespace: str, tag: str, by: str, at: datetime) -> bool:
        """Offer a tag; False if the namespace is gone, or offers as many as it may."""
        ...

    async def remove_tags(self, namespace: str, tag: str | None, by: str | None) -> int:
        """Offer a tag no more, or none at all, as far as one person added them; tell how many."""
        ...


class CommentStore(Protocol):
    """What people say to each other of nodes."""

    async def of_node(self, node_id: str, most: int) -> Sequence[Comment]:
        """List the comments on a node, the oldest first."""
        ...

    async def of_person(self, sub: str, most: int) -> Sequence[Comment]:
        """List what somebody said, the latest first."""
        ...

    async def find(self, comment_id: str) -> Comment | None:
        """Find a comment."""
        ...

    async def add(
        self, comment: Comment, most: int, *, within: timedelta, most_within: int
    ) -> None:
        """Keep a new comment.

        Raises NotFound if its person or its node is gone, Conflict if there are too many: on the
        node, or of the person within some time, with those that they took back.
        """
        ...

    async def remove(self, comment_id: str) -> None:
        """Forget a comment, if it is there."""
        ...


BOOKMARK = "bookmark"
"""What a person's bookmarks are called on the wires."""


TAGS = "usermeta-tags"
"""The namespace of the tags that everybody sees who may read what they are on."""


def bookmark_of(sub: str) -> str:
    """Give the namespace that a person's own bookmarks are kept in: nobody else sees them."""
    return f"{BOOKMARK}:{sub}"


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

    async def add(self, job: Job, most: int | None = None) -> None:
        """Keep a new job; raise Conflict if so many of its person's are under way already."""
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

    async def of_person(self, sub: str, most: int) -> Sequence[Link]:
        """List somebody's links, the oldest first."""
        ...

    async def to_nodes(self, node_ids: Sequence[str]) -> Sequence[Link]:
        """List everybody's links to some nodes, the oldest first."""
        ...

    async def add(self, link: Link, most: int, event: AuditEvent) -> bool:
        """Keep a new link; False if its address is taken.

        Raises NotFound if its person or its node is gone, Conflict if the node has so many.
        """
        ...

    async def update(self, link: Link, read_at: datetime, event: AuditEvent) -> bool:
        """Change a link that was last changed when it was read.

        False if it is gone, was changed meanwhile, or its new address is taken.
        """
        ...

    async def count(self, link_id: str, at: datetime) -> bool:
        """Count a download; False if there is none left, however many ask at once."""
        ...

    async def claim_telling(self, link_id: str, at: datetime, before: datetime) -> bool:
        """Say that whose it is, is told now; False if they were told since, or want no word.

        True for one of however many ask at once.
        """
        ...

    async def remove(self, link_id: str, event: AuditEvent) -> bool:
        """Remove a link; True for the call that did."""
        ...


class PictureStore(Protocol):
    """Pictures of people, and of the whole."""

    async def find(self, kind: str, owner: str) -> tuple[str, bytes] | None:
        """Find a picture's type and bytes."""
        ...

    async def put(self, kind: str, owner: str, content_type: str, content: bytes) -> None:
        """Keep a picture in the place of an earlier one."""
        ...

    async def remove(self, kind: str, owner: str) -> None:
        """Forget a picture, if there is one."""
        ...
