"""Whose jobs are listed and about what, and what is forgotten of them. CELLS-CLIENT.md 3.4."""

import json
from dataclasses import replace

from keycell.bootstrap import World
from keycell.files.access import Actor
from keycell.files.jobs import Job, JobKind, JobStatus
from keycell.http.rest.jobs import job_of

from ...files.conftest import Home, actor_for
from .conftest import Caller, id_of
from .people import Person, alice, bo, root
from .test_jobs import done, fill

__all__ = ["alice", "bo", "root"]


async def kept(world: World, actor: Actor, status: JobStatus = JobStatus.FINISHED) -> str:
    """Keep a job of somebody's that nobody runs."""
    job: Job = job_of(world.files, actor, JobKind.COPY, [], {})
    await world.files.jobs.add(replace(job, status=status))
    return job.job_id


async def owners(person: Person, owner: str) -> list[str]:
    found = await person.asks("POST", "jobs/user", {"JobIDs": None, "Owner": owner})
    return sorted(one["Owner"] for one in found["Jobs"])  # type: ignore[attr-defined]


async def test_a_jobs_owner_is_told_by_login(
    world: World, root: Person, alice: Person, bo: Person
) -> None:
    for one in (alice, bo):
        await kept(world, actor_for(one.account))
    assert await owners(alice, "*") == ["alice"]
    assert await owners(alice, "bo") == ["alice"]
    assert await owners(root, "*") == ["alice", "bo"]
    assert await owners(root, "BO") == ["bo"]
    assert await owners(root, "nobody") == []
    await root.asks("DELETE", "user/bo")
    assert await owners(root, "*") == sorted(["alice", bo.account.sub])


async def test_the_task_of_a_job_that_has_ended_is_forgotten(
    world: World, alice: Person, bo: Person
) -> None:
    path = "jobs/tasks/delete"
    ended, waits = (
        await kept(world, actor_for(alice.account)),
        await kept(world, actor_for(alice.account), JobStatus.RUNNING),
    )
    await bo.is_told(404, "POST", path, {"JobId": ended})
    await alice.is_told(404, "POST", path, {})
    await alice.is_told(409, "POST", path, {"JobId": waits, "TaskID": [f"{waits}-task"]})
    for other in ({"TaskID": ["x"]}, {"Status": ["Error"]}):
        assert await alice.asks("POST", path, {"JobId": ended} | other) == {"Deleted": []}
    wanted = {"JobId": ended, "TaskID": [f"{ended}-task"], "Status": ["Finished", "Error"]}
    assert await alice.asks("POST", path, wanted) == {"Deleted": [f"{ended}-task"]}
    await alice.is_told(404, "POST", path, wanted)
    left = await alice.asks("POST", "jobs/user", {"Owner": "*"})
    assert [one["ID"] for one in left["Jobs"]] == [waits]  # type: ignore[attr-defined]


async def test_a_node_is_moved_by_its_identifier_wherever_it_is(
    ann_calls: Caller, home: Home, bob: Home
) -> None:
    await fill(home, "personal-files/src", 2)
    await ann_calls.good("POST", "/a/tree/create", {"Nodes": [{"Path": "personal-files/dst"}]})
    ids = [await id_of(home, f"personal-files/src/{number}.txt") for number in ("000", "001")]
    await done(ann_calls, "move", ids=ids, target="personal-files/dst", targetParent=True)
    assert await id_of(home, "personal-files/dst/000.txt") == ids[0]
    await done(ann_calls, "move", ids=ids[:1], target="personal-files/src/as.txt")
    assert await id_of(home, "personal-files/src/as.txt") == ids[0]
    await bob.put("personal-files/theirs.txt", b"x")
    theirs = {"ids": [await id_of(bob, "personal-files/theirs.txt")], "target": "personal-files"}
    body = {"JsonParameters": json.dumps(theirs)}
    await ann_calls.refused("PUT", "/a/jobs/user/copy", body, 404)
