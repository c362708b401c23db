"""What is refused of files, and what they outlive."""

import asyncio
import contextlib
import io
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.errors import BlobMissing, IsAFolder, NameTaken, NotFound, PreconditionFailed
from keycell.files.finding import Located, stat, walk
from keycell.files.jobs import JobKind, JobStatus
from keycell.files.moving import delete, restore, trash
from keycell.files.names import RECYCLE_BIN, read_path
from keycell.files.nodes import Conditions
from keycell.files.ports import Placed, Placing
from keycell.files.reading import open_file
from keycell.files.writing import Put, copy_file, make_folder, put
from keycell.files.zips import zip_stream
from keycell.stores.nodes import SqlNodeStore

from .conftest import Home
from .test_jobs import job, run


async def at(home: Home, path: str) -> Located:
    return await stat(home.files, home.actor, read_path(path))


async def test_there_is_an_end_to_names_beside_one(home: Home) -> None:
    await home.put("personal-files/a", b"x")
    await trash(home.files, home.actor, await at(home, "personal-files/a"))
    binned = await at(home, f"personal-files/{RECYCLE_BIN}/a")
    await asyncio.gather(
        *(home.put(f"personal-files/a{n}", b"") for n in ("", *(f"-{m}" for m in range(2, 1000))))
    )
    with pytest.raises(NameTaken):
        await restore(home.files, home.actor, binned)
    with pytest.raises(NotFound, match="nothing that was deleted"):
        await restore(home.files, home.actor, await at(home, "personal-files/a"))


async def test_a_denial_elsewhere_is_no_hindrance(home: Home, world: World) -> None:
    await home.put("common-files/a/x", b"x")
    await home.put("common-files/b/x", b"x")
    await home.put("common-files/c/x", b"x")
    denied = await at(home, "common-files/b")
    event = AuditEvent(at=world.files.clock(), actor="test", action="right.added")
    right = Right(denied.node.node_id, home.actor.sub, Action.DENY)
    await home.files.spaces.put_right(right, event)
    await trash(home.files, home.actor, await at(home, "common-files/a"))
    with pytest.raises(NotFound):
        await at(home, "common-files/b")
    top = await at(home, "common-files")
    found = [str(one.path) async for one in walk(home.files, home.actor, top, ("b", "a"))]
    assert found == ["common-files/c", "common-files/c/x"]


@pytest.mark.parametrize("first", [1, 2, 3, 2**20])
async def test_a_walk_that_begins_with_few_ends_with_all(home: Home, first: int) -> None:
    for name in ("a", "b/x", "b/y/z", "c", "d"):
        await home.put(f"common-files/{name}", b"x")
    top = await at(home, "common-files")
    for after in ((), ("b", "x"), ("b", ""), ("c",)):
        whole = [str(one.path) async for one in walk(home.files, home.actor, top, after)]
        found = [str(one.path) async for one in walk(home.files, home.actor, top, after, first)]
        assert found == whole
    assert len(whole) == 1


async def test_folders_are_made_once_where_that_is_asked(home: Home) -> None:
    deep = read_path("personal-files/a/b")
    with pytest.raises(NotFound):
        await make_folder(home.files, home.actor, deep, parents=False)
    made = await asyncio.gather(
        *(make_folder(home.files, home.actor, deep, exist_ok=False) for _ in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, NameTaken) for one in made) == 19
    with pytest.raises(NameTaken):
        await make_folder(home.files, home.actor, deep, exist_ok=False)
    assert (await make_folder(home.files, home.actor, deep)).name == "b"
    await home.put("personal-files/file", b"x")
    with pytest.raises(NameTaken):
        await make_folder(home.files, home.actor, read_path("personal-files/file"))


async def test_only_a_file_that_is_there_is_read_and_copied(home: Home) -> None:
    await home.put("personal-files/dir/a", b"x")
    folder, file = await at(home, "personal-files/dir"), await at(home, "personal-files/dir/a")
    target = read_path("personal-files/b")
    with pytest.raises(IsAFolder):
        await copy_file(home.files, home.actor, folder, target)
    with pytest.raises(IsAFolder):
        await open_file(home.files, folder)
    await delete(home.files, home.actor, file, NOWHERE)
    with pytest.raises(NotFound):
        await copy_file(home.files, home.actor, _without_version(file), target)


def _without_version(located: Located) -> Located:
    chain = (*located.found.chain[:-1], replace(located.node, version_id=None))
    return replace(located, found=replace(located.found, chain=chain))


async def test_a_zip_leaves_out_what_went_away_meanwhile(home: Home) -> None:
    for name in ("a", "b"):
        await home.put(f"personal-files/dir/{name}", b"x" * 100)
    tops = [await at(home, f"personal-files/dir/{name}") for name in ("a", "b")]
    tops[0] = _without_version(tops[0])
    pieces = [piece async for piece in zip_stream(home.files, home.actor, tops)]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.namelist() == ["b"]


async def test_bytes_that_are_lost_are_told_of_and_left_out(home: Home, world: World) -> None:
    for name in ("a", "b"):
        await home.put(f"personal-files/dir/{name}", name.encode())
    lost = await at(home, "personal-files/dir/a")
    database = sqlite3.connect(world.settings.data / "keycell.db")
    with contextlib.closing(database), database:
        database.execute("DELETE FROM blobs WHERE sha256 = ?", (lost.node.sha256,))
    # What another process does is seen from the next turn of the loop on.
    await asyncio.sleep(0)
    with pytest.raises(BlobMissing):
        await open_file(home.files, lost)
    top = await at(home, "personal-files/dir")
    pieces = [piece async for piece in zip_stream(home.files, home.actor, [top])]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.namelist() == ["dir/", "dir/b"]
    ended = await run(world, await job(home, JobKind.DIGEST, version=lost.node.version_id))
    assert ended.status is JobStatus.FINISHED


async def test_who_comes_first_while_the_bytes_come_wins(home: Home, world: World) -> None:
    """RFC9110-13.1.2."""
    path = "personal-files/a"

    async def chunks() -> AsyncIterator[bytes]:
        yield b"slow" * 10_000
        await home.put(path, b"first")

    new = Put(conditions=Conditions(if_none_match=("*",)))
    with pytest.raises(PreconditionFailed):
        await put(home.files, home.actor, read_path(path), chunks(), new)
    assert await home.get(path) == b"first"
    kept = [one for one in (world.settings.data / "blobs").rglob("*") if one.is_file()]
    assert kept == []


class Undermined(SqlNodeStore):
    """Nodes of which somebody else deletes the folder in the moment before a file comes there."""

    left = 2

    async def place(self, placing: Placing) -> Placed:
        if self.left:
            self.left -= 1
            event = AuditEvent(at=placing.at, actor="test", action="node.deleted")
            assert await self.delete(placing.parent_id, placing.at, event)
        return await super().place(placing)


async def test_a_file_finds_its_way_when_its_folders_go_meanwhile(
    home: Home, world: World
) -> None:
    await make_folder(home.files, home.actor, read_path("personal-files/a/b"))
    nodes = Undermined(world.database, home.files.mint_id, home.files.limits.versions_kept)
    there = Home(replace(home.files, nodes=nodes), home.actor)
    await there.put("personal-files/a/b/c", b"x")
    assert nodes.left == 0
    assert await home.get("personal-files/a/b/c") == b"x"
