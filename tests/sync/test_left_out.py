"""What is left out of a sync, by patterns or by choice: on both sides by one rule."""

import os
import time
from dataclasses import replace

import pathspec
import pytest

from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.nodes import Sought
from keycell.sync.left_out import IGNORE_FILE, matching, rules_of
from keycell.sync.names import WORKING
from keycell.sync.run import Outcome
from keycell.sync.trees import Place

from .inside import Inside


async def on_server(inside: Inside) -> set[str]:
    """Give the names of all that is below the folder."""
    home = inside.home
    top = (await stat(home.files, home.actor, read_path("personal-files"))).node.node_id
    return {one.name for one in await home.files.nodes.search([top], Sought(), 100)}


async def test_a_pattern_of_folders_leaves_out_the_folder_itself(inside: Inside) -> None:
    inside.write("build/x")
    inside.write("d/build", "a file of that name")
    assert (await inside.sync(replace(inside.job, ignored=("build/",)))).done == 2
    assert {"d", "build"} <= await on_server(inside)
    assert await inside.has("d/build", "a file of that name")
    with pytest.raises(Exception, match="nothing at"):
        await inside.has("build/x", "x")


_PATTERNS = ("*.tmp", "!kept.tmp", "build/", "/top", "a/**/b", "# a note", "", "[xy]?", "\\!so")
_PATHS = ("a.tmp", "d/kept.tmp", "build/", "d/build/x", "build", "top", "d/top", "a/b", "a/c/d/b",
          "# a note", "xz", "d/y1/", "zz", "!so", "d/desktop.ini", "desktop.init")  # fmt: skip


@pytest.mark.parametrize("chosen", [_PATTERNS, _PATTERNS[:1], ()])
def test_what_all_patterns_say_at_once_is_what_each_says(chosen: tuple[str, ...]) -> None:
    spec = pathspec.GitIgnoreSpec.from_lines(chosen)
    matches = matching(spec)
    assert [matches(path) for path in _PATHS] == [spec.match_file(path) for path in _PATHS]


async def test_what_lies_in_a_folder_that_is_left_out_is_neither_brought_nor_deleted(
    inside: Inside,
) -> None:
    """As with git: nothing brings back what lies in a folder that is left out."""
    inside.write("d/kept")
    await inside.sync()
    await inside.home.put("personal-files/d/e/kept", b"x")
    ignoring = replace(inside.job, ignored=("d", "!kept"))
    assert await inside.sync(ignoring) == Outcome(0)
    assert inside.files() == {"d/kept": "x"}
    assert await inside.has("d/kept", "x")


async def test_what_is_chosen_later_is_brought_though_nothing_changed(inside: Inside) -> None:
    for name in ("photos/a", "films/b"):
        await inside.home.put(f"personal-files/{name}", b"x")
    choosing = replace(inside.job, only=("photos",))
    for _ in range(2):
        await inside.sync(choosing)
    assert await inside.sync(choosing) == Outcome(0)
    await inside.sync(replace(inside.job, only=("films", "photos")))
    assert inside.files() == {"photos/a": "x", "films/b": "x"}


async def test_what_was_ignored_and_is_chosen_is_brought(inside: Inside) -> None:
    await inside.home.put("personal-files/photos/a", b"x")
    ignoring = replace(inside.job, ignored=("photos",))
    for _ in range(2):
        assert await inside.sync(ignoring) == Outcome(0)
    await inside.sync(replace(inside.job, only=("photos",)))
    assert inside.files() == {"photos/a": "x"}


def test_a_folder_whose_name_begins_alike_is_not_the_chosen_one(inside: Inside) -> None:
    with inside.state() as state:
        excludes = rules_of(inside.root, (), ("photos",), state).excludes
    paths, is_folder = ("photos", "photos/a", "photos2", "photos2/a", "photo"), True
    assert [path for path in paths if not excludes(path, is_folder)] == ["photos", "photos/a"]


async def test_a_file_is_no_folder_on_the_way_to_a_chosen_one(inside: Inside) -> None:
    inside.write("photos", "a file")
    assert await inside.sync(replace(inside.job, only=("photos/2026",))) == Outcome(0)
    assert "photos" not in await on_server(inside)


async def test_what_went_elsewhere_on_the_server_goes_here(inside: Inside) -> None:
    inside.write("a", "kept in the trash")
    inside.write("b")
    await inside.sync()
    with inside.state() as state:
        (there,) = (one for one in state.remotes().values() if one.place.name == "a")
        state.put_remotes((), [replace(there, place=Place("elsewhere", "a"))])
        state.say("settled", "")
    assert (await inside.sync()).done == 1
    assert inside.files() == {"b": "x"}
    kept = [one.read_text() for one in (inside.root / WORKING / "trash").rglob("*-a")]
    assert kept == ["kept in the trash"]


SECRET, PLAIN = "*.key\n*.pem\n", "# empty\n"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until it is set; files are written when it says."""
    found = [time.time()]
    monkeypatch.setattr("keycell.sync.left_out.time.time", lambda: found[0])
    return found


def ignore(inside: Inside, text: str | None, at: float) -> None:
    path = inside.root / IGNORE_FILE
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
        os.utime(path, (at, at))


@pytest.mark.parametrize("emptied", ["", PLAIN, "*.key\n", "*.key\n*.pem\n!my.pem\n", None])
async def test_what_is_left_out_no_more_is_brought_a_minute_later(
    inside: Inside, clock: list[float], emptied: str | None
) -> None:
    """A file of patterns may be saved in two steps, or be gone for a moment."""
    ignore(inside, SECRET, clock[0])
    for name in ("my.key", "my.pem", "a"):
        inside.write(name)
    await inside.sync()
    ignore(inside, emptied, clock[0])
    for seconds in (0, 20, 39):
        clock[0] += seconds
        told = await inside.sync()
        assert told.problems == (
            (IGNORE_FILE, "what it left out stays out until it stood for a minute"),
        )
    assert not {"my.key", "my.pem"} & await on_server(inside)
    clock[0] += 2
    assert (await inside.sync()).problems == ()
    assert "my.pem" in await on_server(inside)
    assert ("my.key" in await on_server(inside)) is (emptied in ("", PLAIN, None))


async def test_patterns_that_come_back_within_a_minute_never_went(
    inside: Inside, clock: list[float]
) -> None:
    ignore(inside, SECRET, clock[0])
    inside.write("my.key")
    await inside.sync()
    for _ in range(3):
        ignore(inside, "", clock[0])
        clock[0] += 50
        await inside.sync()
        ignore(inside, SECRET, clock[0])
        clock[0] += 50
        assert (await inside.sync()).problems == ()
    assert "my.key" not in await on_server(inside)


async def test_a_clock_that_is_set_back_holds_patterns_a_minute_longer_and_no_more(
    inside: Inside, clock: list[float]
) -> None:
    ignore(inside, SECRET, clock[0])
    inside.write("my.key")
    await inside.sync()
    ignore(inside, None, clock[0])
    await inside.sync()
    clock[0] -= 10_000
    assert (await inside.sync()).problems
    clock[0] += 61
    assert not (await inside.sync()).problems
    assert "my.key" in await on_server(inside)


async def test_patterns_that_are_added_hold_at_once_and_old_ones_go_at_once(
    inside: Inside, clock: list[float]
) -> None:
    ignore(inside, "*.key\n", clock[0])
    await inside.sync()
    ignore(inside, SECRET, clock[0])
    inside.write("my.pem")
    inside.write("my.key")
    assert (await inside.sync()).problems == ()
    assert not {"my.key", "my.pem"} & await on_server(inside)
    # It stands so for long already, whoever looks at it the first time.
    ignore(inside, "*.key\n", clock[0] - 100)
    assert (await inside.sync()).problems == ()
    assert "my.pem" in await on_server(inside)


async def test_patterns_that_cannot_be_read_let_nothing_in(inside: Inside) -> None:
    ignore(inside, SECRET, 1)
    inside.write("my.key")
    await inside.sync()
    (inside.root / IGNORE_FILE).unlink()
    (inside.root / IGNORE_FILE).symlink_to(IGNORE_FILE)
    with pytest.raises(OSError, match="symbolic links"):
        await inside.sync()
    assert "my.key" not in await on_server(inside)
