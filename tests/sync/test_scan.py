"""Looking at the disk: what is unchanged, moved, left out, unreadable or changing."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keycell.sync.scan import Excludes, Seen, scan
from keycell.sync.state import Row, State


class Looking:
    """A folder that is looked at again and again."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.state = State(folder / "state.db")

    def write(self, path: str, text: str, *, age: float = 10) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        os.utime(place, (time.time() - age,) * 2)

    def look(self, excludes: Excludes | None = None, *, is_anew: bool = False) -> Seen:
        seen = scan(self.root, self.state.local_tuples(), self.state.next_local(), excludes,
                    is_anew=is_anew)  # fmt: skip
        with self.state.change():
            self.state.put_locals(seen.gone, seen.changed)
        return seen

    def rows(self) -> dict[str, Row]:
        return {row.name: row for row in self.state.locals()}


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    return Looking(tmp_path)


def test_what_did_not_change_is_not_read_again(looking: Looking) -> None:
    looking.write("d/a.txt", "a")
    assert len(looking.look().changed) == 2
    assert not looking.look().is_change


def test_a_clock_that_jumps_changes_nothing(looking: Looking) -> None:
    """Times are compared with themselves alone; a time of tomorrow, or of 1970, is as good."""
    looking.write("tomorrow.txt", "a", age=-86400)
    looking.write("long ago.txt", "b", age=time.time() - 10)
    looking.look()
    assert not looking.look().is_change
    digests = {name: row.digest for name, row in looking.rows().items()}
    looking.write("tomorrow.txt", "c", age=3600)
    (changed,) = looking.look().changed
    assert changed.digest != digests["tomorrow.txt"]


def test_what_was_written_a_moment_ago_is_hashed_again(looking: Looking) -> None:
    looking.write("a.txt", "one", age=0)
    looking.look()
    before = (looking.root / "a.txt").stat()
    (looking.root / "a.txt").write_text("two")
    os.utime(looking.root / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    (changed,) = looking.look().changed
    assert changed.size == 3


def test_a_moved_folder_keeps_its_identifier_and_what_is_in_it(looking: Looking) -> None:
    looking.write("d/a.txt", "a")
    looking.look()
    before = looking.rows()
    (looking.root / "d").rename(looking.root / "e")
    seen = looking.look()
    assert [row.name for row in seen.changed] == ["e"]
    assert not seen.gone
    assert looking.rows()["e"].id == before["d"].id


def test_new_rules_are_held_against_what_is_known(looking: Looking) -> None:
    looking.write("a.log", "a")
    looking.look()

    def no_logs(path: str, is_folder: bool) -> bool:  # noqa: FBT001
        return path.endswith(".log") and not is_folder

    assert looking.look(no_logs, is_anew=True).gone
    assert not looking.look(no_logs).is_change


def test_a_file_that_changes_while_it_is_read_is_told_of_and_stands(looking: Looking) -> None:
    looking.write("d/a.bin", "x" * 50_000_000)
    looking.look()
    writing, begun = True, threading.Event()

    def write() -> None:
        with (looking.root / "d" / "a.bin").open("ab") as file:
            while writing:
                file.write(b"more")
                file.flush()
                begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait()
    try:
        seen = looking.look()
    finally:
        writing = False
        thread.join()
    assert seen.problems == [
        ("d/a.bin", "it changes while it is read; it is looked at again in the next run")
    ]
    assert not seen.gone


def test_a_folder_that_cannot_be_listed_is_not_taken_for_empty(looking: Looking) -> None:
    looking.write("d/a.txt", "a")
    looking.look()
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (looking.root / "d").chmod(0)
    try:
        seen = looking.look()
    finally:
        (looking.root / "d").chmod(0o755)
    assert seen.problems == [("d", "it cannot be read: Permission denied")]
    assert not seen.gone


def test_a_folder_that_is_gone_itself_is_no_empty_folder(looking: Looking) -> None:
    looking.write("a.txt", "a")
    looking.look()
    looking.root.rename(looking.root.with_name("elsewhere"))
    with pytest.raises(FileNotFoundError):
        looking.look()


def test_what_lies_deep_in_a_folder_that_cannot_be_listed_stands(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking.write("d/a.txt", "a")
    looking.write("d/e/b.txt", "b")
    looking.look()
    scandir = os.scandir

    def refused(path: str) -> object:
        if path.endswith("/d"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    seen = looking.look()
    assert seen.problems == [("d", "it cannot be read: Permission denied")]
    assert not seen.gone


def test_another_name_for_a_file_is_no_move_of_it(looking: Looking) -> None:
    looking.write("m.txt", "a")
    looking.look()
    before = looking.rows()["m.txt"].id
    # One of them is seen before the name that was known.
    for letter in "abcdefghnopqrstuvwxyz":
        os.link(looking.root / "m.txt", looking.root / f"{letter}.txt")
    looking.look()
    assert looking.rows()["m.txt"].id == before


def test_a_disk_that_numbers_anew_moves_nothing(looking: Looking) -> None:
    """As FAT does each time it is mounted."""
    for name in ("d/1", "d/2", "e/1", "e/2"):
        looking.write(name, name)
    looking.look()
    before = {(row.parent, row.name): row for row in looking.state.locals()}
    with looking.state.change():
        inodes = sorted(row.inode for row in before.values())
        looking.state.put_locals(
            (),
            [replace(row, inode=inodes[inodes.index(row.inode) - 1]) for row in before.values()],
        )
    seen = looking.look()
    after = {(row.parent, row.name): row for row in looking.state.locals()}
    assert not seen.gone
    assert after == before


def test_some_files_that_were_replaced_hide_no_move(looking: Looking) -> None:
    for name in ("a", "b", "c", "d/e"):
        looking.write(name, name)
    looking.look()
    before = looking.rows()
    kept = (looking.root / "a").stat()
    (looking.root / "a").rename(looking.root.parent / "a")
    looking.write("a", "x")
    os.utime(looking.root / "a", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    (looking.root / "d").rename(looking.root / "f")
    seen = looking.look()
    assert not seen.gone
    assert looking.rows()["f"].id == before["d"].id


def test_what_may_be_listed_and_not_looked_at_stands(
    looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a folder that nobody may enter, or where a mount does not answer."""
    looking.write("d/a.txt", "a")
    looking.write("d/e/b.txt", "b")
    looking.look()
    scandir = os.scandir

    class Refusing:
        def __init__(self, entry: "os.DirEntry[str]") -> None:
            self.name, self.path = entry.name, entry.path

        def stat(self, **_: bool) -> os.stat_result:
            raise PermissionError(13, "Permission denied", self.path)

    @contextlib.contextmanager
    def listed(path: str) -> Iterator[Iterator[object]]:
        with scandir(path) as entries:
            yield (Refusing(one) if path.endswith("/d") else one for one in entries)

    monkeypatch.setattr(os, "scandir", listed)
    seen = looking.look()
    reason = "it cannot be read: Permission denied"
    assert sorted(seen.problems) == [("d/a.txt", reason), ("d/e", reason)]
    assert not seen.is_change
