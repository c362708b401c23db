"""The sweep beside writers: no byte that is named is lost, and what is used is counted right."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from keycell.files.errors import FilesError, NotFound
from keycell.files.ports import Limits
from keycell.files.ports_blobs import Written
from keycell.stores.blob_rows import SqlBlobRows
from keycell.stores.database import Database, Statement
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import (
    GIVEN_UP,
    blobs,
    file_versions,
    nodes,
    upload_parts,
    uploads,
    version_parts,
)
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.uploads import SqlUploadStore

from .bytes import Shelf, placing
from .conftest import EVENT, NOW, add_person, made_ids, space_of, volume_of
from .test_uploads import UPLOAD, completion, part

AT_ONCE = Limits(blobs_condemned=timedelta(0), versions_kept=timedelta(0), trash_kept=timedelta(0))
"""Bytes go as soon as nothing names them: the hour that readers have hides many a race."""
SAME = b"the very same bytes"
_OF_VERSIONS = Statement(
    select(func.coalesce(func.sum(file_versions.c.size), 0).label("n")).join_from(
        file_versions, nodes, nodes.c.node_id == file_versions.c.node_id
    )
)
_OF_UPLOADS = Statement(
    select(func.coalesce(func.sum(upload_parts.c.size), 0).label("n"))
    .join_from(upload_parts, uploads, uploads.c.upload_id == upload_parts.c.upload_id)
    .where(uploads.c.expires_at > GIVEN_UP)
)
_UNHELD = Statement(
    select(version_parts.c.sha256).where(version_parts.c.sha256.not_in(select(blobs.c.sha256)))
)
_KEYS = Statement(select(blobs.c.key))


@dataclass
class Place:
    """A process: its database, nodes, uploads and sweep, over the one shelf."""

    database: Database
    shelf: Shelf

    def __post_init__(self) -> None:
        self.nodes = SqlNodeStore(self.database, made_ids(), timedelta(0))
        self.uploads = SqlUploadStore(self.database)
        self.sweep = Sweep(self.database, self.shelf, AT_ONCE)

    async def is_kept(self, said: Written) -> bool:
        place = (await SqlBlobRows(self.database).places([said.sha256])).get(said.sha256)
        return place is not None and place.key in self.shelf.keys()  # noqa: SIM118


@pytest.fixture
async def here(database: Database, tmp_path: Path) -> Place:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    return Place(database, Shelf(tmp_path / "shelf"))


@pytest.fixture
async def there(url: str, here: Place) -> AsyncIterator[Place]:
    """Another process."""
    opened = await open_database(url)
    place = Place(opened, here.shelf)
    ids = made_ids()
    place.nodes = SqlNodeStore(opened, lambda: f"there-{ids()}", timedelta(0))
    yield place
    await opened.close()


async def test_bytes_that_are_placed_while_they_are_swept_stay(here: Place, there: Place) -> None:
    """Twenty place the same content and delete it again, two sweeps run all the while."""
    is_over = asyncio.Event()

    async def sweeping(place: Place) -> None:
        while not is_over.is_set():
            await place.sweep.once(NOW)
            await asyncio.sleep(0)

    async def write(number: int) -> None:
        place = (here, there)[number % 2]
        for _ in range(6):
            said = here.shelf.put(SAME)
            placed = await place.nodes.place(placing(said, f"{number}.txt"))
            await here.shelf.remove(placed.unneeded)
            assert await place.is_kept(said)
            await asyncio.sleep(0.002)
            assert await place.is_kept(said)
            assert await place.nodes.delete(placed.node.node_id, NOW, EVENT)

    sweeps = [asyncio.create_task(sweeping(place)) for place in (here, there)]
    try:
        await asyncio.gather(*(write(number) for number in range(20)))
    finally:
        is_over.set()
        await asyncio.gather(*sweeps)
    await check_all_goes(here)


async def test_a_copy_of_what_is_deleted_at_that_moment_has_its_bytes_or_fails(
    here: Place, there: Place
) -> None:
    """A copy names bytes without bringing any."""
    for number in range(20):
        said = here.shelf.put(b"%d" % number)
        placed = await here.nodes.place(placing(said, f"{number}.txt"))
        copying = replace(placing(said, f"copy of {number}.txt"), written=())

        async def remove(node_id: str = placed.node.node_id) -> None:
            await here.nodes.delete(node_id, NOW, EVENT)
            while await here.sweep.once(NOW):
                pass

        copied, _ = await asyncio.gather(
            there.nodes.place(copying), remove(), return_exceptions=True
        )
        assert isinstance(copied, NotFound) or await there.is_kept(said)
        assert await here.database.read(_UNHELD) == []


async def test_names_and_condemnations_at_once_leave_nothing_condemned_that_is_named(
    here: Place, there: Place
) -> None:
    """On two databases' connections, so that they really meet."""
    for _ in range(20):
        old = await here.nodes.place(placing(here.shelf.put(SAME), "old.txt"))
        new, _ = await asyncio.gather(
            there.nodes.place(placing(here.shelf.put(SAME), "new.txt")),
            here.nodes.delete(old.node.node_id, NOW, EVENT),
        )
        await asyncio.gather(here.sweep.once(NOW), there.sweep.once(NOW))
        (row,) = await here.database.read(Statement(select(blobs.c.condemned_at)))
        assert row.condemned_at is None
        await here.nodes.delete(new.node.node_id, NOW, EVENT)


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_used_is_what_is_kept_after_any_history(
    here: Place, there: Place, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    history = History(chance)
    for _ in range(12):
        places = [chance.choice((here, there)) for _ in range(5)]
        results = await asyncio.gather(
            *(history.step(place) for place in places), return_exceptions=True
        )
        for one in results:
            assert one is None or isinstance(one, FilesError), repr(one)
        await here.shelf.remove(history.unneeded)
        await check_used(here.database)
        assert await here.database.read(_UNHELD) == []
        kept = {row.key for row in await here.database.read(_KEYS)}
        assert kept <= here.shelf.keys()
    await check_all_goes(here)


class History:
    """Does this and that."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = NOW
        self.uploads: list[str] = []
        self.unneeded: list[str] = []
        """Keys that were given back: removed before it is looked at what is there."""

    async def step(self, place: Place) -> None:
        self.now += timedelta(seconds=1)
        steps = (self.put, self.put, self.put, self.trash, self.delete, self.send, self.send,
                 self.complete, self.abort, self.sweep)  # fmt: skip
        await self.chance.choice(steps)(place, self.now)

    def said(self, place: Place) -> Written:
        return place.shelf.put(b"x" * self.chance.randrange(6))

    def name(self) -> str:
        return self.chance.choice("abc")

    async def put(self, place: Place, at: datetime) -> None:
        said = self.said(place)
        placed = await place.nodes.place(placing(said, "Docs", self.name(), at=at))
        self.unneeded.extend(placed.unneeded)

    async def trash(self, place: Place, at: datetime) -> None:
        found = await place.nodes.resolve("root", ("Docs", self.name()))
        if not found.missing:
            await place.nodes.trash(found.node.node_id, "personal-files/x", "ann", at)

    async def delete(self, place: Place, at: datetime) -> None:
        names = ("Docs",) if self.chance.random() < 0.3 else ("Docs", self.name())
        found = await place.nodes.resolve("root", names)
        if not found.missing:
            await place.nodes.delete(found.node.node_id, at, EVENT)

    async def send(self, place: Place, at: datetime) -> None:
        if not self.uploads or self.chance.random() < 0.3:
            self.uploads.append(f"u{len(self.uploads)}")
            await place.uploads.begin(replace(UPLOAD, upload_id=self.uploads[-1]))
        upload_id = self.chance.choice(self.uploads)
        said = self.said(place)
        arrived = replace(part(self.chance.randrange(1, 4), said, upload_id), created_at=at)
        try:
            self.unneeded.extend(await place.uploads.keep_part(arrived, said))
        except FilesError:
            self.unneeded.append(said.key or "")
            raise

    async def complete(self, place: Place, at: datetime) -> None:
        for upload_id in self.uploads[-1:]:
            for arrived in (await place.uploads.parts(upload_id, 0, 1))[:1]:
                said = Written(
                    size=arrived.size, sha256=arrived.sha256, md5=arrived.etag,
                    block_md5s=arrived.block_md5s, key=None, content=None,
                )  # fmt: skip
                made = completion(upload_id, said)
                await place.nodes.place(replace(made, names=("Docs", self.name()), at=at))

    async def abort(self, place: Place, _at: datetime) -> None:
        if self.uploads:
            await place.uploads.abort(self.chance.choice(self.uploads))

    async def sweep(self, place: Place, at: datetime) -> None:
        await place.sweep.once(at)


async def check_used(database: Database) -> None:
    volume = await SqlSpaceStore(database).volume("v")
    assert volume is not None
    kept = (await database.read(_OF_VERSIONS))[0].n + (await database.read(_OF_UPLOADS))[0].n
    assert volume.used == kept


async def check_all_goes(here: Place) -> None:
    """When everything is deleted and swept, nothing is left, and nothing is counted."""
    for name in ("Docs", *(f"{number}.txt" for number in range(20))):
        found = await here.nodes.resolve("root", (name,))
        if not found.missing:
            await here.nodes.delete(found.node.node_id, NOW, EVENT)
    for upload in await here.uploads.of_person("ann", ("", ""), 100):
        await here.uploads.abort(upload.upload_id)
    trash = (await here.nodes.resolve("root", ("recycle_bin",))).node
    for node in (await here.nodes.children(trash.node_id, "", 100)).nodes:
        await here.nodes.delete(node.node_id, NOW, EVENT)
    for child in (await here.nodes.children("root", "", 100)).nodes:
        if child.node_id != trash.node_id:
            await here.nodes.delete(child.node_id, NOW, EVENT)
    while await here.sweep.once(NOW + timedelta(days=1)):
        pass
    await check_used(here.database)
    volume = await SqlSpaceStore(here.database).volume("v")
    assert volume is not None
    assert volume.used == 0
    assert await here.database.read(_KEYS) == []
    assert here.shelf.keys() == set()
