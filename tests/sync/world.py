"""A disk, a server and what the client keeps, in memory; people change both while it works.

Operations are carried out as the real client does, each bound to what it found. A guard can be
taken out, to see that the tests notice.
"""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
    Upload,
)
from keycell.sync.plan import Policy, plan
from keycell.sync.trees import LOCAL_ROOT, Local, Pair, Place, Remote, Trees

ROOT = "root"


class Crash(Exception):
    """The client was killed."""


class Refused(Exception):
    """What the operation found is no more so."""


@dataclass(frozen=True)
class Thing:
    """A file or folder of either side; a file's content is one word, which is its digest too."""

    place: Place
    content: str | None
    written: int = 0
    """Which write it was: the disk's token, the server's version."""
    revision: int = 0
    is_known: bool = True

    @property
    def is_folder(self) -> bool:
        return self.content is None


@dataclass
class World:
    """Both sides, and the pairs."""

    chance: random.Random
    without: frozenset[str] = frozenset()
    policy: Policy = field(default_factory=Policy)
    disk: dict[str, Thing] = field(default_factory=dict)
    server: dict[str, Thing] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)
    """Contents that somebody wrote, and nobody overwrote or deleted."""
    count: int = 0
    crashes: bool = False

    def next(self) -> int:
        self.count += 1
        return self.count

    # What the client sees.

    def trees(self) -> Trees:
        local = {
            one: Local(id=one, place=it.place, is_folder=it.is_folder, digest=it.content or "")
            for one, it in self.disk.items()
        }  # fmt: skip
        remote = {
            one: Remote(
                id=one, place=it.place, is_folder=it.is_folder,
                digest=(it.content or "") if it.is_known else None,
                version=str(it.written), etag=it.content or "", revision=it.revision,
            )
            for one, it in self.server.items()
        }  # fmt: skip
        return Trees(local, remote, tuple(self.pairs.values()), ROOT)

    def round(self, *, people: bool) -> int:
        """Plan, and carry the plan out in any order; give how much was planned."""
        planned = list(plan(self.trees(), self.policy).operations)
        self.chance.shuffle(planned)
        for operation in planned:
            if people and self.chance.random() < 0.3:
                self.somebody()
            try:
                self.carry_out(operation)
            except Refused:
                continue
        return len(planned)

    def settle(self) -> int:
        """Go on until nothing is planned; give the number of rounds."""
        for rounds in range(200):
            if self.round(people=False) == 0:
                return rounds
        raise AssertionError("it never ends")

    # What the client does.

    def carry_out(self, operation: Operation) -> None:
        agreed = self._effect(operation)
        self._maybe_crash()
        match operation:
            case Forget(pair):
                self.pairs.pop(pair.local, None)
            case _ if agreed is not None:
                self._keep(agreed)

    def _maybe_crash(self) -> None:
        if self.crashes and self.chance.random() < 0.02:
            raise Crash

    def _keep(self, pair: Pair) -> None:
        """Each node is in one pair at most."""
        for one in [one for one in self.pairs.values() if one.remote == pair.remote]:
            del self.pairs[one.local]
        if "what was agreed" in self.without and pair.local in self.disk:
            pair = replace(pair, digest=self.disk[pair.local].content or "")
        self.pairs[pair.local] = pair

    def _effect(self, operation: Operation) -> Pair | None:  # noqa: C901, PLR0912
        match operation:
            case Agree(pair):
                return pair
            case Forget():
                return None
            case Learn(remote):
                self.server[remote.id] = replace(self._remote(remote), is_known=True)
            case Upload():
                return self._upload(operation)
            case Download():
                return self._download(operation)
            case MakeRemote(local, place):
                self._check_local_is_there(local)
                made = self.make(self.server, place, None)
                return self._paired(local, made, place)
            case MakeLocal(remote, place):
                made = self.make(self.disk, place, None)
                return replace(self._paired_remote(made, remote), local_place=place)
            case MoveRemote(remote, place, agreed):
                self.move(self.server, self._remote(remote), remote.id, place)
                return agreed
            case MoveLocal(local, place, agreed):
                here = self._local(local)
                self.move(self.disk, here, local.id, place)
                return agreed
            case DeleteRemote(remote):
                if "delete" not in self.without:
                    self._remote(remote)
                self.remove(self.server, remote.id)
            case DeleteLocal(local):
                if "delete" not in self.without:
                    self._local(local)
                self.remove(self.disk, local.id)
        return None

    def _upload(self, operation: Upload) -> Pair:
        local, over = operation.local, operation.over
        here = self.disk.get(local.id)
        if here is None or here.content is None:
            raise Refused
        if here.content != local.digest:
            raise Refused
        if over is None:
            if "upload" in self.without:
                self._overwrite(operation.place)
            made = self.make(self.server, operation.place, here.content)
        else:
            made = over.id
            there = self.server.get(made)
            if there is None or there.place != operation.place:
                raise Refused
            if there.content != over.etag and "upload" not in self.without:
                raise Refused
            self.server[made] = replace(
                there, content=here.content, written=self.next(), revision=self.next(),
                is_known=self.chance.random() < 0.7,
            )  # fmt: skip
        version = str(self.server[made].written)
        if operation.pair is not None:
            return replace(operation.pair, digest=here.content, version=version)
        return replace(self._paired(local, made, operation.place), version=version)

    def _overwrite(self, place: Place) -> None:
        for one, it in list(self.server.items()):
            if _key(it.place) == _key(place) and not it.is_folder:
                del self.server[one]

    def _download(self, operation: Download) -> Pair:
        remote, over = operation.remote, operation.over
        there = self.server.get(remote.id)
        if there is None or there.content is None or str(there.written) != remote.version:
            raise Refused
        if over is None:
            made = self.make(self.disk, operation.place, there.content)
        else:
            made, here = over.id, self.disk.get(over.id)
            if here is None:
                raise Refused
            if "download" not in self.without:
                self._local(over)
            self.disk[made] = replace(here, content=there.content, written=self.next())
        if operation.pair is not None:
            return replace(
                operation.pair, digest=there.content, version=remote.version
            )  # fmt: skip
        pair = self._paired_remote(made, remote)
        return replace(pair, local_place=operation.place, digest=there.content)

    def _local(self, seen: Local) -> Thing:
        here = self.disk.get(seen.id)
        if here is None or here.place != seen.place:
            raise Refused
        if not seen.is_folder and here.content != seen.digest:
            raise Refused
        return here

    def _check_local_is_there(self, seen: Local) -> None:
        if seen.id not in self.disk:
            raise Refused

    def _remote(self, seen: Remote) -> Thing:
        there = self.server.get(seen.id)
        if there is None or there.revision != seen.revision:
            raise Refused
        return there

    def _paired(self, local: Local, remote: str, place: Place) -> Pair:
        return Pair(local=local.id, remote=remote, is_folder=local.is_folder,
                    local_place=local.place, remote_place=place, digest=local.digest)  # fmt: skip

    def _paired_remote(self, local: str, remote: Remote) -> Pair:
        return Pair(local=local, remote=remote.id, is_folder=remote.is_folder,
                    local_place=self.disk[local].place, remote_place=remote.place,
                    version=remote.version)  # fmt: skip

    # What either side can do.

    def make(self, side: dict[str, Thing], place: Place, content: str | None) -> str:
        self._check_free(side, place, "")
        number = self.next()
        made = f"{'d' if side is self.disk else 's'}{number}"
        is_known = side is self.disk or self.chance.random() < 0.7 or content is None
        side[made] = Thing(place, content, number, number, is_known)
        return made

    def _check_free(self, side: dict[str, Thing], place: Place, mover: str) -> None:
        top = LOCAL_ROOT if side is self.disk else ROOT
        if place.parent != top and (place.parent not in side or not side[place.parent].is_folder):
            raise Refused
        for one, it in side.items():
            collides = _key(it.place) == _key(place)
            if side is self.disk:
                collides = it.place == place
            if one != mover and collides:
                raise Refused

    def move(self, side: dict[str, Thing], thing: Thing, one: str, place: Place) -> None:
        self._check_free(side, place, one)
        if one in self.way(side, place.parent):
            raise Refused
        side[one] = replace(thing, place=place, revision=self.next())

    def way(self, side: dict[str, Thing], one: str) -> Iterator[str]:
        while one in side:
            yield one
            one = side[one].place.parent

    def remove(self, side: dict[str, Thing], one: str) -> None:
        if one not in side:
            raise Refused
        inside = [child for child, it in side.items() if it.place.parent == one]
        if inside and "rmdir" not in self.without:
            raise Refused
        for child in inside:
            self.remove(side, child)
        del side[one]

    # What people do.

    def somebody(self) -> None:
        """Somebody does something on one of the sides."""
        side = self.chance.choice([self.disk, self.server])
        with contextlib.suppress(Refused):
            self.chance.choice([
                self._writes, self._writes, self._edits, self._edits, self._makes, self._deletes,
                self._moves, self._moves, self._trades,
            ])(side)  # fmt: skip

    def _any_place(self, side: dict[str, Thing]) -> Place:
        top = LOCAL_ROOT if side is self.disk else ROOT
        folders = [top, *(one for one, it in side.items() if it.is_folder)]
        return Place(self.chance.choice(folders), self.chance.choice("aAbcd"))

    def _word(self) -> str:
        if self.chance.random() < 0.2:
            # What several files hold is not followed: to write it again is no change.
            return self.chance.choice("xyz")
        word = f"w{self.next()}"
        self.alive.add(word)
        return word

    def _writes(self, side: dict[str, Thing]) -> None:
        place = self._any_place(side)
        self._check_free(side, place, "")
        self.make(side, place, self._word())

    def _makes(self, side: dict[str, Thing]) -> None:
        self.make(side, self._any_place(side), None)

    def _edits(self, side: dict[str, Thing]) -> None:
        files = [one for one, it in side.items() if it.content is not None]
        if files:
            one = self.chance.choice(files)
            self.alive.discard(side[one].content or "")
            side[one] = replace(
                side[one], content=self._word(), written=self.next(), revision=self.next(),
                is_known=side is self.disk or self.chance.random() < 0.7,
            )  # fmt: skip

    def _deletes(self, side: dict[str, Thing]) -> None:
        if side:
            self.delete(side, self.chance.choice(list(side)))

    def delete(self, side: dict[str, Thing], one: str) -> None:
        for child in [child for child, it in side.items() if it.place.parent == one]:
            self.delete(side, child)
        self.alive.discard(side.pop(one).content or "")

    def _moves(self, side: dict[str, Thing]) -> None:
        if side:
            one = self.chance.choice(list(side))
            self.move(side, side[one], one, self._any_place(side))

    def _trades(self, side: dict[str, Thing]) -> None:
        """Two nodes change places."""
        if len(side) < 2:
            return
        one, other = self.chance.sample(list(side), 2)
        if one in self.way(side, other) or other in self.way(side, one):
            return
        first, second = side[one], side[other]
        side[one] = replace(first, place=second.place, revision=self.next())
        side[other] = replace(second, place=first.place, revision=self.next())

    # What must be true.

    def shape(self, side: dict[str, Thing]) -> dict[str, str | None]:
        """Give what lies where, by path."""
        paths = {}
        for one, it in side.items():
            names = [side[above].place.name for above in self.way(side, one)]
            paths["/".join(reversed(names))] = it.content
        return paths


def _key(place: Place) -> tuple[str, str]:
    """Give what two places share that cannot both be had."""
    return place.parent, key_of(place.name)
