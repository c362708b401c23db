"""What spaces hold, as administration is told it, and what it may do about that."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from keycell.accounts.audit import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A space with a volume of its own. A cell over a folder holds nothing itself."""

    space_id: str
    slug: str
    label: str
    kind: str
    owner: str
    """The login of the person whose it is; empty for what administrators made."""
    owner_name: str
    volume_id: str
    quota: int | None
    used: int
    nodes: int
    trashed: int
    """So many things lie in the recycle bin; a folder counts as one."""
    kept_until: datetime | None
    """When it goes with all it holds: whose it was is not here any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A file of 1 MiB and more, and the space it is in."""

    node_id: str
    name: str
    size: int
    changed_at: datetime
    space_id: str
    space: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thrown:
    """Something in a recycle bin: where it was, and since when it is there."""

    node_id: str
    name: str
    origin: str
    is_folder: bool
    size: int
    trashed_at: datetime | None
    key: str
    """What the bin is in the order of."""


class Shelves(Protocol):
    """What spaces hold."""

    async def all(self) -> Sequence[Shelf]:
        """Give every space with a volume of its own."""
        ...

    async def find(self, space_id: str) -> Shelf | None:
        """Find one of them."""
        ...

    async def largest(self, size: int, node_id: str, most: int) -> Sequence[Large]:
        """List files of 1 MiB and more, the largest first, beyond one."""
        ...

    async def thrown(self, volume_id: str, after: str, most: int) -> Sequence[Thrown]:
        """List what lies in a volume's recycle bin, beyond a key."""
        ...

    async def waiting(self) -> tuple[int, int]:
        """Tell how many blobs wait to be swept, and of how many bytes together."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stockroom:
    """All of it, and what is done about it."""

    shelves: Shelves
    paths: Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
    """Where files are in their spaces; what is on its way out is left out."""
    set_quota: Callable[[str, int | None, AuditEvent], Awaitable[bool]]
    """Set how much a volume may hold."""
    put_back: Callable[[str, str, AuditEvent], Awaitable[str | None]]
    """Put something of a space's recycle bin back; give its path, None if it is not there."""
    trash_kept: timedelta
    versions_kept: timedelta
