"""The disk: whoever writes while it is changed keeps what they wrote, where they wrote it."""

import errno
import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from keycell.sync.disk import Disk
from keycell.sync.errors import Dropped, RootGone
from keycell.sync.state import Row


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path)
    disk.mark("mark")
    return disk


def _seen(path: Path, text: str, *, is_racy: bool = True) -> Row:
    it = path.lstat()
    return Row("1", "/", path.name, is_folder=False, inode=it.st_ino, size=it.st_size,
               mtime_ns=it.st_mtime_ns, ctime_ns=0 if is_racy else it.st_ctime_ns,
               digest=hashlib.sha256(text.encode()).hexdigest())  # fmt: skip


def _kept(disk: Disk) -> list[str]:
    return [path.read_text() for path in (disk.working / "trash").rglob("*.txt")]


def test_a_file_that_is_what_was_seen_goes_to_the_trash(disk: Disk) -> None:
    path = disk.root / "a.txt"
    path.write_text("seen")
    disk.trash(path, _seen(path, "seen"))
    assert not path.exists()
    assert _kept(disk) == ["seen"]


def test_a_file_written_to_in_the_same_moment_stays(disk: Disk) -> None:
    """It has the size and the time of what was hashed, and other content."""
    path = disk.root / "a.txt"
    path.write_text("late")
    with pytest.raises(Dropped, match="changed meanwhile"):
        disk.trash(path, _seen(path, "seen"))
    assert path.read_text() == "late"
    assert _kept(disk) == []


def test_what_arrived_replaces_nothing_but_what_was_seen(disk: Disk) -> None:
    path, arrived = disk.root / "a.txt", disk.temporary()
    path.write_text("late")
    arrived.write_text("from the server")
    with pytest.raises(Dropped):
        disk.put(arrived, path, _seen(path, "seen"))
    with pytest.raises(Dropped, match="something stands there"):
        disk.put(arrived, path, None)
    assert path.read_text() == "late"


def test_the_folder_is_known_again_by_its_mark(disk: Disk) -> None:
    disk.check("mark")
    with pytest.raises(RootGone, match="another one"):
        disk.check("other")
    (disk.working / "marker").unlink()
    with pytest.raises(RootGone, match="missing"):
        disk.check("mark")


def test_what_was_on_its_way_goes_and_what_was_kept_stays_for_a_while(disk: Disk) -> None:
    disk.temporary().write_text("half")
    for day, name in (("2000-01-01", "old.txt"), (time.strftime("%Y-%m-%d"), "new.txt")):
        (disk.working / "trash" / day).mkdir()
        (disk.working / "trash" / day / name).write_text(name)
    disk.tidy()
    assert list((disk.working / "tmp").iterdir()) == []
    assert _kept(disk) == ["new.txt"]
    # Whoever wants room removes the trash whole.
    shutil.rmtree(disk.working / "trash")
    disk.tidy()
    assert _kept(disk) == []
    assert (disk.working / "trash").is_dir()


def test_nothing_is_reached_through_a_link(
    disk: Disk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (disk.root / "d").symlink_to(tmp_path_factory.mktemp("outside"))
    with pytest.raises(Dropped, match="a link stands"):
        disk.checked("d/a.txt")


def test_what_arrived_is_in_its_place_and_what_was_there_is_kept(disk: Disk) -> None:
    path, arrived = disk.root / "a.txt", disk.temporary()
    path.write_text("seen")
    arrived.write_text("from the server")
    disk.put(arrived, path, _seen(path, "seen"))
    assert path.read_text() == "from the server"
    assert _kept(disk) == ["seen"]
    assert not arrived.exists()


def test_what_is_gone_or_was_changed_is_not_even_moved(disk: Disk) -> None:
    path = disk.root / "a.txt"
    path.write_text("seen")
    seen = _seen(path, "seen", is_racy=False)
    path.write_text("changed")
    with pytest.raises(Dropped, match="changed meanwhile"):
        disk.trash(path, seen)
    assert list((disk.working / "trash").iterdir()) == []
    path.unlink()
    with pytest.raises(Dropped, match="not there any more"):
        disk.trash(path, seen)


def test_whoever_writes_between_the_look_and_the_move_keeps_it(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = disk.root / "a.txt"
    path.write_text("seen")
    seen, rename = _seen(path, "seen", is_racy=False), Path.rename

    def late(self: Path, target: Path) -> Path:
        self.write_text("late, and longer")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(Dropped):
        disk.trash(path, seen)
    assert path.read_text() == "late, and longer"
    assert _kept(disk) == []


def test_a_name_as_long_as_names_may_be_is_kept_too(disk: Disk) -> None:
    path = disk.root / ("n" * 251 + ".txt")
    path.write_text("seen")
    disk.trash(path, _seen(path, "seen"))
    (day,) = (disk.working / "trash").iterdir()
    assert [one.read_text() for one in day.iterdir()] == ["seen"]


def test_nothing_is_moved_over_anything(disk: Disk) -> None:
    one, other = disk.root / "a.txt", disk.root / "b.txt"
    one.write_text("a")
    other.write_text("b")
    with pytest.raises(Dropped, match="something stands"):
        disk.move(one, other)
    assert (one.read_text(), other.read_text()) == ("a", "b")
    other.unlink()
    for name in ("b.txt", "A.txt"):
        os.link(one, disk.root / name)
        # Two names of one file: to rename one to the other would do nothing, and say nothing.
        with pytest.raises(Dropped, match="something stands"):
            disk.move(one, disk.root / name)


def test_a_name_may_change_its_case_where_the_disk_takes_both_for_one(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = disk.root / "a.txt"
    one.write_text("a")
    (disk.root / "d").mkdir()
    # As a disk answers that knows no case: the new name is there, and is in no list.
    monkeypatch.setattr(os.path, "lexists", lambda _: True)
    for other in (disk.root / "d" / "A.TXT", disk.root / "b.txt"):
        with pytest.raises(Dropped, match="something stands"):
            disk.move(one, other)
    disk.move(one, disk.root / "A.TXT")
    assert sorted(path.name for path in disk.root.iterdir() if path.is_file()) == ["A.TXT"]


def test_a_disk_without_links_is_written_to_as_well(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As FAT: there nothing can be placed and held back in one step."""

    def refuses(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuses)
    path, arrived = disk.root / "a.txt", disk.temporary()
    arrived.write_text("first")
    disk.put(arrived, path, None)
    assert path.read_text() == "first"
    arrived.write_text("second")
    with pytest.raises(Dropped, match="something stands there"):
        disk.put(arrived, path, None)
    assert path.read_text() == "first"
