"""Folders of this machine that are somebody's files, by FUSE; and small disks, to fill them."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

_LOOKS = 1200


def reason_not_to_mount(programs: Mapping[str, str]) -> str:
    """Say why nobody may mount by FUSE here, or ""; given programs and Debian's packages."""
    if os.geteuid() != 0:
        return "only root may mount here"
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        packages = " and ".join(programs[name] for name in missing)
        return f"{' and '.join(missing)} not found: install Debian's {packages}"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse does not open: {error.strerror}"
    return ""


_NOT_HERE = reason_not_to_mount({"fusermount3": "fuse3", "mount.davfs": "davfs2"})
mounts = pytest.mark.skipif(bool(_NOT_HERE), reason=_NOT_HERE or "FUSE is there")
"""A test that mounts: left out, and why, where this machine lets nobody."""


small_disks = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
"""A test that fills a disk of its own."""


@contextlib.contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small disk."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder],
                   check=True)  # fmt: skip
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def filled(folder: Path, but_for: int = 0) -> Iterator[None]:
    """A disk on which nothing more has room, but for so many bytes."""
    ballast, room = folder / "ballast", os.statvfs(folder)
    ballast.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - but_for))
    yield
    ballast.unlink()


@contextlib.contextmanager
def mounted(
    folder: Path, command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[Path]:
    """Run a program that mounts a folder, and unmount it: what was written is sent by then."""
    folder.mkdir()
    program = subprocess.Popen(command, env=environment)
    try:
        for _ in range(_LOOKS):
            if folder.is_mount():
                break
            time.sleep(0.05)
        assert folder.is_mount(), f"{command[0]} mounted nothing"
        yield folder
    finally:
        subprocess.run(["umount", folder], check=False, timeout=60)
        program.wait(60)


def live_in(folder: Path) -> None:
    """Use a folder as any program does."""
    # Closing is told later than it happens: what is deleted at the end is long carried by then.
    (folder / "gone.txt").write_text("gone")
    (folder / "dir").mkdir()
    (folder / "dir" / "é.txt").write_text("hello")
    assert (folder / "dir" / "é.txt").read_text() == "hello"
    (folder / "dir" / "é.txt").rename(folder / "dir" / "b.txt")
    assert not (folder / "dir" / "é.txt").exists()
    assert [one.name for one in (folder / "dir").iterdir()] == ["b.txt"]
    (folder / "big.bin").write_bytes(b"0123456789" * 300_000)
    with (folder / "big.bin").open("rb") as file:
        file.seek(2_999_995)
        assert file.read() == b"56789"
    assert (folder / "gone.txt").read_text() == "gone"
    (folder / "gone.txt").unlink()
    assert not (folder / "gone.txt").exists()
