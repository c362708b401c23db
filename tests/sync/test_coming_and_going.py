"""Folders that leave the synced one and come back, of which the feed tells but their names."""

import asyncio

import pytest

from keycell.sync.errors import Away
from keycell.sync.wire import Wire

from .test_run import Machine, pair, server

__all__ = ["pair", "server"]


def _below(one: Machine, two: Machine) -> None:
    """Let the second sync the whole space, and the first a folder of it."""
    two.write("work/a.txt", "a")
    two.sync()
    one.top = "personal-files/work"


def test_what_changed_while_its_folder_was_elsewhere_comes_with_it(
    pair: tuple[Machine, Machine],
) -> None:
    one, two = pair
    _below(one, two)
    two.write("work/d/e/b.txt", "before")
    two.sync()
    one.sync()
    assert one.files() == {"a.txt": "a", "d/e/b.txt": "before"}
    (two.root / "work/d").rename(two.root / "d")
    two.sync()
    one.sync()
    assert one.files() == {"a.txt": "a"}
    two.write("d/e/b.txt", "after, and longer")
    two.sync()
    one.sync()
    (two.root / "d").rename(two.root / "work/d")
    two.sync()
    one.sync()
    assert one.files() == {"a.txt": "a", "d/e/b.txt": "after, and longer"}


def test_a_folder_from_elsewhere_is_looked_into_after_a_cut(
    pair: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _two = _with_a_folder_that_came(pair)

    async def cut_off(self: Wire, path: str) -> set[str]:
        raise Away(path, "")

    monkeypatch.setattr(Wire, "children", cut_off)
    with pytest.raises(Away):
        one.sync()
    monkeypatch.undo()
    one.sync()
    assert one.files() == {"a.txt": "a", "d/b.txt": "b"}


def test_a_folder_from_elsewhere_that_goes_on_is_no_error(
    pair: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = _with_a_folder_that_came(pair)
    children = Wire.children

    async def moved_on(self: Wire, path: str) -> set[str]:
        monkeypatch.undo()
        (two.root / "work/d").rename(two.root / "work/f")
        await asyncio.to_thread(two.sync)
        return await children(self, path)

    monkeypatch.setattr(Wire, "children", moved_on)
    one.sync()
    one.sync()
    assert one.files() == {"a.txt": "a", "f/b.txt": "b"}


def _with_a_folder_that_came(pair: tuple[Machine, Machine]) -> tuple[Machine, Machine]:
    one, two = pair
    _below(one, two)
    two.write("d/b.txt", "b")
    two.sync()
    one.sync()
    (two.root / "d").rename(two.root / "work/d")
    two.sync()
    return one, two
