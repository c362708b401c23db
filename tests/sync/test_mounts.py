"""Other disks below the synced folder: real ones, where one may mount any."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keycell.sync.errors import RootGone
from keycell.sync.left_out import rules_of
from keycell.sync.mounts import mounts_below
from keycell.sync.run import Outcome
from keycell.sync.scan import Scan, Seen, scan

from .inside import Inside

ALONE = "another disk is mounted there: it is left alone"


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mount a disk of its own, or another folder once more; all of them go at the end."""
    mounted = list[Path]()

    def mounts(folder: Path, other: Path | None = None) -> None:
        kind = ["-t", "tmpfs", "tmpfs"] if other is None else ["--bind", str(other)]
        done = subprocess.run(["mount", *kind, str(folder)], check=False, capture_output=True)
        if done.returncode:
            pytest.skip("nothing can be mounted here")
        mounted.append(folder)

    yield mounts
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_disk_that_comes_and_goes_below_the_folder_is_no_part_of_it(
    inside: Inside, mount: Callable[..., None]
) -> None:
    inside.write("a")
    media = inside.root / "media"
    media.mkdir()
    await inside.sync()
    mount(media)
    inside.write("media/film")
    assert await inside.sync() == Outcome(0, (("media", ALONE),))
    await inside.home.put("personal-files/media/there", b"x")
    assert await inside.sync() == Outcome(0, (("media", ALONE),))
    unmount(media)
    await inside.sync()
    assert inside.files() == {"a": "x", "media/there": "x"}
    with pytest.raises(Exception, match="nothing at"):
        await inside.has("media/film", "x")


@pytest.mark.parametrize("is_same_disk", [False, True])
async def test_what_a_disk_covers_is_deleted_nowhere(
    inside: Inside, mount: Callable[..., None], tmp_path: Path, *, is_same_disk: bool
) -> None:
    for name in ("a", "d/b", "d/e/c"):
        inside.write(name)
    await inside.sync()
    empty = tmp_path / "empty"
    empty.mkdir()
    mount(inside.root / "d", empty if is_same_disk else None)
    for _ in range(2):
        assert await inside.sync() == Outcome(0, (("d", ALONE),))
    assert await inside.has("d/b", "x")
    assert await inside.has("d/e/c", "x")
    unmount(inside.root / "d")
    await inside.sync()
    assert await inside.sync() == Outcome(0)
    assert inside.files() == {"a": "x", "d/b": "x", "d/e/c": "x"}
    assert await inside.has("d/e/c", "x")


async def test_a_disk_that_is_mounted_while_it_is_looked_for_stands(
    inside: Inside, mount: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or where no table tells of it."""
    inside.write("d/b")
    await inside.sync()
    monkeypatch.setattr("keycell.sync.left_out.mounts_below", lambda _: ())
    mount(inside.root / "d")
    for _ in range(2):
        told = await inside.sync()
        assert told.problems == (("d", f"it cannot be read: {ALONE.partition(':')[0]}"),)
    assert await inside.has("d/b", "x")


async def test_a_folder_whose_disk_goes_while_it_is_looked_at_is_no_emptied_one(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside.write("d/b")
    await inside.sync()
    disk = inside.root.with_name("disk")

    def unmounting(*about: object, **more: object) -> Seen:
        inside.root.rename(disk)
        inside.root.mkdir()
        return scan(*about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("keycell.sync.run.scan", unmounting)
    with pytest.raises(RootGone, match="is not the folder that was added"):
        await inside.sync()
    inside.root.rmdir()
    disk.rename(inside.root)
    monkeypatch.undo()
    assert await inside.sync() == Outcome(0)
    assert await inside.has("d/b", "x")


def test_what_is_left_out_anyway_is_not_told_of(
    inside: Inside, mount: Callable[..., None]
) -> None:
    (inside.root / "cache").mkdir()
    mount(inside.root / "cache")
    with inside.state() as state:
        assert rules_of(inside.root, ("cache/",), (), state).problems == ()
        assert rules_of(inside.root, (), ("photos",), state).problems == ()
        assert rules_of(inside.root, (), (), state).problems == (("cache", ALONE),)


def test_the_table_of_mounts_tells_names_as_they_are(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(
        b"1 0 0:1 / /home rw - tmpfs tmpfs rw\n"
        b"2 1 0:2 / /home/ann/plans/two\\040words/\xff rw shared:1 - ext4 /dev/a rw\n"
        b"3 1 0:2 / /home/ann/plans rw - ext4 /dev/a rw\n"
        b"4 1 0:2 / /home/ann/plans2 rw - ext4 /dev/a rw\n"
    )
    assert mounts_below(Path("/home/ann/plans"), table) == (os.fsdecode(b"two words/\xff"),)
    assert mounts_below(Path("/home"), table)[0] == "ann/plans"
    assert mounts_below(Path("/"), table)[0] == "home"
    assert mounts_below(tmp_path, tmp_path / "none") == ()


def test_a_folder_that_is_gone_is_told_of_before_it_is_looked_at(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Scan(tmp_path / "gone", (), 1, None, is_anew=True)
