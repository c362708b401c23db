"""`keycell sync` as a person runs it: two homes, a real server, kill -9."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..application import PASSWORD
from ..server import BARE, KEYCELL, Server, keycell, keycell_json, serving


class Home:
    """A home on a machine of its own."""

    def __init__(self, folder: Path, server: Server, login: str, token: str) -> None:
        self.login = login
        self.files = folder / "files"
        self.environment = {
            "KEYCELL_CONFIG_DIR": str(folder / "config"),
            "KEYCELL_SERVER": server.url,
            "KEYCELL_TOKEN": token,
            "XDG_CONFIG_HOME": str(folder / "xdg"),
        }

    def sync(self, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        return keycell("sync", *arguments, code=code, environment=self.environment)

    def told(self, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401  (whatever JSON says)
        return json.loads(self.sync(*arguments, "--json", code=code).stdout)

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([KEYCELL, "sync", *arguments], env={**BARE, **self.environment})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("sync-cli") / "data") as server:
        yield server


@pytest.fixture
def homes(server: Server, tmp_path: Path) -> tuple[Home, Home]:
    where = ("--data", str(server.data))
    login = f"p{abs(hash(tmp_path.name)) % 10**9}"
    keycell("admin", "user", "add", login, "--password-stdin", *where, stdin=PASSWORD)
    made = keycell_json("admin", "token", "add", login, "--label", "t", "--expires", "1h", *where)
    token = made["access_token"]
    one, two = (Home(tmp_path / name, server, login, token) for name in ("one", "two"))
    for home in (one, two):
        home.sync("add", str(home.files), ":personal-files/work")
    return one, two


def _states(home: Home) -> list[str]:
    return [one["state"] for one in home.told("status")["items"]]


def test_two_homes_are_kept_alike(homes: tuple[Home, Home]) -> None:
    one, two = homes
    (one.files / "a.txt").write_text("a")
    assert _states(one) == ["new"]
    assert one.told("run", "-n")["items"][0]["planned"] == ["Upload"]
    assert one.told("run")["items"][0]["done"] == 1
    assert two.told("run")["items"][0]["done"] == 1
    assert (two.files / "a.txt").read_text() == "a"
    (one.files / "a.txt").write_text("mine")
    (two.files / "a.txt").write_text("theirs, and longer")
    one.sync("run")
    (foreseen,) = two.told("run", "--dry-run")["items"]
    assert (two.files / "a.txt").read_text() == "theirs, and longer"
    (made,) = two.told("run")["items"]
    assert made["conflicts"] == foreseen["conflicts"]
    assert (_states(one), _states(two)) == (["alike"], ["conflicts"])
    (told,) = two.told("conflicts")["items"]
    assert made["conflicts"] == [{"path": told["path"], "original": "a.txt"}]
    assert (two.files / told["path"]).read_text() == "theirs, and longer"
    (two.files / told["path"]).unlink()
    assert two.told("conflicts")["items"] == []
    (status,) = one.told("status")["items"]
    assert (status["files"], status["problems"]) == (1, [])


def test_paused_folders_are_left_alone_and_removed_ones_keep_their_files(
    homes: tuple[Home, Home],
) -> None:
    one, _ = homes
    (one.files / "a.txt").write_text("a")
    one.sync("pause")
    assert _states(one) == ["paused"]
    assert one.told("run")["items"] == []
    assert one.told("ls")["items"][0]["paused"] is True
    one.sync("resume", "files")
    assert one.told("run", "files")["items"][0]["done"] == 1
    one.sync("rm", "files")
    assert one.told("ls")["items"] == []
    assert (one.files / "a.txt").read_text() == "a"
    one.sync("run", "files", code=3)


def test_many_deletions_need_a_yes(homes: tuple[Home, Home]) -> None:
    one, _ = homes
    for number in range(30):
        (one.files / f"{number}.txt").write_text(str(number))
    one.sync("run")
    for number in range(30):
        (one.files / f"{number}.txt").unlink()
    assert "30 of 30 files" in one.sync("run", code=2).stderr
    assert one.told("run", "--delete-many")["items"][0]["done"] == 30


def test_watching_brings_what_the_other_writes_and_survives_a_kill(
    homes: tuple[Home, Home],
) -> None:
    one, two = homes
    watching = two.start("run", "--watch")
    try:
        time.sleep(2)
        (one.files / "a.txt").write_text("a")
        one.sync("run")
        _wait_for(two.files / "a.txt")
        assert _states(two)[0] in ("checking", "syncing", "waiting")
        (two.files / "b.txt").write_text("b")
        watching.send_signal(signal.SIGKILL)
    finally:
        watching.kill()
        watching.wait()
    two.sync("run")
    one.sync("run")
    assert (one.files / "b.txt").read_text() == "b"


def test_all_folders_are_watched_at_once(homes: tuple[Home, Home], tmp_path: Path) -> None:
    one, two = homes
    for home in homes:
        home.sync("add", str(home.files.with_name("more")), ":personal-files/more")
    assert "exclude each other" in two.sync("run", "--watch", "--dry-run", code=2).stderr
    watching = two.start("run", "--watch")
    try:
        for name in ("files", "more"):
            (tmp_path / "one" / name / "a.txt").write_text(name)
        one.sync("run")
        for name in ("files", "more"):
            _wait_for(tmp_path / "two" / name / "a.txt")
        # One that cannot go on is told of, and the other goes on.
        (tmp_path / "two" / "files" / ".keycell-sync" / "marker").unlink()
        (tmp_path / "one" / "more" / "b.txt").write_text("b")
        (tmp_path / "one" / "files" / "b.txt").write_text("b")
        one.sync("run")
        _wait_for(tmp_path / "two" / "more" / "b.txt")
        watching.terminate()
        assert watching.wait() == 143
    finally:
        watching.kill()
        watching.wait()


def _wait_for(path: Path) -> None:
    for _ in range(300):
        if path.exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"{path} never came")


def test_a_revoked_grant_stops_with_one_sentence_and_loses_nothing(
    homes: tuple[Home, Home], server: Server
) -> None:
    one, _ = homes
    (one.files / "a.txt").write_text("a")
    one.sync("run")
    where = ("--data", str(server.data))
    for token in keycell_json("admin", "token", "list", one.login, *where)["items"]:
        keycell("admin", "token", "revoke", one.login, token["token_id"], *where)
    (one.files / "b.txt").write_text("b")
    told = one.sync("run", code=4)
    assert told.stdout == ""
    assert told.stderr.splitlines()[0].startswith("error: ")
    assert "keycell login" in told.stderr
    assert {path.name for path in one.files.glob("*.txt")} == {"a.txt", "b.txt"}


def test_a_space_taken_back_stops_with_one_sentence_and_loses_nothing(
    homes: tuple[Home, Home], server: Server
) -> None:
    one, _ = homes
    one.sync("rm", "files")
    shared = one.files.parent / "shared"
    one.sync("add", str(shared), ":common-files")
    (shared / "a.txt").write_text("a")
    one.sync("run")
    where = ("--data", str(server.data))
    keycell("admin", "user", "add", "root", "--admin", "--password-stdin", *where, stdin=PASSWORD)
    root = keycell_json("admin", "token", "add", "root", "--label", "t", "--expires", "1h",
                        "--scope", "admin", "--scope", "files.write", *where)  # fmt: skip
    root_shows = {"Authorization": f"Bearer {root['access_token']}"}
    one_shows = {"Authorization": f"Bearer {one.environment['KEYCELL_TOKEN']}"}
    sub = keycell_json("admin", "user", "show", one.login, *where)["sub"]
    with httpx2.Client(base_url=server.url) as http:
        top = http.post("/a/tree/stats", json={"NodePaths": ["common-files"]}, headers=one_shows)
        denial = {"NodeID": top.json()["Nodes"][0]["Uuid"], "RoleID": sub,
                  "Action": {"Name": "deny"}}  # fmt: skip
        http.put("/a/acl", json=denial, headers=root_shows).raise_for_status()
    (shared / "b.txt").write_text("b")
    told = one.sync("run", code=5)
    assert told.stderr.splitlines() == [
        "error: the server does not show common-files any more",
        "hint: ask whoever shares it; all files here stay as they are",
    ]
    assert {path.name for path in shared.glob("*.txt")} == {"a.txt", "b.txt"}


def test_the_unit_names_this_program(homes: tuple[Home, Home]) -> None:
    one, _ = homes
    written = Path(one.sync("service").stdout.strip()).read_text()
    assert "sync run --watch %i" in written


def test_what_cannot_be_meant_is_refused(homes: tuple[Home, Home], tmp_path: Path) -> None:
    one, _ = homes
    inner = one.files / "inner"
    assert "lie in each other" in one.sync("add", str(inner), ":personal-files/x", code=1).stderr
    assert "names no folder" in one.sync("add", str(tmp_path / "n"), "local", code=2).stderr
    one.environment["KEYCELL_SERVER"] = "http://localhost:9"
    assert "hint:" in one.sync("run", code=7).stderr
