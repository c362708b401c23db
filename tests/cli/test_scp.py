"""Files and folders, to a server and back, from the command line."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server import _CLEAN, KEYCELL, Server, keycell, keycell_json, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("scp") / "data"
    keycell("admin", "user", "add", "ann", "--password-stdin", "--data", str(data),
            stdin="correct horse battery")  # fmt: skip
    with serving(data) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    made: dict[str, str] = keycell_json(
        "admin", "token", "add", "ann", "--label", "test", "--expires", "24h",
        "--data", str(server.data),
    )  # fmt: skip
    return made["access_token"]


@pytest.fixture
def home(tmp_path: Path, server: Server, token: str) -> dict[str, str]:
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home"), "KEYCELL_TOKEN": token,
            "KEYCELL_SERVER": server.url}  # fmt: skip


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def test_a_folder_goes_and_comes_back(home: dict[str, str], tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "2024 é" / "empty").mkdir(parents=True)
    for n in range(12):
        (photos / f"{n}.txt").write_text(f"number {n}")
    (photos / "2024 é" / "a.jpg").write_bytes(os.urandom(70_000))
    (photos / "out").symlink_to("/etc")
    said = keycell("scp", str(photos), ":personal-files/", environment=home)
    assert "copied 13 files" in said.stderr
    assert said.stdout == ""
    (tmp_path / "back").mkdir()
    keycell("scp", ":personal-files/photos", str(tmp_path / "back"), environment=home)
    assert tree(tmp_path / "back" / "photos") == {
        name: content for name, content in tree(photos).items() if not name.startswith("out")
    }
    assert (tmp_path / "back" / "photos" / "2024 é" / "empty").is_dir()


def test_patterns_here_and_there(home: dict[str, str], tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.txt"):
        (tmp_path / name).write_text(name)
    keycell("put", str(tmp_path / "*.md"), "personal-files/globs/", environment=home)
    (tmp_path / "got").mkdir()
    told = keycell_json("get", ":personal-files/globs/?.md", str(tmp_path / "got"),
                        environment=home)  # fmt: skip
    assert (told["done"], told["failed"]) == (2, 0)
    assert tree(tmp_path / "got") == {"a.md": b"a.md", "b.md": b"b.md"}
    keycell("get", ":personal-files/globs/*.none", str(tmp_path), environment=home, code=3)


def test_events_tell_programs_how_far_it_is(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"a" * 70_000)
    (tmp_path / "b.bin").write_bytes(b"b")
    said = keycell("put", str(tmp_path / "*.bin"), "personal-files/told/", "--progress", "json",
                   environment=home)  # fmt: skip
    events = [json.loads(line) for line in said.stderr.splitlines()]
    assert events[0] == {"event": "start", "files": 2, "bytes": 70_001}
    ended = {one["path"]: one["size"] for one in events if one["event"] == "end"}
    assert ended == {"personal-files/told/a.bin": 70_000, "personal-files/told/b.bin": 1}
    last = [one for one in events if one["event"] == "progress"][-1]
    assert (last["total_done"], last["total"]) == (70_001, 70_001)
    quiet = ("personal-files/told/", "--progress", "none", "-q")
    assert keycell("put", str(tmp_path / "b.bin"), *quiet, environment=home).stderr == ""


def test_a_dry_run_does_nothing(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    told = keycell_json("scp", "--dry-run", str(tmp_path / "a"), ":personal-files/dry",
                        environment=home)  # fmt: skip
    assert [one["path"] for one in told["items"]] == ["personal-files/dry"]
    keycell("get", ":personal-files/dry", str(tmp_path / "b"), environment=home, code=3)
    assert not (tmp_path / "b").exists()


def test_what_fails_is_told_and_the_rest_goes_on(home: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "some"
    source.mkdir()
    (source / "good.txt").write_text("good")
    (source / "A.txt").write_text("upper")
    (source / "a.txt").write_text("lower")
    said = keycell("put", str(source), "personal-files/", environment=home, code=8)
    assert "copied 2 files" in said.stderr
    assert said.stderr.count("error: ") == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["scp", "a"], 2),
        (["scp", "a", "b"], 2),
        (["scp", ":x/a", ":x/b"], 2),
        (["scp", "nothing-here", ":personal-files/"], 3),
        (["scp", ":personal-files/nothing", "x"], 3),
        (["scp", __file__, ":no-such-space/a"], 3),
        (["scp", __file__, ":"], 2),
    ],
)
def test_what_cannot_be_meant(home: dict[str, str], arguments: list[str], code: int) -> None:
    said = keycell(*arguments, environment=home, code=code).stderr
    assert said.startswith("error: ")
    assert "Traceback" not in said


def test_an_interrupted_upload_goes_on(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(os.urandom(80 * 2**20))
    command = [KEYCELL, "put", str(tmp_path / "big"), "personal-files/", "--json"]
    state = tmp_path / "home" / "state" / "uploads"
    with subprocess.Popen(
        command, env=_CLEAN | home, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        for _ in range(500):
            if list(state.glob("*.json")):
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(state.glob("*.json"))
    done = keycell("put", str(tmp_path / "big"), "personal-files/", "--json", environment=home)
    assert json.loads(done.stdout)["done"] == 1
    keycell("get", "personal-files/big", str(tmp_path / "back"), environment=home)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "big").read_bytes()
