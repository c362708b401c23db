"""What a plan is made of. Each operation says what it found, and is dropped where that changed.

None of them depends on another of the same plan: whatever one of them makes possible is planned in
the next round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from keycell.sync.trees import Local, Pair, Place, Remote


@dataclass(frozen=True, slots=True)
class Agree:
    """Both sides are alike here: keep that."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Forget:
    """What was agreed on is no more: what is left of it is as if it were new."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Learn:
    """Go through a file of the server, whose digest it does not know yet."""

    remote: Remote


@dataclass(frozen=True, slots=True)
class Upload:
    """Give the server a file's content: over what it was seen to have, or where nothing is."""

    local: Local
    place: Place
    over: Remote | None
    pair: Pair | None


@dataclass(frozen=True, slots=True)
class Download:
    """Give the disk a file's content: over what it was seen to have, or where nothing is."""

    remote: Remote
    place: Place
    over: Local | None
    pair: Pair | None


@dataclass(frozen=True, slots=True)
class MakeRemote:
    """Make a folder on the server for one on the disk."""

    local: Local
    place: Place


@dataclass(frozen=True, slots=True)
class MakeLocal:
    """Make a folder on the disk for one on the server."""

    remote: Remote
    place: Place


@dataclass(frozen=True, slots=True)
class MoveRemote:
    """Give a node of the server another place; what then is agreed, if anything."""

    remote: Remote
    place: Place
    agreed: Pair | None
    is_conflict: bool = False
    """It steps aside, since the disk has a folder under its name."""


@dataclass(frozen=True, slots=True)
class MoveLocal:
    """Give a node of the disk another place."""

    local: Local
    place: Place
    agreed: Pair | None
    is_conflict: bool = False
    """It steps aside, since the server has something else under its name."""


@dataclass(frozen=True, slots=True)
class DeleteRemote:
    """Move a file of the server, or an empty folder, to its recycle bin."""

    remote: Remote
    pair: Pair


@dataclass(frozen=True, slots=True)
class DeleteLocal:
    """Move a file of the disk to our trash, or remove an empty folder."""

    local: Local
    pair: Pair


Operation = (
    Agree | Forget | Learn | Upload | Download | MakeRemote | MakeLocal | MoveRemote | MoveLocal
    | DeleteRemote | DeleteLocal
)  # fmt: skip


def files_of(operations: Sequence[Operation]) -> set[str]:
    """Give the identifiers of the disk's files that operations are about."""
    nodes = (getattr(one, name, None) for one in operations for name in ("local", "over"))
    return {one.id for one in nodes if isinstance(one, Local) and not one.is_folder}


@dataclass(frozen=True, slots=True)
class Blocked:
    """A node that cannot be synced as things are, and why."""

    node: Local | Remote
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be done at once, and what cannot be done at all."""

    operations: tuple[Operation, ...]
    blocked: tuple[Blocked, ...]
