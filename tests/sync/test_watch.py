"""Staying alike: either side's hint is heeded, and a server that is away is waited for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from watchfiles import awatch

from keycell.sync.disk import Disk
from keycell.sync.errors import Away, SyncError
from keycell.sync.names import WORKING
from keycell.sync.run import Looks, Outcome
from keycell.sync.scan import Seen, scan
from keycell.sync.state import Row, State
from keycell.sync.watch import watch
from keycell.sync.wire import CursorGone, Wire

from .inside import Inside, until

Told = Outcome | Away


@dataclass
class Watching:
    """A watch under way, and what it tells."""

    state: State
    told: list[Told] = field(default_factory=list)
    hears: bool = False

    async def until(self, count: int) -> list[Told]:
        """Wait until so much was told."""
        await until(lambda: len(self.told) >= count)
        return self.told

    async def waits(self) -> None:
        """Wait until it waits for hints, and can hear them."""
        await until(lambda: self.state.said("doing") == "waiting" and self.hears)


@asynccontextmanager
async def watching(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, listening: object = None
) -> AsyncIterator[Watching]:
    with inside.state() as state:
        found = Watching(state)

        async def heard(*told: object, **more: object) -> AsyncIterator[object]:
            # The system tells of what happens from here on.
            more["yield_on_timeout"], more["rust_timeout"] = True, 20
            async for changes in awatch(*told, **more):  # type: ignore[arg-type]
                found.hears = True
                if changes:
                    yield changes

        monkeypatch.setattr("keycell.sync.watch.awatch", listening or heard)
        async with inside.wire() as wire:
            task = asyncio.create_task(watch(wire, state, inside.job, found.told.append))
            try:
                yield found
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, SyncError):
                    await task


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


async def test_what_is_written_to_our_own_folder_is_no_hint(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    async def asking(*told: object, watch_filter: Any, **more: object) -> AsyncIterator[object]:  # noqa: ANN401
        names = (f"{WORKING}/tmp/x", WORKING, "d/e", f"{WORKING}-2")
        asked.extend(watch_filter(None, str(inside.root / name)) for name in names)
        await asyncio.Event().wait()
        yield told, more

    async with watching(inside, monkeypatch, asking):
        await until(lambda: bool(asked))
    assert asked == [False, False, True, True]


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
    something = asyncio.Event()

    async def listening(*told: object, **more: object) -> AsyncIterator[object]:
        await something.wait()
        yield told, more
        await asyncio.Event().wait()

    async def looked(*told: object) -> Outcome:
        disk = told[3]
        assert isinstance(disk, Looks)
        assert disk.is_due()
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


async def deaf(*told: object, **more: object) -> AsyncIterator[object]:
    await asyncio.Event().wait()
    yield told, more


async def test_the_disk_is_not_looked_at_again_where_nothing_was_heard_of_it(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[object]()

    def counted(*about: Any, is_anew: bool) -> Seen:  # noqa: ANN401
        looked.append(about)
        return scan(*about, is_anew=is_anew)

    monkeypatch.setattr("keycell.sync.run.scan", counted)
    inside.top = "personal-files/work"
    await inside.home.put("personal-files/work/a", b"a")
    inside.write("b", "b")
    (inside.root / "link").symlink_to("b")
    async with watching(inside, monkeypatch, deaf) as it:
        await it.until(1)
        assert await inside.has("b", "b")
        await inside.home.put("personal-files/work/c", b"c")
        told = await it.until(2)
        assert inside.files() == {"a": "a", "b": "b", "c": "c", "link": "b"}
        assert len(looked) == 1
        # What could not be seen is told of all the same.
        assert [one.problems for one in told[:2] if isinstance(one, Outcome)] == 2 * [
            (("link", "it is a link, and is left alone"),)
        ]


async def test_what_an_operation_finds_changed_is_looked_at_though_nothing_was_heard(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_unchanged, checked = Disk.check_unchanged, list[Path]()

    def meanwhile(self: Disk, path: Path, row: Row) -> None:
        if not checked:
            inside.write("a", "written while it was on its way")
        checked.append(path)
        check_unchanged(self, path, row)

    monkeypatch.setattr(Disk, "check_unchanged", meanwhile)
    inside.write("a")
    async with watching(inside, monkeypatch, deaf) as it:
        (told, *_) = await it.until(1)
        assert isinstance(told, Outcome)
        assert told.problems == ()
        assert await inside.has("a", "written while it was on its way")


async def test_what_keeps_it_from_listening_is_told(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*told: object, **more: object) -> AsyncIterator[object]:
        raise OSError(28, "no more can be watched")
        yield told, more

    monkeypatch.setattr("keycell.sync.watch.awatch", refused)
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

    async def listening(*told: object, **more: object) -> AsyncIterator[object]:
        happened.append("listens")
        try:
            await asyncio.Event().wait()
            yield told, more
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
