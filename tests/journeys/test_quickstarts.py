"""Every quickstart does what it says, as it stands on the page. UX-V02."""

import contextlib
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Page, expect

from keycell.http.quickstarts import QUICKSTARTS

from ..postgres import free_port
from ..server import Server, keycell_json
from .applications import node_modules, register, wait_for
from .conftest import sign_in

RUN_ELSEWHERE = {"mod-auth-openidc", "go"}
"""What test_applications runs, set up from the same text; and `make applications`."""


def shown(server: Server, key: str, client_id: str = "unknown") -> str:
    """Give a text as the page shows it."""
    query = urlencode({"client_id": client_id})
    page = httpx2.get(f"{server.url}/developers/quickstarts?{query}").text
    found = re.search(rf'<pre tabindex="0" aria-labelledby="{key}">(.*?)</pre>', page, re.DOTALL)
    assert found, key
    return html.unescape(found[1])


def run(server: Server, key: str, folder: Path, client_id: str = "-", **environment: str) -> str:
    """Run a text in a shell; each of its commands must succeed."""
    done = subprocess.run(
        ["sh", "-e", "-c", shown(server, key, client_id)], cwd=folder, check=False,
        capture_output=True, text=True, timeout=60, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(server: Server, key: str, folder: Path, client: Mapping[str, Any], **more: str) -> Any:  # noqa: ANN401  (whatever JSON says)
    secret = client["client_secret"]
    return json.loads(run(server, key, folder, client["client_id"], CLIENT_SECRET=secret, **more))


def test_each_is_run_here() -> None:
    source = Path(__file__).read_text()
    for one in QUICKSTARTS:
        assert f'"{one.key}"' in source


def test_the_issuer_is_looked_at(server: Server, tmp_path: Path) -> None:
    told = run(server, "discovery", tmp_path)
    assert f'"issuer":"{server.url}/oidc"' in told
    assert '"keys"' in told


def test_a_program_gets_a_token_and_asks_what_it_means(server: Server, tmp_path: Path) -> None:
    client = keycell_json("admin", "client", "add", "Program", "--grant-type",
                          "client_credentials", "--data", str(server.data))  # fmt: skip
    token = answer(server, "client-credentials", tmp_path, client)["access_token"]
    assert answer(server, "introspect", tmp_path, client, TOKEN=token)["active"] is True


def test_new_tokens_for_a_refresh_token(page: Page, server: Server, tmp_path: Path) -> None:
    callback = f"http://127.0.0.1:{free_port()}/callback"
    client = keycell_json("admin", "client", "add", "Refreshing", "--no-pkce", "--redirect-uri",
                          callback, "--data", str(server.data))  # fmt: skip
    page.route(f"{callback}**", lambda route: route.fulfill(body="back"))
    query = {"client_id": client["client_id"], "redirect_uri": callback, "state": "x",
             "response_type": "code", "scope": "openid offline_access"}  # fmt: skip
    page.goto(f"{server.url}/oidc/oauth2/auth?{urlencode(query)}")
    sign_in(page)
    page.click("#consent-accept")
    page.wait_for_url(f"{callback}**")
    code = re.search(r"code=([^&]+)", page.url)
    assert code
    form = {"grant_type": "authorization_code", "code": code[1], "redirect_uri": callback}
    pair = (client["client_id"], client["client_secret"])
    first = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, auth=pair).json()
    again = answer(server, "refresh", tmp_path, client, REFRESH_TOKEN=first["refresh_token"])
    assert again["access_token"]
    assert again["refresh_token"]


def test_a_file_is_put_and_got(server: Server, tmp_path: Path) -> None:
    made = keycell_json("admin", "token", "add", "ann", "--label", "files", "--expires", "1h",
                        "--data", str(server.data))  # fmt: skip
    (tmp_path / "report.txt").write_text("a report")
    assert "a report" in run(server, "files", tmp_path, TOKEN=made["access_token"])


@pytest.mark.parametrize(
    ("key", "names"),
    [("rclone", ("ACCESS_KEY", "SECRET_KEY")),
     ("aws", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))],
)  # fmt: skip
def test_a_file_is_put_and_got_over_s3(
    server: Server, tmp_path: Path, key: str, names: tuple[str, str]
) -> None:
    made = keycell_json("admin", "token", "add", "ann", "--label", key, "--expires", "1h",
                        "--s3", "--data", str(server.data))  # fmt: skip
    (tmp_path / "report.txt").write_text("a report")
    pair = dict(zip(names, (made["access_key_id"], made["secret_access_key"]), strict=True))
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    kept = {"RCLONE_CONFIG": str(tmp_path / "rclone.conf"), "HOME": str(tmp_path)}
    assert "a report" in run(server, key, tmp_path, PATH=programs, **pair, **kept)


Started = Callable[[Path, str], list[str]]


def python(folder: Path, text: str) -> list[str]:
    (folder / "app.py").write_text(text)
    return [sys.executable, "-m", "uvicorn", "app:app", "--port"]


def flask(folder: Path, text: str) -> list[str]:
    (folder / "app.py").write_text(text)
    return [sys.executable, "-m", "flask", "run", "--port"]


def node(folder: Path, text: str) -> list[str]:
    (folder / "app.mjs").write_text(text)
    (folder / "node_modules").symlink_to(node_modules())
    return ["node", "app.mjs"]


@pytest.mark.parametrize(
    ("key", "start"),
    [("authlib", python), ("fastapi", python), ("flask", flask), ("openid-client", node)],
)
def test_a_person_signs_in(
    page: Page, server: Server, tmp_path: Path, key: str, start: Started
) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    client_id, secret = register(server, key, origin, "/callback")
    command = start(tmp_path, shown(server, key, client_id))
    with running([*command, str(port)], tmp_path, port, CLIENT_SECRET=secret):
        page.goto(f"{origin}/login")
        sign_in(page)
        page.click("#consent-accept")
        page.wait_for_url(f"{origin}/callback**")
        expect(page.locator("body")).to_contain_text("ann")


@contextlib.contextmanager
def running(command: list[str], folder: Path, port: int, **environment: str) -> Iterator[None]:
    """Keep an application running."""
    set_up = os.environ | environment | {"PORT": str(port), "SESSION_SECRET": "of this test"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=set_up, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield
        finally:
            process.terminate()
            process.wait(10)
