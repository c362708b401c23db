"""Programs that others wrote, against a server that really runs."""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from .conftest import Running, environment

CONTENT = b"What is in a file.\n"
SUITES = ("basic", "copymove", "props", "locks", "http")


@pytest.mark.parametrize("suite", SUITES)
def test_litmus_passes_whole(running: Running, tmp_path: Path, suite: str) -> None:
    """RFC4918-18.2."""
    done = subprocess.run(
        ["litmus", running.url, "ann", running.token], cwd=tmp_path, capture_output=True,
        text=True, timeout=120, check=False, env=environment(tmp_path, {"TESTS": suite}),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + (tmp_path / "debug.log").read_text()[-4000:]
    summary = re.search(
        r"summary for `\w+': of (\d+) tests run: (\d+) passed, 0 failed", done.stdout
    )
    assert summary, done.stdout
    assert summary[1] == summary[2]
    assert int(summary[1]) > 3
    assert "WARNING" not in done.stdout, done.stdout


def test_cadaver_puts_gets_moves_and_locks(running: Running, tmp_path: Path) -> None:
    """RFC4918-8."""
    (tmp_path / ".netrc").write_text(f"machine localhost\nlogin ann\npassword {running.token}\n")
    (tmp_path / ".netrc").chmod(0o600)
    (tmp_path / "a b.txt").write_bytes(CONTENT)
    script = """
mkcol Döcs
cd Döcs
put "a b.txt"
copy "a b.txt" "é.txt"
lock "é.txt"
discover "é.txt"
unlock "é.txt"
mkcol Old
move "é.txt" Old
propset "a b.txt" colour red
propget "a b.txt" colour
ls
get Old/é.txt back.txt
delete "a b.txt"
cd ..
rmcol Döcs
ls
quit
"""
    done = subprocess.run(
        ["cadaver", running.url], input=script, cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False, env=environment(tmp_path, {}),
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, said + done.stderr
    assert "failed" not in said, said
    assert (tmp_path / "back.txt").read_bytes() == CONTENT
    assert said.count("succeeded") >= 10, said
    assert "red" in said
    assert re.search(r"Coll:\s+Old\b", said), said
    assert "recycle_bin" not in said, said


def rclone(running: Running, home: Path, vendor: str, *arguments: str) -> str:
    """Run rclone on the remote ``dav:``."""
    binary = Path(sys.executable).with_name("rclone")
    obscured = subprocess.run(
        [binary, "obscure", running.token], capture_output=True, text=True, check=True
    ).stdout.strip()
    remote = {
        "RCLONE_CONFIG": str(home / "none.conf"), "RCLONE_CONFIG_DAV_TYPE": "webdav",
        "RCLONE_CONFIG_DAV_URL": running.url, "RCLONE_CONFIG_DAV_VENDOR": vendor,
        "RCLONE_CONFIG_DAV_USER": "ann", "RCLONE_CONFIG_DAV_PASS": obscured,
    }  # fmt: skip
    done = subprocess.run(
        [binary, *arguments], capture_output=True, text=True, timeout=90, check=False,
        env=environment(home, remote),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("vendor", ["owncloud", "other"])
def test_rclone_copies_lists_checks_and_moves(
    running: Running, tmp_path: Path, vendor: str
) -> None:
    """RFC4918-8."""
    local = tmp_path / "local"
    (local / "deep" / "är").mkdir(parents=True)
    for number in range(20):
        (local / "deep" / f"file {number}.txt").write_bytes(CONTENT * number)
    (local / "deep" / "är" / "big.bin").write_bytes(os.urandom(3 * 2**20))
    os.utime(local / "deep" / "är" / "big.bin", (1_000_000_000, 1_000_000_000))
    rclone(running, tmp_path, vendor, "copy", str(local), "dav:copied")
    check = ["check", str(local), "dav:copied"]
    rclone(running, tmp_path, vendor, *check, "--download")
    if vendor == "owncloud":
        assert "hashes could not be checked" not in rclone(running, tmp_path, vendor, *check)
        times = rclone(running, tmp_path, vendor, "lsl", "dav:copied/deep/är")
        assert "2001-09-09" in times
        sums = rclone(running, tmp_path, vendor, "md5sum", "dav:copied/deep/är")
        big = (local / "deep" / "är" / "big.bin").read_bytes()
        assert hashlib.md5(big).hexdigest() in sums  # noqa: S324
    rclone(running, tmp_path, vendor, "moveto", "dav:copied/deep", "dav:moved/down")
    listed = rclone(running, tmp_path, vendor, "lsf", "-R", "dav:moved")
    assert "down/är/big.bin" in listed
    assert listed.count("/file ") == 20
    rclone(running, tmp_path, vendor, "copyto", "dav:moved/down", "dav:again")
    rclone(running, tmp_path, vendor, "purge", "dav:moved")
    assert "moved/" not in rclone(running, tmp_path, vendor, "lsf", "dav:").splitlines()


def test_a_header_of_ten_megabytes_is_refused_by_a_server_that_goes_on(running: Running) -> None:
    huge = {
        "If": "(" + "<a>" * (10 * 2**20 // 3) + ")",
        "Authorization": f"Bearer {running.token}",
    }
    with contextlib.suppress(httpx2.TransportError):
        assert httpx2.get(running.url, headers=huge).status_code in (400, 431)
    headers = {"Authorization": f"Bearer {running.token}"}
    assert httpx2.get(running.url, headers=headers).status_code == 200


def test_curl_resumes_a_download(running: Running, tmp_path: Path) -> None:
    """RFC9110-14."""
    content = os.urandom(200_000)
    (tmp_path / "part.bin").write_bytes(content[:50_000])
    sent = tmp_path / "sent.bin"
    sent.write_bytes(content)
    curl = ["curl", "-sSf", "-u", f"ann:{running.token}"]
    address = f"{running.url}file.bin"
    subprocess.run([*curl, "-T", sent, address], check=True, timeout=30)
    subprocess.run(
        [*curl, "-C", "-", "-o", "part.bin", address], cwd=tmp_path, check=True, timeout=30
    )
    assert (tmp_path / "part.bin").read_bytes() == content
