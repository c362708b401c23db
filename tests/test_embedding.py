"""The examples of docs/embedding: the whole provider inside somebody's application."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from .application import register, userinfo
from .postgres import free_port

EXAMPLES = Path(__file__).parents[1] / "docs" / "embedding"
KINDS = sorted(path.stem for path in EXAMPLES.glob("*.py"))


@contextlib.contextmanager
def running(example: str, folder: Path) -> Iterator[str]:
    """Run an example by uvicorn; it must end well, its stores closed."""
    port = free_port()
    url = f"http://localhost:{port}"
    command = [sys.executable, "-m", "uvicorn", f"{example}:app", "--app-dir", str(EXAMPLES),
               "--port", str(port)]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as kept:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"ORIGIN": url}, stdout=kept, stderr=kept
        )
    try:
        until_it_answers(f"{url}/hello", process, log)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    said = log.read_text()
    assert "Traceback" not in said, said
    assert "Application shutdown complete" in said
    # SQLite folds its log into the database when the last connection closes.
    assert not (folder / "data" / "keycell.db-wal").exists()


def until_it_answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(url)
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("example", KINDS)
def test_a_provider_inside_an_application(example: str, tmp_path: Path) -> None:
    """decisions/0023: the application's own pages, and all that a provider does beside them."""
    with running(example, tmp_path) as url:
        app = register("--data", str(tmp_path / "data"))
        assert f"{url}/oidc" in httpx2.get(f"{url}/hello").text
        issuer = httpx2.get(f"{url}/oidc/.well-known/openid-configuration").json()["issuer"]
        assert issuer == f"{url}/oidc"
        with httpx2.Client(base_url=url) as person:
            tokens = app.tokens(url, person)
            assert person.get("/nothing-of-anybody").status_code == 404
        assert userinfo(url, tokens["access_token"]) == 200
        assert app.refresh(url, tokens["refresh_token"]).status_code == 200


def test_there_is_an_example_for_each_that_the_page_names() -> None:
    page = (EXAMPLES.parent / "clients.md").read_text()
    assert KINDS == ["django_app", "fastapi_app", "starlette_app"]
    assert all(f"embedding/{kind}.py" in page for kind in KINDS)
