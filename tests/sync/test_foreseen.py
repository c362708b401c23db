"""What a run would do to the end is what runs do."""

from dataclasses import replace
from random import Random
from typing import TypeGuard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.sync.foreseen import Foresight
from keycell.sync.operations import Learn, MoveLocal, MoveRemote, Operation
from keycell.sync.plan import Direction, Policy
from keycell.sync.trees import LOCAL_ROOT, Local, Place, Remote

from .test_plan import START, at, deletes, edits, moves, settled, world
from .world import ROOT, World


def foreseen(it: World) -> tuple[Foresight, list[Operation]]:
    to_be, told = Foresight.of(it.trees()), list[Operation]()
    for _ in range(200):
        found = to_be.plan(it.policy).operations
        if not found:
            return to_be, told
        told += [one for one in found if to_be.carry_out(one)]
    raise AssertionError("it never ends")


def shape(side: dict[str, Local] | dict[str, Remote], top: str) -> dict[str, str | None]:
    found = {}
    for one in side.values():
        names, place = [one.place.name], one.place
        while place.parent != top:
            place = side[place.parent].place
            names.append(place.name)
        found["/".join(reversed(names))] = None if one.is_folder else one.digest
    return found


def gone_through(it: World) -> None:
    """Let the server know what all of its files hold."""
    it.server = {one: replace(thing, is_known=True) for one, thing in it.server.items()}


def is_conflict(one: Operation) -> TypeGuard[MoveLocal | MoveRemote]:
    return isinstance(one, MoveLocal | MoveRemote) and one.is_conflict


def both_changed(seed: int) -> World:
    it = World(Random(seed), policy=Policy(device="laptop", day="2026-05-01"))  # noqa: S311
    for _ in range(it.chance.randrange(12)):
        it.somebody()
    it.settle()
    for _ in range(it.chance.randrange(8)):
        it.somebody()
    gone_through(it)
    return it


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**63))
def test_what_is_foreseen_comes_to_be(seed: int) -> None:
    it = both_changed(seed)
    to_be, told = foreseen(it)
    it.settle()
    here, end = shape(to_be.local.nodes, LOCAL_ROOT), it.shape(it.disk)
    assert not any("(moving)" in path for path in end)
    assert here == shape(to_be.remote.nodes, ROOT)
    assert sorted(map(str, here.values())) == sorted(map(str, end.values()))
    # Of several that step aside, it hangs on who comes first which gets which name.
    if not any(map(is_conflict, told)):
        assert here == end


def test_what_lies_deep_in_folders_of_both_is_foreseen() -> None:
    it = world()
    it.pairs.clear()
    gone_through(it)
    edits(it, "d/b", "mine", on_disk=True)
    to_be, told = foreseen(it)
    assert [one.place.name for one in told if is_conflict(one)] == [
        "b (conflict, laptop, 2026-05-01)"
    ]
    assert shape(to_be.local.nodes, LOCAL_ROOT) == START | {
        "d/b (conflict, laptop, 2026-05-01)": "mine"
    }
    # Of what is asked, nothing is done.
    assert it.shape(it.disk) == START | {"d/b": "mine"}


def test_what_the_server_did_not_go_through_is_taken_to_be_another() -> None:
    it = world()
    edits(it, "a", "mine", on_disk=True)
    edits(it, "a", "theirs", on_disk=False)
    one = at(it, "a", on_disk=False)
    it.server[one] = replace(it.server[one], is_known=False)
    _, told = foreseen(it)
    assert [type(one) for one in told[:1]] == [Learn]
    assert any(map(is_conflict, told))


@pytest.mark.parametrize("direction", [Direction.UP, Direction.DOWN])
def test_one_way_writes_to_one_side(direction: Direction) -> None:
    it = world(direction=direction)
    edits(it, "a", "mine", on_disk=True)
    moves(it, "d/b", "", "c", on_disk=False)
    deletes(it, "d/b", on_disk=True)
    gone_through(it)
    before = it.shape(it.disk if direction is Direction.UP else it.server)
    to_be, _ = foreseen(it)
    after = (shape(to_be.local.nodes, LOCAL_ROOT) if direction is Direction.UP
             else shape(to_be.remote.nodes, ROOT))  # fmt: skip
    assert after == before


@pytest.mark.parametrize("order", range(8))
def test_a_node_in_the_way_whose_content_comes_keeps_its_name(order: int) -> None:
    """What steps out of the way for a moment was agreed on by its download at the same time."""
    it = world()
    it.chance.seed(order)
    edits(it, "a", "theirs", on_disk=False)
    made = it.make(it.disk, Place(LOCAL_ROOT, "A"), None)
    moved = at(it, "a", on_disk=True)
    it.move(it.disk, it.disk[moved], moved, Place(made, "x"))
    gone_through(it)
    assert settled(it) == {"A": None, "A/x": "theirs", "d": None, "d/b": "two"}
