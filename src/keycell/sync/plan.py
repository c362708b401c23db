"""What is to be done to make both sides alike: a rule of the three trees, and of nothing else.

| disk, server | as agreed | edited | deleted | moved |
|---|---|---|---|---|
| **as agreed** | | download | delete | move |
| **edited** | upload | agree, or keep both | upload again | move, then upload |
| **deleted** | delete | download again | forget | download again |
| **moved** | move | move, then download | upload there | agree, or the server's place |

A plan is one round: it is carried out in any order, each operation only if what it found is still
so, and then planned again until nothing is left. See decisions/0039.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from keycell.sync.fates import (
    Fate,
    Fates,
    is_as_agreed,
    is_edited_locally,
    is_edited_remotely,
    is_untouched,
)
from keycell.sync.moves import Mover, Step, Waits
from keycell.sync.names import NameRules, is_same, refusal_of_server
from keycell.sync.operations import (
    Agree,
    Blocked,
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
from keycell.sync.trees import (
    LOCAL_ROOT,
    Index,
    Local,
    Pair,
    Place,
    Remote,
    Trees,
    below,
    index_of,
    pair_of,
)


class Direction(Enum):
    """Which way changes go."""

    BOTH = "both"
    UP = "up"
    """The disk is never written to."""
    DOWN = "down"
    """The server is never written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What whoever set the folder up decided, and what a conflict is named by."""

    direction: Direction = Direction.BOTH
    names: NameRules = field(default_factory=NameRules)
    device: str = "this device"
    day: str = "today"


_ON_DISK = (Download, MakeLocal, MoveLocal, DeleteLocal)
_MAKING_WAY = (
    Agree,
    Forget,
    MakeLocal,
    MakeRemote,
    MoveLocal,
    MoveRemote,
    DeleteLocal,
    DeleteRemote,
)
"""While there are such, whoever waits may yet have what it waits for."""
_TOLD_ONCE = (Agree, Download, Upload)
"""From the end of the pair, or of the new node, that they are about."""
_ON_SERVER = (Upload, MakeRemote, MoveRemote, DeleteRemote)


def plan(trees: Trees, policy: Policy) -> Plan:
    """Give all that can be done at once; nothing if both sides are alike."""
    index = index_of(trees)
    here = below(LOCAL_ROOT, index.local_in)
    there = below(trees.remote_root, index.remote_in)
    return plan_of(index, here, there, policy)


def plan_of(index: Index, here: Iterable[str], there: Iterable[str], policy: Policy) -> Plan:
    """Give the same over the index's pairs, and over new nodes among some that hang from a root.

    A pair whose two nodes are where and as was agreed on is left as it is, whatever else there
    is: the index need hold none of those among its pairs, if it finds them when it is asked.
    """
    mover = Mover(index, policy.names, policy.device, policy.day)
    planner = _Planner(index, Fates(index), mover, here, there)
    steps = [_allowed(step, policy.direction) for step in planner.steps()]
    if not any(isinstance(step, _MAKING_WAY) for step in steps):
        steps.append(_allowed(planner.untied(steps), policy.direction))
    found = _each_once(steps)
    return Plan(
        tuple(one for one in found if not isinstance(one, Blocked | Waits)),
        tuple(one for one in found if isinstance(one, Blocked)),
    )


def _each_once(steps: Iterable[Step]) -> list[Operation | Blocked | Waits]:
    """Leave out what is told of again: a node that steps aside may be, from both ends.

    Of a hundred thousand files that come or go, none is compared with the others.
    """
    told = set[Operation | Blocked | Waits]()
    found: list[Operation | Blocked | Waits] = []
    for step in steps:
        if isinstance(step, _TOLD_ONCE):
            found.append(step)
        elif step is not None and step not in told:
            told.add(step)
            found.append(step)
    return found


def _allowed(step: Step, direction: Direction) -> Step:
    if direction is Direction.DOWN and isinstance(step, _ON_SERVER):
        return None
    if direction is Direction.UP and isinstance(step, _ON_DISK):
        if isinstance(step, MoveLocal) and step.is_conflict:
            return Blocked(step.local, "the server has something else under this name")
        return None
    return step


@dataclass(frozen=True, slots=True)
class _Planner:
    index: Index
    fates: Fates
    mover: Mover
    here: Iterable[str]
    there: Iterable[str]

    def steps(self) -> Iterator[Step]:
        for pair in self.index.trees.pairs:
            yield self._pair(pair)
        trees = self.index.trees
        for node_id in self.here:
            if node_id not in self.index.by_local:
                yield self._new_local(trees.local[node_id])
        for node_id in self.there:
            if node_id not in self.index.by_remote:
                yield self._new_remote(trees.remote[node_id])

    def _pair(self, pair: Pair) -> Step:
        local = self.index.trees.local.get(pair.local)
        remote = self.index.trees.remote.get(pair.remote)
        if local is None and remote is None:
            return Forget(pair)
        if local is None:
            assert remote is not None  # noqa: S101  (for the type checker)
            return self._deleted_locally(pair, remote)
        if remote is None:
            return self._deleted_remotely(pair, local)
        step = self.mover.of_pair(pair, local, remote)
        if step is None or isinstance(step, Blocked | Waits):
            # What cannot be moved yet, or ever, is kept up to date where it lies.
            return self._content(pair, local, remote) or step
        return step

    def untied(self, steps: Sequence[Step]) -> Step:
        """Break a ring of nodes that wait for each other's places."""
        # What is agreed on of one node is kept by one operation of a round.
        busy = {one.pair for one in steps if isinstance(one, Upload | Download)}
        waits = [one for one in steps if isinstance(one, Waits) and one.for_pair not in busy]
        # Whichever way they were gone through, it is one and the same.
        waits.sort(key=lambda one: (one.for_pair.local, one.on_disk))
        passing = (self.mover.passing(one) for one in waits)
        return next((one for one in passing if one is not None), None)

    def _deleted_locally(self, pair: Pair, remote: Remote) -> Step:
        if not remote.is_folder:
            as_agreed = is_as_agreed(remote, pair)
            return DeleteRemote(remote, pair) if as_agreed else Forget(pair)
        match self.fates.of_remote(remote.id):
            case Fate.GOES:
                return DeleteRemote(remote, pair)
            case Fate.STAYS:
                return Forget(pair)
            case _:
                return None

    def _deleted_remotely(self, pair: Pair, local: Local) -> Step:
        if not local.is_folder:
            return DeleteLocal(local, pair) if is_untouched(local, pair) else Forget(pair)
        match self.fates.of_local(local.id):
            case Fate.GOES:
                return DeleteLocal(local, pair)
            case Fate.STAYS:
                return Forget(pair)
            case _:
                return None

    def _content(self, pair: Pair, local: Local, remote: Remote) -> Step:
        here, there = is_edited_locally(local, pair), is_edited_remotely(remote, pair)
        if here and there:
            if remote.digest is None:
                return Learn(remote)
            if remote.digest == local.digest:
                return Agree(replace(pair, digest=local.digest, version=remote.version))
            # Both are new then, under one name: the rule for that keeps both.
            return Forget(pair)
        if here:
            return Upload(local, remote.place, remote, pair)
        if there:
            return Download(remote, local.place, local, pair)
        if remote.version != pair.version:
            return Agree(replace(pair, version=remote.version))
        return None

    def _new_local(self, local: Local) -> Step:
        twin = self.index.remote_of(local.place.parent)
        if twin is None:
            return None
        is_at_top = local.place.parent == LOCAL_ROOT
        reason = refusal_of_server(local.place.name, is_at_top=is_at_top)
        if reason:
            return Blocked(local, reason)
        place = Place(twin, local.place.name)
        there = self.index.remote_beside(place, "")
        if there is None:
            if local.is_folder:
                return MakeRemote(local, place)
            return Upload(local, place, None, None)
        if there.id in self.index.by_remote:
            holds = self.mover.holds_its_place(there)
            pair = self.index.by_remote[there.id]
            return self.mover.aside(local) if holds else Waits(pair, on_disk=False)
        return self._both_new(local, there)

    def _both_new(self, local: Local, remote: Remote) -> Step:
        if local.is_folder and not remote.is_folder:
            return self.mover.aside_on_server(remote)
        if not is_same(local.place.name, remote.place.name):
            return self.mover.aside(local)
        if remote.digest is None:
            return Learn(remote)
        if local.digest != remote.digest:
            # Of two folders there is none to compare; a file is unlike any folder.
            return self.mover.aside(local)
        return Agree(pair_of(local, remote))

    def _new_remote(self, remote: Remote) -> Step:
        parent = self.index.local_of(remote.place.parent)
        if parent is None:
            return None
        reason = self.mover.rules.refusal_of_disk(remote.place.name)
        if reason:
            return Blocked(remote, reason)
        place = Place(parent, remote.place.name)
        there = self.index.local_beside(place, "")
        if there is not None:
            # What is new there is told of from its own end: it agrees, or steps aside.
            pair = self.index.by_local.get(there.id)
            return None if pair is None else Waits(pair, on_disk=True)
        if remote.is_folder:
            return MakeLocal(remote, place)
        return Download(remote, place, None, None)
