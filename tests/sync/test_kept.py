"""A plan over what is not at rest finds what a plan over everything finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.sync.kept import plan_part
from keycell.sync.plan import Direction, Policy
from keycell.sync.run import Job, _plan_whole
from keycell.sync.scan import Excludes
from keycell.sync.state import Row, State
from keycell.sync.trees import Local, Pair, Place, Trees

from .histories import check, history
from .world import ROOT, World


def number(node_id: str) -> str:
    """Give an identifier as the state has those of the disk."""
    return node_id.removeprefix("d")


def row(local: Local) -> Row:
    return Row(number(local.id), number(local.place.parent), local.place.name, local.is_folder,
               1, 1, 1, 1, local.digest)  # fmt: skip


def paired(pair: Pair) -> Pair:
    place = Place(number(pair.local_place.parent), pair.local_place.name)
    return replace(pair, local=number(pair.local), local_place=place)


@contextmanager
def state_of(trees: Trees) -> Iterator[State]:
    state = State(Path(":memory:"))
    state.say("root", ROOT)
    state.put_locals((), [row(one) for one in trees.local.values()])
    state.put_remotes((), list(trees.remote.values()))
    state.agree(paired(one) for one in trees.pairs)
    try:
        yield state
    finally:
        state.close()


def compare(state: State, policy: Policy, excludes: Excludes) -> bool:
    """Plan in both ways; tell whether there was a plan over a part."""
    job = Job(root=Path(), mark="", policy=policy)
    # What is left out from now on is forgotten by the first.
    _plan_whole(state, job, excludes)
    whole, _ = _plan_whole(state, job, excludes)
    part = plan_part(state, excludes, policy)
    if part is None:
        return False
    assert sorted(map(repr, part[0].operations)) == sorted(map(repr, whole.operations))
    assert sorted(map(repr, part[0].blocked)) == sorted(map(repr, whole.blocked))
    return True


class Compared(World):
    """A world in which each plan is made twice."""

    def trees(self) -> Trees:
        trees = super().trees()
        chance = Random(self.count)  # noqa: S311  (a history, not a secret)
        out = {one.place.name for one in trees.remote.values() if chance.random() < 0.1}
        direction = chance.choice([Direction.BOTH, Direction.BOTH, Direction.UP, Direction.DOWN])
        policy = replace(self.policy, direction=direction)
        for left_out in (set[str](), out):
            with state_of(trees) as state:
                assert compare(state, policy, leaving_out(left_out))
        return trees


def leaving_out(names: set[str]) -> Excludes:
    def excludes(path: str, is_folder: bool) -> bool:  # noqa: FBT001  (as a scan asks it)
        del is_folder
        return path.rsplit("/", 1)[-1] in names

    return excludes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**63))
def test_a_part_is_planned_as_the_whole_is(seed: int) -> None:
    """At any point of any history, whatever is left out, whichever way changes go."""
    check(history(seed, kind=Compared))
