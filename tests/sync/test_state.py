"""What is kept between runs: all of a change or nothing of it, and no node twice."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.sync.state import Doing, Intent, Row, State
from keycell.sync.trees import LOCAL_ROOT, Local, Pair, Place, Remote


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    found = State(tmp_path / "deep" / "state.db")
    yield found
    found.close()


def row(node_id: str, name: str, parent: str = LOCAL_ROOT) -> Row:
    return Row(node_id, parent, name, is_folder=False, inode=1, size=2, mtime_ns=3, ctime_ns=4,
               digest="d")  # fmt: skip


def remote(node_id: str, parent: str = "top", *, is_folder: bool = False) -> Remote:
    return Remote(id=node_id, place=Place(parent, node_id), is_folder=is_folder, digest="d",
                  version="v", etag="e", revision=1, size=2, mtime_ms=3)  # fmt: skip


def pair(local: str, other: str) -> Pair:
    return Pair(local=local, remote=other, is_folder=False, local_place=Place(LOCAL_ROOT, "a"),
                remote_place=Place("top", "a"), digest="d", version="v")  # fmt: skip


def test_a_change_is_kept_whole_or_not_at_all(state: State) -> None:
    def stops() -> None:
        with state.change():
            state.say("a", "1")
            state.put_locals((), [row("1", "a")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stops()
    assert state.said("a", "nothing") == "nothing"
    assert state.locals() == []
    with state.change():
        state.say("a", "2")
    assert state.said("a") == "2"


def test_what_is_kept_outlasts_a_loss_of_power(state: State) -> None:
    told = [state._db.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: SLF001
            for name in ("journal_mode", "synchronous")]  # fmt: skip
    # 2 is FULL.
    assert told == ["wal", 2]


def test_nobody_else_may_read_what_is_kept(state: State, tmp_path: Path) -> None:
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700


def test_a_file_that_was_begun_in_vain_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    monkeypatch.setattr("keycell.sync.state._SCHEMA", "CREATE TABLE said (a TEXT); nonsense;")
    with pytest.raises(sqlite3.OperationalError):
        State(path)
    monkeypatch.undo()
    state = State(path)
    state.say("a", "1")
    state.close()
    again = State(path)
    assert again.said("a") == "1"
    again.close()


def test_names_may_be_traded_on_the_disk(state: State) -> None:
    state.put_locals((), [row("1", "a"), row("2", "b")])
    state.put_locals((), [row("1", "b"), row("2", "a")])
    assert {one.id: one.name for one in state.locals()} == {"1": "b", "2": "a"}
    assert state.locals_of(["1", "7"]) == [row("1", "b")]
    assert state.local_folders() == []
    state.put_locals(["1"], [row("3", "b")])
    assert {one.id: one.name for one in state.locals()} == {"3": "b", "2": "a"}
    assert [one[0] for one in state.local_tuples()] == list(state.local_nodes()) == ["2", "3"]


def test_no_number_of_a_node_is_given_twice(state: State) -> None:
    assert state.next_local() == 1
    state.agree([pair("4", "r")])
    assert state.next_local() == 5
    # Compared as numbers: as texts, 10 comes before 9.
    state.put_locals((), [row("9", "a"), row("10", "b")])
    assert state.next_local() == 11
    state.put_locals(["9", "10"], [])
    assert state.locals() == []
    assert state.next_local() == 11
    state.put_locals((), [row("3", "c")])
    assert state.next_local() == 11


def test_each_node_is_in_one_pair_at_most(state: State) -> None:
    state.agree([pair("1", "r"), pair("2", "s")])
    state.agree([pair("3", "r")])
    assert sorted((one.local, one.remote) for one in state.pairs()) == [("2", "s"), ("3", "r")]
    state.agree([pair("3", "s")])
    assert [(one.local, one.remote) for one in state.pairs()] == [("3", "s")]
    state.forget(["3"])
    assert state.pairs() == []


def test_what_lies_in_a_folder_that_is_gone_goes_with_it(state: State) -> None:
    nodes = [remote("f", is_folder=True), remote("g", "f", is_folder=True), remote("a", "g"),
             remote("b", "f", is_folder=True), remote("in-b", "b"), remote("c")]  # fmt: skip
    state.put_remotes((), nodes)
    # What was moved out before, as the same page tells, stays with all that lies in it.
    state.put_remotes(["f"], [remote("b", "top", is_folder=True)])
    assert set(state.remotes()) == {"b", "in-b", "c"}
    assert state.has_remote("b")
    assert not state.has_remote("a")


def test_folders_that_are_told_to_lie_in_each_other_end_no_run(state: State) -> None:
    state.put_remotes((), [remote("f", "g", is_folder=True), remote("g", "f", is_folder=True)])
    state.put_remotes(["f"], [])
    assert state.remotes() == {}


def test_what_is_kept_is_given_as_it_was(state: State) -> None:
    nodes = [remote("a"), replace(remote("b"), digest=None)]
    state.put_remotes((), nodes)
    assert list(state.remotes().values()) == nodes
    state.agree([pair("1", "a")])
    # What else is known of the two may lend its texts, and nothing that differs.
    assert state.pairs() == [pair("1", "a")]
    assert state.pairs({}, state.remotes()) == [pair("1", "a")]
    twin = replace(nodes[0], place=Place("top", "a"))
    here = Local(id="1", place=Place(LOCAL_ROOT, "a"), is_folder=False)
    (shared,) = state.pairs({"1": here}, {"a": twin})
    assert shared == pair("1", "a")
    assert (shared.local_place, shared.remote_place) == (here.place, twin.place)
    assert shared.remote_place is twin.place
    elsewhere = replace(here, place=Place("9", "a"))
    assert state.pairs({"1": elsewhere}, {"a": replace(twin, version="w")}) == [pair("1", "a")]
    intent = Intent("1", "a", Place("top", "a"), "d")
    state.intend([intent])
    assert state.intents() == [intent]
    state.clear_intents()
    assert state.intents() == []
    state.forget_remotes()
    assert state.remotes() == {}


def test_problems_take_the_place_of_earlier_ones(state: State) -> None:
    state.put_problems([("a", "why"), ("b", "why")])
    state.put_problems([("b", "other")])
    assert state.problems() == [("b", "other")]
    state.add_conflict("b", "a", "now")
    assert state.conflicts() == [("b", "a", "now")]
    state.resolve("b")
    assert state.conflicts() == []


def test_it_is_told_what_is_being_done(state: State) -> None:
    state.tell(Doing.SYNCING)
    state.tell(Doing.WAITING)
    assert state.said("doing") == "waiting"
