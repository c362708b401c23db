"""Systems that lack some of what Linux has: the client is there too, and reads what is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keycell.client.opening import read_at

LACKING = """
import os, pkgutil, importlib, sys
for name in ("pread", "geteuid", "getuid", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "statvfs"):
    delattr(os, name)
for name in ("fcntl", "termios", "resource", "pwd"):
    sys.modules[name] = None
"""
PLAN = """
import tempfile
from pathlib import Path
import keycell.cli.main, keycell.client, keycell.sync
for package in (keycell.client, keycell.sync):
    for one in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if one.name != "keycell.sync.inotify":
            importlib.import_module(one.name)
from keycell.client.uploads import open_source
from keycell.sync.sending import content_of
file = Path(tempfile.mkdtemp(), "a")
file.write_bytes(bytes(range(256)))
with open_source(file) as source:
    assert source.read(10, 3).content == bytes((10, 11, 12))
assert content_of(file, 256) == file.read_bytes()
"""


def test_the_client_needs_nothing_that_windows_lacks() -> None:
    # What others have an own half of for Windows is there before: it is ours that is tried.
    before = "import asyncio, getpass, tempfile, filelock, httpx2, keyring, platformdirs, typer\n"
    done = subprocess.run(
        [sys.executable, "-c", before + LACKING + PLAN],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("has_pread", [True, False])
def test_a_part_of_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_pread: bool
) -> None:
    if not has_pread:
        monkeypatch.delattr(os, "pread")
    (tmp_path / "a").write_bytes(b"0123456789")
    descriptor = os.open(tmp_path / "a", os.O_RDONLY)
    try:
        assert [read_at(descriptor, 3, start) for start in (4, 0, 9, 10)] == [
            b"456", b"012", b"9", b"",
        ]  # fmt: skip
    finally:
        os.close(descriptor)
