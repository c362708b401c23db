"""The planner: what stands where something is to be, and names that cannot be had."""

import pytest

from keycell.sync.names import NameRules
from keycell.sync.operations import Agree
from keycell.sync.plan import plan
from keycell.sync.trees import LOCAL_ROOT, Place

from .test_plan import START, deletes, edits, moves, settled, world
from .world import ROOT


def test_where_both_move_alike_there_is_nothing_to_do_but_to_agree() -> None:
    it = world()
    moves(it, "a", "d", "c", on_disk=True)
    moves(it, "a", "d", "c", on_disk=False)
    assert [type(one) for one in plan(it.trees(), it.policy).operations] == [Agree]
    assert settled(it) == {"d": None, "d/b": "two", "d/c": "one"}


@pytest.mark.parametrize(("name", "on_disk"), [("nul.txt", False), ("a\x07b", True)])
def test_a_move_to_a_name_that_cannot_be_held_is_told_and_edits_go_on(
    name: str,
    on_disk: bool,  # noqa: FBT001
) -> None:
    it = world(names=NameRules(is_windows=True))
    moves(it, "a", "", name, on_disk=on_disk)
    edits(it, name, "new", on_disk=on_disk)
    it.settle()
    assert len(plan(it.trees(), it.policy).blocked) == 1
    assert it.shape(it.server if on_disk else it.disk) == START | {"a": "new"}


def test_what_takes_the_place_of_a_deleted_file_takes_its_name_too() -> None:
    it = world()
    deletes(it, "a", on_disk=True)
    it.make(it.disk, Place(LOCAL_ROOT, "a"), "new")
    assert settled(it) == START | {"a": "new"}


def test_what_steps_aside_takes_no_name_that_the_server_has() -> None:
    it = world()
    for name, content in (("x", "theirs"), ("x (conflict, laptop, 2026-05-01)", "older")):
        it.make(it.server, Place(ROOT, name), content)
    it.make(it.disk, Place(LOCAL_ROOT, "x"), "mine")
    found = settled(it)
    assert found["x (conflict, laptop, 2026-05-01)"] == "older"
    assert found["x (conflict, laptop, 2026-05-01 2)"] == "mine"
