"""A disk that is full: a real file system of four megabytes, where one may be mounted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server import Server
from .test_run import Machine, pair, server, settle

__all__ = ["pair", "server"]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_what_does_not_fit_is_told_of_and_comes_once_there_is_room(
    pair: tuple[Machine, Machine], small: Path, server: Server
) -> None:
    one, _ = pair
    one.write("small.txt", "small")
    (one.root / "large.bin").write_bytes(b"x" * 5_000_000)
    one.sync()
    full = Machine("full", small, server, one.token)
    full.state_file = one.state_file.with_name("full.db")
    told = full.sync().problems
    assert told == (("large.bin", "No space left on device"),)
    assert full.files() == {"small.txt": "small"}
    assert list((full.root / ".keycell-sync/tmp").iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=20m", str(small)], check=True)
    assert set(settle(full, one)) == {"small.txt", "large.bin"}
