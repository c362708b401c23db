"""The old command-line client's commands, call by call, in the order of CELLS-CLIENT.md 9.

Its decoder takes a number for a number and a text for a text, and ends at anything else.
"""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import pytest

from keycell.bootstrap import World

from ...conftest import Browser
from ..s3.conftest import S3, xml
from ..tokens import make
from .people import Person, person

_TEXTS = ("Size", "MTime", "Uuid", "Path", "Type", "Etag", "NumRows", "MaxDownloads")
_NUMBERS = ("Mode", "Total", "Limit", "CurrentOffset", "CurrentPage", "TotalPages", "NextOffset",
            "CreatedAt", "StartTime", "DeleteCount", "Order")  # fmt: skip
_WAITED_FOR = ("Queued", "Running", "Paused")
ODD = "a b+c&d=e@f:g$#?%ä.txt"


def check_types(value: object) -> None:
    """Hold an answer to the types of the client's decoder. CELLS-CLIENT.md 0.4."""
    if isinstance(value, list):
        for one in value:
            check_types(one)
    if isinstance(value, dict):
        for name, one in value.items():
            assert name not in _TEXTS or isinstance(one, str), name
            assert name not in _NUMBERS or type(one) is int, name
            if name == "MetaStore":
                for text in one.values():
                    json.loads(text)
            check_types(one)


@dataclass
class Cec:
    """The client: what each of its commands sends, and what it reads of the answer."""

    who: Person
    s3: S3

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.who.token}", "Accept": "application/json"}
        sent = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body, separators=(",", ":")).encode() + b"\n"
        answer = await self.who.http.request(method, f"/a{path}", content=sent, headers=headers)
        assert answer.headers["content-type"].startswith("application/json")
        check_types(answer.json())
        return answer.status_code, answer.json()

    async def ok(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        status, answer = await self.call(method, path, body)
        assert status == 200, answer
        return answer

    async def stat(self, path: str) -> dict[str, Any] | None:
        status, answer = await self.call("GET", f"/tree/stat/{quote(path, safe='+&=@:$')}")
        assert status in (200, 404)
        return answer["Node"] if status == 200 else None

    async def ls(self, path: str) -> list[str]:
        if path:
            assert await self.stat(path)
        body = {"NodePaths": [path, f"{path}/*"]}
        nodes = (await self.ok("POST", "/meta/bulk/get", body))["Nodes"]
        assert nodes[0]["Path"] == path
        # A second node with this would make the table one of workspaces.
        assert path == "" or not any("ws_scope" in one["MetaStore"] for one in nodes[1:])
        return [one["Path"].removeprefix(path).strip("/") for one in nodes[1:]]

    async def mkdir(self, path: str) -> None:
        names = path.split("/")
        above = ["/".join(names[:depth]) for depth in range(1, len(names))]
        missing = [one for one in above if not await self.stat(one)]
        wanted = [
            {"AppearsIn": None, "Commits": None, "Path": one, "Type": "COLLECTION"}
            for one in (*missing, path)
        ]
        await self.ok("POST", "/tree/create", {"Nodes": wanted})
        assert await self.stat(path)

    async def job(self, name: str, **parameters: object) -> None:
        sent = {"JsonParameters": json.dumps(parameters)}
        job = (await self.ok("PUT", f"/jobs/user/{name}", sent))["JobUuid"]
        await self.wait(job)

    async def wait(self, job: str) -> None:
        for _ in range(100):
            jobs = (await self.ok("POST", "/jobs/user", {"JobIDs": [job], "LoadTasks": "Any"}))[
                "Jobs"
            ]
            if not jobs:
                return
            task = jobs[0]["Tasks"][-1]
            if task["Status"] not in _WAITED_FOR:
                assert task["Status"] in ("Finished", "Idle"), task
                return
        raise AssertionError(job)

    async def rm(self, *paths: str, permanently: bool = False) -> None:
        body: dict[str, object] = {"Nodes": [{"Path": path} for path in paths]}
        if permanently:
            body["RemovePermanently"] = True
        for job in (await self.ok("POST", "/tree/delete", body)).get("DeleteJobs") or []:
            await self.wait(job["Uuid"])

    async def walk(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """List a folder as a download does: parts of a hundred, deeper ones after."""
        offset, total = 0, 0
        while offset <= total:
            body = {"Limit": 100, "NodePaths": [f"{path}/*"], "Offset": offset}
            answer = await self.ok("POST", "/tree/stats", body)
            for node in answer["Nodes"]:
                yield node
                if node["Type"] == "COLLECTION":
                    async for below in self.walk(node["Path"]):
                        yield below
            if len(answer["Nodes"]) < 100:
                return
            total, offset = answer["Pagination"]["Total"], offset + 100


@pytest.fixture
async def cec(world: World, browser: Browser) -> Cec:
    who = await person(world, browser, "alice", is_admin=True)
    token = await make(browser.http, who.token, "account", "admin")
    return Cec(Person(who.http, who.account, token), S3(browser.http, token))


async def test_the_client_learns_who_it_is(cec: Cec) -> None:
    """CELLS-CLIENT.md 2, step A: the first attribute of the first element user is its id."""
    bearer = {"Authorization": f"Bearer {cec.who.token}"}
    answer = await cec.who.http.get("/a/frontend/state", headers=bearer)
    found = re.search(r"<user (\w+)=\"([^\"]*)\"", answer.text)
    assert found is not None
    assert found.groups() == ("id", "alice")
    nobody = await cec.who.http.get("/a/frontend/state")
    assert "<user" not in nobody.text


async def test_files_are_listed_made_and_sent_up_and_down(cec: Cec) -> None:
    """CELLS-CLIENT.md 9, steps B and C."""
    assert await cec.ls("") == ["common-files", "personal-files"]
    await cec.mkdir("personal-files/a/b/c")
    # Version 2.2 sends no type; making what is there is no error.
    again = {"Nodes": [{"AppearsIn": None, "Path": "personal-files/a/b/c"}], "Recursive": False}
    await cec.ok("POST", "/tree/create", again)
    assert await cec.stat("personal-files/a/b/none") is None
    assert await cec.stat("nowhere/x") is None
    await cec.s3.put(f"personal-files/a/{ODD}", b"odd")
    await cec.s3.put("personal-files/a/empty", b"")
    node = await cec.stat(f"personal-files/a/{ODD}")
    assert node is not None
    block = hashlib.md5(hashlib.md5(b"odd").digest()).hexdigest()  # noqa: S324  (as they do)
    assert node["MetaStore"]["x-cells-hash"] == f'"{block}"'
    assert (node["Size"], node["Type"]) == ("3", "LEAF")


async def test_a_folder_is_sent_up_and_down_and_up_again_by_force(cec: Cec) -> None:
    """CELLS-CLIENT.md 5."""
    # A folder sent up: folders first, in one call, then files; its own parent is made too.
    nodes = [
        {
            "AppearsIn": None,
            "Commits": None,
            "Path": f"personal-files/new/dir{more}",
            "Type": "COLLECTION",
        }
        for more in ("", "/x", "/x/y")
    ]
    await cec.ok("POST", "/tree/create", {"Nodes": nodes, "Recursive": False})
    for number in range(103):
        await cec.s3.put(f"personal-files/new/dir/x/{number:03}", b"x")
    found = [node async for node in cec.walk("personal-files/new")]
    assert len([one for one in found if one["Type"] == "LEAF"]) == 103
    assert len(found) == 106
    for one in found[:5]:
        if one["Type"] == "LEAF":
            assert (await cec.s3.ask("HEAD", one["Path"])).headers["content-length"] == "1"
            assert (await cec.s3.ask("GET", one["Path"])).content == b"x"
    # Sent up again by force: a file where a folder was, and paths that never were.
    await cec.rm("personal-files/new/dir", "personal-files/new/none", permanently=True)
    await cec.s3.put("personal-files/new/dir", b"a file now")
    node = await cec.stat("personal-files/new/dir")
    assert node is not None
    assert node["Type"] == "LEAF"


async def test_a_large_file_comes_in_parts_and_has_its_hash(cec: Cec, world: World) -> None:
    """CELLS-CLIENT.md 9, step C, and 3.0."""
    key = "personal-files/big.bin"
    begun = await cec.s3.ask("POST", key, query={"uploads": ""})
    upload = xml(begun).findtext("UploadId") or ""
    parts = [b"a" * (10 * 2**20), b"b" * (3 * 2**20)]
    tags = {}
    for number in (2, 1):
        sent = await cec.s3.ask(
            "PUT", key, parts[number - 1],
            query={"partNumber": str(number), "uploadId": upload, "x-id": "UploadPart"},
        )  # fmt: skip
        tags[number] = sent.headers["etag"]
    listed = "".join(
        f"<Part><ETag>{escape(tags[n])}</ETag><PartNumber>{n}</PartNumber></Part>" for n in (1, 2)
    )
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    document = f'<CompleteMultipartUpload xmlns="{space}">{listed}</CompleteMultipartUpload>'
    done = await cec.s3.ask("POST", key, document.encode(), query={"uploadId": upload})
    assert done.status_code == 200, done.text
    await world.runner.take_up()
    await cec.who.http.get("/healthz")
    for task in list(world.runner.tasks):
        await task
    node = await cec.stat(key)
    assert node is not None
    blocks = b"".join(hashlib.md5(part).digest() for part in parts)  # noqa: S324
    assert json.loads(node["MetaStore"]["x-cells-hash"]) == hashlib.md5(blocks).hexdigest()  # noqa: S324
    assert node["Size"] == str(13 * 2**20)


async def test_files_are_copied_by_jobs(cec: Cec) -> None:
    """CELLS-CLIENT.md 9, step D."""
    top = "personal-files"
    for name in ("a", "b"):
        await cec.s3.put(f"{top}/src/{name}.txt", name.encode())
    await cec.mkdir(f"{top}/dst")
    both = [f"{top}/src/a.txt", f"{top}/src/b.txt"]
    for _ in range(2):
        await cec.job("copy", nodes=both, target=f"{top}/dst", targetParent=True)
    assert await cec.ls(f"{top}/dst") == ["a-2.txt", "a.txt", "b-2.txt", "b.txt"]
    await cec.job("copy", nodes=[f"{top}/src"], target=f"{top}/copy", targetParent=False)
    await cec.job("copy", nodes=None, target=f"{top}/dst", targetParent=True)
    assert await cec.ls(f"{top}/copy") == ["a.txt", "b.txt"]
    for bad in (
        {"nodes": [f"{top}/none"], "target": f"{top}/x"},
        {"nodes": [f"{top}/copy"], "target": "nowhere", "targetParent": True},
    ):
        sent = {"JsonParameters": json.dumps(bad)}
        assert (await cec.call("PUT", "/jobs/user/copy", sent))[0] == 404


async def test_files_are_moved_and_removed(cec: Cec) -> None:
    """CELLS-CLIENT.md 9, step D."""
    top = "personal-files"
    for name in ("src/a.txt", "src/b.txt", "copy/a.txt", "copy/b.txt"):
        await cec.s3.put(f"{top}/{name}", name.encode())
    await cec.mkdir(f"{top}/dst")
    # Renamed, moved into by a slash, moved to where something is, and to another space.
    await cec.job("move", nodes=[f"{top}/src/a.txt"], target=f"{top}/src/c.txt")
    await cec.job("move", nodes=[f"{top}/src/b.txt"], target=f"{top}/copy/", targetParent=True)
    assert await cec.ls(f"{top}/src") == ["c.txt"]
    assert await cec.ls(f"{top}/copy") == ["a.txt", "b-2.txt", "b.txt"]
    await cec.job("move", nodes=[f"{top}/src"], target=f"{top}/dst", targetParent=False)
    assert await cec.ls(f"{top}/dst-2") == ["c.txt"]
    await cec.job("move", nodes=[f"{top}/dst-2"], target="common-files", targetParent=True)
    assert await cec.ls("common-files/dst-2") == ["c.txt"]
    assert await cec.stat(f"{top}/dst-2") is None
    await cec.rm(f"{top}/copy/a.txt")
    assert "a.txt" in await cec.ls(f"{top}/recycle_bin")
    await cec.rm(f"{top}/recycle_bin/a.txt", f"{top}/dst", permanently=True)
    assert "a.txt" not in await cec.ls(f"{top}/recycle_bin")
    assert await cec.stat(f"{top}/dst/") is None


async def test_a_file_is_shared_and_spoken_of(cec: Cec) -> None:
    """CELLS-CLIENT.md 9, step E."""
    await cec.s3.put("personal-files/a.txt", b"x")
    node = await cec.stat("personal-files/a.txt")
    assert node is not None
    link = await cec.ok("PUT", "/share/link", {"ShareLink": {
        "Label": "a.txt", "Permissions": ["Download", "Preview"], "Policies": None,
        "PoliciesContextEditable": True, "ViewTemplateName": "pydio_shared_folder",
        "RootNodes": [{"AppearsIn": None, "Commits": None, "Uuid": node["Uuid"]}],
    }})  # fmt: skip
    assert "/public/" in link["LinkUrl"]
    note = {"Namespace": "usermeta-note", "Label": "Note", "JsonDefinition": '{"type":"string"}'}
    wanted = {"Namespaces": [note], "Operation": "PUT"}
    await cec.ok("PUT", "/user-meta/namespace", wanted)
    for one in (await cec.ok("GET", "/user-meta/namespace"))["Namespaces"]:
        assert json.loads(one["JsonDefinition"])["type"]
    value = '"h\\u00e9"'
    said = {
        "Namespace": "usermeta-note",
        "NodeUuid": node["Uuid"],
        "JsonValue": value,
        "Policies": None,
    }
    await cec.ok("PUT", "/user-meta/update", {"MetaDatas": [said], "Operation": "PUT"})
    body = {"AllMetaProviders": True, "NodePaths": ["personal-files/a.txt"]}
    (told,) = (await cec.ok("POST", "/meta/bulk/get", body))["Nodes"]
    assert told["MetaStore"]["usermeta-note"] == value


async def test_people_spaces_and_rights_are_listed(cec: Cec) -> None:
    """CELLS-CLIENT.md 3.7."""
    users = await cec.ok("POST", "/user", {"Queries": [{"Login": "*"}]})
    assert [one["Login"] for one in users["Users"]] == ["alice"]
    assert (await cec.ok("POST", "/user"))["Total"] == users["Total"]
    assert (await cec.ok("POST", "/role", {"Queries": None}))["Roles"][0]["GroupRole"] is True
    spaces = await cec.ok("POST", "/workspace", {"CountOnly": True, "Queries": None})
    assert "Common Files" in [one["Label"] for one in spaces["Workspaces"]]
    query = {"NodeIDs": [one["RootUUIDs"][0] for one in spaces["Workspaces"]], "Actions": None,
             "RoleIDs": None, "WorkspaceIDs": None}  # fmt: skip
    acls = (await cec.ok("POST", "/acl", {"Queries": [query]}))["ACLs"]
    assert all(isinstance(one["Action"], dict) and one["Action"]["Name"] for one in acls)
    gone = await cec.ok("POST", "/acl/bulk/delete", acls[0])
    assert gone == {"Success": True, "NumRows": "1"}


async def test_jobs_are_listed_and_forgotten(cec: Cec) -> None:
    """CELLS-CLIENT.md 3.1."""
    await cec.s3.put("personal-files/a.txt", b"x")
    sources = (await cec.ok("GET", "/config/datasource"))["DataSources"]
    await cec.job("datasource-resync", dsName=sources[0]["Name"])
    await cec.job("copy", nodes=["personal-files/a.txt"], target="personal-files/b.txt")
    every = {"JobIDs": None, "LoadTasks": "Any", "Owner": "*", "TasksLimit": 100}
    job = (await cec.ok("POST", "/jobs/user", every))["Jobs"][0]
    assert job["Tasks"][0]["Status"] == "Finished"
    assert await cec.ok("DELETE", f"/scheduler/jobs/{job['ID']}") == {
        "Success": True, "DeleteCount": 1,
    }  # fmt: skip
    assert (await cec.ok("POST", "/jobs/user", {"JobIDs": [job["ID"]], "Owner": "*"}))[
        "Jobs"
    ] == []
