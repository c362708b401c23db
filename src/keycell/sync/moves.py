"""Where a node that either side moved is to lie, and what stands in its way there.

The server's place wins. What cannot be had at once, since something else must move first, is left
to a later round; where all wait for each other, one of them steps out of the way for a moment.
"""

from dataclasses import dataclass, replace

from keycell.sync.names import (
    NameRules,
    conflict_name,
    is_same,
    key_of,
    passing_name,
    refusal_of_server,
)
from keycell.sync.operations import Agree, Blocked, MoveLocal, MoveRemote, Operation
from keycell.sync.trees import Index, Local, Pair, Place, Remote


@dataclass(frozen=True, slots=True)
class Waits:
    """Something cannot be where it is to be before another node has left that place."""

    for_pair: Pair
    on_disk: bool


Step = Operation | Blocked | Waits | None
"""What to do about a node in this round; None to wait for what makes its folder."""

_NOWHERE = Place("", "")
"""Where a side is agreed to be whose node is yet to move, wherever to."""


@dataclass(frozen=True, slots=True)
class Mover:
    """Decides moves over one index."""

    index: Index
    rules: NameRules
    device: str
    day: str

    def of_pair(self, pair: Pair, local: Local, remote: Remote) -> Step:
        """Decide where a node that both sides have is to lie."""
        is_moved = local.place != pair.local_place, remote.place != pair.remote_place
        if is_moved == (False, False):
            return None
        if self._is_one_place(local, remote):
            return Agree(replace(pair, local_place=local.place, remote_place=remote.place))
        if is_moved[1]:
            parent = self.index.local_of(remote.place.parent)
            place = None if parent is None else Place(parent, remote.place.name)
            return None if place is None else self._to_local(pair, local, remote, place)
        twin = self.index.remote_of(local.place.parent)
        place = None if twin is None else Place(twin, local.place.name)
        return None if place is None else self._to_remote(pair, local, remote, place)

    def _is_one_place(self, local: Local, remote: Remote) -> bool:
        return self.index.local_of(remote.place.parent) == local.place.parent and is_same(
            local.place.name, remote.place.name
        )

    def _to_local(self, pair: Pair, local: Local, remote: Remote, place: Place) -> Step:
        reason = self.rules.refusal_of_disk(place.name)
        if reason:
            return Blocked(remote, reason)
        if self.index.lies_in(self.index.trees.local, place.parent, local.id):
            return None
        there = self.index.local_beside(place, local.id)
        if there is None:
            agreed = replace(pair, local_place=place, remote_place=remote.place)
            return MoveLocal(local, place, agreed)
        other = self.index.by_local.get(there.id)
        if other is None:
            return self.aside(there)
        return Waits(other, on_disk=True)

    def _to_remote(self, pair: Pair, local: Local, remote: Remote, place: Place) -> Step:
        reason = refusal_of_server(place.name, is_at_top=place.parent == self._top)
        if reason:
            return Blocked(local, reason)
        if self.index.lies_in(self.index.trees.remote, place.parent, remote.id):
            # Each side put one of two folders into the other: what the server has stands.
            parent = self.index.local_of(remote.place.parent)
            back = None if parent is None else Place(parent, remote.place.name)
            return None if back is None else self._to_local(pair, local, remote, back)
        there = self.index.remote_beside(place, remote.id)
        if there is None:
            agreed = replace(pair, local_place=local.place, remote_place=place)
            return MoveRemote(remote, place, agreed)
        if self.holds_its_place(there):
            return self.aside(local)
        return Waits(self.index.by_remote[there.id], on_disk=False)

    @property
    def _top(self) -> str:
        return self.index.trees.remote_root

    def holds_its_place(self, there: Remote) -> bool:
        """Tell whether a node of the server is to stay where it is, as far as is known."""
        pair = self.index.by_remote.get(there.id)
        if pair is None:
            return True
        twin = self.index.trees.local.get(pair.local)
        if twin is None:
            return False
        return there.place != pair.remote_place or twin.place == pair.local_place

    def aside(self, local: Local) -> MoveLocal:
        """Let what the disk has step aside, under a name that a person understands."""
        taken = self._taken_on_disk(local.place.parent)
        twin = self.index.remote_of(local.place.parent)
        if twin is not None:
            taken |= self._taken_on_server(twin)
        name = conflict_name(local.place.name, self.device, self.day, taken)
        return MoveLocal(local, Place(local.place.parent, name), None, is_conflict=True)

    def aside_on_server(self, remote: Remote) -> Step:
        """Let a file of the server step aside for a folder that the disk has under its name."""
        taken = self._taken_on_server(remote.place.parent)
        name = conflict_name(remote.place.name, "server", self.day, taken)
        return MoveRemote(remote, Place(remote.place.parent, name), None, is_conflict=True)

    def passing(self, wait: Waits) -> Step:
        """Let what stands in the way step out of it for a moment, if it is to leave anyhow."""
        pair = wait.for_pair
        local = self.index.trees.local.get(pair.local)
        remote = self.index.trees.remote.get(pair.remote)
        if local is not None and remote is not None and self._is_one_place(local, remote):
            return None
        if wait.on_disk and local is not None:
            return self._passing_on_disk(pair, local, remote)
        if not wait.on_disk and remote is not None:
            return self._passing_on_server(pair, remote, local)
        return None

    def _passing_on_disk(self, pair: Pair, local: Local, remote: Remote | None) -> Step:
        if remote is not None and remote.place == pair.remote_place:
            return None
        taken = self._taken_on_disk(local.place.parent)
        place = Place(local.place.parent, passing_name(local.place.name, taken))
        # What the server deleted is still to go when it is empty; the rest is yet to move.
        remote_place = pair.remote_place if remote is None else _NOWHERE
        return MoveLocal(local, place, replace(pair, local_place=place, remote_place=remote_place))

    def _passing_on_server(self, pair: Pair, remote: Remote, local: Local | None) -> Step:
        if local is not None and local.place == pair.local_place:
            return None
        taken = self._taken_on_server(remote.place.parent)
        place = Place(remote.place.parent, passing_name(remote.place.name, taken))
        local_place = pair.local_place if local is None else _NOWHERE
        agreed = replace(pair, local_place=local_place, remote_place=place)
        return MoveRemote(remote, place, agreed)

    def _taken_on_disk(self, folder: str) -> set[str]:
        return {key_of(one.place.name) for one in self.index.local_in.get(folder, ())}

    def _taken_on_server(self, folder: str) -> set[str]:
        return {key_of(one.place.name) for one in self.index.remote_in.get(folder, ())}
