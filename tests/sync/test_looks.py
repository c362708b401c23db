"""Looking while watching: where something was heard, and everywhere else where that is due."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from keycell.files.errors import NotFound
from keycell.sync.disk import Disk
from keycell.sync.run import Outcome
from keycell.sync.scan import Seen, scan
from keycell.sync.state import Row

from .inside import Inside, until
from .listening import deaf, watching


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


async def test_what_is_left_out_from_now_on_is_heeded_though_nothing_was_heard(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.top = "personal-files/work"
    await inside.home.put("personal-files/work/a.log", b"a")
    async with watching(inside, monkeypatch, deaf) as it:
        await it.until(1)
        assert inside.files() == {"a.log": "a"}
        inside.write(".keycellignore", "*.log")
        await inside.home.put("personal-files/work/b.log", b"b")
        await inside.home.put("personal-files/work/b", b"b")
        await until(lambda: "b" in inside.files())
        await it.until(2)
        assert inside.files() == {".keycellignore": "*.log", "a.log": "a", "b": "b"}
        assert await inside.has("a.log", "a")
        assert await inside.has(".keycellignore", "*.log")


async def test_what_is_left_out_no_more_is_listened_to(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keycell.sync.left_out.REST", 0)
    inside.write(".keycellignore", "d/\n")
    inside.write("d/a")
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await it.waits()
        (inside.root / ".keycellignore").write_text("# all\n")
        await until_has(inside, "d/a")
        await it.waits()
        inside.write("d/a", "anew")
        await until_has(inside, "d/a", "anew")


async def test_what_another_disk_covered_is_listened_to_once_that_is_gone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody hears of a disk that goes."""
    covered = ["d"]
    monkeypatch.setattr("keycell.sync.left_out.mounts_below", lambda _: tuple(covered))
    inside.write("d/a", "covered")
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await it.waits()
        covered.clear()
        # A hint of which nothing comes here, so nothing is heard here.
        await inside.home.put("personal-files/b.swp", b"b")
        await until_has(inside, "d/a", "covered")
        await it.waits()
        inside.write("d/a", "anew")
        await until_has(inside, "d/a", "anew")


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


async def test_the_disk_is_looked_at_where_something_was_heard_of_it(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[object]()

    def counted(*about: Any, is_anew: bool) -> Seen:  # noqa: ANN401
        looked.append(about)
        return scan(*about, is_anew=is_anew)

    monkeypatch.setattr("keycell.sync.run.scan", counted)
    for name in ("a", "d/b", "d/e/c"):
        inside.write(name)
    async with watching(inside, monkeypatch) as it:
        await it.until(1)
        await it.waits()
        inside.write("d/e/c", "edited")
        await until(lambda: len(it.told) > 1)
        assert await inside.has("d/e/c", "edited")
        inside.write("d/new/deep/f", "made")
        await it.waits()
        await until(lambda: any(one.name == "f" for one in it.state.locals()))
        await it.waits()
        assert await inside.has("d/new/deep/f", "made")
        assert len(looked) == 1
        # What is gone may be elsewhere: everything is looked at, and it is deleted.
        (inside.root / "d" / "b").unlink()
        await until(lambda: len(looked) == 2)
        await until(lambda: it.state.count_files() == 3)
        with pytest.raises(NotFound):
            await inside.has("d/b", "x")


async def until_has(inside: Inside, path: str, text: str = "x") -> None:
    """Wait until the server has a text at a path."""
    for _ in range(600):
        with contextlib.suppress(NotFound):
            if await inside.has(path, text):
                return
        await asyncio.sleep(0.05)
    raise AssertionError(path)
