"""A run: look at both sides, plan, carry out, and again until nothing is left to do."""

import gc
import os
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from keycell.sync.apply import Applier
from keycell.sync.disk import Disk
from keycell.sync.errors import NeedsDecision
from keycell.sync.foreseen import Foresight
from keycell.sync.glance import Problems, glance
from keycell.sync.hearing import Heard
from keycell.sync.kept import plan_part
from keycell.sync.left_out import Rules, rules_of
from keycell.sync.operations import DeleteLocal, DeleteRemote, Operation, Plan
from keycell.sync.plan import Policy, plan
from keycell.sync.remote import follow, path_of
from keycell.sync.said import Sayings
from keycell.sync.scan import Excludes, scan
from keycell.sync.state import Doing, State
from keycell.sync.trees import Remote, Trees
from keycell.sync.wire import Wire

_FEW = 20
_MANY = 0.25
_MOST_ROUNDS = 200
_MOST_STUCK = 3
"""So many rounds may find everything changed since the look before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is synced, and how."""

    root: Path
    mark: str
    policy: Policy
    ignored: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    """Folders that alone are synced; none for all."""
    may_delete_many: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    done: int
    problems: tuple[tuple[str, str], ...] = ()
    planned: tuple[Operation, ...] = field(default=())
    """What is left to do: all of it in a dry run."""
    said: tuple[str, ...] = ()
    """The same in words, in a dry run."""
    conflicts: tuple[tuple[str, str], ...] = ()
    """What stepped aside, or would, and from where: both sides had something new there."""


@dataclass(slots=True)
class Looks:
    """What could not be seen of the disk; a round looks at all of it anew."""

    problems: Problems = field(default_factory=list)

    def heed(self, rules: Rules) -> None:
        """Take in what is left out."""

    def due(self) -> Heard:
        """Give what may have changed since it was looked at; None for anything."""
        return None


async def run(
    wire: Wire, state: State, job: Job, looks: Looks | None = None, *, dry: bool = False
) -> Outcome:
    """Make both sides alike, as far as can be; raise SyncError."""
    disk = Disk(job.root)
    disk.check(job.mark)
    disk.tidy()
    applier = Applier(wire, disk, state, time.strftime("%Y-%m-%d %H:%M:%S"))
    looks, stuck = looks or Looks(), 0
    for number in range(_MOST_ROUNDS):
        rules = rules_of(job.root, job.ignored, job.only, state)
        unseen = _unseen(state, job, rules, looks, applier)
        await follow(wire, state)
        if number == 0:
            _recover(state)
        if state.said("settled") == "yes":
            return Outcome(0, tuple(unseen))
        if dry:
            return _foresee(_whole(state, rules.excludes)[0], job.policy, unseen)
        found, told = _plan(state, job, rules.excludes)
        unseen += _blocked(state.said("root"), found, told)
        if not found.operations:
            return _settled(state, applier, unseen)
        _check_deletions(found, state, job)
        before, applier.problems, applier.dropped = applier.count, [], []
        await applier.carry_out(found.operations, told)
        stuck = stuck + 1 if applier.count == before else 0
        if stuck and (applier.problems or stuck == _MOST_STUCK):
            problems = [*unseen, *applier.problems, *applier.dropped]
            with state.change():
                state.put_problems(problems)
            return Outcome(before, tuple(problems), found.operations,
                           conflicts=tuple(applier.conflicts))  # fmt: skip
        # Not beside those of the next round: of 100,000 files they are 100 MB.
        del found, told
    return Outcome(applier.count, (("", "the sides keep changing: it is not at rest yet"),))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no rings in a hundred thousand nodes that make none, over and over."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _unseen(
    state: State, job: Job, rules: Rules, looks: Looks, applier: Applier
) -> list[tuple[str, str]]:
    """Give what of the disk could not be seen; look at it anew where it may have changed."""
    looks.heed(rules)
    due = looks.due()
    # What an operation found changed was not heard of yet.
    if applier.dropped or applier.problems or state.said("rules") != rules.text:
        due = None
    if due is None or due:
        looks.problems = _look(state, job, rules, due, looks.problems)
    return [*rules.problems, *looks.problems]


@_uncollected()
def _look(state: State, job: Job, rules: Rules, heard: Heard, problems: Problems) -> Problems:
    """Look at the disk, where something was heard of it or everywhere; give what is not seen."""
    state.tell(Doing.CHECKING)
    seen = None
    if heard is not None:
        seen = glance(job.root, heard, state, rules.excludes, problems)
    are_rules_new = state.said("rules") != rules.text
    if seen is None:
        seen = scan(job.root, state.local_tuples(), state.next_local(), rules.excludes,
                    is_anew=are_rules_new)  # fmt: skip
    if seen.gone:
        # Should the disk have gone while it was looked at, nothing on it is gone.
        Disk(job.root).check(job.mark)
    if seen.is_change or are_rules_new:
        with state.change():
            state.put_locals(seen.gone, seen.changed)
            state.say("rules", rules.text)
            state.say("settled", "")
    return seen.problems


def _foresee(trees: Trees, policy: Policy, unseen: list[tuple[str, str]]) -> Outcome:
    """Give what all rounds would do, and carry out none of it."""
    to_be = Foresight.of(trees)
    planned: list[Operation] = []
    said: list[str] = []
    conflicts: list[tuple[str, str]] = []
    for _ in range(_MOST_ROUNDS):
        found = to_be.plan(policy)
        if not found.operations:
            break
        sayings = Sayings(to_be.local.nodes, to_be.remote.nodes, to_be.root)
        for operation in found.operations:
            words, aside = sayings.of(operation), sayings.aside(operation)
            if to_be.carry_out(operation):
                planned.append(operation)
                said += [words] if words else []
                conflicts += [aside] if aside is not None else []
    unseen += _blocked(to_be.root, found, to_be.remote.nodes)
    return Outcome(0, tuple(unseen), tuple(planned), tuple(said), tuple(conflicts))


def _settled(state: State, applier: Applier, problems: list[tuple[str, str]]) -> Outcome:
    with state.change():
        state.say("settled", "yes")
        state.say("ran", time.strftime("%Y-%m-%d %H:%M:%S"))
        state.put_problems(problems)
        for path, *_ in state.conflicts():
            # Removed or renamed; another file of that name would be none.
            if not os.path.lexists(applier.disk.root / path):
                state.resolve(path)
    return Outcome(applier.count, tuple(problems), conflicts=tuple(applier.conflicts))


def _recover(state: State) -> None:
    """Agree on what uploads had brought when we were stopped, before it is edited further."""
    intents = state.intents()
    if not intents:
        return
    remotes, pairs = state.remotes(), {pair.local: pair for pair in state.pairs()}
    with state.change():
        for intent in intents:
            pair, remote = pairs.get(intent.local), remotes.get(intent.remote)
            if pair is not None and remote is not None and remote.digest == intent.digest:
                state.agree([replace(pair, digest=intent.digest, version=remote.version)])
        state.clear_intents()


@_uncollected()
def _plan(state: State, job: Job, excludes: Excludes) -> tuple[Plan, MutableMapping[str, Remote]]:
    """Give what is to be done, and what the server was known to have when that was decided."""
    part = plan_part(state, excludes, job.policy)
    return _plan_whole(state, job, excludes) if part is None else part


def _plan_whole(state: State, job: Job, excludes: Excludes) -> tuple[Plan, dict[str, Remote]]:
    trees, told = _whole(state, excludes)
    return plan(trees, job.policy), told


def _whole(state: State, excludes: Excludes) -> tuple[Trees, dict[str, Remote]]:
    """Give the three trees, and all that the server was known to have."""
    root = state.said("root")
    local = state.local_nodes()
    told = state.remotes()
    nowhere, excluded = _left_out(told, root, excludes)
    unseen = nowhere | excluded
    # Mostly there are none: then one table of a hundred thousand serves for both.
    remote = {one: told[one] for one in told if one not in unseen} if unseen else told
    pairs = state.pairs(local, told)
    left_out = [pair.local for pair in pairs if pair.remote in excluded]
    if left_out:
        # What is ignored from now on is deleted nowhere: it is as if it had never been synced.
        with state.change():
            state.forget(left_out)
    kept = [pair for pair in pairs if pair.remote not in excluded]
    return Trees(local, remote, kept, root), told


def _left_out(told: dict[str, Remote], root: str, excludes: Excludes) -> tuple[set[str], set[str]]:
    """Give what hangs from elsewhere, and what is left out itself or lies in what is."""
    inside: dict[str, list[Remote]] = {}
    for node in told.values():
        inside.setdefault(node.place.parent, []).append(node)
    excluded = set()
    folders = [(root, "", False)]
    for folder, below, is_out in folders:
        for node in inside.pop(folder, ()):
            path = below + node.place.name
            is_left_out = is_out or excludes(path, node.is_folder)
            if is_left_out:
                excluded.add(node.id)
            if node.is_folder:
                folders.append((node.id, f"{path}/", is_left_out))
    return {node.id for nodes in inside.values() for node in nodes}, excluded


def _blocked(root: str, found: Plan, told: Mapping[str, Remote]) -> list[tuple[str, str]]:
    return [
        (path_of(told, one.node.id, root) or one.node.place.name, one.reason)
        for one in found.blocked
    ]


def _check_deletions(found: Plan, state: State, job: Job) -> None:
    deletions = [one for one in found.operations if isinstance(one, DeleteLocal | DeleteRemote)]
    files = [one for one in deletions if not one.pair.is_folder]
    if not files or job.may_delete_many:
        return
    known = state.count_files()
    if len(files) > max(_FEW, _MANY * known):
        where = "here" if isinstance(files[0], DeleteLocal) else "on the server"
        raise NeedsDecision(
            f"{len(files)} of {known} files would be deleted {where}",
            "if that is meant, run it again with --delete-many; nothing was deleted",
        )
