"""What is started of others, and from where."""

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..server import Server, keycell

PROGRAMS = Path(__file__).parents[2] / ".make" / "applications"
"""Where `make applications` has put them."""


@dataclass(frozen=True)
class Registered:
    """What the command printed of an application's preset."""

    client_id: str
    block: str


def register(server: Server, preset: str, base: str) -> Registered:
    """Register an application from its preset, as an administrator does."""
    told = json.loads(
        keycell(
            "admin", "client", "add", "--preset", preset, "--base", base, "--json",
            "--data", str(server.data), environment=server.database_environment,
        ).stdout
    )  # fmt: skip
    return Registered(
        told["client_id"], told["block"].replace("http://localhost:8080", server.url)
    )


@contextlib.contextmanager
def running(
    command: list[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Path]:
    """Run a program until it listens, and end it afterwards; give its log."""
    log = folder / "program.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, stdout=said, stderr=said, env=os.environ | dict(environment or {})
        )
    try:
        wait_until(lambda: process.poll() is not None or _listens(port), 90)
        assert process.poll() is None, log.read_text()[-4000:]
        yield log
    finally:
        process.terminate()
        process.wait(20)


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Ask again and again until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.2)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
