"""Multipart uploads: what arrived counts, once, until it is given back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keycell.files.errors import NoSuchUpload, QuotaExceeded
from keycell.files.ports import Limits, Placing
from keycell.files.ports_blobs import Written
from keycell.files.uploads import Upload, UploadPart, assemble
from keycell.stores.blob_rows import SqlBlobRows
from keycell.stores.database import Database
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.uploads import SqlUploadStore

from .bytes import Shelf, placing, written
from .conftest import EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of

UPLOAD = Upload(
    upload_id="u", volume_id="v", path="personal-files/a.bin", content_type="text/plain",
    headers={"x-amz-meta-colour": "grün"}, sub="ann", client_id="app", created_at=NOW,
    expires_at=LATER,
)  # fmt: skip


def part(number: int, said: Written, upload_id: str = "u") -> UploadPart:
    return UploadPart(
        upload_id=upload_id, number=number, sha256=said.sha256, size=said.size, etag=said.md5,
        block_md5s=(*said.block_md5s, b"another block   "), checksums={"crc32": "AAAA"},
        created_at=NOW,
    )  # fmt: skip


@pytest.fixture
async def uploads(database: Database) -> SqlUploadStore:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space, quota=100), [], EVENT)
    store = SqlUploadStore(database)
    await store.begin(UPLOAD)
    return store


@pytest.fixture
async def other(url: str) -> AsyncIterator[SqlUploadStore]:
    """The same uploads, as another process has them."""
    opened = await open_database(url)
    yield SqlUploadStore(opened)
    await opened.close()


async def used(database: Database) -> int:
    volume = await SqlSpaceStore(database).volume("v")
    assert volume is not None
    return volume.used


async def test_an_upload_comes_back_with_its_parts(
    uploads: SqlUploadStore, database: Database
) -> None:
    assert await uploads.find("u") == UPLOAD
    assert await uploads.find("w") is None
    one, two = written(b"one"), written(b"two!")
    assert await uploads.keep_part(part(2, two), two) == ()
    assert await uploads.keep_part(part(1, one), one) == ()
    assert await uploads.parts("u", 0, 10) == [part(1, one), part(2, two)]
    assert await uploads.parts("u", 1, 10) == [part(2, two)]
    assert await uploads.parts("u", 0, 1) == [part(1, one)]
    assert await used(database) == 7
    places = await SqlBlobRows(database).places([one.sha256, two.sha256, "unknown"])
    assert {sha: place.content for sha, place in places.items()} == {
        one.sha256: b"one", two.sha256: b"two!",
    }  # fmt: skip


async def test_a_part_takes_the_place_of_an_earlier_one(
    uploads: SqlUploadStore, database: Database
) -> None:
    first, second = written(b"first"), written(b"second one")
    await uploads.keep_part(part(1, first), first)
    await uploads.keep_part(part(1, second), second)
    await uploads.keep_part(part(1, second), second)
    assert await uploads.parts("u", 0, 10) == [part(1, second)]
    assert await used(database) == second.size


async def test_bytes_that_are_kept_already_are_not_kept_twice(
    uploads: SqlUploadStore, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    one, again = shelf.put(b"x" * 20), shelf.put(b"x" * 20)
    assert await uploads.keep_part(part(1, one), one) == ()
    assert await uploads.keep_part(part(2, again), again) == (again.key,)
    assert await uploads.keep_part(part(3, one), one) == ()


async def test_of_twenty_parts_as_many_come_in_as_there_is_room_for(
    uploads: SqlUploadStore, other: SqlUploadStore, database: Database
) -> None:
    """To two processes at once."""

    async def send(number: int) -> bool:
        said = written(bytes([number]) * 11)
        try:
            await (uploads, other)[number % 2].keep_part(part(number, said), said)
        except QuotaExceeded as error:
            assert str(error) == "the part has 11 bytes, and 1 are left in the space's quota"  # noqa: PT017
            return False
        return True

    outcomes = await asyncio.gather(*(send(number) for number in range(1, 21)))
    assert outcomes.count(True) == 9
    assert await used(database) == 99
    assert len(await uploads.parts("u", 0, 100)) == 9


async def test_twenty_that_send_one_part_leave_one(
    uploads: SqlUploadStore, other: SqlUploadStore, database: Database
) -> None:
    said = [written(bytes([number]) * (number + 1)) for number in range(20)]
    await asyncio.gather(
        *(
            (uploads, other)[number % 2].keep_part(part(1, one), one)
            for number, one in enumerate(said)
        )
    )
    (kept,) = await uploads.parts("u", 0, 10)
    assert await used(database) == kept.size


async def test_a_part_may_shrink_where_there_is_no_room_left(
    uploads: SqlUploadStore, database: Database
) -> None:
    big, small = written(b"x" * 90), written(b"y" * 80)
    await uploads.keep_part(part(1, big), big)
    await SqlSpaceStore(database).set_quota("v", 10, EVENT)
    await uploads.keep_part(part(1, small), small)
    assert await used(database) == 80


async def test_of_twenty_one_gives_up_and_the_room_comes_back_once(
    uploads: SqlUploadStore, other: SqlUploadStore, database: Database
) -> None:
    said = written(b"x" * 60)
    await uploads.keep_part(part(1, said), said)
    outcomes = await asyncio.gather(
        *((uploads, other)[number % 2].abort("u") for number in range(20))
    )
    assert outcomes.count(True) == 1
    assert await used(database) == 0
    assert await uploads.find("u") is None
    assert await uploads.of_person("ann", ("", ""), 10) == []
    with pytest.raises(NoSuchUpload):
        await uploads.keep_part(part(2, said), said)
    assert not await uploads.abort("nowhere")


async def test_parts_that_come_while_it_is_given_up_count_for_nothing(
    uploads: SqlUploadStore, other: SqlUploadStore, database: Database, tmp_path: Path
) -> None:
    async def send(number: int) -> None:
        said = written(bytes([number]) * 2)
        try:
            await uploads.keep_part(part(number, said), said)
        except NoSuchUpload:
            return

    await asyncio.gather(*(send(number) for number in range(1, 21)), other.abort("u"))
    assert await used(database) == 0
    sweep = Sweep(database, Shelf(tmp_path / "shelf"), Limits(blobs_condemned=timedelta(0)))
    while await sweep.once(LATER):
        pass
    assert await uploads.parts("u", 0, 100) == []
    everything = [written(bytes([number]) * 2).sha256 for number in range(1, 21)]
    assert await SqlBlobRows(database).places(everything) == {}


async def test_an_upload_is_completed_or_given_up_and_never_both(
    uploads: SqlUploadStore, other: SqlUploadStore, database: Database
) -> None:
    nodes = SqlNodeStore(database, made_ids(), timedelta(days=1))
    won = []
    for number in range(20):
        upload_id = f"u{number}"
        said = written(b"%d" % number)
        await uploads.begin(replace(UPLOAD, upload_id=upload_id))
        await uploads.keep_part(part(1, said, upload_id), said)
        outcomes = await asyncio.gather(
            nodes.place(completion(upload_id, said)), other.abort(upload_id),
            return_exceptions=True,
        )  # fmt: skip
        assert isinstance(outcomes[0], NoSuchUpload) is (outcomes[1] is True)
        won += [said.size] if outcomes[1] is False else []
    assert await used(database) == sum(won)


def completion(upload_id: str, said: Written) -> Placing:
    content = assemble([(1, said.md5)], {1: part(1, said, upload_id)}, "text/plain")
    made = placing(said, upload_id)
    return replace(made, content=content, written=(), upload_id=upload_id)


async def test_a_persons_uploads_are_listed_by_path_and_identifier(
    uploads: SqlUploadStore,
) -> None:
    for upload_id, path in (("b", "z"), ("a", "z"), ("c", "y"), ("d", "x")):
        await uploads.begin(replace(UPLOAD, upload_id=upload_id, path=path))
    await uploads.begin(replace(UPLOAD, upload_id="bobs", sub="bob"))
    listed = await uploads.of_person("ann", ("", ""), 10)
    assert [one.upload_id for one in listed] == ["u", "d", "c", "a", "b"]
    assert [one.upload_id for one in await uploads.of_person("ann", ("y", "c"), 1)] == ["a"]
    assert [one.upload_id for one in await uploads.of_person("ann", ("z", "a"), 9)] == ["b"]


async def test_an_upload_to_a_space_that_is_gone_is_no_upload(
    uploads: SqlUploadStore, database: Database, tmp_path: Path
) -> None:
    said = written(b"x")
    await uploads.keep_part(part(1, said), said)
    spaces = SqlSpaceStore(database)
    assert await spaces.remove("ann", NOW, EVENT)
    assert await uploads.find("u") is None
    sweep = Sweep(database, Shelf(tmp_path / "shelf"), Limits())
    while await sweep.once(NOW):
        pass
    assert await spaces.volume("v") is None
    await uploads.begin(replace(UPLOAD, upload_id="late"))
    with pytest.raises(NoSuchUpload):
        await uploads.keep_part(part(1, said, "late"), said)
    assert await uploads.abort("late")
