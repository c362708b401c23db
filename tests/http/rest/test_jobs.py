"""Jobs over REST: begun, followed, cancelled, and gone on with elsewhere. CELLS-CLIENT.md 3.4."""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.access import Actor
from keycell.files.carrying import WORKS
from keycell.files.digesting import digest
from keycell.files.errors import QuotaExceeded, StoreAway
from keycell.files.finding import stat
from keycell.files.hashes import Digests
from keycell.files.jobs import Job, JobKind
from keycell.files.names import read_path
from keycell.files.ports import Files
from keycell.files.running import LEASE, Progress, Runner, Work
from keycell.files.uploads import block_hash
from keycell.files.writing import Put, place

from ...files.conftest import Home
from ...stores.test_blobs import digesting_threads
from .conftest import Caller, id_of

MOST_LOOKS = 600


async def start(caller: Caller, name: str, **wanted: object) -> str:
    body = {"JsonParameters": json.dumps(wanted)}
    job_id: str = (await caller.good("PUT", f"/a/jobs/user/{name}", body))["JobUuid"]
    return job_id


async def task_of(caller: Caller, job_id: str) -> dict[str, Any]:
    body = {"JobIDs": [job_id], "LoadTasks": "Any"}
    (job,) = (await caller.good("POST", "/a/jobs/user", body))["Jobs"]
    assert job["ID"] == job_id
    assert isinstance(job["CreatedAt"], int)
    (task,) = job["Tasks"]
    assert task["JobID"] == job_id
    found: dict[str, Any] = task
    return found


async def ended(caller: Caller, job_id: str) -> dict[str, Any]:
    for _ in range(MOST_LOOKS):
        task = await task_of(caller, job_id)
        if task["Status"] not in ("Running", "Queued"):
            return task
        await asyncio.sleep(0.05)
    raise AssertionError(task)


async def done(caller: Caller, name: str, **wanted: object) -> None:
    task = await ended(caller, await start(caller, name, **wanted))
    assert (task["Status"], task["Progress"]) == ("Finished", 1.0), task


async def fill(home: Home, folder: str, count: int) -> list[str]:
    names = [f"{number:03}.txt" for number in range(count)]
    for name in names:
        await home.put(f"{folder}/{name}", name.encode())
    return names


def below(folder: str, names: list[str]) -> list[str]:
    return [f"{folder}/{name}" for name in names]


async def test_nodes_are_copied_into_a_folder_and_as_another_name(
    ann_calls: Caller, home: Home
) -> None:
    names = await fill(home, "personal-files/src", 3)
    await ann_calls.good("POST", "/a/tree/create", {"Nodes": [{"Path": "personal-files/dst"}]})
    src = "personal-files/src"
    await done(ann_calls, "copy", nodes=[src], target="personal-files/dst", targetParent=True)
    await done(ann_calls, "copy", nodes=[src], target="personal-files/dst/as")
    await done(ann_calls, "copy", nodes=[src], target="personal-files/dst", targetParent=True)
    for copy in ("src", "as", "src-2"):
        found = await ann_calls.paths(f"personal-files/dst/{copy}/*")
        assert found == below(f"personal-files/dst/{copy}", names)
    await done(ann_calls, "copy", nodes=[f"{src}/000.txt"], target=f"{src}/000.txt")
    assert await home.get(f"{src}/000-2.txt") == b"000.txt"
    await done(ann_calls, "copy", nodes=None, target="personal-files/dst/", targetParent=True)


async def test_nodes_are_moved_within_a_space_and_to_another(
    ann_calls: Caller, home: Home
) -> None:
    names = await fill(home, "personal-files/src", 60)
    node_id = await id_of(home, "personal-files/src")
    await done(ann_calls, "move", nodes=["personal-files/src"], target="personal-files/Src")
    assert await id_of(home, "personal-files/Src") == node_id
    await done(ann_calls, "move", nodes=["personal-files/Src"], target="personal-files/Src")
    await done(ann_calls, "move", nodes=["personal-files/Src"], target="personal-files/new")
    assert await id_of(home, "personal-files/new") == node_id
    await done(ann_calls, "move", nodes=["personal-files/new"], target="common-files")
    assert await ann_calls.paths("common-files/new/*") == below("common-files/new", names)
    assert await ann_calls.paths("personal-files/new") == []


@pytest.mark.parametrize(
    ("name", "wanted", "status"),
    [
        ("move", {"nodes": ["personal-files/d"], "target": "personal-files/d/in/x"}, 400),
        ("copy", {"nodes": ["personal-files/d"], "target": "personal-files/d/in",
                  "targetParent": True}, 400),
        ("copy", {"nodes": ["personal-files/none"], "target": "personal-files/x"}, 404),
        ("copy", {"nodes": ["personal-files/d"], "target": "personal-files/none/x"}, 404),
        ("copy", {"nodes": ["personal-files/d"], "target": "personal-files/none",
                  "targetParent": True}, 404),
        ("copy", {"nodes": ["personal-files/d"], "target": "personal-files/d/a.txt/x"}, 409),
        ("copy", {"nodes": ["personal-files/d"], "target": ""}, 404),
        ("copy", {"nodes": ["personal-files/d", "personal-files/d/in"],
                  "target": "personal-files/x"}, 400),
        ("move", {"nodes": ["common-files"], "target": "personal-files/x"}, 403),
        ("delete", {"nodes": ["common-files"]}, 403),
        ("copy", {"nodes": 7, "target": "personal-files"}, 400),
        ("zip", {}, 400),
    ],
)  # fmt: skip
async def test_a_job_that_cannot_be_is_refused_at_once(
    ann_calls: Caller, home: Home, name: str, wanted: dict[str, object], status: int
) -> None:
    await home.put("personal-files/d/in/b.txt", b"x")
    await home.put("personal-files/d/a.txt", b"x")
    body = {"JsonParameters": json.dumps(wanted)}
    assert await ann_calls.refused("PUT", f"/a/jobs/user/{name}", body, status)
    assert (await ann_calls.good("POST", "/a/jobs/user", {"JobIDs": None}))["Jobs"] == []


@pytest.mark.parametrize("text", ["[]", "{", '"x"', "7", "[" * 100_000])
async def test_parameters_that_are_no_object_are_refused(ann_calls: Caller, text: str) -> None:
    await ann_calls.refused("PUT", "/a/jobs/user/copy", {"JsonParameters": text}, 400)


async def test_others_jobs_are_not_seen_and_a_job_is_forgotten(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    theirs = Job(
        job_id="theirs", kind=JobKind.COPY, label="Copy", sub=bob.actor.sub, parameters={},
        created_at=home.files.clock(),
    )  # fmt: skip
    await home.files.jobs.add(theirs)
    found = await ann_calls.good("POST", "/a/jobs/user", {"JobIDs": ["theirs"], "Owner": "*"})
    assert found == {"Jobs": []}
    assert (await ann_calls.good("POST", "/a/jobs/user", {"Owner": "*"}))["Jobs"] == []
    await ann_calls.refused("DELETE", "/a/scheduler/jobs/theirs", None, 404)
    own = await start(ann_calls, "copy", nodes=None, target="personal-files", targetParent=True)
    told = await ann_calls.good("DELETE", f"/a/scheduler/jobs/{own}")
    assert told == {"Success": True, "DeleteCount": 1}
    assert (await ann_calls.good("POST", "/a/jobs/user", {"JobIDs": [own]}))["Jobs"] == []
    resync = {"JsonParameters": '{"dsName":"pydiods1"}'}
    assert (await ann_calls.good("PUT", "/a/jobs/user/datasource-resync", resync))["JobUuid"]


def gated(gate: asyncio.Event, at: int = 0) -> Work:
    """Copying that waits before one of its steps."""

    async def work(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
        number = 0
        if at == 0:
            await gate.wait()
        async for progress in WORKS[JobKind.COPY](files, actor, job):
            number += 1
            yield progress
            if number == at:
                await gate.wait()

    return work


async def test_a_long_job_is_answered_before_it_ends(
    world: World, ann_calls: Caller, home: Home
) -> None:
    gate = asyncio.Event()
    world.runner.works = {**WORKS, JobKind.COPY: gated(gate, 1)}
    await home.put("personal-files/a.txt", b"x")
    job_id = await start(
        ann_calls, "copy", nodes=["personal-files/a.txt"], target="personal-files/b.txt"
    )
    task = await task_of(ann_calls, job_id)
    assert (task["Status"], task["StatusMessage"]) == ("Running", "0/1")
    gate.set()
    assert (await ended(ann_calls, job_id))["Status"] == "Finished"
    assert await home.get("personal-files/b.txt") == b"x"


async def cancel(world: World, caller: Caller, job_id: str, ann: Account) -> None:
    del world, ann
    told = await caller.good("PUT", "/a/jobs/user", {"JobId": job_id, "Cmd": "Interrupt"})
    assert told == {"Msg": "done"}


async def disable(world: World, caller: Caller, job_id: str, ann: Account) -> None:
    del caller, job_id
    now = world.files.clock()
    event = AuditEvent(at=now, actor="test", action="account.disabled", target=ann.sub)
    await world.people.accounts.disable(ann.sub, now, event)


@pytest.mark.parametrize(
    ("stop", "status", "failure"),
    [(cancel, "Interrupted", ""), (disable, "Error", "Forbidden")],
)
async def test_a_job_stops_when_it_is_cancelled_or_its_person_disabled(
    world: World, ann_calls: Caller, home: Home, ann: Account,
    stop: Callable[[World, Caller, str, Account], Awaitable[None]], status: str, failure: str,
) -> None:  # fmt: skip
    gate = asyncio.Event()
    world.runner.works = {**WORKS, JobKind.COPY: gated(gate, 1)}
    await fill(home, "personal-files/src", 120)
    job_id = await start(
        ann_calls, "copy", nodes=["personal-files/src"], target="personal-files/dst"
    )
    await stop(world, ann_calls, job_id, ann)
    gate.set()
    await asyncio.gather(*world.runner.tasks)
    job = await home.files.jobs.find(job_id)
    assert job is not None
    assert (job.status.value, job.failure) == (status, failure)
    copied = await home.files.nodes.usage(await id_of(home, "personal-files/dst"))
    assert copied[1] == 50


def dying(kind: JobKind, at: int) -> Work:
    """Work whose worker dies when a step is done, and before that is kept."""

    async def work(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
        number = 0
        async for progress in WORKS[kind](files, actor, job):
            if number == at:
                raise StoreAway("gone")
            number += 1
            yield progress

    return work


def job_of(home: Home, job_id: str, kind: JobKind, nodes: list[str], **said: object) -> Job:
    reach = [{"actions": ["read", "write"]}]
    return Job(
        job_id=job_id, kind=kind, label="", sub=home.actor.sub,
        parameters={"nodes": nodes, "reach": reach, "into": False, **said},
        created_at=home.files.clock(),
    )  # fmt: skip


async def others_go_on(home: Home, job_ids: list[str]) -> None:
    """Let another worker find what the first one left, when its leases have ended."""
    later = replace(home.files, clock=lambda: after)
    after = home.files.clock() + LEASE + timedelta(seconds=1)
    runner = Runner(later, "second", WORKS)
    serving = asyncio.create_task(runner.serve())
    for _ in range(MOST_LOOKS):
        found = [await home.files.jobs.find(job_id) for job_id in job_ids]
        if all(job is not None and job.ended_at is not None for job in found):
            break
        await asyncio.sleep(0.1)
    serving.cancel()
    assert [job and (job.status.value, job.message) for job in found] == [
        ("Finished", "") for _ in job_ids
    ]


@pytest.mark.parametrize("kind", [JobKind.COPY, JobKind.MOVE])
@pytest.mark.parametrize("space", ["personal-files", "common-files"])
async def test_whoever_goes_on_with_a_job_loses_and_doubles_nothing(
    home: Home, kind: JobKind, space: str
) -> None:
    """The first worker dies at each step in turn, with the step done and not told."""
    steps = range(4)
    for at in steps:
        names = await fill(home, f"personal-files/src{at}", 60)
        await home.put(f"personal-files/one{at}.txt", b"x")
        nodes = [await id_of(home, f"personal-files/{name}{at}{end}")
                 for name, end in (("one", ".txt"), ("src", ""))]  # fmt: skip
        await home.put(f"{space}/dst{at}/other.txt", b"x")
        job = job_of(home, f"job{at}", kind, nodes, target=f"{space}/dst{at}", into=True)
        await Runner(home.files, "first", {kind: dying(kind, at)}).submit(job, 10)
        kept = await home.files.jobs.find(job.job_id)
        assert kept is not None
        assert kept.status.value == "Running"
    await others_go_on(home, [f"job{at}" for at in steps])
    for at in steps:
        into = await id_of(home, f"{space}/dst{at}")
        found = await home.files.nodes.children(into, "", 100)
        assert [node.name for node in found.nodes] == [f"one{at}.txt", "other.txt", f"src{at}"]
        inner = await home.files.nodes.children(found.nodes[-1].node_id, "", 100)
        assert [node.name for node in inner.nodes] == names
        for node in inner.nodes:
            assert len(await home.files.nodes.versions(node.node_id, 10)) == 1


async def test_a_deletion_gone_on_with_leaves_the_recycle_bin_alone(home: Home) -> None:
    await home.put("personal-files/a.txt", b"a")
    await home.put("personal-files/b.txt", b"b")
    nodes = [await id_of(home, f"personal-files/{name}.txt") for name in "ab"]
    job = job_of(home, "job", JobKind.DELETE, nodes)
    first = Runner(home.files, "first", {JobKind.DELETE: dying(JobKind.DELETE, 0)})
    await first.submit(job, 10)
    await others_go_on(home, ["job"])
    for node_id in nodes:
        found = await home.files.nodes.locate(node_id)
        assert found is not None, "deleted for good"
    back = job_of(home, "back", JobKind.RESTORE, nodes)
    first.works = {JobKind.RESTORE: dying(JobKind.RESTORE, 0)}
    await first.submit(back, 10)
    await others_go_on(home, ["back"])
    assert [await home.get(f"personal-files/{name}.txt") for name in "ab"] == [b"a", b"b"]


async def test_a_worker_that_lost_its_lease_tells_nothing_more(home: Home) -> None:
    await home.put("personal-files/a.txt", b"a")
    gate = asyncio.Event()
    node = await id_of(home, "personal-files/a.txt")
    job = job_of(home, "job", JobKind.COPY, [node], target="personal-files/b.txt")
    first = Runner(home.files, "first", {JobKind.COPY: gated(gate)})
    await first.submit(job, 0.01)
    await others_go_on(home, ["job"])
    gate.set()
    await asyncio.gather(*first.tasks)
    kept = await home.files.jobs.find("job")
    assert kept is not None
    assert kept.status.value == "Finished"
    found = await home.files.nodes.children(
        (await stat(home.files, home.actor, read_path("personal-files"))).node.node_id, "", 10
    )
    assert [one.name for one in found.nodes if not one.is_folder] == ["a.txt", "b.txt"]


async def test_what_came_in_parts_gets_its_digests(
    ann_calls: Caller, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CELLS-CLIENT.md 3.0: x-cells-hash."""
    placed = await home.put("personal-files/a.bin", b"part" * 20_000)
    version = await home.files.nodes.version(str(placed.node.version_id))
    assert version is not None
    part = version.content.parts[0]
    content = replace(
        version.content, sha256=None, block_hash=None, etag="0" * 32 + "-2",
        size=2 * part.size, parts=(part, part),
    )  # fmt: skip
    path = read_path("personal-files/parts.bin")
    target = replace(await stat(home.files, home.actor, read_path("personal-files")), path=path)
    found = replace(target.found, missing=path.names)
    await place(home.files, home.actor, replace(target, found=found), content, Put())
    sent = "/a/tree/stat/personal-files%2Fparts.bin"
    assert "x-cells-hash" not in (await ann_calls.good("GET", sent))["Node"]["MetaStore"]
    (job,) = await home.files.jobs.of_person(home.actor.sub, 10)
    assert job.kind is JobKind.DIGEST
    assert WORKS[JobKind.DIGEST] is digest
    threads = digesting_threads(monkeypatch)
    await others_go_on(home, [job.job_id])
    # It may be terabytes: others are answered meanwhile.
    assert threads
    assert threading.get_ident() not in threads
    whole = Digests()
    whole.update(b"part" * 40_000)
    hashed = json.dumps(block_hash(whole.block_md5s))
    store = (await ann_calls.good("GET", sent))["Node"]["MetaStore"]
    assert store["x-cells-hash"] == hashed
    # Its digest is known, and names no bytes: they are those of the parts.
    assert await home.get("personal-files/parts.bin") == b"part" * 40_000


async def test_a_failed_task_says_why_in_a_word(
    world: World, ann_calls: Caller, home: Home
) -> None:
    await home.put("personal-files/big.txt", b"x" * 100)
    gate = asyncio.Event()
    world.runner.works = {JobKind.COPY: refusing(gate)}
    job_id = await start(
        ann_calls, "copy", nodes=["personal-files/big.txt"], target="personal-files/more.txt"
    )
    assert "Code" not in await task_of(ann_calls, job_id)
    gate.set()
    task = await ended(ann_calls, job_id)
    assert (task["Status"], task["Code"]) == ("Error", "QuotaExceeded")
    assert task["StatusMessage"] == "no room"


def refusing(gate: asyncio.Event) -> Work:
    async def work(files: Files, actor: Actor, job: Job) -> AsyncGenerator[Progress]:
        del files, actor, job
        yield Progress(0, 1, {"next": "here"})
        await gate.wait()
        raise QuotaExceeded("no room")

    return work
