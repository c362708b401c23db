"""Staying alike: either side's hint is heeded, and a server that is away is waited for."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from keycell.sync.errors import Away
from keycell.sync.hearing import Heard
from keycell.sync.run import Looks, Outcome
from keycell.sync.state import State
from keycell.sync.watch import watch
from keycell.sync.wire import CursorGone, Wire

from .inside import Inside, until
from .listening import watching


async def test_each_side_tells_that_something_changed(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = inside.root.with_name("b")
    written.write_text("here")
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await it.waits()
        written.rename(inside.root / "b")
        await it.until(2)
        assert await inside.has("b", "here")
        await inside.home.put("personal-files/c", b"there")
        await until(lambda: inside.files() == {"b": "here", "c": "there"})


async def test_what_happens_behind_the_last_look_of_a_run_is_a_hint(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = inside.root.with_name("b")
    written.write_text("late")
    put_problems = State.put_problems

    def settling(self: State, problems: Iterable[tuple[str, str]]) -> None:
        if written.exists():
            written.rename(inside.root / "b")
        put_problems(self, problems)

    monkeypatch.setattr(State, "put_problems", settling)
    async with watching(inside, monkeypatch) as it:
        await it.until(2)
        assert await inside.has("b", "late")


async def test_what_is_heard_during_a_look_is_a_hint_for_the_next(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However soon the disk tells of it."""
    something, looked_at = asyncio.Event(), list[Heard]()

    async def listening(root: Path, *_: object) -> AsyncIterator[Heard]:
        del root
        await something.wait()
        yield frozenset({"a"})
        await asyncio.Event().wait()

    async def looked(*told: object) -> Outcome:
        disk = told[3]
        assert isinstance(disk, Looks)
        looked_at.append(disk.due())
        something.set()
        for _ in range(10):
            await asyncio.sleep(0)
        return Outcome(0)

    async def nothing(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("keycell.sync.watch.run", looked)
    monkeypatch.setattr("keycell.sync.watch._there", nothing)
    async with watching(inside, monkeypatch, listening) as it:
        await it.until(2)
        assert looked_at == [None, {"a"}]


async def test_what_keeps_it_from_listening_is_told(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(root: Path, *_: object) -> AsyncIterator[Heard]:
        raise OSError(28, "no more can be watched", root)
        yield None

    monkeypatch.setattr("keycell.sync.watch.hear", refused)
    with inside.state() as state:
        async with inside.wire() as wire:
            with pytest.raises(OSError, match="no more can be watched"):
                await asyncio.wait_for(watch(wire, state, inside.job, lambda _: None), 60)


class Coming(httpx2.AsyncBaseTransport):
    """A way to the server that is there after some tries."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, failures: int) -> None:
        self.inner, self.failures = inner, failures

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.failures:
            self.failures -= 1
            raise httpx2.ConnectError("no route")
        return await self.inner.handle_async_request(request)


async def test_a_server_that_is_away_is_waited_for_longer_each_time(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def slept(seconds: float) -> None:
        if seconds >= 2:
            pauses.append(seconds)
            seconds = 0
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", slept)
    coming = inside.inner = Coming(inside.inner, 7)
    inside.write("a")
    async with watching(inside, monkeypatch) as it:
        told = list(await it.until(8))
        assert [type(one) for one in told] == [Away] * 7 + [Outcome]
        assert pauses == [2, 4, 8, 16, 32, 60, 60]
        assert await inside.has("a", "x")
        await it.waits()
        # It was there: the next time it is asked again soon.
        inside.write("b")
        await it.until(9)
        await it.waits()
        coming.failures = 1
        inside.write("c")
        await it.until(11)
        assert pauses[7:] == [2]


async def test_what_ends_a_long_question_is_heeded(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = Wire.changes
    ends: list[Exception] = [CursorGone(), Away("cut off")]

    async def ended(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        if wait and ends:
            raise ends.pop(0)
        return await changes(self, cursor, wait, until)

    monkeypatch.setattr(Wire, "changes", ended)
    monkeypatch.setattr("keycell.sync.watch._FIRST_PAUSE", 0)
    async with watching(inside, monkeypatch) as it:
        # The cursor is gone: it looks again at once. The line is cut: it says so, and looks again.
        told = await it.until(4)
        assert [type(one) for one in told[:4]] == [Outcome, Outcome, Away, Outcome]


async def test_a_question_without_an_answer_is_asked_again(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, asked = Wire.changes, list[int]()

    async def nothing(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        if wait and len(asked) < 3:
            asked.append(cursor)
            return {"changes": []}
        return await changes(self, cursor, wait, until)

    monkeypatch.setattr(Wire, "changes", nothing)
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await until(lambda: len(asked) == 3)
        assert len(it.told) == 1
        assert asked == [int(it.state.said("cursor"))] * 3


async def test_no_question_of_an_earlier_round_goes_on(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = Wire.changes
    waiting: set[asyncio.Task[Any] | None] = set()

    async def counted(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        if not wait:
            return await changes(self, cursor, wait, until)
        waiting.add(asyncio.current_task())
        try:
            return await changes(self, cursor, wait, until)
        finally:
            waiting.discard(asyncio.current_task())

    monkeypatch.setattr(Wire, "changes", counted)
    async with watching(inside, monkeypatch) as it:
        for number in range(3):
            await it.until(number + 1)
            await it.waits()
            assert len(waiting) <= 1
            inside.write(f"{number}")
        await it.until(4)
    assert not waiting


async def test_ten_minutes_are_the_longest_without_a_look(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keycell.sync.watch._AT_LEAST_EVERY", 0)
    async with watching(inside, monkeypatch) as it:
        await it.until(3)


async def test_it_listens_before_it_looks_and_no_longer_than_it_watches(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    async def listening(root: Path, *_: object) -> AsyncIterator[Heard]:
        happened.append("listens")
        try:
            await asyncio.Event().wait()
            yield frozenset({str(root)})
        finally:
            happened.append("listens no more")

    async def looked(*_: object) -> Outcome:
        happened.append("looks")
        return Outcome(0)

    monkeypatch.setattr("keycell.sync.watch.run", looked)
    async with watching(inside, monkeypatch, listening) as it:
        await it.until(1)
    # The server may give a hint meanwhile, and another look follows.
    assert list(dict.fromkeys(happened)) == ["listens", "looks", "listens no more"]
    assert happened.count("listens") == happened.count("listens no more") == 1


async def test_what_happens_in_a_folder_is_a_hint(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inside.root / "d" / "e").mkdir(parents=True)
    written = inside.root.with_name("f")
    written.write_text("deep")
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await it.waits()
        written.rename(inside.root / "d" / "e" / "f")
        await it.until(2)
        assert await inside.has("d/e/f", "deep")


async def test_a_server_that_answers_all_but_the_long_question_is_asked_less_often(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, sleep = Wire.changes, asyncio.sleep
    pauses: list[float] = []

    async def cut(self: Wire, cursor: int, wait: int = 0, until: int = 0) -> dict[str, Any]:
        if wait and len(pauses) < 3:
            raise Away("cut off")
        return await changes(self, cursor, wait, until)

    async def slept(seconds: float) -> None:
        if seconds >= 2:
            pauses.append(seconds)
            seconds = 0
        await sleep(seconds)

    monkeypatch.setattr(Wire, "changes", cut)
    monkeypatch.setattr(asyncio, "sleep", slept)
    async with watching(inside, monkeypatch) as it:
        await it.until(7)
        assert pauses == [2, 4, 8]
