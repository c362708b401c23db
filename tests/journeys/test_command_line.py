"""People who sign in from a terminal, in a real browser; and what their commands share."""

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.sync_api import Page

from ..cli.test_schemas import check
from ..server import _CLEAN, KEYCELL, Server, keycell, keycell_json
from ..waiting import until
from .conftest import expect, sign_in


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"KEYCELL_CONFIG_DIR": str(tmp_path / "home")}


def credentials(home: dict[str, str]) -> Path:
    return Path(home["KEYCELL_CONFIG_DIR"]) / "state" / "credentials.json"


@contextmanager
def signing_in(
    home: dict[str, str], *arguments: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A login under way, and the page that it names."""
    with asking(home, "login", *arguments, "--insecure-storage") as found:
        yield found


@contextmanager
def asking(home: dict[str, str], *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A command under way that waits for a browser, and the page that it names."""
    with subprocess.Popen(
        [KEYCELL, *arguments], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_CLEAN | home,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        address = ""
        for line in process.stderr:
            if re.match(r"https?://\S+\?", line):
                address = line.strip()
                break
        assert address, process.wait(5)
        try:
            yield process, address
        finally:
            process.kill()


def finish(process: "subprocess.Popen[str]", stdin: str | None = None) -> str:
    _, said = process.communicate(stdin, timeout=30)
    assert process.returncode == 0, said
    return said


def by_browser(page: Page, server: Server, home: dict[str, str]) -> None:
    with signing_in(home, server.url, "--browser") as (process, address):
        page.goto(address)
        if page.locator("#username").count():
            sign_in(page)
        page.click("#consent-accept")
        expect(page.get_by_role("heading")).to_have_text("Signed in")
        finish(process)


def test_somebody_signs_in_by_the_browser_here(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    """RFC8252-7.3: a port of the moment, and whatever else knocks there changes nothing."""
    # One that stays as long as somebody types: it is not waited for.
    with signing_in(home | {"BROWSER": "sh -c cat %s"}, server.url, "--browser") as (
        process,
        address,
    ):
        query = parse_qs(urlsplit(address).query)
        redirect = query["redirect_uri"][0]
        assert redirect.startswith("http://127.0.0.1:")
        for stray in ("?code=x&state=wrong", "?code=x", "/../x", "?error=access_denied"):
            assert httpx2.get(redirect + stray).status_code == 404
        assert httpx2.post(redirect).status_code == 404
        page.goto(address)
        sign_in(page)
        page.click("#consent-accept")
        expect(page.get_by_role("heading")).to_have_text("Signed in")
        said = finish(process)
    assert "Signed in as ann@localhost" in said
    assert credentials(home).stat().st_mode & 0o777 == 0o600
    assert keycell_json("whoami", environment=home)["email"] == "ann@example.org"
    status = keycell_json("auth", "status", environment=home)
    assert status["refreshes"]
    assert "files.write" in status["scope"]
    check("auth_refresh", keycell_json("auth", "refresh", environment=home))
    config = (Path(home["KEYCELL_CONFIG_DIR"]) / "config.toml").read_text()
    kept = json.loads(credentials(home).read_text())["default"]
    assert kept["access_token"] not in config
    assert kept["refresh_token"] not in config


def test_somebody_pastes_what_a_page_elsewhere_shows(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    with signing_in(home, server.url, "--no-browser") as (process, address):
        page.goto(address)
        sign_in(page)
        page.click("#consent-accept")
        page.wait_for_url("**/oauth2/oob?**")
        finish(process, f"{page.url}\n")
    assert keycell("whoami", environment=home).stdout.startswith("ann@")


def test_somebody_types_a_code_elsewhere(page: Page, server: Server, home: dict[str, str]) -> None:
    """RFC8628-3.4."""
    with signing_in(home, server.url, "--device") as (process, address):
        allow_device(page, address)
        finish(process)
    assert keycell("whoami", environment=home).stdout.startswith("ann@")
    # A developer looks at the same flow, and what came of it is ended.
    with asking(home, "oidc", "device", "--json") as (process, address):
        allow_device(page, address)
        told, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    found = {one["check"]: one for one in json.loads(told)["items"]}
    assert [*found] == ["discovery", "tokens", "userinfo", "end"]
    assert "sub=" in found["userinfo"]["said"]


def allow_device(page: Page, address: str) -> None:
    page.goto(address)
    for step in ("#device-find", "#username", "#device-find", "#device-accept"):
        page.wait_for_load_state()
        if step == "#username" and page.locator(step).count():
            sign_in(page)
        elif step != "#username" and page.locator(step).count():
            page.click(step)


def test_administration_is_asked_for(page: Page, server: Server, home: dict[str, str]) -> None:
    by_browser(page, server, home)
    said = keycell("admin", "user", "list", environment=home, code=5).stderr
    assert "hint: keycell login --admin, as an administrator" in said
    with signing_in(home, server.url, "--device", "--admin") as (process, address):
        allow_device(page, address)
        finish(process)
    assert "admin" in keycell_json("auth", "status", environment=home)["scope"].split()


def test_twenty_commands_at_once_share_one_refresh(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    by_browser(page, server, home)
    before = json.loads(credentials(home).read_text())
    before["default"]["expires_at"] = 1
    credentials(home).write_text(json.dumps(before))
    with ThreadPoolExecutor(20) as pool:
        runs = [pool.submit(keycell, "auth", "token", environment=home) for _ in range(20)]
        tokens = {run.result().stdout for run in runs}
    # Each of them would have had another one, had it refreshed by itself.
    assert len(tokens) == 1
    assert before["default"]["access_token"] not in tokens
    assert keycell("whoami", environment=home).stdout.startswith("ann@")


def test_a_sign_in_that_was_ended_says_so_and_asks_for_another(
    page: Page, server: Server, home: dict[str, str], tmp_path: Path
) -> None:
    by_browser(page, server, home)
    other = {"KEYCELL_CONFIG_DIR": str(tmp_path / "other")}
    kept, config = credentials(home).read_bytes(), Path(home["KEYCELL_CONFIG_DIR"], "config.toml")
    credentials(other).parent.mkdir(parents=True)
    Path(other["KEYCELL_CONFIG_DIR"], "config.toml").write_bytes(config.read_bytes())
    credentials(other).touch(0o600)
    credentials(other).write_bytes(kept)
    keycell("logout", environment=home)
    keycell("whoami", environment=home, code=4)
    for _ in range(2):
        said = keycell("whoami", environment=other, code=4).stderr
        assert "hint: keycell login" in said
        assert "Traceback" not in said


def test_somebody_makes_rotates_and_ends_a_token(
    page: Page, server: Server, home: dict[str, str]
) -> None:
    by_browser(page, server, home)
    made = keycell_json("token", "create", "laptop", "--expires", "24h", environment=home)
    with_it = {**home, "KEYCELL_SERVER": server.url, "KEYCELL_TOKEN": made["access_token"]}
    assert keycell("whoami", environment=with_it).stdout.startswith("ann@")
    (listed,) = keycell_json("token", "ls", environment=home)["items"]
    assert listed["label"] == "laptop"
    until(lambda: keycell_json("token", "ls", environment=home)["items"][0]["last_used_ip"]
          == "127.0.0.1")  # fmt: skip
    again = keycell_json("token", "rotate", listed["token_id"], environment=home)
    assert again["token_id"] == listed["token_id"]
    keycell("whoami", environment=with_it, code=4)
    keycell("whoami", environment=with_it | {"KEYCELL_TOKEN": again["access_token"]})
    keycell("token", "revoke", listed["token_id"], environment=home)
    assert keycell_json("token", "ls", environment=home)["items"] == []
    keycell("token", "revoke", listed["token_id"], environment=home, code=3)
    keycell("token", "rotate", listed["token_id"], environment=home, code=3)
    keycell("token", "create", "x", "--expires", "soon", environment=home, code=2)
