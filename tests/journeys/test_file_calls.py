"""REST and S3 in the order in which a client of the old system calls. CELLS-CLIENT.md 9."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import httpx2
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from defusedxml import ElementTree

from ..application import PASSWORD
from ..server import Server, serving
from .files import MIB, ODD, settle

SCOPE_OF_OLD = "openid email profile pydio offline"
HOME = "personal-files"
WORK = f"{HOME}/work"


@dataclass(frozen=True)
class Client:
    """An application with an access token: it calls REST, and S3 as its own library does."""

    server: Server
    token: str

    def call(self, method: str, path: str, body: object = None) -> httpx2.Response:
        bearer = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        url = f"{self.server.url}/a/{path}"
        return httpx2.request(method, url, json=body, headers=bearer, timeout=30)

    def good(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        answer = self.call(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stat(self, path: str) -> Any:  # noqa: ANN401
        answer = self.call("GET", f"tree/stat/{quote(path, safe='')}")
        assert answer.status_code in (200, 404)
        assert "json" in answer.headers["content-type"]
        return answer.json()["Node"] if answer.status_code == 200 else None

    def names(self, path: str) -> list[str]:
        listed = self.good("POST", "meta/bulk/get", {"NodePaths": [path, f"{path}/*"]})["Nodes"]
        assert listed[0]["Path"] == path
        return [node["Path"].removeprefix(f"{path}/") for node in listed[1:]]

    def make(self, *paths: str) -> None:
        nodes = [{"Path": path, "Type": "COLLECTION"} for path in paths]
        self.good("POST", "tree/create", {"Nodes": nodes, "Recursive": False})

    def job(self, name: str, **wanted: object) -> str:
        """Begin a job, and give how it ended."""
        body = {"JsonParameters": json.dumps(wanted)}
        return self.wait(self.good("PUT", f"jobs/user/{name}", body)["JobUuid"])

    def wait(self, job_id: str) -> str:
        for _ in range(200):
            told = self.good("POST", "jobs/user", {"JobIDs": [job_id], "LoadTasks": "Any"})
            if not told["Jobs"]:
                return "Finished"
            status: str = told["Jobs"][0]["Tasks"][-1]["Status"]
            if status not in ("Queued", "Running", "Paused"):
                return status
        raise AssertionError(f"the job {job_id} does not end")

    def delete(self, *paths: str, for_good: bool) -> None:
        nodes = [{"Path": path} for path in paths]
        told = self.good("POST", "tree/delete", {"Nodes": nodes, "RemovePermanently": for_good})
        for job in told.get("DeleteJobs") or ():
            assert self.wait(job["Uuid"]) == "Finished"

    @property
    def s3(self) -> Any:  # noqa: ANN401  (boto3 has no types)
        return boto3.client(
            "s3", endpoint_url=self.server.url, region_name="us-east-1",
            aws_access_key_id=self.token, aws_secret_access_key="gatewaysecret",
            config=Config(retries={"max_attempts": 1}),
        )  # fmt: skip


def out_of_band(server: Server) -> tuple[str, str]:
    """Sign in for the old command line, and give the code that a page shows, and where it was."""
    redirect_uri = f"{server.url}/oauth2/oob"
    with httpx2.Client(base_url=server.url) as http:
        page = http.get("/oidc/oauth2/auth", params={
            "client_id": "cells-client", "redirect_uri": redirect_uri, "response_type": "code",
            "scope": SCOPE_OF_OLD, "state": "abcdefghijklmnop",
        })  # fmt: skip
        while not page.headers.get("location", "").startswith(redirect_uri):
            if page.is_redirect:
                page = http.get(page.headers["location"])
                continue
            action = re.search(r'<form method="post" action="([^"]+)"', page.text)
            assert action, page.text
            hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
            said = {"username": "ann", "password": PASSWORD, "action": "accept"}
            page = http.post(action[1], data=dict(hidden) | said)
        found = dict(parse_qsl(urlsplit(page.headers["location"]).query))
        assert found["state"] == "abcdefghijklmnop"
        shown = http.get(page.headers["location"])
        assert found["code"] in shown.text
    return found["code"], redirect_uri


def ask_token(server: Server, **form: str) -> Any:  # noqa: ANN401
    form = {"client_id": "cells-client"} | form
    return httpx2.post(f"{server.url}/oidc/oauth2/token", data=form).json()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("calls") / "data") as running:
        yield running


@pytest.fixture(scope="module", params=["of old", "of others"])
def client(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Client:
    """The old command line, and an application of others with the scopes of files."""
    if request.param == "of others":
        place = settle(server, "bob")
        folder = tmp_path_factory.mktemp("others")
        return Client(server, place.programs(folder, "openid files.read files.write", "bob").token)
    settle(server, "ann")
    code, redirect_uri = out_of_band(server)
    grant = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
    wrong = ask_token(server, **grant, code="nonsense")
    assert (wrong["error"], wrong["status_code"]) == ("invalid_grant", 400)
    told = ask_token(server, **grant, code=code)
    assert isinstance(told["expires_in"], int)
    refreshed = ask_token(
        server, grant_type="refresh_token", refresh_token=told["refresh_token"],
        scope=SCOPE_OF_OLD,
    )  # fmt: skip
    assert refreshed["refresh_token"]
    return Client(server, refreshed["access_token"])


def test_a_who_am_i(client: Client) -> None:
    """Step A."""
    state = client.call("GET", "frontend/state")
    user = ElementTree.fromstring(state.content).find("user")
    assert user is not None
    assert next(iter(user.attrib.items())) in (("id", "ann"), ("id", "bob"))
    refused = Client(client.server, "nonsense").call("GET", "tree/stat/personal-files")
    assert refused.status_code == 401
    assert set(refused.json()) == {"Code", "Title", "Detail"}


def test_b_list_what_there_is(client: Client) -> None:
    """Step B."""
    root, *spaces = client.good("POST", "meta/bulk/get", {"NodePaths": ["", "/*"]})["Nodes"]
    assert root.get("Path", "") == ""
    assert [space["Path"] for space in spaces] == ["common-files", HOME]
    assert all("ws_scope" in space["MetaStore"] for space in spaces)
    assert client.stat(HOME)["Type"] == "COLLECTION"
    assert client.stat(f"{HOME}/nothing") is None


def test_c_folders_and_odd_names(client: Client) -> None:
    """Step C: a folder is made twice without harm, and what S3 writes is there at once."""
    client.make(f"{WORK}/a/b/c")
    client.make(f"{WORK}/a/b/c", f"{WORK}/many")
    assert client.stat(f"{WORK}/a/b/")["Type"] == "COLLECTION"
    s3 = client.s3
    for name in ODD:
        s3.put_object(Bucket="io", Key=f"{WORK}/odd/{name}", Body=name.encode())
        node = client.stat(f"{WORK}/odd/{name}")
        assert (node["Type"], node["Size"]) == ("LEAF", str(len(name.encode())))
        inner = hashlib.md5(name.encode()).digest()  # noqa: S324
        block_hash = hashlib.md5(inner).hexdigest()  # noqa: S324
        assert node["MetaStore"]["x-cells-hash"] == f'"{block_hash}"'
    assert set(client.names(f"{WORK}/odd")) == set(ODD)


def test_c_many_and_large_files(client: Client, tmp_path: Path) -> None:
    """Step C: 230 in a folder by pages, a file in parts, and what is deleted for good."""
    client.make(f"{WORK}/many")
    s3 = client.s3
    for number in range(230):
        s3.put_object(Bucket="io", Key=f"{WORK}/many/{number:03}", Body=b"")
    found: list[str] = []
    for offset in (0, 100, 200):
        asked = {"NodePaths": [f"{WORK}/many/*"], "Limit": 100, "Offset": offset}
        page = client.good("POST", "tree/stats", asked)
        assert page["Pagination"]["Total"] == 230
        found += [node["Path"].rsplit("/", 1)[1] for node in page["Nodes"]]
    assert found == [f"{number:03}" for number in range(230)]
    (tmp_path / "big").write_bytes(os.urandom(25 * MIB))
    parts = TransferConfig(multipart_threshold=10 * MIB, multipart_chunksize=10 * MIB)
    s3.upload_file(str(tmp_path / "big"), "io", f"{WORK}/big", Config=parts)
    s3.download_file("io", f"{WORK}/big", str(tmp_path / "back"), Config=parts)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "big").read_bytes()
    client.delete(f"{WORK}/many", f"{WORK}/never was", for_good=True)
    assert client.stat(f"{WORK}/many") is None


def test_d_copy_move_remove(client: Client) -> None:
    """Step D."""
    client.make(f"{WORK}/dst")
    client.s3.put_object(Bucket="io", Key=f"{WORK}/src/x.txt", Body=b"x")
    src, dst = f"{WORK}/src", f"{WORK}/dst"
    assert client.job("copy", nodes=[src], target=dst, targetParent=True) == "Finished"
    assert client.names(f"{dst}/src") == ["x.txt"]
    assert client.job("copy", nodes=None, target=dst, targetParent=True) == "Finished"
    renamed = f"{dst}/y.txt"
    assert client.job("move", nodes=[f"{src}/x.txt"], target=renamed) == "Finished"
    assert client.stat(renamed)["Size"] == "1"
    assert client.stat(f"{src}/x.txt") is None
    client.delete(renamed, for_good=False)
    assert client.stat(renamed) is None
    assert client.stat(f"{HOME}/recycle_bin/y.txt") is not None
    client.delete(f"{HOME}/recycle_bin/y.txt", for_good=True)
    assert client.stat(f"{HOME}/recycle_bin/y.txt") is None


def test_e_links_metadata_and_lists(client: Client) -> None:
    """Step E."""
    client.s3.put_object(Bucket="io", Key=f"{WORK}/shared.txt", Body=b"for all")
    uuid = client.stat(f"{WORK}/shared.txt")["Uuid"]
    link = client.good("PUT", "share/link", {"ShareLink": {
        "Label": "shared.txt", "Permissions": ["Download", "Preview"], "Policies": None,
        "PoliciesContextEditable": True, "ViewTemplateName": "pydio_shared_folder",
        "RootNodes": [{"AppearsIn": None, "Commits": None, "Uuid": uuid}],
    }})["LinkUrl"]  # fmt: skip
    url = f"{client.server.url}{link}" if link.startswith("/") else link
    page = httpx2.get(url)
    assert page.status_code == 200
    assert "shared.txt" in page.text
    namespaces = client.good("GET", "user-meta/namespace").get("Namespaces") or []
    assert all(json.loads(one["JsonDefinition"])["type"] for one in namespaces)
    if namespaces:
        name = namespaces[0]["Namespace"]
        said = {"Namespace": name, "NodeUuid": uuid, "JsonValue": '"hello"', "Policies": None}
        client.good("PUT", "user-meta/update", {"MetaDatas": [said], "Operation": "PUT"})
        asked = {"NodePaths": [f"{WORK}/shared.txt"], "AllMetaProviders": True}
        (node,) = client.good("POST", "meta/bulk/get", asked)["Nodes"]
        assert node["MetaStore"][name] == '"hello"'
    jobs = {"JobIDs": None, "LoadTasks": "Any", "Owner": "*", "TasksLimit": 100}
    assert "Jobs" in client.good("POST", "jobs/user", jobs)
    for path in ("role", "workspace", "acl", "user"):
        assert client.call("POST", path, {"Queries": None}).status_code in (200, 403)
    client.delete(WORK, for_good=True)
