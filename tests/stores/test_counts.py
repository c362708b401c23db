"""What has no bytes is bounded as well: nodes of a space, uploads of a person."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from keycell.files.errors import FilesError, QuotaExceeded
from keycell.files.ports import Limits
from keycell.files.uploads import MOST_UPLOADS
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import uploads
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.upload_rows import upload_row
from keycell.stores.uploads import SqlUploadStore

from .bytes import Shelf, placing, written
from .conftest import ANN, EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of
from .test_uploads import UPLOAD

MOST = 10


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    return SqlNodeStore(database, made_ids(), LATER - NOW, MOST)


async def count(database: Database) -> int:
    volume = await SqlSpaceStore(database).volume("v")
    assert volume is not None
    return volume.nodes


async def test_of_twenty_at_once_as_many_come_as_there_is_room_for(
    tree: SqlNodeStore, database: Database
) -> None:
    assert await count(database) == 2
    await tree.make_folders("root", ("a", "b"), "ann", NOW)
    kept = (await tree.place(placing(written(b"x"), "a", "b", "c.txt"))).node
    assert await count(database) == 5
    calls = (tree.place(placing(written(b""), f"{n}.txt")) for n in range(20))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, QuotaExceeded)]
    assert (len(outcomes) - len(refused), await count(database)) == (5, MOST)
    assert str(refused[0]).startswith("the space holds 10 files and folders")
    with pytest.raises(QuotaExceeded):
        await tree.make_folders("root", ("more",), "ann", NOW)
    # What is there can be written anew, and moved.
    again = await tree.place(placing(written(b"y"), "a", "b", "c.txt"))
    assert again.node.node_id == kept.node_id


async def test_what_does_not_come_whole_takes_no_room(
    tree: SqlNodeStore, database: Database
) -> None:
    with pytest.raises(QuotaExceeded):
        await tree.place(placing(written(b"x"), *(f"d{n}" for n in range(MOST))))
    assert await count(database) == 2
    assert len((await tree.children("root", "", 10)).nodes) == 1


async def test_the_sweep_gives_room_back(
    tree: SqlNodeStore, database: Database, tmp_path: Path
) -> None:
    folder, _ = await tree.make_folders("root", ("a",), "ann", NOW)
    for number in range(7):
        await tree.place(placing(written(b"%d" % number), "a", f"{number}"))
    await tree.delete(folder.node_id, NOW, EVENT)
    assert await count(database) == MOST
    sweep = Sweep(database, Shelf(tmp_path / "shelf"), Limits())
    while await sweep.once(LATER):
        pass
    assert await count(database) == 2
    await tree.place(placing(written(b"x"), "a", "b"))


async def test_of_many_uploads_begun_at_once_none_is_one_too_many(
    database: Database, url: str
) -> None:
    """By several processes, which share no transaction."""
    await SqlAccountStore(database).add(ANN, EVENT)

    def nearly_full() -> Verb[None]:
        for number in range(MOST_UPLOADS - 5):
            row = upload_row(replace(UPLOAD, upload_id=f"old{number}"))
            yield Statement(insert(uploads)), row

    await database.write(nearly_full)

    async def begin(number: int) -> bool:
        store = SqlUploadStore(processes[number % len(processes)])
        try:
            await store.begin(replace(UPLOAD, upload_id=f"new{number}"))
        except FilesError:
            return False
        return True

    processes = [await open_database(url) for _ in range(5)]
    assert sum(await asyncio.gather(*(begin(number) for number in range(20)))) == 5
    for process in processes:
        await process.close()
    stored = SqlUploadStore(database)
    assert await stored.abort("old0")
    await stored.begin(replace(UPLOAD, upload_id="one more"))
    await stored.begin(replace(UPLOAD, upload_id="bob's", sub="bob"))
