"""The servers of files: Keycell, and rclone's own."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from bench.peers import PASSWORD, free_port

_BIN = Path(sys.executable).parent
CLEAN = {name: value for name, value in os.environ.items()
          if not name.startswith(("KEYCELL_", "RCLONE_", "AWS_"))}  # fmt: skip

_REMEMBERED = 5
"""Seconds that rclone's servers remember a folder: without that they read it with each file."""


@dataclass
class Server:
    """A running server, and how rclone reaches it."""

    name: str
    url: str
    pid: int
    folder: Path
    environment: dict[str, str]
    prefix: str
    is_durable: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def remote(self, name: str) -> str:
        """Give a folder of the server as rclone names it."""
        return f"it:{self.prefix}{name}"

    def empty(self, name: str) -> None:
        """Take away what an earlier round left."""
        with contextlib.suppress(subprocess.CalledProcessError):
            rclone(self, "purge", self.remote(name))

    def fill(self, name: str, entries: int) -> None:
        """Make a folder of so many files, by whichever way is quick."""
        if self.is_durable:
            subprocess.run(
                [sys.executable, "-m", "bench.files_fill", str(self.folder), name, str(entries)],
                check=True, env=CLEAN,
            )  # fmt: skip
            return
        target = self.folder / "io" / name if self.prefix == "io/" else self.folder / name
        target.mkdir(parents=True)
        for number in range(entries):
            (target / f"{number:06}.txt").write_bytes(b"x")
        time.sleep(_REMEMBERED)

    def busy(self) -> float:
        """Give the seconds of the processor that it has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def most_memory(self) -> float:
        """Give the most resident memory it ever had, in megabytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return float("nan")


def rclone(server: Server, *arguments: str) -> None:
    """Run rclone against a server; it must succeed."""
    subprocess.run(
        [str(_BIN / "rclone"), *arguments, "--config", "/dev/null"],
        env=CLEAN | server.environment, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )  # fmt: skip


@contextlib.contextmanager
def keycell(data: Path) -> Iterator[Server]:
    """Keycell as `keycell serve` starts it, reached by S3 with a personal access token."""
    command, port = str(_BIN / "keycell"), free_port()
    where = ["--data", str(data)]

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run([command, *arguments, *where], input=stdin, text=True, check=True,
                              capture_output=True, env=CLEAN)  # fmt: skip
        return done.stdout

    run("admin", "user", "add", "ann", "--password-stdin", stdin=PASSWORD)
    told = run("admin", "token", "add", "ann", "--label", "bench", "--expires", "24h", "--json")
    token = json.loads(told)["access_token"]
    environment = _s3(f"http://127.0.0.1:{port}", token, "gatewaysecret")
    public = f"http://127.0.0.1:{port}"
    arguments = ["serve", "--port", str(port), "--public-url", public, "--log-level", "warning"]
    with _running([command, *arguments, *where], f"{public}/readyz") as pid:
        yield Server("Keycell", public, pid, data, environment, "io/common-files/",
                     is_durable=True, headers={"Authorization": f"Bearer {token}"})  # fmt: skip


@contextlib.contextmanager
def rclone_serve(kind: str, folder: Path) -> Iterator[Server]:
    """Rclone's own server on a folder."""
    folder.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(_BIN / "rclone"), "serve", kind, str(folder), "--addr", f"127.0.0.1:{port}",
               "--config", "/dev/null", "--dir-cache-time", f"{_REMEMBERED}s"]  # fmt: skip
    if kind == "s3":
        (folder / "io").mkdir()
        key, secret = secrets.token_hex(8), secrets.token_hex(16)
        command += ["--auth-key", f"{key},{secret}"]
        environment, prefix = _s3(url, key, secret), "io/"
    else:
        environment = {"RCLONE_CONFIG_IT_TYPE": "webdav", "RCLONE_CONFIG_IT_URL": url,
                       "RCLONE_CONFIG_IT_VENDOR": "rclone",
                       # Else the client itself waits ten milliseconds before each call.
                       "RCLONE_CONFIG_IT_PACER_MIN_SLEEP": "1us"}  # fmt: skip
        prefix = ""
    with _running(command, url) as pid:
        yield Server(f"rclone serve {kind}", url, pid, folder, environment, prefix)


def _s3(endpoint: str, key: str, secret: str) -> dict[str, str]:
    prefix = "RCLONE_CONFIG_IT_"
    return {
        f"{prefix}TYPE": "s3", f"{prefix}PROVIDER": "Other", f"{prefix}ENDPOINT": endpoint,
        f"{prefix}ACCESS_KEY_ID": key, f"{prefix}SECRET_ACCESS_KEY": secret,
        f"{prefix}FORCE_PATH_STYLE": "true", f"{prefix}REGION": "us-east-1",
    }  # fmt: skip


@contextlib.contextmanager
def _running(command: list[str], url: str) -> Iterator[int]:
    process = subprocess.Popen(command, env=CLEAN, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        for _ in range(200):
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(url)
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)
