"""What docs/files.md tells people to type at their files is typed against a real server."""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .server import keycell, keycell_json, serving
from .test_docs import block, blocks

TYPED = [text for name, text in blocks("sh") if name == "files.md" and "$KEYCELL" in text]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """What a person has at hand: the address, a token and a pair."""
    data = tmp_path_factory.mktemp("documented") / "data"
    with serving(data) as server:
        where = ("--data", str(data))
        keycell("admin", "user", "add", "ann", "--password-stdin", *where,
                stdin="correct horse battery")  # fmt: skip
        add = ("admin", "token", "add", "ann", "--expires", "90d", *where)
        token = keycell_json(*add, "--label", "drive")
        pair = keycell_json(*add, "--label", "rclone", "--s3")
        yield {
            "KEYCELL": server.url, "TOKEN": token["access_token"],
            "KEY": pair["access_key_id"], "SECRET": pair["secret_access_key"],
        }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home with a few pictures."""
    (tmp_path / "photos" / "summer é").mkdir(parents=True)
    for number in range(5):
        (tmp_path / "photos" / "summer é" / f"{number}.jpg").write_bytes(os.urandom(40_000))
    (tmp_path / "hello.txt").write_text("hello")
    return tmp_path


@pytest.mark.parametrize("script", TYPED, ids=[text.split()[0] for text in TYPED])
def test_what_is_to_be_typed_at_files_works(
    script: str, given: Mapping[str, str], folder: Path
) -> None:
    paths = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "-ec", script], cwd=folder, capture_output=True, text=True, timeout=120,
        env={**given, "HOME": str(folder), "PATH": paths, "LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    if "curl" in script:
        assert done.stdout.endswith("hello")


def test_the_lines_of_boto3(
    given: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "typed.py").write_text(block("python", "boto3"))
    runpy.run_path(str(tmp_path / "typed.py"))["s3"].close()
    assert capsys.readouterr().out == "b'hello'\n"


def test_a_sync_of_a_whole_space_leaves_its_bin_alone(
    given: Mapping[str, str], folder: Path
) -> None:
    """What one sync deletes is in the bin when the next one looks for what is too much."""
    script = """
rclone config create drive webdav url="$KEYCELL/dav" vendor=owncloud bearer_token="$TOKEN"
rclone copyto hello.txt drive:common-files/gone.txt
rclone deletefile drive:common-files/gone.txt
rclone sync photos drive:common-files
rm -r "photos/summer é/0.jpg"
rclone sync photos drive:common-files
rclone sync photos drive:common-files
rclone lsf -R drive:common-files
rclone lsf -R drive:common-files/recycle_bin
"""
    paths = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", "-ec", script], cwd=folder, capture_output=True, text=True, timeout=120,
        env={**given, "HOME": str(folder), "PATH": paths, "LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "recycle_bin/" not in done.stdout
    assert {"gone.txt", "0.jpg", "summer é/1.jpg"} <= set(done.stdout.splitlines())
