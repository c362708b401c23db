"""Zips over REST: as a job that makes a file, and as a download of a selection."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from keycell.bootstrap import World
from keycell.files import zipping
from keycell.files.carrying import WORKS
from keycell.files.finding import stat
from keycell.files.jobs import Job, JobKind, JobStatus
from keycell.files.names import read_path
from keycell.files.reaches import write_reach
from keycell.files.running import Runner

from ...files.conftest import Home, actor_for
from ..tokens import make
from .people import Person, alice, bo

__all__ = ["alice", "bo"]


@pytest.fixture
async def home(world: World, alice: Person) -> Home:
    """What lies in Alice's files."""
    home = Home(world.files, actor_for(alice.account))
    await home.put("personal-files/docs/a.txt", b"one")
    await home.put("personal-files/docs/deep/é.txt", b"two")
    await home.put("personal-files/other/a.txt", b"x" * 100_000)
    return home


async def compress(person: Person, **parameters: object) -> str:
    wanted = {"JsonParameters": json.dumps(parameters)}
    started = await person.asks("PUT", "jobs/user/compress", wanted)
    return str(started["JobUuid"])


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


async def test_no_name_leads_out_of_where_a_zip_is_opened(alice: Person, home: Home) -> None:
    """Here backslash and space are letters; elsewhere one parts folders, the other is dropped."""
    await home.put("personal-files/docs/..\\..\\evil.txt", b"three")
    await home.put("personal-files/docs/.. /.../evil.txt", b"four")
    await compress(alice, nodes=["personal-files/docs"])
    found = names(await home.get("personal-files/docs.zip"))
    assert {"docs/.._.._evil.txt", "docs/___/___/evil.txt"} <= set(found)
    assert not any("\\" in name for name in found)


async def test_nothing_in_a_zip_has_the_name_of_something_beside_it(
    alice: Person, home: Home
) -> None:
    for path in ("A_B", "a\\b", "a_b-2", "c\\d_e", "c_d\\e", "f\\g/x\\y", "f_g/x", "f\\g/z/i"):
        await home.put(f"personal-files/docs/new/{path}", path.encode())
    await home.put("personal-files/a\\b", b"top")
    await home.put("personal-files/a_b", b"other top")
    nodes = [f"personal-files/{name}" for name in ("docs/new", "a\\b", "a_b")]
    await compress(alice, nodes=nodes, archiveName="all.zip", target="personal-files")
    found = names(await home.get("personal-files/all.zip"))
    assert found == [
        "new/", "new/A_B", "new/a_b-3", "new/a_b-2", "new/c_d_e", "new/c_d_e-2", "new/f_g-2/",
        "new/f_g-2/x_y", "new/f_g-2/z/", "new/f_g-2/z/i", "new/f_g/", "new/f_g/x",
        "a_b", "a_b-2",
    ]  # fmt: skip


async def test_a_job_makes_a_zip_beside_what_it_holds(alice: Person, home: Home) -> None:
    for expected in ("docs.zip", "docs-2.zip"):
        await compress(alice, nodes=["personal-files/docs"])
        content = await home.get(f"personal-files/{expected}")
        assert names(content) == ["docs/", "docs/a.txt", "docs/deep/", "docs/deep/é.txt"]
    both = ["personal-files/docs/a.txt", "personal-files/other/a.txt"]
    job = await compress(alice, nodes=both, archiveName="b.zip", target="personal-files/other")
    assert names(await home.get("personal-files/other/b.zip")) == ["a.txt", "a-2.txt"]
    told = await alice.asks("POST", "jobs/user", {"JobIDs": [job], "LoadTasks": "Any"})
    task = told["Jobs"][0]["Tasks"][0]  # type: ignore[index]
    assert (task["Status"], task["Progress"]) == ("Finished", 1.0)


async def test_what_cannot_be_put_into_a_zip_is_refused_at_once(
    alice: Person, bo: Person, home: Home
) -> None:
    for status, parameters in [
        (400, {"nodes": None}),
        (404, {"nodes": ["personal-files/none"]}),
        (404, {"nodes": ["personal-files/docs"], "target": "personal-files/none"}),
        (404, {"nodes": ["personal-files/docs"], "target": "none"}),
        (403, {"nodes": ["personal-files/docs"], "target": "personal-files/recycle_bin"}),
        (400, {"nodes": ["personal-files/docs"], "archiveName": "..", "target": ""}),
    ]:
        await alice.is_told(
            status, "PUT", "jobs/user/compress", {"JsonParameters": json.dumps(parameters)}
        )
    body = {"JsonParameters": json.dumps({"nodes": ["personal-files/docs"]})}
    await bo.is_told(404, "PUT", "jobs/user/compress", body)


async def test_a_selection_is_downloaded_as_one_zip(
    world: World, alice: Person, bo: Person, home: Home
) -> None:
    nodes = [{"Path": "personal-files/docs"}, {"Path": "personal-files/other/a.txt"}]
    selected = await alice.asks("POST", "tree/selection", {"Nodes": nodes, "Persist": True})
    path = f"keycell/zip/{selected['SelectionUUID']}"
    answer = await alice.call("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert names(answer.content) == [
        "docs/", "docs/a.txt", "docs/deep/", "docs/deep/é.txt", "a.txt",
    ]  # fmt: skip
    by_id = [{"Uuid": one["Uuid"]} for one in selected["Nodes"]]  # type: ignore[attr-defined]
    again = await alice.asks("POST", "tree/selection", {"Nodes": by_id})
    assert len(again["Nodes"]) == len(nodes)  # type: ignore[arg-type]
    # Who has its name alone has nothing, and a narrower token gets what it opens.
    await bo.is_told(404, "GET", path)
    await home.put("common-files/a.txt", b"for all")
    common = {"Nodes": [{"Path": "common-files/a.txt"}]}
    of_alice = (await alice.asks("POST", "tree/selection", common))["SelectionUUID"]
    await bo.is_told(404, "GET", f"keycell/zip/{of_alice}")
    node_id = (await stat(home.files, home.actor, read_path("personal-files/docs/deep"))).node
    narrow = await make(alice.http, alice.token, f"node:{node_id.node_id}:r")
    await replace(alice, token=narrow).is_told(404, "GET", path)
    await alice.asks("POST", "tree/delete", {"Nodes": nodes, "RemovePermanently": True})
    await alice.is_told(404, "GET", path)
    await alice.is_told(400, "POST", "tree/selection", {"Nodes": None})
    await alice.is_told(404, "POST", "tree/selection", {"Nodes": nodes})
    await alice.is_told(404, "GET", "keycell/zip/none")


async def test_a_zip_is_made_once_though_its_worker_died(
    world: World, home: Home, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipping, "TOLD_EVERY", 0.0)
    node = (await stat(home.files, home.actor, read_path("personal-files/docs"))).node
    job = Job(
        job_id="zip", kind=JobKind.ZIP, label="Zip", sub=alice.account.sub,
        parameters={"nodes": [node.node_id], "target": "personal-files/docs.zip",
                    "reach": write_reach(home.actor.reach)},
        created_at=home.files.clock(),
    )  # fmt: skip
    runner = Runner(world.files, "one", WORKS)
    await runner.submit(job, 10)
    first = await home.files.jobs.find("zip")
    assert first is not None
    assert first.status is JobStatus.FINISHED
    # The file was there, but nobody had been told so.
    again = replace(job, job_id="again", state={"target": "personal-files/docs.zip"})
    await runner.submit(again, 10)
    assert (await home.files.jobs.find("again")).status is JobStatus.FINISHED  # type: ignore[union-attr]
    top = await alice.asks("POST", "tree/stats", {"NodePaths": ["personal-files/*"]})
    assert [one["Path"].rpartition("/")[2] for one in top["Nodes"]].count("docs.zip") == 1  # type: ignore[attr-defined]
    assert "docs-2.zip" not in str(top)
    await home.put("personal-files/taken.zip", b"mine")
    other = replace(job, job_id="other", state={"target": "personal-files/taken.zip"})
    await runner.submit(other, 10)
    assert (await home.files.jobs.find("other")).status is JobStatus.ERROR  # type: ignore[union-attr]
    assert await home.get("personal-files/taken.zip") == b"mine"
