"""What is at rest, and what asks for a look or a plan: a wrong yes would leave changes unseen."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.sync.kept import plan_part
from keycell.sync.plan import Policy
from keycell.sync.state import Row, State
from keycell.sync.trees import Pair, Place, Remote
from keycell.sync.watch import _Heard

HERE = Row("1", "/", "a", False, 1, 1, 1, 1, "digest")  # noqa: FBT003
THERE = Remote(id="r", place=Place("root", "a"), is_folder=False, digest="digest", version="v",
               etag="e", revision=1, size=1, mtime_ms=1)  # fmt: skip
PAIR = Pair(local="1", remote="r", is_folder=False, local_place=Place("/", "a"),
            remote_place=Place("root", "a"), digest="digest", version="v")  # fmt: skip
NONE = frozenset[str]()


@pytest.fixture
def state() -> Iterator[State]:
    found = State(Path(":memory:"))
    found.say("root", "root")
    found.put_locals(NONE, [HERE])
    found.put_remotes(NONE, [THERE])
    found.agree([PAIR])
    yield found
    found.close()


def test_whatever_is_not_as_agreed_is_not_at_rest(state: State) -> None:
    assert state.restless(9) == ([], [], [])
    for here in ({"parent": "2"}, {"name": "b"}, {"digest": "other"}):
        state.put_locals(NONE, [replace(HERE, **here)])  # type: ignore[arg-type]
        assert state.restless(9) == ([PAIR], [], []), here
        state.put_locals(NONE, [HERE])
    places = Place("elsewhere", "a"), Place("root", "b")
    for there in (*({"place": one} for one in places), {"version": "w"}):
        state.put_remotes(NONE, [replace(THERE, **there)])  # type: ignore[arg-type]
        assert state.restless(9) == ([PAIR], [], []), there
        state.put_remotes(NONE, [THERE])
    assert state.restless(9) == ([], [], [])
    state.put_locals({"1"}, [])
    assert state.restless(9) == ([PAIR], [], [])


def test_what_is_left_out_from_now_on_is_not_taken_for_deleted(state: State) -> None:
    state.put_locals(NONE, [replace(HERE, digest="edited")])
    assert plan_part(state, lambda *_: False, Policy()) is not None
    assert plan_part(state, lambda *_: True, Policy()) is None


async def test_a_look_is_due_once_for_what_was_heard_and_after_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = _Heard(something=asyncio.Event(), listening=asyncio.create_task(asyncio.sleep(0)))
    assert [heard.is_due(), heard.is_due()] == [True, False]
    heard.something.set()
    assert [heard.is_due(), heard.is_due()] == [True, False]
    monkeypatch.setattr("keycell.sync.watch._AT_LEAST_EVERY", 0)
    assert heard.is_due()
