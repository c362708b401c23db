"""The planner: whatever both sides went through, they become alike, and nothing is lost."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.sync.names import NameRules
from keycell.sync.operations import (
    Agree,
    DeleteLocal,
    DeleteRemote,
    Download,
    Learn,
    MoveLocal,
    MoveRemote,
    Operation,
    Upload,
)
from keycell.sync.plan import Direction, Policy, plan
from keycell.sync.trees import LOCAL_ROOT, Place

from .histories import check, history
from .world import ROOT, Refused, World

HISTORIES = 3000


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**63))
def test_sides_become_alike_and_nothing_unique_is_lost(seed: int) -> None:
    """In any order, with people at work, with a crash after each effect."""
    check(history(seed))


def test_so_many_histories_end_well() -> None:
    for seed in range(HISTORIES):
        check(history(seed))


@pytest.mark.parametrize("guard", ["upload", "delete", "download", "rmdir", "what was agreed"])
def test_without_any_of_its_guards_it_would_lose(guard: str) -> None:
    def goes_wrong(seed: int) -> bool:
        try:
            check(history(seed, frozenset({guard})))
        except AssertionError:
            return True
        return False

    assert any(goes_wrong(seed) for seed in range(HISTORIES))


def world(**policy: object) -> World:
    """A file ``a`` and a folder ``d`` with ``d/b``, on both sides and agreed on."""
    made = World(Random(1))  # noqa: S311  (a history, not a secret)
    made.make(made.disk, Place(LOCAL_ROOT, "a"), "one")
    folder = made.make(made.disk, Place(LOCAL_ROOT, "d"), None)
    made.make(made.disk, Place(folder, "b"), "two")
    made.settle()
    made.policy = Policy(device="laptop", day="2026-05-01", **policy)  # type: ignore[arg-type]
    return made


def at(world: World, path: str, *, on_disk: bool) -> str:
    side = world.disk if on_disk else world.server
    return next(
        one
        for one in side
        if "/".join(reversed([side[up].place.name for up in world.way(side, one)])) == path
    )


def edits(world: World, path: str, content: str, *, on_disk: bool) -> None:
    side = world.disk if on_disk else world.server
    one = at(world, path, on_disk=on_disk)
    thing = side[one]
    number = world.next()
    side[one] = type(thing)(thing.place, content, number, number)


def deletes(world: World, path: str, *, on_disk: bool) -> None:
    world.delete(world.disk if on_disk else world.server, at(world, path, on_disk=on_disk))


def moves(world: World, path: str, folder: str, name: str, *, on_disk: bool) -> None:
    side = world.disk if on_disk else world.server
    one = at(world, path, on_disk=on_disk)
    top = LOCAL_ROOT if on_disk else ROOT
    parent = at(world, folder, on_disk=on_disk) if folder else top
    world.move(side, side[one], one, Place(parent, name))


def deletions(world: World) -> list[Operation]:
    planned = plan(world.trees(), world.policy).operations
    return [one for one in planned if isinstance(one, DeleteLocal | DeleteRemote)]


SIDES = pytest.mark.parametrize("on_disk", [True, False], ids=["disk", "server"])
START = {"a": "one", "d": None, "d/b": "two"}
CONFLICT = "a (conflict, laptop, 2026-05-01)"


def settled(world: World) -> dict[str, str | None]:
    world.settle()
    assert world.shape(world.disk) == world.shape(world.server)
    return world.shape(world.disk)


@SIDES
def test_what_one_side_edits_the_other_gets(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    edits(it, "a", "new", on_disk=on_disk)
    assert settled(it) == START | {"a": "new"}


@SIDES
def test_what_one_side_deletes_the_other_deletes(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    deletes(it, "d", on_disk=on_disk)
    assert settled(it) == {"a": "one"}


@SIDES
def test_a_move_is_a_move_and_not_a_copy(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    before = at(it, "d/b", on_disk=not on_disk)
    moves(it, "d", "", "e", on_disk=on_disk)
    operations = plan(it.trees(), it.policy).operations
    assert [type(one) for one in operations] == [MoveRemote if on_disk else MoveLocal]
    assert settled(it) == {"a": "one", "e": None, "e/b": "two"}
    assert at(it, "e/b", on_disk=not on_disk) == before


@SIDES
def test_a_move_and_an_edit_both_come_across(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    moves(it, "a", "d", "c", on_disk=on_disk)
    edits(it, "a", "new", on_disk=not on_disk)
    assert settled(it) == {"d": None, "d/b": "two", "d/c": "new"}


@SIDES
def test_an_edit_wins_over_a_deletion(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    edits(it, "d/b", "new", on_disk=on_disk)
    deletes(it, "d", on_disk=not on_disk)
    # Nor is it left to the other side to refuse: no folder goes that something stays in.
    assert not deletions(it)
    assert settled(it) == {"a": "one", "d": None, "d/b": "new"}


@SIDES
def test_a_move_wins_over_a_deletion(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    moves(it, "a", "", "c", on_disk=on_disk)
    deletes(it, "a", on_disk=not on_disk)
    assert settled(it) == {"c": "one", "d": None, "d/b": "two"}


def test_what_both_edit_is_kept_twice_and_the_server_keeps_the_name() -> None:
    it = world()
    edits(it, "a", "mine", on_disk=True)
    edits(it, "a", "theirs", on_disk=False)
    assert settled(it) == START | {"a": "theirs", CONFLICT: "mine"}


def test_what_both_edit_alike_is_no_conflict() -> None:
    it = world()
    edits(it, "a", "same", on_disk=True)
    edits(it, "a", "same", on_disk=False)
    assert settled(it) == START | {"a": "same"}


def test_what_the_server_has_not_gone_through_is_learned_first() -> None:
    it = world()
    edits(it, "a", "same", on_disk=True)
    edits(it, "a", "same", on_disk=False)
    one = at(it, "a", on_disk=False)
    thing = it.server[one]
    it.server[one] = type(thing)(
        thing.place, thing.content, thing.written, thing.revision, is_known=False
    )
    assert [type(one) for one in plan(it.trees(), it.policy).operations] == [Learn]
    assert settled(it) == START | {"a": "same"}


def test_where_both_move_the_servers_place_stands() -> None:
    it = world()
    moves(it, "a", "", "mine", on_disk=True)
    moves(it, "a", "", "theirs", on_disk=False)
    assert settled(it) == {"theirs": "one", "d": None, "d/b": "two"}


@SIDES
def test_two_files_trade_their_names(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    moves(it, "a", "d", "x", on_disk=on_disk)
    moves(it, "d/b", "", "a", on_disk=on_disk)
    moves(it, "d/x", "d", "b", on_disk=on_disk)
    assert settled(it) == {"a": "two", "d": None, "d/b": "one"}


def test_of_two_folders_put_into_each_other_the_servers_way_stands() -> None:
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "e"), None)
    it.settle()
    moves(it, "d", "e", "d", on_disk=True)
    moves(it, "e", "d", "e", on_disk=False)
    (back,) = plan(it.trees(), it.policy).operations
    assert isinstance(back, MoveLocal)
    assert settled(it) == {"a": "one", "d": None, "d/b": "two", "d/e": None}


def test_a_file_steps_aside_for_a_folder_whichever_side_has_it() -> None:
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "x"), None)
    it.make(it.server, Place(ROOT, "x"), "file")
    it.make(it.disk, Place(LOCAL_ROOT, "y"), "file")
    it.make(it.server, Place(ROOT, "y"), None)
    assert settled(it) == START | {
        "x": None, "x (conflict, server, 2026-05-01)": "file",
        "y": None, "y (conflict, laptop, 2026-05-01)": "file",
    }  # fmt: skip


def test_names_that_differ_by_case_alone_do_not_meet_on_the_server() -> None:
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "A"), "other")
    assert settled(it) == START | {"A (conflict, laptop, 2026-05-01)": "other"}


def test_one_name_in_two_unicode_forms_is_one_name() -> None:
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "e\u0301"), "x")
    it.make(it.server, Place(ROOT, "\xe9"), "x")
    it.settle()
    assert len(it.pairs) == 4
    assert it.shape(it.disk) == START | {"e\u0301": "x"}


def test_up_writes_nothing_on_the_disk() -> None:
    it = world(direction=Direction.UP)
    edits(it, "a", "mine", on_disk=True)
    edits(it, "d/b", "theirs", on_disk=False)
    it.make(it.server, Place(ROOT, "new"), "theirs")
    it.settle()
    assert it.shape(it.disk) == START | {"a": "mine"}
    assert it.shape(it.server) == START | {"a": "mine", "d/b": "theirs", "new": "theirs"}


def test_up_tells_of_what_the_server_has_otherwise() -> None:
    it = world(direction=Direction.UP)
    edits(it, "a", "mine", on_disk=True)
    edits(it, "a", "theirs", on_disk=False)
    it.settle()
    blocked = plan(it.trees(), it.policy).blocked
    assert [one.reason for one in blocked] == ["the server has something else under this name"]
    assert it.shape(it.server)["a"] == "theirs"


def test_down_writes_nothing_on_the_server() -> None:
    it = world(direction=Direction.DOWN)
    edits(it, "a", "theirs", on_disk=False)
    edits(it, "d/b", "mine", on_disk=True)
    it.make(it.disk, Place(LOCAL_ROOT, "new"), "mine")
    it.settle()
    assert it.shape(it.server) == START | {"a": "theirs"}
    assert it.shape(it.disk) == START | {"a": "theirs", "d/b": "mine", "new": "mine"}


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda it: it.make(it.disk, Place(LOCAL_ROOT, "a\x07b"), "x"), "control character"),
        (lambda it: it.make(it.disk, Place(LOCAL_ROOT, "a\udcff"), "x"), "not UTF-8"),
        (lambda it: it.make(it.disk, Place(LOCAL_ROOT, "Recycle_bin"), None), "was deleted"),
        (lambda it: it.make(it.server, Place(ROOT, "nul.txt"), "x"), "device"),
        (lambda it: it.make(it.server, Place(ROOT, "a:b"), "x"), "Windows takes no name with :"),
        (lambda it: it.make(it.server, Place(ROOT, "dot."), "x"), "ends with a dot"),
    ],
)
def test_a_name_the_other_side_cannot_hold_is_told_and_the_rest_goes_on(
    make: Callable[[World], object], reason: str
) -> None:
    it = world(names=NameRules(is_windows=True))
    make(it)
    edits(it, "a", "new", on_disk=True)
    it.settle()
    blocked = plan(it.trees(), it.policy).blocked
    assert len(blocked) == 1
    assert reason in blocked[0].reason
    assert it.shape(it.server)["a"] == "new"


def test_an_operation_is_bound_to_what_was_seen() -> None:
    it = world()
    edits(it, "a", "mine", on_disk=True)
    (upload,) = plan(it.trees(), it.policy).operations
    assert isinstance(upload, Upload)
    edits(it, "a", "theirs", on_disk=False)
    with pytest.raises(Refused):
        it.carry_out(upload)
    (again,) = plan(it.trees(), it.policy).operations
    assert not isinstance(again, Upload | Download)


def test_what_both_delete_is_forgotten() -> None:
    it = world()
    deletes(it, "a", on_disk=True)
    deletes(it, "a", on_disk=False)
    assert settled(it) == {"d": None, "d/b": "two"}
    assert {one.local for one in it.pairs.values()} == set(it.disk)


def test_what_steps_aside_is_told_once_though_both_ends_tell_of_it() -> None:
    it = world()
    moves(it, "a", "", "x", on_disk=False)
    it.make(it.disk, Place(LOCAL_ROOT, "x"), "mine")
    (aside,) = plan(it.trees(), it.policy).operations
    assert isinstance(aside, MoveLocal)
    assert settled(it)["x (conflict, laptop, 2026-05-01)"] == "mine"


def test_nothing_steps_out_of_the_way_of_what_need_but_wait() -> None:
    it = world()
    moves(it, "a", "", "c", on_disk=True)
    moves(it, "d", "", "a", on_disk=True)
    (move,) = plan(it.trees(), it.policy).operations
    assert isinstance(move, MoveRemote)
    assert move.place.name == "c"
    assert settled(it) == {"c": "one", "a": None, "a/b": "two"}


@SIDES
def test_a_folder_that_hangs_from_nowhere_is_not_deleted(on_disk: bool) -> None:  # noqa: FBT001
    """As where a tree was seen in parts: it is waited for until more is told."""
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "e"), None)
    it.settle()
    side = it.disk if on_disk else it.server
    one = at(it, "e", on_disk=on_disk)
    deletes(it, "e", on_disk=not on_disk)
    thing = side[one]
    side[one] = type(thing)(Place("unseen", "e"), None, thing.written, thing.revision)
    assert plan(it.trees(), it.policy).operations == ()


def test_a_new_file_waits_for_the_name_that_another_leaves() -> None:
    it = world()
    moves(it, "a", "", "c", on_disk=True)
    it.make(it.disk, Place(LOCAL_ROOT, "a"), "new")
    assert settled(it) == START | {"c": "one", "a": "new"}


def test_below_the_top_the_name_of_the_bin_is_like_any() -> None:
    it = world()
    it.make(it.disk, Place(at(it, "d", on_disk=True), "recycle_bin"), None)
    assert settled(it) == START | {"d/recycle_bin": None}


def test_what_the_server_wrote_anew_alike_is_agreed_on_and_sent_nowhere() -> None:
    it = world()
    edits(it, "a", "one", on_disk=False)
    one = at(it, "a", on_disk=False)
    assert settled(it) == START
    (pair,) = [each for each in it.pairs.values() if each.remote == one]
    assert pair.version == str(it.server[one].written)


@SIDES
def test_a_folder_goes_once_what_is_moved_out_of_it_is_out(on_disk: bool) -> None:  # noqa: FBT001
    it = world()
    moves(it, "d/b", "", "b", on_disk=on_disk)
    deletes(it, "d", on_disk=on_disk)
    assert not deletions(it)
    assert settled(it) == {"a": "one", "b": "two"}


def test_what_is_new_alike_on_both_sides_is_agreed_on_at_once() -> None:
    it = world()
    it.make(it.disk, Place(LOCAL_ROOT, "x"), "same")
    one = it.make(it.server, Place(ROOT, "x"), "same")
    thing = it.server[one]
    it.server[one] = type(thing)(
        thing.place, thing.content, thing.written, thing.revision, is_known=False
    )
    for wanted in (Learn, Agree):
        (operation,) = plan(it.trees(), it.policy).operations
        assert isinstance(operation, wanted)
        it.carry_out(operation)
    assert plan(it.trees(), it.policy).operations == ()
    assert it.shape(it.disk) == START | {"x": "same"}
