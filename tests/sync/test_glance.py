"""A look at what was heard of finds what a look at everything finds, or gives way to it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keycell.sync.errors import RootGone
from keycell.sync.glance import glance
from keycell.sync.inotify import Ears
from keycell.sync.names import WORKING
from keycell.sync.scan import Seen, scan
from keycell.sync.state import Row, State

from .people import Person, Writings

NAMES = ("a", "A", "b", "c.tmp", "d")


def excludes(path: str, is_folder: bool) -> bool:  # noqa: FBT001  (as a scan asks it)
    del is_folder
    return path.endswith(".tmp")


class Somebody(Person):
    """Writes little, into few places, and makes links, too."""

    def does_something(self) -> None:
        with contextlib.suppress(OSError):
            self._chance.choice([
                self._writes, self._writes, self._edits, self._edits, self._saves, self._deletes,
                self._moves, self._moves, self._trades, self._makes, self._makes, self._links,
                self._copies, self._deletes_folder, self._brings, self._replaces,
            ])()  # fmt: skip

    def _place(self) -> Path:
        folder = self._chance.choice([self.root, *self.below(folders=True)])
        return folder / self._chance.choice(NAMES)

    def _links(self) -> None:
        self._place().symlink_to("a")

    def _copies(self) -> None:
        place = self._place()
        # Of names in what is left out, as of those elsewhere, nobody hears.
        if not any(excludes(one.name, True) for one in place.parents):  # noqa: FBT003
            os.link(self._file(), place)

    def _brings(self) -> None:
        """Bring a folder with something in it from elsewhere."""
        desk = self._on_desk()
        (desk / "d").mkdir(parents=True)
        (desk / "d" / "a").write_bytes(self._new(desk))
        desk.rename(self._place())

    def _replaces(self) -> None:
        self._file().replace(self._place())


@dataclass
class Looking:
    """A folder, what was known of it, and what is heard of it."""

    root: Path
    state: State
    ears: Ears
    problems: list[tuple[str, str]]

    def whole(self) -> Seen:
        return scan(self.root, self.state.local_tuples(), self.state.next_local(), excludes,
                    is_anew=False)  # fmt: skip

    def keep(self, seen: Seen) -> None:
        self.problems = seen.problems
        self.state.put_locals(seen.gone, seen.changed)

    def heard(self) -> frozenset[str] | None:
        """Give what was heard since; None for anything."""
        self.ears.take()
        if self.ears.is_lost:
            self.ears.begin(excludes)
            return None
        return self.ears.taken()

    def glance(self, heard: Iterable[str]) -> Seen | None:
        return glance(self.root, heard, self.state, excludes, self.problems)

    def after(self, seen: Seen) -> dict[str, Row]:
        """Give what would be known by paths, after a look; new nodes are known by their paths."""
        known = {one.id: one for one in self.state.locals()}
        last = self.state.next_local()
        rows = {one: row for one, row in known.items() if one not in seen.gone}
        rows |= {one.id: one for one in seen.changed}

        def path(row: Row) -> str:
            return (f"{path(rows[row.parent])}/" if row.parent in rows else "") + row.name

        # Whether a file may still be written to unseen depends on the moment of the look.
        return {
            path(row): replace(
                row, ctime_ns=0, parent="", id=row.id if int(row.id) < last else "new"
            )
            for row in rows.values()
        }


@contextlib.contextmanager
def looking() -> Iterator[Looking]:
    with tempfile.TemporaryDirectory() as made:
        root = Path(made, "root")
        (root / WORKING / "tmp").mkdir(parents=True)
        state, ears = State(Path(":memory:")), Ears(root, excludes)
        try:
            yield Looking(root, state, ears, [])
        finally:
            ears.close()
            state.close()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**63))
def test_what_was_heard_of_is_seen_as_by_a_look_at_everything(seed: int) -> None:
    """Whatever people do, and however little of it was heard so far."""
    chance = Random(seed)  # noqa: S311  (a history, not a secret)
    with looking() as it:
        somebody = Somebody(it.root, Writings(chance))
        for _ in range(12):
            for _ in range(chance.choice([1, 1, 1, 2, 4])):
                somebody.does_something()
            heard, whole = it.heard(), it.whole()
            if heard is not None:
                compare(it, heard, whole)
                compare_some(it, {one for one in sorted(heard) if chance.random() < 0.6}, whole)
            it.keep(whole)


def compare(it: Looking, heard: Iterable[str], whole: Seen) -> None:
    """What was all heard is seen as it is, or not at all."""
    part = it.glance(heard)
    if part is not None:
        assert not part.gone
        assert not whole.gone
        assert it.after(part) == it.after(whole)
        assert sorted(part.problems) == sorted(whole.problems)


def compare_some(it: Looking, heard: Iterable[str], whole: Seen) -> None:
    """What was heard in part is seen as it is as far as it is seen, and nothing is gone."""
    part = it.glance(heard)
    if part is not None:
        assert not part.gone
        before, after = it.after(Seen()), it.after(whole)
        seen = {path: row for path, row in it.after(part).items() if before.get(path) != row}
        assert seen == {path: after.get(path) for path in seen}


@pytest.fixture
def it() -> Iterator[Looking]:
    with looking() as found:
        for path in ("a", "d/b", "d/e/c", "f/g"):
            (found.root / path).parent.mkdir(parents=True, exist_ok=True)
            (found.root / path).write_text(path)
        found.heard()
        found.keep(found.whole())
        yield found


def seen(it: Looking) -> list[str] | None:
    """Give the names that were seen in a look at what was heard of; None if it gave way."""
    heard = it.heard()
    part = None if heard is None else it.glance(heard)
    return None if part is None else sorted(one.name for one in part.changed)


def test_what_is_written_and_made_is_seen_where_it_is(it: Looking) -> None:
    (it.root / "d" / "b").write_text("anew")
    (it.root / "f" / "h" / "i").mkdir(parents=True)
    (it.root / "f" / "h" / "i" / "k").write_text("new")
    os.utime(it.root / "a")
    # What is not heard of stands, changed or not.
    assert seen(it) == ["a", "b", "g", "h", "i", "k"]


def test_what_is_saved_by_a_new_file_is_the_same_file(it: Looking) -> None:
    (it.root / "d" / "b.tmp").write_text("anew")
    (it.root / "d" / "b.tmp").rename(it.root / "d" / "b")
    before = {one.name: one.id for one in it.state.locals()}
    part = it.glance(it.heard() or ())
    assert part is not None
    assert {one.name: one.id for one in part.changed} == {"b": before["b"]}


def test_a_file_that_is_moved_is_itself_where_both_places_were_heard_of(it: Looking) -> None:
    (it.root / "d" / "b").rename(it.root / "f" / "b")
    before = {one.name: one.id for one in it.state.locals()}
    heard = it.heard()
    assert heard == frozenset({"d/b", "f/b"})
    part = it.glance(heard)
    assert part is not None
    assert before["b"] in {one.id for one in part.changed}
    assert not part.gone
    assert it.glance({"d/b"}) is None
    assert it.glance({"f/b"}) is None


@pytest.mark.parametrize("path", ["a", "d/b", "d", "d/e"])
def test_what_is_gone_asks_for_a_look_at_everything(it: Looking, path: str) -> None:
    gone = it.root / path
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    heard = it.heard()
    assert heard
    assert it.glance(heard) is None


def test_another_name_of_a_file_asks_for_a_look_at_everything(it: Looking) -> None:
    os.link(it.root / "a", it.root / "f" / "z")
    assert it.glance({"f/z"}) is None


def test_what_is_written_by_a_name_that_is_left_out_asks_for_a_look_at_everything(
    it: Looking,
) -> None:
    os.link(it.root / "d" / "b", it.root / "b.tmp")
    it.heard()
    (it.root / "b.tmp").write_text("anew")
    assert it.heard() == frozenset({"b.tmp"})
    assert it.glance({"b.tmp"}) is None


def test_a_folder_that_is_moved_is_no_name_that_could_be_relied_upon(it: Looking) -> None:
    for before, after in (("d", "f/d"), ("f/d", "../d"), ("../d", "d")):
        (it.root / before).rename(it.root / after)
        assert it.heard() is None
        it.keep(it.whole())
        (it.root / "f" / "g").write_text(after)
        assert it.heard() == frozenset({"f/g"})
    (it.root / "d" / "e" / "c").write_text("where it is by now")
    assert it.heard() == frozenset({"d/e/c"})


def test_a_folder_that_is_another_by_now_asks_for_a_look_at_everything(it: Looking) -> None:
    old = it.root.parent / "d"
    (it.root / "d").rename(old)
    shutil.copytree(old, it.root / "d")
    assert it.glance({"d/e/c"}) is None
    shutil.rmtree(it.root / "d")
    (it.root / "d").symlink_to(old)
    assert it.glance({"d/e/c"}) is None


def test_what_is_left_out_and_our_own_folder_are_looked_at_by_nobody(it: Looking) -> None:
    for known in ("a", "d/b", "d/e/c", "f/g"):
        os.utime(it.root / known, (1, 1))
    it.keep(it.whole())
    it.heard()
    (it.root / "x.tmp" / "y").mkdir(parents=True)
    (it.root / "x.tmp" / "y" / "z").write_text("z")
    (it.root / WORKING / "tmp" / "z").write_text("z")
    heard = it.heard()
    assert heard
    assert not any(WORKING in one for one in heard)
    part = it.glance(heard)
    assert part is not None
    assert not part.is_change


def test_what_could_not_be_seen_is_told_of_until_it_is_looked_at_again(it: Looking) -> None:
    for path in ("d/link", "f/link"):
        (it.root / path).symlink_to("nowhere")
    it.keep(it.whole())
    (it.root / "d" / "link").unlink()
    (it.root / "d" / "e" / "c").write_text("new")
    part = it.glance({"d/link"})
    assert part is not None
    assert part.problems == [("f/link", "it is a link, and is left alone")]
    part = it.glance({"d/e/c"})
    assert part is not None
    assert sorted(path for path, _ in part.problems) == ["d/link", "f/link"]


def test_a_folder_that_was_heard_of_is_looked_at_with_all_that_lies_in_it(it: Looking) -> None:
    (it.root / "d" / "e" / "c").write_text("new")
    assert it.heard() == frozenset({"d/e/c"})
    part = it.glance({"d"})
    assert part is not None
    assert "c" in {one.name for one in part.changed}
    (it.root / "d").chmod(0o700)
    assert it.heard() == frozenset({"d"})


def test_more_than_the_system_keeps_may_have_been_anything(it: Looking) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for _ in range(most // 2 + 1):
        # One after the other: what comes twice in a row is told once.
        os.utime(it.root / "a")
        os.utime(it.root / "d" / "b")
    assert it.heard() is None
    (it.root / "a").write_text("new")
    assert it.heard() == frozenset({"a"})


def test_a_folder_in_whose_place_others_stand_by_now_is_listened_to_there(it: Looking) -> None:
    """Whatever is heard of the old one, nothing is of the new one."""
    above, old = it.root.parent, it.root.parent.with_name(f"{it.root.parent.name}-old")
    try:
        above.rename(old)
        shutil.copytree(old, above)
        assert it.heard() is None
        (it.root / "a").write_text("where it is by now")
        assert it.heard() == frozenset({"a"})
    finally:
        shutil.rmtree(old)


def test_nobody_listens_to_what_is_left_out(it: Looking) -> None:
    """The system counts each folder that is listened to."""
    (it.root / "x.tmp" / "y").mkdir(parents=True)
    (it.root / "d" / "x.tmp" / "y").mkdir(parents=True)
    it.heard()
    for _ in range(2):
        for below in ("x.tmp/z", "x.tmp/y/z", "d/x.tmp/y/z"):
            (it.root / below).write_text("z")
        assert it.heard() == frozenset()
        # As well where it begins with them.
        it.ears.begin(excludes)


def test_a_folder_that_is_not_where_it_was_may_have_been_anything(it: Looking) -> None:
    it.root.rename(it.root.with_name("elsewhere"))
    it.ears.take()
    assert it.ears.is_lost


def test_a_name_that_cannot_be_kept_ends_nothing(it: Looking) -> None:
    for one in (b"\xff", b"d/\xff.txt"):
        (it.root / os.fsdecode(one)).write_text("x")
    folder = it.root / os.fsdecode(b"\xfe")
    folder.mkdir()
    heard = it.heard()
    assert heard
    (folder / "a").write_text("x")
    part = it.glance(heard | (it.heard() or frozenset()))
    assert part is not None
    assert sorted(part.problems) == [
        (path, "the name is not UTF-8: rename it") for path in ("?", "?", "d/?.txt")
    ]


def test_a_folder_that_cannot_be_read_is_told_of_until_it_is_looked_into(it: Looking) -> None:
    it.problems = [("d/e", "it cannot be read: Permission denied")]
    (it.root / "d" / "b").write_text("new")
    part = it.glance({"d/b"})
    assert part is not None
    assert part.problems == it.problems
    part = it.glance({"d/e"})
    assert part is not None
    assert part.problems == []


def test_nobody_listens_to_a_folder_that_is_not_there(it: Looking) -> None:
    it.root.rename(it.root.with_name("elsewhere"))
    with pytest.raises(RootGone, match="no folder any more"):
        it.ears.begin(excludes)
