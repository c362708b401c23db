"""What becomes of what the other side deleted: a folder goes only if all that lies in it does."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from keycell.sync.trees import LOCAL_ROOT, Index, Local, Pair, Remote, below


class Fate(Enum):
    """What is to happen to a node where it lies."""

    GOES = "goes"
    """The other side deleted it, and this one did nothing to it since."""
    LEAVES = "leaves"
    """It will lie elsewhere, or what lies in it will: to be looked at again then."""
    STAYS = "stays"


@dataclass(slots=True)
class Fates:
    """The fates of folders, by identifier: each is decided once it is asked for.

    What lies in it goes before, what lies deepest first. That of a file counts in its folder
    alone: those of a hundred thousand would be 10 MB.
    """

    index: Index
    _local: dict[str, Fate] = field(default_factory=dict)
    _remote: dict[str, Fate] = field(default_factory=dict)

    def of_local(self, folder: str) -> Fate:
        """Decide over a folder of the disk; one that hangs from nowhere is left."""
        index, fates = self.index, self._local
        if folder not in fates:
            if not index.lies_in(index.trees.local, folder, LOCAL_ROOT):
                return Fate.LEAVES
            for one in reversed([folder, *below(folder, index.local_in)]):
                node = index.trees.local[one]
                if node.is_folder and one not in fates:
                    inside = (
                        fates[child.id] if child.is_folder else _local_fate(index, child, ())
                        for child in index.local_in.get(one, ())
                    )
                    fates[one] = _local_fate(index, node, inside)
        return fates[folder]

    def of_remote(self, folder: str) -> Fate:
        """Decide over a folder of the server likewise."""
        index, fates = self.index, self._remote
        if folder not in fates:
            if not index.lies_in(index.trees.remote, folder, index.trees.remote_root):
                return Fate.LEAVES
            for one in reversed([folder, *below(folder, index.remote_in)]):
                node = index.trees.remote[one]
                if node.is_folder and one not in fates:
                    inside = (
                        fates[child.id] if child.is_folder else _remote_fate(index, child, ())
                        for child in index.remote_in.get(one, ())
                    )
                    fates[one] = _remote_fate(index, node, inside)
        return fates[folder]


def _local_fate(index: Index, node: Local, inside: Iterable[Fate]) -> Fate:
    pair = index.by_local.get(node.id)
    if pair is None:
        return Fate.STAYS
    twin = index.trees.remote.get(pair.remote)
    if twin is not None:
        return Fate.LEAVES if twin.place != pair.remote_place else Fate.STAYS
    return _of_folder(inside) if node.is_folder else _if_untouched(is_untouched(node, pair))


def _remote_fate(index: Index, node: Remote, inside: Iterable[Fate]) -> Fate:
    pair = index.by_remote.get(node.id)
    if pair is None:
        return Fate.STAYS
    twin = index.trees.local.get(pair.local)
    if twin is not None:
        is_leaving = twin.place != pair.local_place and node.place == pair.remote_place
        return Fate.LEAVES if is_leaving else Fate.STAYS
    return _of_folder(inside) if node.is_folder else _if_untouched(is_as_agreed(node, pair))


def _of_folder(inside: Iterable[Fate]) -> Fate:
    """Give a folder's fate; mostly nobody asks, and nothing in it is looked at."""
    fates = set(inside)
    if Fate.STAYS in fates:
        return Fate.STAYS
    return Fate.LEAVES if Fate.LEAVES in fates else Fate.GOES


def _if_untouched(is_untouched: bool) -> Fate:  # noqa: FBT001
    return Fate.GOES if is_untouched else Fate.STAYS


def is_untouched(node: Local, pair: Pair) -> bool:
    """Tell whether the disk has a file where and as it was agreed on."""
    return node.place == pair.local_place and not is_edited_locally(node, pair)


def is_as_agreed(node: Remote, pair: Pair) -> bool:
    """Tell whether the server has a file where and as it was agreed on."""
    return node.place == pair.remote_place and not is_edited_remotely(node, pair)


def is_edited_locally(node: Local, pair: Pair) -> bool:
    """Tell whether a file has other content than was agreed on."""
    return node.digest != pair.digest


def is_edited_remotely(node: Remote, pair: Pair) -> bool:
    """Tell whether a file has other content than was agreed on, or may have."""
    return node.version != pair.version and (node.digest is None or node.digest != pair.digest)
