"""What a run would do to the end: its rounds, on trees that become what each would make of them.

Nothing of it is done. What finds its place taken by another of the same round is dropped, and what
a round makes possible is planned in the next, as in a run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Generic, Self, TypeVar

from keycell.sync.names import key_of
from keycell.sync.operations import (
    Agree,
    DeleteLocal,
    DeleteRemote,
    Download,
    Forget,
    Learn,
    MakeLocal,
    MakeRemote,
    MoveLocal,
    MoveRemote,
    Operation,
    Plan,
    Upload,
)
from keycell.sync.plan import Policy, plan
from keycell.sync.trees import Local, Pair, Place, Remote, Trees, pair_of

N = TypeVar("N", Local, Remote)


@dataclass(slots=True)
class _Side(Generic[N]):
    """The nodes of a side, each in a place that no other has."""

    key: Callable[[str], str]
    """What names share that cannot both be had."""
    nodes: dict[str, N] = field(default_factory=dict)
    _at: dict[tuple[str, str], str] = field(default_factory=dict)

    def put(self, node: N) -> bool:
        """Put a node in its place, if that is free."""
        at = self._key(node.place)
        if self._at.get(at, node.id) != node.id:
            return False
        self.remove(node.id)
        self.nodes[node.id] = node
        self._at[at] = node.id
        return True

    def remove(self, node_id: str) -> None:
        before = self.nodes.pop(node_id, None)
        # A disk may have held several of one key: what else is there stays known.
        if before is not None and self._at.get(self._key(before.place)) == node_id:
            del self._at[self._key(before.place)]

    def _key(self, place: Place) -> tuple[str, str]:
        return place.parent, self.key(place.name)


@dataclass(slots=True)
class Foresight:
    """The three trees as they would be."""

    root: str
    local: _Side[Local] = field(default_factory=lambda: _Side[Local](str))
    remote: _Side[Remote] = field(default_factory=lambda: _Side[Remote](key_of))
    pairs: dict[str, Pair] = field(default_factory=dict)
    _of_remote: dict[str, str] = field(default_factory=dict)
    """Whose pair each node of the server is in."""
    _numbers: Iterator[int] = field(default_factory=count)

    @classmethod
    def of(cls, trees: Trees) -> Self:
        """Begin with what is."""
        found = cls(trees.remote_root)
        for local in trees.local.values():
            found.local.put(local)
        for remote in trees.remote.values():
            found.remote.put(remote)
        for pair in trees.pairs:
            found._agree(pair)
        return found

    def plan(self, policy: Policy) -> Plan:
        """Give the next round."""
        pairs = tuple(self.pairs.values())
        return plan(Trees(self.local.nodes, self.remote.nodes, pairs, self.root), policy)

    def carry_out(self, operation: Operation) -> bool:
        """Let the trees be as an operation leaves them; False where it would be dropped."""
        match operation:
            case Agree(pair):
                self._agree(pair)
            case Forget(pair):
                self.pairs.pop(pair.local, None)
            case DeleteLocal(local, pair):
                # Of a folder that goes, all goes in the same round.
                self.local.remove(local.id)
                self.pairs.pop(pair.local, None)
            case DeleteRemote(remote, pair):
                self.remote.remove(remote.id)
                self.pairs.pop(pair.local, None)
            case Learn(remote):
                # Nobody reads it now: it is taken to be unlike what is here.
                self.remote.put(replace(remote, digest="not known"))
            case _:
                return self._place(operation)
        return True

    def _place(self, operation: Operation) -> bool:
        match operation:
            case MoveLocal(local, place, agreed):
                return self.local.put(replace(local, place=place)) and self._agree(agreed)
            case MoveRemote(remote, place, agreed):
                return self.remote.put(replace(remote, place=place)) and self._agree(agreed)
            case Upload(local, place, over, pair):
                there = replace(over or self._new_remote(local, place), digest=local.digest)
                agreed = replace(pair or pair_of(local, there), digest=local.digest)
                return self.remote.put(there) and self._agree(agreed)
            case Download(remote, place, over, pair):
                digest = remote.digest or ""
                here = replace(over or self._new_local(remote, place), digest=digest)
                agreed = replace(pair or pair_of(here, remote), digest=digest)
                agreed = replace(agreed, version=remote.version)
                return self.local.put(here) and self._agree(agreed)
            case MakeRemote(local, place):
                there = self._new_remote(local, place)
                return self.remote.put(there) and self._agree(pair_of(local, there))
            case MakeLocal(remote, place):
                here = self._new_local(remote, place)
                return self.local.put(here) and self._agree(pair_of(here, remote))
        return False

    def _new_local(self, remote: Remote, place: Place) -> Local:
        return Local(id=f"would be {next(self._numbers)}", place=place, is_folder=remote.is_folder)

    def _new_remote(self, local: Local, place: Place) -> Remote:
        return Remote(id=f"would be {next(self._numbers)}", place=place, is_folder=local.is_folder)

    def _agree(self, pair: Pair | None) -> bool:
        if pair is not None:
            # Each node is in one pair at most.
            self.pairs.pop(self._of_remote.get(pair.remote, ""), None)
            self.pairs[pair.local] = pair
            self._of_remote[pair.remote] = pair.local
        return True
