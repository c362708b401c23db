"""A plan over what is not as it was agreed on, and over the rest only where that asks for it.

Of a hundred thousand files of which one was edited, a dozen nodes are read. Whatever is found is
what a plan over everything finds, since a pair at rest is left alone whatever else there is.
"""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import TypeVar

from keycell.sync.operations import Plan
from keycell.sync.plan import Policy, plan_of
from keycell.sync.scan import Excludes
from keycell.sync.state import State
from keycell.sync.trees import DEEPEST, LOCAL_ROOT, Index, Local, Pair, Remote, Trees

V = TypeVar("V")

MOST = 500
"""With more than so many that are not at rest, everything is read at once."""


class Kept(MutableMapping[str, V]):
    """What is looked up once it is asked for, and what is put over it."""

    def __init__(self, find: Callable[[str], V | None]) -> None:
        """Look up by a function; what it once gave stands."""
        self._find = find
        self._found: dict[str, V | None] = {}

    def __getitem__(self, key: str) -> V:
        """Give what is kept under a key."""
        if key not in self._found:
            self._found[key] = self._find(key)
        found = self._found[key]
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: str, value: V) -> None:
        """Put something over it."""
        self._found[key] = value

    def __delitem__(self, key: str) -> None:
        """Have it not be there."""
        self._found[key] = None

    def __iter__(self) -> Iterator[str]:
        """Go through what was found so far."""
        return iter([key for key, found in self._found.items() if found is not None])

    def __len__(self) -> int:
        """Count what was found so far."""
        return len(list(iter(self)))


@dataclass(slots=True)
class _Index(Index):
    """An index that is looked up in the state."""

    locals_at: Callable[[str, str], list[Local]] = field(kw_only=True)
    remotes_at: Callable[[str, str], list[Remote]] = field(kw_only=True)

    def _locals_at(self, folder: str, key: str) -> list[Local]:
        return self.locals_at(folder, key)

    def _remote_at(self, folder: str, key: str) -> Remote | None:
        return next(iter(self.remotes_at(folder, key)), None)


class _Visible:
    """What the server has below the top and is not left out."""

    def __init__(self, told: MutableMapping[str, Remote], root: str, excludes: Excludes) -> None:
        self.told = told
        self._excludes = excludes
        self._paths: dict[str, str | None] = {root: ""}
        self._root = root

    def node(self, node_id: str) -> Remote | None:
        """Give a node, if it is to be seen."""
        is_seen = node_id != self._root and self._path(node_id) is not None
        return self.told[node_id] if is_seen else None

    def those(self, nodes: list[Remote]) -> list[Remote]:
        """Give those of some nodes that are to be seen."""
        return [one for one in nodes if self.node(one.id) is not None]

    def hangs(self, node_id: str) -> bool:
        """Tell whether a node lies below the top, left out or not."""
        steps = 0
        while node_id != self._root and node_id in self.told and steps <= DEEPEST:
            node_id, steps = self.told[node_id].place.parent, steps + 1
        return node_id == self._root

    def _path(self, node_id: str) -> str | None:
        if not self.hangs(node_id):
            return None
        way: list[Remote] = []
        while node_id not in self._paths:
            way.append(self.told[node_id])
            node_id = way[-1].place.parent
        path = self._paths[node_id]
        for node in reversed(way):
            if path is not None:
                below = f"{path}{node.place.name}"
                path = None if self._excludes(below, node.is_folder) else f"{below}/"
            self._paths[node.id] = path
        return path


def plan_part(
    state: State, excludes: Excludes, policy: Policy
) -> tuple[Plan, MutableMapping[str, Remote]] | None:
    """Plan over what is not at rest, with what the server was known to have.

    None to plan over all: where much is not at rest, or something is left out from now on.
    """
    restless = state.restless(MOST)
    if restless is None:
        return None
    pairs, here, there = restless
    root = state.said("root")
    visible = _Visible(Kept(state.remote), root, excludes)
    if any(visible.hangs(one.remote) and visible.node(one.remote) is None for one in pairs):
        return None
    index = _index(state, visible, pairs, root)
    local, remote = index.trees.local, index.trees.remote
    new_here = [one for one in here if index.lies_in(local, one, LOCAL_ROOT)]
    new_there = [one for one in there if one in remote]
    return plan_of(index, new_here, new_there, policy), visible.told


def _index(state: State, visible: _Visible, pairs: list[Pair], root: str) -> _Index:
    trees = Trees(Kept(state.local), Kept(visible.node), pairs, root)
    return _Index(
        trees,
        by_local=Kept(state.pair_of_local),
        by_remote=Kept(state.pair_of_remote),
        local_in=Kept(state.locals_in),
        remote_in=Kept(lambda folder: visible.those(state.remotes_in(folder))),
        locals_at=state.locals_at,
        remotes_at=lambda folder, key: visible.those(state.remotes_at(folder, key)),
    )
