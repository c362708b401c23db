"""What is logged: one event a line, each with its request, and never a secret."""

import base64
import contextlib
import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from .application import PASSWORD, VERIFIER, Application, register
from .server import Server, serving

TERMINAL = """
import sys, structlog
from keycell.logs import REQUEST_ID, configure_logs
configure_logs("info")
REQUEST_ID.set("a-request")
def fail(password):
    raise ValueError("no")
try:
    fail("correct horse " + "battery")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def events(server: Server) -> list[dict[str, Any]]:
    """Give what was logged; what stands before the first event is for who started it."""
    lines = server.log.read_text().splitlines()
    begin = next((n for n, line in enumerate(lines) if line.startswith("{")), len(lines))
    return [json.loads(line) for line in lines[begin:]]


def test_every_event_of_a_request_carries_its_id(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--access-log") as server:
        refused = httpx2.post(f"{server.url}/oidc/oauth2/token", data={"grant_type": "x"})
        page = httpx2.get(f"{server.url}/oidc/oauth2/auth", params={"client_id": "unknown"})
        link = httpx2.get(f"{server.url}/public/a-hash-that-opens/file/x")
        with socket.create_connection(("localhost", server.port)) as broken:
            broken.sendall(b"this is not HTTP\r\n\r\n")
            broken.recv(1000)
    assert link.status_code == 404
    assert "a-hash-that-opens" not in server.log.read_text()
    assert refused.headers["x-request-id"] == refused.json()["request_id"]
    assert page.headers["x-request-id"] in page.text
    for response, event in ((refused, "refused"), (page, "authorization refused")):
        request_id = response.headers["x-request-id"]
        told = {one["event"] for one in events(server) if one.get("request_id") == request_id}
        assert told == {event, "answered"}
    assert {"level", "timestamp", "event"} <= set.intersection(*map(set, events(server)))
    assert "Invalid HTTP request received." in {one["event"] for one in events(server)}


def secrets_of(app: Application, server: Server) -> set[str]:
    """Walk through everything that has a secret, rightly and wrongly; give the secrets."""
    url = server.url
    with httpx2.Client(base_url=url) as person:
        code = app.code(person)
        cookies = {value for value in dict(person.cookies).values() if len(value) > 20}
    answers = [app.exchange(url, code).json()]
    answers.append(app.refresh(url, answers[0]["refresh_token"]).json())
    tokens = {
        answer[kind]
        for answer in answers
        for kind in ("access_token", "refresh_token", "id_token")
    }
    app.exchange(url, code)
    for token in tokens:
        app.refresh(url, token)
        app.token(url, grant_type="client_credentials", token=token)
        bearer = {"Authorization": f"Bearer {token}"}
        httpx2.get(f"{url}/oidc/userinfo", headers=bearer, params={"access_token": token})
        httpx2.get(f"{url}/oidc/userinfo", headers={"Authorization": f"Bearer {token}x"})
        httpx2.get(f"{url}/oidc/oauth2/auth", params={"id_token_hint": token, "client_id": token})
    Application(app.client_id, "a-wrong-secret").refresh(url, "kcr_wrong.token")
    basic = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    link = server.setup_link() if "/setup#" in server.log.read_text() else "#"
    return {code, *tokens, *cookies, app.secret, basic, VERIFIER, PASSWORD, "a-wrong-secret",
            *([link.partition("#")[2]] if link != "#" else [])}  # fmt: skip


def test_no_secret_is_ever_written(tmp_path: Path) -> None:
    """SECURITY.md: at the most talkative level too."""
    data = tmp_path / "data"
    app = register("--data", str(data))
    with serving(data, "--access-log", "--log-level", "debug") as server:
        secrets = secrets_of(app, server)
    assert len(secrets) > 10
    written = "\n".join(json.dumps(event) for event in events(server))
    assert '"answered"' in written
    assert '"refused"' in written
    for secret in secrets:
        assert secret not in written
        assert secret[: len(secret) * 3 // 4] not in written


def test_at_a_terminal_a_traceback_shows_no_values() -> None:
    ours, theirs = pty.openpty()
    python = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    with subprocess.Popen([sys.executable, "-c", TERMINAL], stderr=theirs, env=python) as done:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # nobody writes any more
            while piece := os.read(ours, 65536):
                said += piece
    os.close(ours)
    assert done.returncode == 0
    written = said.decode()
    assert "ValueError: no" in written
    assert "a-request" in written
    assert "battery" not in written.replace('" + "battery', "")


@pytest.mark.parametrize("path", ["/oauth2/login", "/oidc/userinfo", "/nowhere"])
def test_answers_are_named_too(tmp_path: Path, path: str) -> None:
    with serving(tmp_path / "data") as server:
        one, two = (httpx2.get(server.url + path).headers["x-request-id"] for _ in range(2))
    assert one != two


FULL = """
import structlog
from keycell.logs import configure_logs
configure_logs("info")
for number in range(20_000):
    structlog.get_logger().info("an event", number=number)
print("done")
"""


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    """Its disk is full: requests are answered all the same."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", FULL], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert done.stdout == b"done\n"
