"""Files in a backup: with their bytes and versions, from a server that goes on."""

import gzip
import json
from pathlib import Path

from keycell.bootstrap import open_world
from keycell.files.errors import BlobMissing
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.reading import open_file, versions
from keycell.settings import Settings

from ..files.conftest import Home, actor_for
from ..server import keycell

PASSWORD = "correct horse battery"
LARGE = (bytes(range(253)) * 2**14)[: 3 * 2**20 + 5]


async def home_in(data: Path, work: str) -> None:
    """Put files into a data folder, or look at what is there."""
    async with open_world(Settings(data=data)) as world:
        account = await world.people.accounts.find_by_login("ann")
        assert account is not None
        home = Home(world.files, actor_for(account))
        if work == "put":
            await home.put("personal-files/small", b"tiny")
            await home.put("personal-files/dir/large", b"an older version" * 2000)
            await home.put("personal-files/dir/large", LARGE)
            return
        assert await home.get("personal-files/small") == b"tiny"
        located = await stat(home.files, home.actor, read_path("personal-files/dir/large"))
        if work == "rows":
            opened = await open_file(home.files, located)
            try:
                _ = [chunk async for chunk in opened.read()]
            except BlobMissing:
                return
            raise AssertionError("the bytes were to be left out")
        assert await home.get("personal-files/dir/large") == LARGE
        kept = await versions(home.files, home.actor, located)
        older = await open_file(home.files, located, kept[-1].version_id)
        assert b"".join([chunk async for chunk in older.read()]) == b"an older version" * 2000


async def test_files_are_backed_up_and_restored(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.backup"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip
    await home_in(data, "put")
    said = keycell("admin", "backup", str(copy), "--data", str(data)).stderr
    assert "2 blobs of files" in said
    keycell("admin", "restore", str(copy), "--data", str(tmp_path / "into"))
    await home_in(tmp_path / "into", "whole")
    keycell("admin", "restore", str(copy), "--data", str(tmp_path / "into"))
    await home_in(tmp_path / "into", "whole")


async def test_a_copy_without_files_says_so(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.backup"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip
    await home_in(data, "put")
    said = keycell("admin", "backup", str(copy), "--without-files", "--data", str(data)).stderr
    assert "not in it" in said
    keycell("admin", "restore", str(copy), "--data", str(tmp_path / "into"))
    await home_in(tmp_path / "into", "rows")


async def test_bytes_that_are_damaged_or_cut_off_change_nothing(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.backup"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin=PASSWORD)  # fmt: skip
    await home_in(data, "put")
    keycell("admin", "backup", str(copy), "--data", str(data))
    lines = gzip.decompress(copy.read_bytes()).splitlines(keepends=True)
    pieces = [number for number, line in enumerate(lines) if line.startswith(b'{"blob"')]
    damaged = list(lines)
    damaged[pieces[-1] + 1] = json.dumps("AAAA").encode() + b"\n"
    for wrong in (damaged, lines[:-1], lines[: pieces[-1] + 1], lines[: pieces[0]]):
        bad = tmp_path / "bad.backup"
        bad.write_bytes(gzip.compress(b"".join(wrong), 1))
        keycell("admin", "restore", str(bad), "--data", str(data), code=10)
    await home_in(data, "whole")
