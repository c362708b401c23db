"""Folders of this machine that are somebody's files: what FUSE mounts."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

_LOOKS = 1200


def _reason() -> str:
    if os.geteuid() != 0:
        return "only root may mount here"
    missing = [name for name in ("fusermount3", "mount.davfs") if shutil.which(name) is None]
    if missing:
        return f"{' and '.join(missing)} are not installed: Debian's fuse3 and davfs2"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse does not open: {error.strerror}"
    return ""


mounts = pytest.mark.skipif(bool(_reason()), reason=_reason() or "FUSE is there")
"""A test that mounts: left out, and why, where this machine lets nobody."""


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
