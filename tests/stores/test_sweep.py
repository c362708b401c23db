"""The sweep: everything goes in the end, and nothing that is named."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, insert, select

from keycell.files.access import Action, Right
from keycell.files.comments import Comment
from keycell.files.errors import CursorGone
from keycell.files.jobs import Job, JobKind, JobStatus
from keycell.files.nodes import Content, Part
from keycell.files.ports import Limits
from keycell.stores.comments import SqlCommentStore
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.file_meta import SqlMetaStore
from keycell.stores.jobs import SqlJobStore
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import (
    blobs,
    comments,
    file_versions,
    locks,
    node_meta,
    nodes,
    rights,
    spaces,
    tombstones,
    upload_parts,
    uploads,
    version_parts,
    volumes,
)
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep import Sweep
from keycell.stores.uploads import SqlUploadStore

from .bytes import Shelf, placing, written
from .conftest import EVENT, NOW, add_person, made_ids, space_of, volume_of
from .test_uploads import UPLOAD, completion, part

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LIMITS = Limits(versions_kept=30 * DAY, most_versions=3)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    return SqlNodeStore(database, made_ids(), LIMITS.versions_kept)


@pytest.fixture
def sweep(database: Database, shelf: Shelf) -> Sweep:
    return Sweep(database, shelf, LIMITS)


@pytest.fixture
async def second(url: str) -> AsyncIterator[Database]:
    """The same database, as another process has it."""
    opened = await open_database(url)
    yield opened
    await opened.close()


async def to_the_end(sweep: Sweep, days: float = 0.0) -> int:
    done = 0
    while some := await sweep.once(NOW + days * DAY):
        done += some
    return done


async def count(database: Database, table: Table) -> int:
    one = Statement(select(func.count().label("n")).select_from(table))
    return int((await database.read(one))[0].n)


async def used(database: Database) -> int:
    volume = await SqlSpaceStore(database).volume("v")
    assert volume is not None
    return volume.used


async def test_an_idle_sweep_has_nothing_to_do(sweep: Sweep, tree: SqlNodeStore) -> None:
    await tree.place(placing(written(b"x"), "a.txt"))
    assert await sweep.once(NOW) == 0


async def test_what_was_deleted_goes_with_all_that_belongs_to_it(
    sweep: Sweep, tree: SqlNodeStore, database: Database, shelf: Shelf
) -> None:
    kept = shelf.put(b"kept")
    await tree.place(placing(kept, "kept.txt"))
    for number in range(3):
        said = shelf.put(b"version %d" % number)
        await tree.place(placing(said, "Docs", "Old", "a.txt"))
    folder = (await tree.resolve("root", ("Docs",))).node
    inner = (await tree.resolve("root", ("Docs", "Old"))).node
    await SqlMetaStore(database).put(inner.node_id, "stars", "3", "ann", NOW)
    comment = Comment(comment_id="c", node_id=inner.node_id, said="x", said_by="ann", said_at=NOW)
    await SqlCommentStore(database).add(comment, 9, within=DAY, most_within=9)
    await SqlSpaceStore(database).put_right(Right(inner.node_id, "ann", Action.READ), EVENT)
    cell = replace(space_of("", "v", inner.node_id), slug="cell")
    await SqlSpaceStore(database).add(cell, None, [], EVENT)
    await tree.delete(folder.node_id, NOW, EVENT)
    await to_the_end(sweep)
    assert await used(database) == 4
    assert await count(database, nodes) == 3
    for table in (file_versions, version_parts, spaces):
        assert await count(database, table) == 1
    for table in (comments, node_meta, rights):
        assert await count(database, table) == 0
    # Whoever reads them still has time to finish.
    assert await count(database, blobs) == 4
    assert len(shelf.keys()) == 4
    await to_the_end(sweep, 1)
    assert shelf.keys() == {kept.key}
    assert await count(database, blobs) == 1


async def test_a_wide_folder_and_a_long_version_go_in_batches(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    files = [placing(written(b"%d" % number), "Wide", f"{number}.txt") for number in range(450)]
    await asyncio.gather(*(tree.place(one) for one in files))
    parts = [written(b"part %d" % number) for number in range(450)]
    content = Content(
        size=sum(one.size for one in parts), etag="e-450", sha256=None, block_hash=None,
        content_type="text/plain", parts=tuple(Part(one.sha256, one.size) for one in parts),
    )  # fmt: skip
    made = placing(parts[0], "Wide", "long.bin")
    long = await tree.place(replace(made, content=content, written=parts))
    await tree.delete(long.node.parent_id or "", NOW, EVENT)
    await to_the_end(sweep)
    await to_the_end(sweep, 1)
    assert await used(database) == 0
    assert await count(database, nodes) == 2
    for table in (file_versions, version_parts, blobs):
        assert await count(database, table) == 0


async def test_a_removed_space_leaves_nothing(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    await tree.place(placing(written(b"x"), "Docs", "Old", "a.txt"))
    trashed = await tree.place(placing(written(b"y"), "b.txt"))
    await tree.trash(trashed.node.node_id, "personal-files/b.txt", "ann", NOW)
    folder = (await tree.resolve("root", ["Docs"])).node
    await tree.trash(folder.node_id, "personal-files/Docs", "ann", NOW)
    store = SqlUploadStore(database)
    await store.begin(UPLOAD)
    await store.keep_part(part(1, written(b"z")), written(b"z"))
    assert await SqlSpaceStore(database).remove("ann", NOW, EVENT)
    await to_the_end(sweep)
    await to_the_end(sweep, 100)
    tables = (nodes, file_versions, version_parts, blobs, volumes, spaces, uploads, upload_parts)
    for table in (*tables, rights, tombstones):
        assert await count(database, table) == 0, table.name


async def test_a_replaced_version_goes_when_its_time_is_over(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    first = await tree.place(placing(written(b"first"), "a.txt"))
    await tree.place(placing(written(b"second!"), "a.txt"))
    await to_the_end(sweep, 29.9)
    assert await used(database) == 12
    assert await tree.version(first.node.version_id or "") is not None
    await to_the_end(sweep, 30)
    assert await used(database) == 7
    assert await tree.version(first.node.version_id or "") is None
    assert len(await tree.versions(first.node.node_id, 10)) == 1


async def test_a_file_keeps_so_many_versions_and_the_oldest_go(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    async def write(name: str, numbers: Sequence[int]) -> str:
        said = [
            placing(written(b"%s %03d" % (name.encode(), number)), name,
                    at=NOW + timedelta(seconds=number))
            for number in numbers
        ]  # fmt: skip
        placed = await asyncio.gather(*(tree.place(one) for one in said))
        return placed[0].node.node_id

    crowded, calm = await write("a", range(250)), await write("b", range(4))
    await to_the_end(sweep)
    assert len(await tree.versions(calm, 10)) == 4
    left = await tree.versions(crowded, 10)
    assert [one.created_at for one in left] == [NOW + n * timedelta(seconds=1)
                                                for n in (249, 248, 247, 246)]  # fmt: skip
    assert await used(database) == 8 * 5
    # What comes later is seen by the next look.
    await write("b", range(1000, 1003))
    await to_the_end(sweep)
    assert [one.content.size for one in await tree.versions(calm, 10)] == [6, 6, 6, 5]


async def test_the_recycle_bin_is_emptied_of_what_is_old(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    old = (await tree.place(placing(written(b"x"), "Docs", "a.txt"))).node
    new = (await tree.place(placing(written(b"y"), "b.txt"))).node
    await tree.trash(old.parent_id or "", "personal-files/Docs", "ann", NOW)
    await tree.trash(new.node_id, "personal-files/b.txt", "ann", NOW + 10 * DAY)
    before = await SqlSpaceStore(database).volume("v")
    assert before is not None
    await to_the_end(sweep, 30)
    bin_ = (await tree.resolve("root", ("recycle_bin",))).node
    assert bin_.children == 1
    assert [one.name for one in (await tree.children(bin_.node_id, "", 10)).nodes] == ["b.txt"]
    (change,) = await tree.changes("v", before.seq, 10)
    assert (change.node_id, change.node) == (old.parent_id, None)
    assert await used(database) == 1


async def test_an_upload_goes_when_its_time_is_over(
    sweep: Sweep, tree: SqlNodeStore, database: Database, shelf: Shelf
) -> None:
    store = SqlUploadStore(database)
    await store.begin(replace(UPLOAD, expires_at=NOW + 7 * DAY))
    for number in range(1, 4):
        said = shelf.put(b"%d" % number)
        await store.keep_part(part(number, said), said)
    await to_the_end(sweep, 6.9)
    assert await used(database) == 3
    await to_the_end(sweep, 7)
    assert await used(database) == 0
    assert await store.find("u") is None
    assert await count(database, uploads) == await count(database, upload_parts) == 0
    await to_the_end(sweep, 8)
    assert shelf.keys() == set()


async def test_orphans_go_after_two_days_and_what_is_known_stays(
    sweep: Sweep, tree: SqlNodeStore, shelf: Shelf
) -> None:
    known = [shelf.put(b"known %d" % n, at=NOW - 9 * DAY) for n in range(5)]
    for number, said in enumerate(known):
        await tree.place(placing(said, f"{number}.txt"))
    young = shelf.put(b"young", at=NOW - 47 * HOUR)
    old = [shelf.put(b"old %d" % n, at=NOW - 49 * HOUR) for n in range(5)]
    for _ in range(10):
        await sweep.once(NOW)
    assert shelf.keys() == {one.key for one in (*known, young)}
    # It is looked through once a day.
    shelf.put(b"old", at=NOW - 49 * HOUR)
    await sweep.once(NOW + 23 * HOUR)
    assert len(shelf.keys()) == 7
    for _ in range(10):
        await sweep.once(NOW + 25 * HOUR)
    assert shelf.keys() == {one.key for one in known}
    assert len(old) == 5


async def test_the_feed_forgets_old_deletions_and_says_so(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    for number in range(3):
        node = (await tree.place(placing(written(b"%d" % number), f"{number}.txt"))).node
        await tree.delete(node.node_id, NOW + number * DAY, EVENT)
    # The root and the bin are 1 and 2; then each file is made, and is gone.
    await to_the_end(sweep, 91)
    assert [change.seq for change in await tree.changes("v", 6, 10)] == [8]
    with pytest.raises(CursorGone):
        await tree.changes("v", 5, 10)
    # Whoever was told nothing yet misses no deletion.
    root = (await tree.resolve("root", ())).node
    assert [one.seq for one in await tree.first_changes(root, 0, 8, 10)] == [1, 2]
    assert await tree.first_changes(root, 5, 8, 10) == []
    assert await count(database, tombstones) == 1


async def test_locks_and_jobs_go_when_their_time_is_over(
    sweep: Sweep, tree: SqlNodeStore, database: Database
) -> None:
    def verb() -> Verb[None]:
        for number in range(2):
            yield Statement(insert(locks)), {
                "token": f"t{number}", "node_id": "root", "volume_id": "v", "is_exclusive": 1,
                "is_deep": 0, "owner": "", "sub": "ann", "timeout": 60,
                "expires_at": int((NOW + number * DAY).timestamp() * 1_000_000),
            }  # fmt: skip

    await database.write(verb)
    store = SqlJobStore(database)
    job = Job(
        job_id="j", kind=JobKind.COPY, label="", sub="ann", parameters={}, created_at=NOW,
        status=JobStatus.FINISHED, ended_at=NOW,
    )  # fmt: skip
    await store.add(job)
    await store.add(replace(job, job_id="k", status=JobStatus.QUEUED, ended_at=None))
    assert await to_the_end(sweep, 0.5) == 1
    assert await count(database, locks) == 1
    await to_the_end(sweep, 7)
    assert [one.job_id for one in await store.of_person(None, 10)] == ["k"]


async def test_two_sweeps_at_once_give_room_back_once(
    tree: SqlNodeStore, database: Database, second: Database, shelf: Shelf
) -> None:
    for number in range(120):
        await tree.place(placing(written(b"%04d" % number), "Docs", f"{number % 40}.txt"))
    await tree.place(placing(written(b"kept"), "kept.txt"))
    store = SqlUploadStore(database)
    await store.begin(UPLOAD)
    await store.keep_part(part(1, written(b"part")), written(b"part"))
    await tree.delete((await tree.resolve("root", ("Docs",))).node.node_id, NOW, EVENT)
    await store.abort("u")
    sweeps = [Sweep(one, shelf, LIMITS) for one in (database, second, database, second)]
    await asyncio.gather(*(to_the_end(one) for one in sweeps))
    assert await used(database) == 4
    await asyncio.gather(*(to_the_end(one, 1) for one in sweeps))
    assert await count(database, blobs) == await count(database, version_parts) == 1


async def test_an_upload_whose_bytes_are_a_files_too_leaves_them(
    sweep: Sweep, tree: SqlNodeStore, database: Database, shelf: Shelf
) -> None:
    said = shelf.put(b"both")
    store = SqlUploadStore(database)
    await store.begin(UPLOAD)
    await store.keep_part(part(1, said), said)
    await tree.place(completion("u", said))
    await store.begin(replace(UPLOAD, upload_id="w"))
    await store.keep_part(part(1, said, "w"), said)
    await store.abort("w")
    await to_the_end(sweep)
    await to_the_end(sweep, 1)
    assert shelf.keys() == {said.key}
    assert await used(database) == 4
