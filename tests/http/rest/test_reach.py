"""Tokens for one place, and other people's files, over every REST call. ATTACKS.md, files."""

import json
from dataclasses import replace

import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.jobs import JobKind, JobStatus
from keycell.files.names import read_path
from keycell.http.rest.jobs import job_of
from keycell.oauth.details import WRITING, FilesDetail

from ...conftest import Browser
from ...files.conftest import Home, actor_for
from ..tokens import make
from .people import Person, alice, bo

__all__ = ["alice", "bo"]

SECRET = "secret-name"


@pytest.fixture
async def home(world: World, alice: Person) -> Home:
    """What lies in Alice's files."""
    home = Home(world.files, actor_for(alice.account))
    await home.put("personal-files/open/in.txt", b"in")
    await home.put(f"personal-files/{SECRET}/out.txt", b"out")
    await home.put(f"common-files/{SECRET}.txt", b"out")
    return home


async def id_of(home: Home, path: str) -> str:
    return (await stat(home.files, home.actor, read_path(path))).node.node_id


async def narrowed(alice: Person, home: Home, rights: str) -> Person:
    """Give a program of Alice's that was let into one folder."""
    node_id = await id_of(home, "personal-files/open")
    return replace(alice, token=await make(alice.http, alice.token, f"node:{node_id}:{rights}"))


async def test_a_token_for_one_folder_sees_nothing_beside_it(
    world: World, alice: Person, home: Home
) -> None:
    program = await narrowed(alice, home, "rw")
    out = await id_of(home, f"personal-files/{SECRET}/out.txt")
    top = await id_of(home, "personal-files")
    told = ""
    for method, path, body in [
        ("POST", "tree/stats", {"NodePaths": ["", "/*", "personal-files"]}),
        ("POST", "search/nodes", {"Query": {"FileName": "secret"}}),
        ("POST", "search/nodes", {"Query": {"FileName": "t"}}),
        ("POST", "user-meta/search", {"NodeUuids": [out, top]}),
        ("POST", "user-meta/bookmarks", {}),
        ("GET", "graph/state", None),
        ("GET", "keycell/spaces", None),
        ("POST", "jobs/user", {}),
    ]:
        answer = await program.call(method, path, body)
        assert answer.status_code == 200, (path, answer.text)
        told += answer.text
    assert SECRET not in told
    assert "in.txt" in told


async def test_a_token_for_one_folder_reaches_nothing_beside_it(
    world: World, alice: Person, home: Home
) -> None:
    program = await narrowed(alice, home, "rw")
    out = await id_of(home, f"personal-files/{SECRET}/out.txt")
    top = await id_of(home, "personal-files")
    for method, path, body in [
        ("GET", f"tree/stat/personal-files%2F{SECRET}", None),
        ("GET", f"tree/stat/personal-files%2Fopen%2F..%2F{SECRET}", None),
        ("POST", "tree/stats", {"NodePaths": ["personal-files/*"]}),
        ("POST", "tree/stats", {"NodePaths": [f"personal-files/{SECRET}/*"]}),
        ("GET", f"keycell/versions/{out}", None),
        ("GET", "keycell/changes?space=personal-files", None),
        ("POST", f"meta/get/personal-files%2F{SECRET}", {}),
        ("POST", "tree/selection", {"Nodes": [{"Path": f"personal-files/{SECRET}"}]}),
        ("PUT", "share/link", _link(out)),
        ("PUT", "share/cell", {"Room": {"Label": "x", "RootNodes": [{"Uuid": top}]}}),
        ("POST", "tree/create", {"Nodes": [{"Path": "personal-files/beside"}]}),
        ("POST", "tree/restore", {"Nodes": [{"Uuid": out}]}),
        ("PUT", "jobs/user/copy", _job(f"personal-files/{SECRET}", "personal-files/open")),
        ("PUT", "jobs/user/copy", _job("personal-files/open/in.txt", f"personal-files/{SECRET}")),
        ("PUT", "jobs/user/move", _job("personal-files/open/in.txt", "common-files")),
        ("PUT", "jobs/user/compress", _job(f"personal-files/{SECRET}", "personal-files/open")),
    ]:  # fmt: skip
        answer = await program.call(method, path, body)
        assert answer.status_code in (403, 404), (path, body, answer.text)
        if SECRET not in json.dumps([path, body]):
            assert SECRET not in answer.text
    deleted = {
        "Nodes": [{"Uuid": out}, {"Path": f"personal-files/{SECRET}"}],
        "RemovePermanently": True,
    }
    await program.asks("POST", "tree/delete", deleted)
    assert await home.get(f"personal-files/{SECRET}/out.txt") == b"out"
    assert await home.get("personal-files/open/in.txt") == b"in"


def _link(node_id: str) -> dict[str, object]:
    return {"ShareLink": {"RootNodes": [{"Uuid": node_id}], "Permissions": ["Preview"]}}


def _job(source: str, target: str) -> dict[str, str]:
    wanted = {"nodes": [source], "target": target, "targetParent": True}
    return {"JsonParameters": json.dumps(wanted)}


async def test_a_token_sees_and_ends_the_jobs_that_it_could_have_begun(
    world: World, alice: Person, home: Home
) -> None:
    """And those alone: a job's label and its end are the business of what began it."""
    whole, narrow = actor_for(alice.account), await narrowed(alice, home, "rw")
    node_id = await id_of(home, "personal-files/open")
    reads = await narrowed(alice, home, "r")
    beside = replace(alice, token=await make(alice.http, alice.token, "space:common-files:rw"))
    own = replace(whole, reach=(FilesDetail(WRITING, None, node_id),))
    kept = []
    for actor in (whole, own):
        job = replace(job_of(world.files, actor, JobKind.COPY, [], {}), status=JobStatus.RUNNING)
        await world.files.jobs.add(job)
        kept.append(job.job_id)

    async def seen(person: Person) -> set[str]:
        listed = await person.asks("POST", "jobs/user", {})
        asked = await person.asks("POST", "jobs/user", {"JobIDs": kept})
        shown = {one["ID"] for one in listed["Jobs"]}  # type: ignore[attr-defined]
        assert shown == {one["ID"] for one in asked["Jobs"]}  # type: ignore[attr-defined]
        return shown

    assert await seen(alice) == {*kept}
    assert await seen(narrow) == {kept[1]}
    assert await seen(reads) == await seen(beside) == set()
    for program, job_id in ((narrow, kept[0]), (reads, kept[1]), (beside, kept[1])):
        for command in ("Interrupt", "Delete"):
            await program.is_told(404, "PUT", "jobs/user", {"Cmd": command, "JobId": job_id})
        await program.is_told(404, "DELETE", f"scheduler/jobs/{job_id}")
        await program.is_told(404, "POST", "jobs/tasks/delete", {"JobId": job_id})
    await narrow.asks("PUT", "jobs/user", {"Cmd": "Interrupt", "JobId": kept[1]})


async def test_a_token_for_one_folder_is_shown_no_link_to_another(
    alice: Person, home: Home
) -> None:
    """The link's address opens more than the token."""
    program = await narrowed(alice, home, "rw")
    out = await id_of(home, f"personal-files/{SECRET}/out.txt")
    inside = await id_of(home, "personal-files/open/in.txt")
    for node_id, status in ((out, 404), (inside, 200)):
        link = await alice.asks("PUT", "share/link", _link(node_id))
        answer = await program.call("GET", f"share/link/{link['Uuid']}")
        assert answer.status_code == status, answer.text


async def test_a_token_that_reads_changes_nothing(alice: Person, home: Home) -> None:
    program = await narrowed(alice, home, "r")
    node_id = await id_of(home, "personal-files/open/in.txt")
    version = (await program.asks("GET", f"keycell/versions/{node_id}"))["items"][0]["version"]  # type: ignore[index]
    path = "personal-files/open/in.txt"
    for method, call, body in [
        ("POST", "tree/create", {"Nodes": [{"Path": "personal-files/open/new"}]}),
        ("POST", "tree/delete", {"Nodes": [{"Path": path}]}),
        ("POST", "tree/delete", {"Nodes": [{"Uuid": node_id}], "RemovePermanently": True}),
        ("PUT", "jobs/user/move", _job(path, "personal-files/open")),
        ("PUT", "jobs/user/delete", _job(path, "")),
        ("PUT", "jobs/user/copy", _job(path, "personal-files/open")),
        ("PUT", "jobs/user/compress", _job(path, "personal-files/open")),
        ("POST", f"keycell/versions/{node_id}/restore", {"version": version}),
        ("PUT", "share/cell", {"Room": {"Label": "x", "RootNodes": [{"Uuid": node_id}]}}),
        ("PUT", "user/alice", {"Attributes": {"displayName": "Mallory"}}),
        ("PUT", "acl", {"NodeID": node_id, "RoleID": "root-group", "Action": {"Name": "read"}}),
    ]:
        answer = await program.call(method, call, body)
        assert answer.status_code in (400, 403, 404), (call, body, answer.text)
    assert await home.get(path) == b"in"


async def test_another_persons_files_are_as_if_they_were_not(
    world: World, alice: Person, bo: Person, home: Home
) -> None:
    out = await id_of(home, "personal-files/open/in.txt")
    folder = await id_of(home, "personal-files/open")
    job = await alice.asks(
        "PUT", "jobs/user/copy", _job("personal-files/open/in.txt", "personal-files")
    )
    for method, path, body in [
        ("GET", "tree/stat/personal-files%2Fopen", None),
        ("GET", f"keycell/versions/{out}", None),
        ("POST", f"keycell/versions/{out}/restore", {"version": "x"}),
        ("POST", "tree/restore", {"Nodes": [{"Uuid": out}]}),
        ("PUT", "share/link", _link(out)),
        ("PUT", "share/cell", {"Room": {"Label": "x", "RootNodes": [{"Uuid": folder}]}}),
        ("PUT", "jobs/user", {"Cmd": "Delete", "JobId": job["JobUuid"]}),
        ("DELETE", f"scheduler/jobs/{job['JobUuid']}", None),
    ]:  # fmt: skip
        await bo.is_told(404, method, path, body)
    assert (await bo.asks("POST", "jobs/user", {"Owner": "*"}))["Jobs"] == []
    assert (await bo.asks("POST", "jobs/user", {"JobIDs": [job["JobUuid"]]}))["Jobs"] == []
    await bo.asks("POST", "tree/delete", {"Nodes": [{"Uuid": out}], "RemovePermanently": True})
    assert await home.get("personal-files/open/in.txt") == b"in"


@pytest.mark.parametrize(
    "body", ["[" * 50_000, "{" * 50_000, '{"Nodes":' * 20_000, "\xff", "nul", "7"]
)
async def test_a_body_that_is_no_object_is_refused(
    browser: Browser, alice: Person, body: str
) -> None:
    headers = {"Authorization": f"Bearer {alice.token}", "Content-Type": "application/json"}
    for path in ("tree/stats", "tree/create", "user-meta/search", "jobs/user", "tree/selection"):
        answer = await browser.http.post(
            f"/a/{path}", content=body.encode("latin-1"), headers=headers
        )
        assert answer.status_code == 400, (path, answer.text)
    form = {"Authorization": f"Bearer {alice.token}"}
    answer = await browser.http.post("/a/tree/stats", data={"a": "b"}, headers=form)
    assert answer.status_code == 415


async def test_a_cells_feed_names_nothing_that_lies_beside_it(
    alice: Person, bo: Person, home: Home
) -> None:
    """It is fed by the volume that the cell lies in, which holds much else."""
    folder = await id_of(home, "personal-files/open")
    out = await id_of(home, f"personal-files/{SECRET}/out.txt")
    inside = await id_of(home, "personal-files/open/in.txt")
    acl = {"RoleId": bo.account.sub, "Actions": [{"Name": "read", "Value": "1"}]}
    room = {"Label": "Ours", "RootNodes": [{"Uuid": folder}], "ACLs": {bo.account.sub: acl}}
    await alice.asks("PUT", "share/cell", {"Room": room})
    for who in (alice, bo):
        fed = await who.asks("GET", "keycell/changes?space=ours&cursor=0")
        told = {one["id"]: one for one in fed["changes"]}  # type: ignore[attr-defined]
        assert fed["root"] == folder
        assert told[inside]["name"] == "in.txt"
        assert told[inside]["parent"] == folder
        assert out not in told
        going_on = await who.asks("GET", "keycell/changes?space=ours&cursor=1")
        told = {one["id"]: one for one in going_on["changes"]}  # type: ignore[attr-defined]
        assert (told[out]["deleted"], "name" in told[out]) == (True, False)
        assert SECRET not in json.dumps([fed, going_on])
    # What is moved out of the cell is gone for who follows it, and what is moved in comes.
    source = f"personal-files/{SECRET}/out.txt"
    await alice.asks("PUT", "jobs/user/move", _job(source, "personal-files/open"))
    await alice.asks("PUT", "jobs/user/move", _job("personal-files/open/in.txt", "personal-files"))
    later = await bo.asks("GET", f"keycell/changes?space=ours&cursor={fed['cursor']}")
    told = {one["id"]: one for one in later["changes"]}  # type: ignore[attr-defined]
    assert (told[out]["deleted"], told[inside]["deleted"]) == (False, True)
