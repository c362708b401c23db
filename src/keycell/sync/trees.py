"""The three trees: what the disk has, what the server has, and what both agreed on last.

Nodes are known by identifiers: the server's own, and for the disk ones that its observer keeps
over renames. A place is a parent and a name, so moving a folder changes one node alone.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from keycell.sync.names import key_of

LOCAL_ROOT = "/"
DEEPEST = 10_000
"""Whatever lies in more folders lies in itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node lies: the identifier of its folder, on its own side, and its name."""

    parent: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A file or folder as the disk was seen to have it."""

    id: str
    place: Place
    is_folder: bool
    digest: str = ""
    """SHA-256 of a file, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file or folder as the server told of it."""

    id: str
    place: Place
    is_folder: bool
    digest: str | None = ""
    """SHA-256 of a file, in hex; None while the server has not gone through the bytes."""
    version: str = ""
    etag: str = ""
    revision: int = 0
    """The number of its latest change: every change of it is bound to this."""
    size: int = 0
    mtime_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What both sides agreed on last: one node, its place on either side, its content."""

    local: str
    remote: str
    is_folder: bool
    local_place: Place
    remote_place: Place
    digest: str = ""
    version: str = ""


def pair_of(local: Local, remote: Remote) -> Pair:
    """Agree on two nodes as they are."""
    return Pair(
        local=local.id, remote=remote.id, is_folder=local.is_folder, local_place=local.place,
        remote_place=remote.place, digest=local.digest, version=remote.version,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trees:
    """The three trees; the two roots are in none of them, and always belong together."""

    local: Mapping[str, Local]
    remote: Mapping[str, Remote]
    pairs: Sequence[Pair]
    remote_root: str


@dataclass(slots=True)
class Index:
    """The same, to be looked up from each side."""

    trees: Trees
    by_local: MutableMapping[str, Pair] = field(default_factory=dict)
    by_remote: MutableMapping[str, Pair] = field(default_factory=dict)
    local_at: dict[str, dict[str, Local]] = field(default_factory=dict)
    """By folders, and by what names share that cannot both be had; one of those that do."""
    colliding: dict[tuple[str, str], list[Local]] = field(default_factory=dict)
    """The others of those: a disk may hold several."""
    remote_at: dict[str, dict[str, Remote]] = field(default_factory=dict)
    local_in: MutableMapping[str, list[Local]] = field(default_factory=dict)
    remote_in: MutableMapping[str, list[Remote]] = field(default_factory=dict)

    def local_of(self, remote_folder: str) -> str | None:
        """Give the folder on the disk that belongs to one of the server; None if there is none."""
        if remote_folder == self.trees.remote_root:
            return LOCAL_ROOT
        pair = self.by_remote.get(remote_folder)
        return pair.local if pair is not None and pair.local in self.trees.local else None

    def remote_of(self, local_folder: str) -> str | None:
        """Give the folder of the server that belongs to one on the disk; None likewise."""
        if local_folder == LOCAL_ROOT:
            return self.trees.remote_root
        pair = self.by_local.get(local_folder)
        return pair.remote if pair is not None and pair.remote in self.trees.remote else None

    def local_beside(self, place: Place, other_than: str) -> Local | None:
        """Find what stands at a place of the disk, or collides with it."""
        found = self._locals_at(place.parent, key_of(place.name))
        others = [one for one in found if one.id != other_than]
        # The very name comes first.
        others.sort(key=lambda one: (one.place.name != place.name, one.id))
        return others[0] if others else None

    def remote_beside(self, place: Place, other_than: str) -> Remote | None:
        """Find what stands at a place of the server, or collides with it."""
        found = self._remote_at(place.parent, key_of(place.name))
        return None if found is None or found.id == other_than else found

    def _locals_at(self, folder: str, key: str) -> list[Local]:
        first = self.local_at.get(folder, {}).get(key)
        return [] if first is None else [first, *self.colliding.get((folder, key), ())]

    def _remote_at(self, folder: str, key: str) -> Remote | None:
        return self.remote_at.get(folder, {}).get(key)

    def lies_in(
        self, side: Mapping[str, Local] | Mapping[str, Remote], node_id: str, other: str
    ) -> bool:
        """Tell whether a node is another, or lies below it."""
        steps = 0
        while node_id in side and node_id != other and steps <= DEEPEST:
            node_id, steps = side[node_id].place.parent, steps + 1
        return node_id == other


def index_of(trees: Trees) -> Index:
    """Index three trees."""
    found = Index(trees)
    for pair in trees.pairs:
        found.by_local[pair.local] = pair
        found.by_remote[pair.remote] = pair
    for local in trees.local.values():
        parent, key = local.place.parent, key_of(local.place.name)
        if found.local_at.setdefault(parent, {}).setdefault(key, local) is not local:
            found.colliding.setdefault((parent, key), []).append(local)
        found.local_in.setdefault(local.place.parent, []).append(local)
    for remote in trees.remote.values():
        found.remote_at.setdefault(remote.place.parent, {})[key_of(remote.place.name)] = remote
        found.remote_in.setdefault(remote.place.parent, []).append(remote)
    return found


def below(
    root: str, children: Mapping[str, list[Local]] | Mapping[str, list[Remote]]
) -> list[str]:
    """List all that hangs from a root, what lies deeper later."""
    found: list[str] = []
    waiting = [root]
    for folder in waiting:
        for child in children.get(folder, ()):
            found.append(child.id)
            if child.is_folder:
                waiting.append(child.id)
    return found
