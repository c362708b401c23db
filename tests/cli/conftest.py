"""A server that commands are typed at, and somebody's token in the environment."""

import contextlib
import json
import os
import pty
import select
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ..server import _CLEAN, KEYCELL, Server, keycell, keycell_json, serving


@dataclass(frozen=True)
class Person:
    """Somebody at a terminal."""

    server: Server
    environment: Mapping[str, str]

    def types(
        self, *arguments: str, code: int = 0, stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        return keycell(*arguments, code=code, stdin=stdin, environment=self.environment)

    def json(self, *arguments: str, stdin: str = "") -> Any:  # noqa: ANN401  (whatever it says)
        return json.loads(self.types(*arguments, "--json", stdin=stdin).stdout)

    def error(self, *arguments: str, code: int) -> Mapping[str, Any]:
        """Give the object of a refusal, which is on stderr alone."""
        done = self.types(*arguments, "--json", code=code)
        assert done.stdout == ""
        told: Mapping[str, Any] = json.loads(done.stderr)
        assert told["code"] == code
        assert told["error"]
        return told

    def answers(self, arguments: list[str], answer: bytes) -> tuple[str, int]:
        """Type at a terminal, and answer one question there; give all that was said."""
        near, far = pty.openpty()
        with subprocess.Popen(
            ["setsid", "--ctty", KEYCELL, *arguments], env=_CLEAN | dict(self.environment),
            stdin=far, stdout=far, stderr=far,
        ) as process:  # fmt: skip
            os.close(far)
            said, is_answered = b"", False
            with contextlib.suppress(OSError):  # nobody writes any more
                while select.select([near], [], [], 60)[0] and (piece := os.read(near, 4096)):
                    said += piece
                    if b"[y/N]" in said and not is_answered:
                        is_answered = True
                        os.write(near, answer)
            os.close(near)
            return said.decode(), process.wait(30)

    def puts(self, path: str, content: bytes) -> None:
        token = self.environment["KEYCELL_TOKEN"]
        answer = httpx2.put(f"{self.server.url}/io/{path}", content=content,
                            headers={"Authorization": f"Bearer {token}"})  # fmt: skip
        assert answer.status_code == 200, answer.text


def token_of(server: Server, login: str, *scopes: str) -> str:
    more = [part for scope in scopes for part in ("--scope", scope)]
    made = keycell_json("admin", "token", "add", login, "--label", "x", "--expires", "1d",
                        "--data", str(server.data), *more)  # fmt: skip
    token: str = made["access_token"]
    return token


def person(server: Server, home: Path, token: str) -> Person:
    environment = {"KEYCELL_SERVER": server.url, "KEYCELL_TOKEN": token,
                   "KEYCELL_CONFIG_DIR": str(home), "TZ": "UTC", "COLUMNS": "80"}  # fmt: skip
    return Person(server, environment)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("typed") / "data"
    with serving(data, "--quota", "1M") as running:
        for login in ("ann", "bob"):
            keycell("admin", "user", "add", login, "--password-stdin", "--data", str(data),
                    stdin="correct horse battery")  # fmt: skip
        yield running


@pytest.fixture(scope="module")
def ann(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person(server, tmp_path_factory.mktemp("home"), token_of(server, "ann"))


@pytest.fixture(scope="module")
def bob(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Person:
    reads = token_of(server, "bob", "files.read")
    return person(server, tmp_path_factory.mktemp("other"), reads)
