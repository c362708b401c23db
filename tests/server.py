"""The real server and the real command, as processes of their own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from . import ready
from .postgres import free_port

KEYCELL = str(Path(sys.executable).with_name("keycell"))
_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("KEYCELL_")}
BARE = {"PATH": "/usr/bin:/bin", "PYTHONPATH": _CLEAN.get("PYTHONPATH", "")}
"""What a machine of its own has, and the code that is tested where another is installed."""


def keycell(
    *arguments: str, stdin: str = "", code: int = 0, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the command; it must end with this exit code."""
    done = ready.run(arguments, stdin, environment or {}, _CLEAN)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def keycell_json(
    *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
) -> Any:  # noqa: ANN401  (whatever JSON says)
    """Run the command with --json, and read what it says."""
    return json.loads(keycell(*arguments, "--json", stdin=stdin, environment=environment).stdout)


SERVING: list["Server"] = []
"""Those that are being served now."""


class Server:
    """A running `keycell serve`."""

    def __init__(
        self,
        data: Path,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        by_itself: bool = False,
    ) -> None:
        self.data = data
        self.port = free_port()
        self._arguments = arguments
        self.database_environment = dict(environment)
        self._environment = _CLEAN | self.database_environment
        self.log = data.parent / f"{data.name}.log"
        self._process: subprocess.Popen[bytes] | ready.Running | None = None
        # Several processes of a server begin as the program does that began the first.
        self._by_itself = by_itself or "--workers" in arguments or not ready.can_run(environment)
        self._told = 0

    @property
    def url(self) -> str:
        scheme = "https" if "--tls-cert" in self._arguments else "http"
        return f"{scheme}://localhost:{self.port}"

    def start(self) -> None:
        asked = ("serve", "--data", str(self.data), "--port", str(self.port), *self._arguments)
        with self.log.open("ab") as log, Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), log.fileno(), log.fileno()]
            self._process = (
                subprocess.Popen([KEYCELL, *asked], stdin=nothing, stdout=log, stderr=log,
                                 env=self._environment)
                if self._by_itself
                else ready.start(asked, self.database_environment, _CLEAN, streams)
            )  # fmt: skip
        until = time.monotonic() + 120
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(httpx2.TransportError):
                if httpx2.get(f"{self.url}/readyz", verify=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Stop, and give the exit code."""
        assert self._process is not None
        self._process.send_signal(with_signal)
        return self._process.wait(120)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def held_back(self) -> list[str]:
        """Give what browsers reported since the last look: what a page's policy held back."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [line for line in text.splitlines() if "held back in a page" in line]
        new, self._told = lines[self._told :], len(lines)
        return new

    def setup_link(self) -> str:
        """Give the link for the first administrator, as the server printed it last."""
        found: list[str] = re.findall(r"\S+/setup#\S+", self.log.read_text())
        assert found, self.log.read_text()
        return found[-1]


@contextlib.contextmanager
def serving(data: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """Start a server on a folder, and stop it at the end."""
    with _while_it_serves(Server(data, arguments, environment)) as server:
        yield server


@contextlib.contextmanager
def serving_by_itself(data: Path, *arguments: str) -> Iterator[Server]:
    """The same by the very program, where it is judged how it starts or what it takes."""
    with _while_it_serves(Server(data, arguments, {}, by_itself=True)) as server:
        yield server


@contextlib.contextmanager
def _while_it_serves(server: Server) -> Iterator[Server]:
    server.start()
    SERVING.append(server)
    try:
        yield server
    finally:
        SERVING.remove(server)
        if server.is_running:
            server.stop()
    assert server.held_back() == []
