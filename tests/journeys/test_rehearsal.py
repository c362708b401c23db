"""An application's sign-in rehearsed from a terminal, in a real browser."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page

from ..postgres import free_port
from ..server import _CLEAN, KEYCELL, Server, keycell_json
from .conftest import expect, sign_in

STEPS = ["discovery", "answer", "tokens", "id_token", "userinfo", "end"]


@pytest.fixture
def home(server: Server, tmp_path: Path) -> dict[str, str]:
    made = keycell_json("admin", "token", "add", "ann", "--label", "x", "--expires", "1d",
                        "--data", str(server.data))  # fmt: skip
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home"), "KEYCELL_SERVER": server.url,
            "KEYCELL_TOKEN": made["access_token"], "BROWSER": "true"}  # fmt: skip


def registered(server: Server, *more: str) -> dict[str, str]:
    made: dict[str, str] = keycell_json(
        "admin", "client", "add", "Notes", "--data", str(server.data), *more
    )
    return made


@contextmanager
def rehearsing(
    home: dict[str, str], *arguments: str, secret: str = ""
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with subprocess.Popen(
        [KEYCELL, "oidc", "test-client", *arguments, "--json"], text=True, env=_CLEAN | home,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(f"{secret}\n")
        process.stdin.flush()
        address = next((line for line in process.stderr if re.match(r"https?://\S+\?", line)), "")
        try:
            assert address, process.wait(5)
            yield process, address.strip()
        finally:
            process.kill()


def told(process: "subprocess.Popen[str]", code: int = 0) -> dict[str, dict[str, str]]:
    out, said = process.communicate(timeout=30)
    assert process.returncode == code, out + said
    assert "eyJhbGci" not in out + said
    return {one["check"]: one for one in json.loads(out)["items"]}


def test_a_public_client(page: Page, server: Server, home: dict[str, str]) -> None:
    made = registered(server, "--public", "--redirect-uri", "http://127.0.0.1/callback")
    with rehearsing(home, made["client_id"]) as (process, address):
        page.goto(address)
        sign_in(page)
        page.click("#consent-accept")
        expect(page.get_by_role("heading")).to_have_text("Signed in")
        found = told(process)
    assert list(found) == STEPS
    assert "nonce and times are right" in found["id_token"]["said"]
    assert "email=ann@example.org" in found["userinfo"]["said"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_client_with_a_secret(
    page: Page, server: Server, home: dict[str, str], method: str
) -> None:
    uri = f"http://localhost:{free_port()}/login"
    made = registered(server, "--redirect-uri", uri, "--auth-method", method)
    asked = (made["client_id"], "--redirect-uri", uri, "--secret-stdin", "--auth-method", method)
    with rehearsing(home, *asked, secret=made["client_secret"]) as (process, address):
        page.goto(address)
        sign_in(page)
        page.click("#consent-accept")
        expect(page.get_by_role("heading")).to_have_text("Signed in")
        assert list(told(process)) == STEPS
    with rehearsing(home, *asked, secret="wrong") as (process, address):
        page.goto(address)
        expect(page.get_by_role("heading")).to_have_text("Signed in")
        found = told(process, 1)
    assert list(found) == ["discovery", "answer", "tokens"]
    assert "the code was not taken" in found["tokens"]["said"]


def test_somebody_says_no(page: Page, server: Server, home: dict[str, str]) -> None:
    made = registered(server, "--public", "--redirect-uri", "http://127.0.0.1/callback")
    with rehearsing(home, made["client_id"]) as (process, address):
        page.goto(address)
        sign_in(page)
        page.click("#consent-deny")
        found = told(process, 1)
    assert "access_denied" in found["answer"]["said"]


def test_nobody_comes_back(server: Server, home: dict[str, str]) -> None:
    made = registered(server, "--public", "--redirect-uri", "https://notes.example/callback")
    with rehearsing(home, made["client_id"], "--within", "1") as (process, address):
        assert httpx2.get(address).status_code == 400
        found = told(process, 1)
    assert "redirect-check" in found["answer"]["mend"]
