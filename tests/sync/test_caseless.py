"""A real file system that knows no case and no links: exFAT, where one may be mounted."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..mounts import reason_not_to_mount
from ..server import Server
from .test_run import Machine, pair, server, settle

__all__ = ["pair", "server"]

NOT_HERE = reason_not_to_mount(
    {"mount.exfat-fuse": "exfat-fuse", "mkfs.exfat": "exfatprogs", "losetup": "mount"}
)
pytestmark = pytest.mark.skipif(bool(NOT_HERE), reason=NOT_HERE or "exFAT is there")


@dataclass
class Stick:
    """A file system in a file, mounted by a program."""

    device: str
    folder: Path

    def mount(self) -> None:
        mount = ["mount.exfat-fuse", self.device, str(self.folder)]
        subprocess.run(mount, check=True, capture_output=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Stick]:
    image, folder = tmp_path / "image", tmp_path / "stick"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    subprocess.run(["mkfs.exfat", str(image)], check=True, capture_output=True)
    attach = ["losetup", "--find", "--show", str(image)]
    attached = subprocess.run(attach, check=False, capture_output=True, text=True)
    if attached.returncode:
        pytest.skip(f"no file can be a device here: {attached.stderr.strip()}")
    found = Stick(attached.stdout.strip(), folder)
    try:
        found.mount()
        yield found
        found.unmount()
    finally:
        subprocess.run(["losetup", "--detach", found.device], check=True)


@pytest.fixture
def both(pair: tuple[Machine, Machine], stick: Stick, server: Server) -> tuple[Machine, Machine]:
    """Give a machine whose disk knows case, and one whose disk knows none."""
    one, _ = pair
    caseless = Machine("caseless", stick.folder, server, one.token)
    caseless.state_file = one.state_file.with_name("caseless.db")
    return one, caseless


def test_names_that_differ_by_case_alone_are_kept_apart(both: tuple[Machine, Machine]) -> None:
    one, caseless = both
    caseless.write("Abc.txt", "first")
    settle(caseless, one)
    one.write("aBC.TXT", "second")
    found = settle(one, caseless)
    assert sorted(found.values()) == ["first", "second"]
    assert found["Abc.txt"] == "first"


def test_a_name_changes_its_case_on_either_side(both: tuple[Machine, Machine]) -> None:
    one, caseless = both
    one.write("a.txt", "a")
    one.write("d/b.txt", "b")
    settle(one, caseless)
    (one.root / "d").rename(one.root / "D")
    (caseless.root / "a.txt").rename(caseless.root / "A.txt")
    assert settle(one, caseless) == {"A.txt": "a", "D/b.txt": "b"}
    assert {"D", "A.txt"} <= {path.name for path in caseless.root.iterdir()}


def test_what_is_edited_or_deleted_there_is_so_here(both: tuple[Machine, Machine]) -> None:
    one, caseless = both
    for name in "abc":
        one.write(name, name)
    settle(one, caseless)
    one.write("a", "edited here")
    caseless.write("b", "edited there")
    (caseless.root / "c").unlink()
    assert settle(one, caseless) == {"a": "edited here", "b": "edited there"}


def test_mounted_again_it_has_nothing_new(both: tuple[Machine, Machine], stick: Stick) -> None:
    one, caseless = both
    for folder in "abcd":
        for number in range(3):
            caseless.write(f"{folder}/{number}", folder)
    settle(caseless, one)
    # Two seconds are the finest that some of these disks keep.
    old = time.time() - 10
    for path in caseless.root.rglob("*/?"):
        os.utime(path, (old, old))
    settle(caseless, one)
    stick.unmount()
    stick.mount()
    # Numbers are given by who asks first.
    for folder in "dcba":
        assert len(list((caseless.root / folder).iterdir())) == 3
    assert caseless.sync(dry=True).planned == ()
    assert caseless.sync().problems == ()
