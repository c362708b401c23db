"""Rows of bytes: who names and who lets go at one moment see each other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import bindparam, delete, func, insert, select, update

from keycell.files.errors import NoSuchUpload
from keycell.files.ports import Limits, Place
from keycell.stores.blob_rows import SqlBlobRows, hold_blobs, keep_blob, release_blobs
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import blobs, file_versions, version_parts
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.uploads import SqlUploadStore, give_up

from .bytes import Shelf, placing, written
from .conftest import EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of
from .test_uploads import UPLOAD, part

T = TypeVar("T")
SAID = written(b"the bytes")
_NAME = Statement(insert(version_parts))
_UNNAME = Statement(
    delete(version_parts).where(version_parts.c.version_id == bindparam("b_version_id"))
)
_CONDEMNED = Statement(select(blobs.c.condemned_at))
_CONDEMN = Statement(update(blobs).values(condemned_at=bindparam("b_at")))
_LET_GO = Statement(update(file_versions).values(kept_until=bindparam("b_at")))
_SLEEP = Statement(select(func.pg_sleep(0.5).label("slept")))


@pytest.fixture
async def second(url: str) -> AsyncIterator[Database]:
    """The same database, as another process has it."""
    opened = await open_database(url)
    yield opened
    await opened.close()


def naming(version_id: str) -> Verb[str | None]:
    """Keep the bytes, and name them."""
    key = yield from keep_blob(SAID)
    row = {"version_id": version_id, "number": 1, "sha256": SAID.sha256, "size": SAID.size}
    yield _NAME, row
    return key


def unnaming(version_id: str) -> Verb[None]:
    """Name them no more, and let go."""
    yield _UNNAME, {"b_version_id": version_id}
    yield from release_blobs([SAID.sha256], NOW)


def slowly(database: Database, verb: Callable[[], Verb[T]]) -> Verb[T]:
    """Keep a transaction open for a while after its work; SQLite lets nobody write meanwhile."""
    outcome = yield from verb()
    if database.dialect == "postgresql":
        yield _SLEEP, {}
    return outcome


async def meet(
    database: Database, verb: Callable[[], Verb[T]], other: Callable[[], Verb[object]],
    second: Database,
) -> T:  # fmt: skip
    """Run a verb, and another of another process while its transaction is still open."""
    first = asyncio.create_task(database.write(lambda: slowly(database, verb)))
    await asyncio.sleep(0.2)
    await second.write(other)
    return await first


async def is_condemned(database: Database) -> list[bool]:
    return [row.condemned_at is not None for row in await database.read(_CONDEMNED)]


async def test_bytes_are_found_by_their_digest(database: Database, tmp_path: Path) -> None:
    big = Shelf(tmp_path / "shelf").put(b"big")
    assert await database.write(lambda: keep_blob(SAID)) is None
    assert await database.write(lambda: keep_blob(big)) is None
    rows = SqlBlobRows(database)
    assert await rows.places([SAID.sha256, big.sha256, *map(str, range(600))]) == {
        SAID.sha256: Place(SAID.size, None, b"the bytes"),
        big.sha256: Place(big.size, big.key, None),
    }
    assert await rows.places([]) == {}


async def test_of_twenty_that_bring_the_same_bytes_one_is_kept(
    database: Database, second: Database, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    brought = [shelf.put(b"same") for _ in range(20)]
    unneeded = await asyncio.gather(
        *(
            (database, second)[number % 2].write(lambda one=one: keep_blob(one))  # type: ignore[misc]
            for number, one in enumerate(brought)
        )
    )
    assert unneeded.count(None) == 1
    kept = brought[unneeded.index(None)]
    assert set(unneeded) == {one.key for one in brought} - {kept.key} | {None}
    place = (await SqlBlobRows(database).places([kept.sha256]))[kept.sha256]
    assert place.key == kept.key
    # Bytes that the row itself carries make those in the store needless too, and the other way.
    assert await database.write(lambda: keep_blob(written(b"same"))) is None


async def test_what_nothing_names_is_condemned_and_what_is_named_is_pardoned(
    database: Database,
) -> None:
    await database.write(lambda: naming("one"))
    await database.write(lambda: naming("two"))
    await database.write(lambda: unnaming("one"))
    assert await is_condemned(database) == [False]
    await database.write(lambda: unnaming("two"))
    assert await is_condemned(database) == [True]
    await database.write(lambda: naming("three"))
    assert await is_condemned(database) == [False]
    await database.write(lambda: unnaming("three"))
    assert await database.write(lambda: hold_blobs([SAID.sha256, SAID.sha256]))
    assert await is_condemned(database) == [False]
    assert not await database.write(lambda: hold_blobs([SAID.sha256, "gone"]))


async def test_bytes_that_are_named_while_another_lets_go_are_not_condemned(
    database: Database, second: Database
) -> None:
    await database.write(lambda: naming("old"))
    await meet(database, lambda: naming("new"), lambda: unnaming("old"), second)
    assert await is_condemned(database) == [False]


async def test_bytes_that_are_let_go_while_another_names_them_are_not_condemned(
    database: Database, second: Database
) -> None:
    await database.write(lambda: naming("old"))
    await meet(database, lambda: unnaming("old"), lambda: naming("new"), second)
    assert await is_condemned(database) == [False]


async def test_bytes_that_are_named_while_they_are_swept_stay(
    database: Database, second: Database, tmp_path: Path
) -> None:
    await database.write(lambda: naming("old"))
    await database.write(lambda: unnaming("old"))
    sweep = Sweep(second, Shelf(tmp_path / "shelf"), Limits())
    first = asyncio.create_task(database.write(lambda: slowly(database, lambda: naming("new"))))
    await asyncio.sleep(0.2)
    await sweep.once(LATER)
    await first
    await sweep.once(LATER)
    assert await is_condemned(database) == [False]


async def test_what_is_condemned_by_mistake_is_pardoned_by_the_sweep(
    database: Database, tmp_path: Path
) -> None:
    await database.write(lambda: naming("one"))

    def condemn() -> Verb[None]:
        yield _CONDEMN, {"b_at": micros(NOW)}

    await database.write(condemn)
    await Sweep(database, Shelf(tmp_path / "shelf"), Limits()).once(LATER)
    assert await is_condemned(database) == [False]


async def test_the_current_version_never_goes(database: Database, tmp_path: Path) -> None:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    placed = await SqlNodeStore(database, made_ids(), LATER - NOW).place(placing(SAID, "a"))

    def let_go() -> Verb[None]:
        yield _LET_GO, {"b_at": micros(NOW)}

    await database.write(let_go)
    await Sweep(database, Shelf(tmp_path / "shelf"), Limits()).once(LATER)
    nodes = SqlNodeStore(database, made_ids(), LATER - NOW)
    assert await nodes.version(placed.node.version_id or "") is not None


async def test_an_upload_that_is_being_given_up_takes_no_part_and_gives_room_once(
    database: Database, second: Database
) -> None:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    uploads, others = SqlUploadStore(database), SqlUploadStore(second)
    for upload_id in ("u", "kept"):
        await uploads.begin(replace(UPLOAD, upload_id=upload_id))
        await uploads.keep_part(part(1, SAID, upload_id), SAID)
    first = asyncio.create_task(database.write(lambda: slowly(database, lambda: give_up("u"))))
    await asyncio.sleep(0.2)
    late, again = await asyncio.gather(
        others.keep_part(part(2, SAID), SAID), others.abort("u"), return_exceptions=True
    )
    assert await first
    assert isinstance(late, NoSuchUpload)
    assert again is False
    volume = await SqlSpaceStore(database).volume("v")
    assert volume is not None
    assert volume.used == SAID.size
