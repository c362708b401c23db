"""Work on many nodes: done in steps, as its person may at that moment, and taken up by others."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from keycell.accounts.administration import Changes, disable, update_account
from keycell.accounts.audit import AuditEvent
from keycell.accounts.groups import Role
from keycell.accounts.people import Account
from keycell.accounts.ports import StoreUnavailable
from keycell.bootstrap import World
from keycell.files.access import Actor
from keycell.files.carrying import STEP
from keycell.files.errors import NameTaken, NotFound, StoreAway
from keycell.files.finding import Located, stat, walk
from keycell.files.jobs import Job, JobKind, JobStatus
from keycell.files.names import RECYCLE_BIN, Path, read_path
from keycell.files.nodes import Content, Part
from keycell.files.ports import Files
from keycell.files.reaches import read_reach, write_reach
from keycell.files.running import GAVE_UP, MOST_AT_ONCE, MOST_TRIES, Progress, Runner
from keycell.files.writing import Put, find_target, place
from keycell.oauth.details import FilesDetail

from .conftest import ALL, Home

ENOUGH = 60.0
BIN = f"personal-files/{RECYCLE_BIN}"


async def at(home: Home, path: str) -> Located:
    return await stat(home.files, home.actor, read_path(path))


async def job(home: Home, kind: JobKind, *paths: str, **said: object) -> Job:
    nodes = [(await at(home, path)).node.node_id for path in paths]
    return Job(
        job_id=home.files.mint_id(), kind=kind, label="", sub=home.actor.sub,
        parameters={"nodes": nodes, "reach": write_reach(ALL), **said},
        created_at=home.files.clock(),
    )  # fmt: skip


async def run(world: World, wanted: Job) -> Job:
    await world.runner.submit(wanted, ENOUGH)
    found = await world.files.jobs.find(wanted.job_id)
    assert found is not None
    return found


async def keys(home: Home, path: str) -> list[str]:
    top = await at(home, path)
    depth = len(top.path.names)
    entries = [entry async for entry in walk(home.files, home.actor, top)]
    return ["/".join(entry.path.names[depth:]) for entry in entries]


async def fill(home: Home, folder: str, many: int) -> None:
    await home.put(f"{folder}/sub/deep.txt", b"deep")
    await asyncio.gather(*(home.put(f"{folder}/{n:03}.txt", b"%d" % n) for n in range(many)))


async def test_a_folder_is_copied_beside_what_is_there(home: Home, world: World) -> None:
    await fill(home, "personal-files/dir", STEP + 5)
    for name in ("dir", "dir-2"):
        ended = await run(world, await job(
            home, JobKind.COPY, "personal-files/dir", target="common-files", into=True
        ))  # fmt: skip
        assert (ended.status, ended.progress) == (JobStatus.FINISHED, 1.0), ended.message
        assert await keys(home, f"common-files/{name}") == await keys(home, "personal-files/dir")
    assert await home.get("common-files/dir-2/sub/deep.txt") == b"deep"
    inside = await job(home, JobKind.COPY, "personal-files/dir", target="personal-files/dir/x")
    ended = await run(world, inside)
    assert ended.status is JobStatus.ERROR
    assert "into itself" in ended.message


async def test_a_copy_goes_on_where_its_process_ended(home: Home, world: World) -> None:
    await fill(home, "personal-files/dir", 5)
    begun = await job(home, JobKind.COPY, "personal-files/dir", target="common-files/half")
    state = {"at": 0, "target": "common-files/half", "after": ["002.txt"]}
    await home.files.jobs.add(replace(begun, state=state, done=3, total=8))
    await world.runner.take_up()
    await asyncio.wait(world.runner.tasks, timeout=ENOUGH)
    ended = await home.files.jobs.find(begun.job_id)
    assert ended is not None
    assert ended.status is JobStatus.FINISHED, ended.message
    assert await keys(home, "common-files/half") == ["003.txt", "004.txt", "sub", "sub/deep.txt"]


async def test_a_move_goes_to_another_space_too(home: Home, world: World) -> None:
    await fill(home, "personal-files/dir", 3)
    await home.put("personal-files/a.txt", b"a")
    near = await job(home, JobKind.MOVE, "personal-files/a.txt", target="personal-files/b.txt")
    assert (await run(world, near)).status is JobStatus.FINISHED
    assert await home.get("personal-files/b.txt") == b"a"
    far = await job(
        home, JobKind.MOVE, "personal-files/dir", "personal-files/b.txt",
        target="common-files", into=True,
    )  # fmt: skip
    ended = await run(world, far)
    assert ended.status is JobStatus.FINISHED, ended.message
    assert await home.get("common-files/b.txt") == b"a"
    assert await home.get("common-files/dir/sub/deep.txt") == b"deep"
    with pytest.raises(NotFound):
        await at(home, "personal-files/dir")
    assert await home.get(f"{BIN}/dir/sub/deep.txt") == b"deep"


async def test_what_is_deleted_lies_in_the_bin_first(home: Home, world: World) -> None:
    for name in ("a", "b", "c"):
        await home.put(f"personal-files/{name}", b"x")
    both = await job(home, JobKind.DELETE, "personal-files/a", "personal-files/b")
    gone = replace(both, parameters={**both.parameters, "nodes": ["none", *_nodes(both), "none"]})
    assert (await run(world, gone)).status is JobStatus.FINISHED
    assert await keys(home, BIN) == ["a", "b"]
    back = await job(home, JobKind.RESTORE, f"{BIN}/a")
    back = replace(back, parameters={**back.parameters, "nodes": ["none", *_nodes(back)]})
    assert (await run(world, back)).status is JobStatus.FINISHED
    assert await home.get("personal-files/a") == b"x"
    emptied = await job(home, JobKind.DELETE, f"{BIN}/b")
    for wanted in (
        replace(emptied, parameters={**emptied.parameters, "from_trash": _nodes(emptied)}),
        await job(home, JobKind.DELETE, "personal-files/c", for_good=True),
    ):
        assert (await run(world, wanted)).status is JobStatus.FINISHED
    assert await keys(home, "personal-files") == ["a"]
    assert await keys(home, BIN) == []


def _nodes(wanted: Job) -> list[object]:
    nodes = wanted.parameters["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def place_parts(home: Home, path: Path, *parts: Part, known: str | None = None) -> str:
    """Put a file of parts that are there, as an upload in parts leaves it."""
    content = Content(
        size=sum(part.size for part in parts), etag=f"e-{len(parts)}", sha256=None,
        block_hash=known, content_type="text/plain", parts=parts,
    )  # fmt: skip
    located = await find_target(home.files, home.actor, path)
    placed = await place(home.files, home.actor, located, content, Put())
    assert placed.node.version_id is not None
    return placed.node.version_id


async def test_what_came_in_parts_gets_the_digests_of_the_whole(home: Home, world: World) -> None:
    """CELLS-CLIENT.md 3.0. So large that the job tells how far it is on the way."""
    block = b"keycell " * (4 * 2**20)
    one = (await home.put("personal-files/part", block)).node
    parts = [Part(one.sha256 or "", one.size)] * 9
    version = await place_parts(home, read_path("personal-files/whole"), *parts)
    ended = await run(world, await job(home, JobKind.DIGEST, version=version))
    assert ended.status is JobStatus.FINISHED, ended.message
    assert ended.total == len(block) * len(parts)
    node = (await at(home, "personal-files/whole")).node
    assert node.sha256 == hashlib.sha256(block * len(parts)).hexdigest()
    nothing = await run(world, await job(home, JobKind.DIGEST, version="none"))
    assert nothing.status is JobStatus.FINISHED


async def test_a_block_hash_that_the_parts_gave_stays(home: Home, world: World) -> None:
    one = (await home.put("personal-files/part", b"keycell " * 4000)).node
    part = Part(one.sha256 or "", one.size)
    version = await place_parts(home, read_path("personal-files/whole"), part, part, known="0a")
    await run(world, await job(home, JobKind.DIGEST, version=version))
    node = (await at(home, "personal-files/whole")).node
    assert (node.sha256, node.block_hash) == (
        hashlib.sha256(b"keycell " * 8000).hexdigest(), "0a"
    )  # fmt: skip


async def test_a_job_does_what_its_person_and_token_may(
    home: Home, world: World, ann: Account
) -> None:
    await home.put("personal-files/a", b"x")
    for reach in (None, "all", ["x", {"actions": "read"}], write_reach((
        FilesDetail(frozenset({"read"})),
    ))):  # fmt: skip
        wanted = await job(home, JobKind.DELETE, "personal-files/a", reach=reach)
        await run(world, wanted)
        assert await home.get("personal-files/a") == b"x", reach
    wanted = await job(home, JobKind.DELETE, "personal-files/a")
    await disable(world.people, ann, "test")
    ended = await run(world, wanted)
    assert ended.status is JobStatus.ERROR
    assert "disabled" in ended.message
    assert await home.get("personal-files/a") == b"x"


def test_a_reach_is_read_as_it_was_written() -> None:
    reach = (
        *ALL, FilesDetail(frozenset({"read"}), "common-files"),
        FilesDetail(frozenset({"write"}), node_id="n"),
    )  # fmt: skip
    assert read_reach(write_reach(reach)) == reach


async def test_a_cancelled_job_stops_at_its_next_step(home: Home, world: World) -> None:
    steps: list[int] = []

    async def work(files: Files, actor: Actor, wanted: Job) -> AsyncGenerator[Progress]:
        for step in range(1, 10):
            steps.append(step)
            if step == 3:
                assert await files.jobs.cancel(wanted.job_id, files.clock())
            yield Progress(step, 9, {})

    runner = Runner(world.files, "w", {JobKind.COPY: work})
    wanted = await job(home, JobKind.COPY)
    await runner.submit(wanted, ENOUGH)
    ended = await world.files.jobs.find(wanted.job_id)
    assert ended is not None
    assert ended.status is JobStatus.INTERRUPTED
    assert steps == [1, 2, 3]


@pytest.mark.parametrize("error", [StoreAway("away"), StoreUnavailable("away")])
async def test_a_job_waits_for_a_store_that_is_away(
    home: Home, world: World, error: Exception
) -> None:
    tries = []

    async def work(files: Files, actor: Actor, wanted: Job) -> AsyncGenerator[Progress]:
        tries.append(wanted.state)
        if len(tries) == 1:
            yield Progress(1, 2, {"next": "b"})
            raise error
        yield Progress(2, 2, {})

    works = {JobKind.COPY: work}
    wanted = await job(home, JobKind.COPY)
    await Runner(world.files, "one", works).submit(wanted, ENOUGH)
    left = await world.files.jobs.find(wanted.job_id)
    assert left is not None
    assert left.status is JobStatus.RUNNING
    later = replace(world.files, clock=lambda: home.files.clock() + timedelta(minutes=5))
    other = Runner(later, "two", works)
    await other.take_up()
    await asyncio.wait(other.tasks, timeout=ENOUGH)
    ended = await world.files.jobs.find(wanted.job_id)
    assert ended is not None
    assert ended.status is JobStatus.FINISHED
    assert tries == [{}, {"next": "b", "tries": 1}]


def _same(at: datetime) -> datetime:
    return at


async def test_a_job_that_ends_its_worker_is_not_tried_for_ever(home: Home, world: World) -> None:
    tries = []

    async def work(files: Files, actor: Actor, wanted: Job) -> AsyncGenerator[Progress]:
        tries.append(wanted.job_id)
        raise ValueError
        yield Progress(1, 1, {})

    works = {JobKind.COPY: work}
    wanted = await job(home, JobKind.COPY)
    await Runner(world.files, "one", works).submit(wanted, ENOUGH)
    for turn in range(1, MOST_TRIES + 3):
        at = home.files.clock() + timedelta(minutes=5 * turn)
        later = replace(world.files, clock=partial(_same, at))
        other = Runner(later, f"worker {turn}", works)
        await other.take_up()
        await asyncio.gather(*other.tasks, return_exceptions=True)
    ended = await world.files.jobs.find(wanted.job_id)
    assert ended is not None
    assert (ended.status, ended.failure) == (JobStatus.ERROR, GAVE_UP)
    assert len(tries) == MOST_TRIES + 1


async def test_a_process_takes_up_a_few_jobs_and_leaves_them_to_others(
    home: Home, world: World
) -> None:
    all_begun, begun = asyncio.Event(), set()

    async def work(files: Files, actor: Actor, wanted: Job) -> AsyncGenerator[Progress]:
        begun.add(wanted.job_id)
        if len(begun) == MOST_AT_ONCE:
            all_begun.set()
        await asyncio.Event().wait()
        yield Progress(1, 1, {})

    wanted = [await job(home, JobKind.COPY) for _ in range(MOST_AT_ONCE + 2)]
    for one in wanted:
        await world.files.jobs.add(one)
    runner = Runner(world.files, "w", {JobKind.COPY: work})
    serving = asyncio.create_task(runner.serve(every=0.01))
    await asyncio.wait_for(all_begun.wait(), ENOUGH)
    await asyncio.sleep(0.05)
    assert len(begun) == MOST_AT_ONCE
    serving.cancel()
    await runner.stop()
    kept = [await world.files.jobs.find(one.job_id) for one in wanted]
    assert {one.status for one in kept if one} == {JobStatus.QUEUED, JobStatus.RUNNING}


async def test_there_is_an_end_to_names_beside_one(home: Home, world: World) -> None:
    await home.put("personal-files/a.txt", b"x")
    await home.put("personal-files/dir/a.txt", b"x")
    names = ["a.txt", *(f"a-{n}.txt" for n in range(2, 1000))]
    taken = [home.put(f"common-files/{name}", b"") for name in names]
    await asyncio.gather(*taken)
    wanted = await job(
        home, JobKind.COPY, "personal-files/a.txt", target="common-files", into=True
    )
    ended = await run(world, wanted)
    assert ended.status is JobStatus.ERROR
    assert NameTaken("a.txt", "a.txt").args[0] in ended.message


async def test_a_job_goes_on_with_what_its_person_has_become(
    home: Home, world: World, ann: Account
) -> None:
    roles: list[frozenset[str]] = []

    async def work(files: Files, actor: Actor, wanted: Job) -> AsyncGenerator[Progress]:
        roles.append(actor.roles)
        if len(roles) == 1:
            await update_account(world.people, ann, Changes(roles=("editor",)), "test")
        yield Progress(len(roles), 2, {})

    await world.people.groups.put_role(Role("editor", "Editor"), _event(world))
    wanted = await job(home, JobKind.COPY)
    await Runner(world.files, "w", {JobKind.COPY: work}).submit(wanted, ENOUGH)
    ended = await world.files.jobs.find(wanted.job_id)
    assert ended is not None
    assert ended.status is JobStatus.FINISHED
    assert [("editor" in one) for one in roles] == [False, True]


async def test_a_zip_of_nothing_is_an_error(home: Home, world: World) -> None:
    wanted = await job(home, JobKind.ZIP)
    gone = replace(wanted, parameters={**wanted.parameters, "nodes": ["none"]})
    ended = await run(world, gone)
    assert ended.status is JobStatus.ERROR
    assert "nothing of what was to be put" in ended.message


def _event(world: World) -> AuditEvent:
    return AuditEvent(at=world.files.clock(), actor="test", action="test")
