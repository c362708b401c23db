"""What is at rest, and what asks for a look or a plan: a wrong yes would leave changes unseen."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.sync.glance import MOST
from keycell.sync.kept import plan_part
from keycell.sync.plan import Policy
from keycell.sync.resting import Resting
from keycell.sync.state import Row, State
from keycell.sync.state_rows import pair_of
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


def test_a_node_whose_pair_gives_way_to_another_is_new(state: State) -> None:
    assert state.restless(9) == ([], [], [])
    state.put_locals(NONE, [replace(HERE, id="2", name="b")])
    assert state.restless(9) == ([], ["2"], [])
    state.agree([replace(PAIR, local="2", local_place=Place("/", "b"))])
    assert state.restless(9) == ([], ["1"], [])


def test_what_is_left_out_from_now_on_is_not_taken_for_deleted(state: State) -> None:
    state.put_locals(NONE, [replace(HERE, digest="edited")])
    assert plan_part(state, lambda *_: False, Policy()) is not None
    assert plan_part(state, lambda *_: True, Policy()) is None


async def test_a_look_is_due_once_for_what_was_heard_and_after_ten_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard, nothing = _Heard(), frozenset[str]()
    assert [heard.due(), heard.due()] == [None, nothing]
    heard.hears(frozenset({"a"}))
    heard.hears(frozenset({"b/c"}))
    assert [heard.due(), heard.due()] == [{"a", "b/c"}, nothing]
    heard.hears(None)
    heard.hears(frozenset({"a"}))
    assert [heard.due(), heard.due()] == [None, nothing]
    heard.hears(frozenset(map(str, range(MOST + 1))))
    assert [heard.due(), heard.due()] == [None, nothing]
    monkeypatch.setattr("keycell.sync.watch._AT_LEAST_EVERY", 0)
    assert heard.left() == 0
    assert heard.due() is None
    # Where something is heard in between, everything is looked at no later for that.
    monkeypatch.setattr("keycell.sync.watch._AT_LEAST_EVERY", 600)
    heard._looked_at -= 599  # noqa: SLF001
    heard.hears(frozenset({"a"}))
    assert heard.due() == frozenset({"a"})
    assert 0 <= heard.left() <= 1


WORDS = st.sampled_from("ab")
NODES = st.sampled_from("123")


def here(node: str, name: str) -> Row:
    return replace(HERE, id=node, name=name)


def there(node: str, name: str, version: str) -> Remote:
    return replace(THERE, id=node, place=Place("root", name), version=version)


def agreed(node: str, other: str, name: str) -> Pair:
    return replace(PAIR, local=node, remote=other, local_place=Place("/", name),
                   remote_place=Place("root", name))  # fmt: skip


STEPS = st.one_of(
    st.builds(lambda gone, *row: lambda it: it.put_locals([gone], [here(*row)]),
              NODES, NODES, WORDS),
    st.builds(lambda gone, *row: lambda it: it.put_remotes([gone], [there(*row)]),
              NODES, NODES, WORDS, st.sampled_from("vw")),
    st.builds(lambda *pair: lambda it: it.agree([agreed(*pair)]), NODES, NODES, WORDS),
    st.builds(lambda node: lambda it: it.forget([node]), NODES),
    st.just(State.forget_remotes),
)  # fmt: skip


class Undone(Exception):
    """What was written is not kept."""


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(STEPS, st.booleans(), st.booleans()), max_size=25), st.integers(0, 9))
def test_what_was_touched_is_all_that_is_not_at_rest(
    steps: list[tuple[Callable[[State], None], bool, bool]], most: int
) -> None:
    """Whatever is written, replaced or undone between two questions, many or few."""
    state = State(Path(":memory:"))
    for step, is_kept, is_asked in steps:
        with contextlib.suppress(Undone), state.change():
            step(state)
            if not is_kept:
                raise Undone
        if is_asked:
            anew = Resting(state._db).restless_of_all(most)  # noqa: SLF001
            found = state.restless(most)
            assert (found is None) == (anew is None)
            if found is not None and anew is not None:
                assert ordered(found) == ordered(([pair_of(one) for one in anew[0]], *anew[1:]))
    state.close()


def ordered(found: tuple[list[Pair], list[str], list[str]]) -> list[object]:
    return [sorted(map(repr, some)) for some in found]
