"""Files of two servers on one PostgreSQL and one object store, as two machines have them.

Programs that others wrote speak to one or the other, over S3 and WebDAV. decisions/0013.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from .conftest import PASSWORD
from .http.dav.conftest import environment
from .postgres import Postgres
from .seaweed import ACCESS_KEY, SECRET_KEY, start_seaweed
from .server import Server, keycell, keycell_json
from .test_processes import KEY

BIN = Path(sys.executable).parent
HOME = "personal-files"
MIB = 2**20


@dataclass(frozen=True)
class Machines:
    """Two servers, a person's token, and how programs are told of both."""

    one: Server
    two: Server
    token: str
    programs: Mapping[str, str]

    def run(self, folder: Path, *command: str) -> str:
        """Run a program to its end; give what it says."""
        done = subprocess.run(
            command, cwd=folder, env=environment(folder, self.programs), capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def ask(self, server: Server, method: str, path: str, **more: str) -> httpx2.Response:
        """Ask one of them over WebDAV or S3, with headers."""
        headers = {"Authorization": f"Bearer {self.token}", **more}
        return httpx2.request(method, f"{server.url}{path}", headers=headers)


@pytest.fixture(scope="module")
def machines(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    (folder / "store").mkdir()
    with start_seaweed(folder / "store") as store, postgres.database() as url:
        where = ("--database", url, "--objects", store.url("files"))
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, **KEY}
        one = Server(folder / "one", where, keys)
        two = Server(folder / "two", (*where, "--public-url", one.url), keys)
        with ThreadPoolExecutor() as threads:
            list(threads.map(Server.start, (one, two)))
        here = ("--database", url, "--data", str(folder / "admin"))
        keycell("admin", "user", "add", "ann", "--password-stdin", *here, stdin=PASSWORD,
                environment=keys)  # fmt: skip
        made = keycell_json("admin", "token", "add", "ann", "--label", "x", "--expires", "1h",
                            *here, environment=keys)  # fmt: skip
        try:
            yield Machines(one, two, made["access_token"], _programs(one, two, made))
        finally:
            assert [each.stop() for each in (one, two) if each.is_running] == [0, 0]


def _programs(one: Server, two: Server, made: Mapping[str, str]) -> Mapping[str, str]:
    token = made["access_token"]
    told = {
        "AWS_ACCESS_KEY_ID": token,
        "AWS_SECRET_ACCESS_KEY": "gatewaysecret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": one.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, server in (("ONE", one), ("TWO", two)):
        told |= {
            f"RCLONE_CONFIG_S{name}_TYPE": "s3",
            f"RCLONE_CONFIG_S{name}_PROVIDER": "Other",
            f"RCLONE_CONFIG_S{name}_ENDPOINT": server.url,
            f"RCLONE_CONFIG_S{name}_ACCESS_KEY_ID": token,
            f"RCLONE_CONFIG_S{name}_SECRET_ACCESS_KEY": "gatewaysecret",
            f"RCLONE_CONFIG_D{name}_TYPE": "webdav",
            f"RCLONE_CONFIG_D{name}_URL": f"{server.url}/dav",
            f"RCLONE_CONFIG_D{name}_VENDOR": "owncloud",
            f"RCLONE_CONFIG_D{name}_BEARER_TOKEN": token,
        }
    return told


def test_what_programs_write_at_one_they_read_at_the_other(
    machines: Machines, tmp_path: Path
) -> None:
    local = tmp_path / "local"
    (local / "deep").mkdir(parents=True)
    for number in range(20):
        (local / "deep" / f"é {number}").write_bytes(os.urandom(5_000 * number))
    (local / "big").write_bytes(os.urandom(20 * MIB))
    rclone, aws = str(BIN / "rclone"), str(BIN / "aws")
    machines.run(tmp_path, aws, "s3", "cp", "--recursive", "--quiet", "local", f"s3://io/{HOME}/a")
    machines.run(tmp_path, rclone, "check", "--download", "local", f"STWO:io/{HOME}/a")
    machines.run(tmp_path, rclone, "check", "--download", "local", f"DTWO:{HOME}/a")
    machines.run(tmp_path, rclone, "copy", "local", f"DTWO:{HOME}/b")
    machines.run(tmp_path, rclone, "check", "local", f"SONE:io/{HOME}/b")
    machines.run(tmp_path, rclone, "moveto", f"DONE:{HOME}/b/big", f"DONE:{HOME}/b/moved")
    assert "moved\n" in machines.run(tmp_path, rclone, "lsf", f"STWO:io/{HOME}/b")
    machines.run(tmp_path, rclone, "purge", f"DTWO:{HOME}/b")
    assert machines.run(tmp_path, aws, "s3", "ls", f"s3://io/{HOME}/").split() == ["PRE", "a/"]


def test_litmus_passes_whole_on_postgresql(machines: Machines, tmp_path: Path) -> None:
    """RFC4918-18.2."""
    url = f"{machines.two.url}/dav/{HOME}/"
    said = machines.run(tmp_path, "litmus", "-k", url, "ann", machines.token)
    assert said.count("0 failed. 100.0%") == 5
    assert "WARNING" not in said


def test_of_twenty_at_both_one_makes_a_file_and_a_lock_holds_on_both(machines: Machines) -> None:
    def make(number: int) -> int:
        server = (machines.one, machines.two)[number % 2]
        headers = {"Authorization": f"Bearer {machines.token}", "If-None-Match": "*"}
        url = f"{server.url}/io/{HOME}/once"
        return httpx2.put(url, content=b"%d" % number, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(20) as threads:
        assert sorted(threads.map(make, range(20))) == [200] + [412] * 19
    lock = (
        '<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype></D:lockinfo>"
    )
    headers = {"Authorization": f"Bearer {machines.token}"}
    held = httpx2.request(
        "LOCK", f"{machines.one.url}/dav/{HOME}/once", content=lock, headers=headers
    )
    assert held.status_code == 200
    assert machines.ask(machines.two, "DELETE", f"/dav/{HOME}/once").status_code == 423
    told = {"Lock-Token": held.headers["lock-token"]}
    assert machines.ask(machines.two, "UNLOCK", f"/dav/{HOME}/once", **told).status_code == 204
    assert machines.ask(machines.one, "DELETE", f"/dav/{HOME}/once").status_code == 204
    assert machines.ask(machines.two, "GET", f"/io/{HOME}/once").status_code == 404


def test_a_killed_server_loses_nothing_that_it_acknowledged(machines: Machines) -> None:
    headers = {"Authorization": f"Bearer {machines.token}"}
    contents = {f"k{number}": os.urandom(200_000) for number in range(100)}
    kept: list[str] = []

    def put(name: str) -> None:
        url = f"{machines.one.url}/io/{HOME}/killed/{name}"
        try:
            answer = httpx2.put(url, content=contents[name], headers=headers, timeout=60)
        except httpx2.TransportError:
            return
        if answer.status_code == 200:
            kept.append(name)
        if name in kept and kept.index(name) == 29:
            machines.one.stop(signal.SIGKILL)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, contents))
    machines.one.start()
    assert 30 <= len(kept) < 100
    for name, content in contents.items():
        answer = machines.ask(machines.two, "GET", f"/io/{HOME}/killed/{name}")
        assert answer.status_code == 200 or name not in kept
        assert answer.content == content or answer.status_code == 404
