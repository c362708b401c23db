"""What the old system's web frontend and its administrators look up. CELLS.md 4."""

import json
import re
from pathlib import Path

import pytest

from keycell.catalogs import load_translations

from ...conftest import BASE, Browser
from .people import Person, alice, root

__all__ = ["alice", "root"]

PAGES = Path(__file__).parents[3] / "web" / "src" / "pages" / "admin" / "menu.ts"
_PAGE = re.compile(r'path: "([^"]+)", (?:also: "[^"]+", )?label: msg`([^`]+)`')


@pytest.mark.parametrize(("sent", "meant"), [("de", "de"), ("fr-FR", "fr"), ("tlh", "en")])
async def test_words_are_those_of_the_pages(browser: Browser, sent: str, meant: str) -> None:
    """CELLS.md 4, FrontendService."""
    told = (await browser.http.get(f"/a/frontend/messages/{sent}")).json()["Messages"]
    assert len(told) > 100
    assert told["Sign in"] == load_translations(meant).gettext("Sign in")
    assert (told["Sign in"] == "Sign in") is (meant == "en")


async def test_there_are_no_plugins_and_people_sign_in_here(browser: Browser) -> None:
    plugins = await browser.http.get("/a/frontend/plugins/en")
    assert plugins.headers["content-type"].startswith("application/xml")
    assert plugins.text.endswith("<plugins></plugins>")
    told = (await browser.http.get("/a/frontend/login/connectors")).json()["Connectors"]
    assert [one["type"] for one in told] == ["pydio"]


async def test_the_menu_is_the_web_frontends(alice: Person, root: Person) -> None:
    assert await alice.asks("GET", "frontend/settings-menu") == {
        "RootMetadata": {},
        "Sections": [],
    }
    menu: dict[str, list[dict[str, object]]]
    menu = await root.asks("GET", "frontend/settings-menu")  # type: ignore[assignment]
    children = menu["Sections"][0]["CHILDREN"]
    assert isinstance(children, list)
    told = [(one["METADATA"]["url"].removeprefix(f"{BASE}/admin") or "/", one["LABEL"])
            for one in children]  # fmt: skip
    assert told == _PAGE.findall(PAGES.read_text())


async def test_a_token_adds_no_second_factor(browser: Browser, alice: Person) -> None:
    """What leaked adds no way in that outlives it: not even the account's own."""
    body = {"EnrollType": "totp", "EnrollInfo": {}}
    assert (await browser.http.post("/a/frontend/enroll", json=body)).status_code == 401
    answer = await alice.call("POST", "frontend/enroll", body)
    assert answer.status_code == 403
    assert f"{BASE}/account/basic/factors" in answer.json()["Detail"]


LISTS = ("oauth2connectors", "directories", "virtualnodes", "versioning", "sites/*")


@pytest.mark.parametrize("name", LISTS)
async def test_configuration_is_told_to_administrators_alone(
    browser: Browser, alice: Person, name: str
) -> None:
    """CELLS.md 2.6, CELLS.md 4."""
    await alice.is_told(403, "GET", f"config/{name}")
    assert (await browser.http.get(f"/a/config/{name}")).status_code == 401


async def test_configuration_is_told_as_it_is(root: Person) -> None:
    told = {name: await root.asks("GET", f"config/{name}") for name in LISTS}
    assert told["oauth2connectors"]["connectors"]
    assert told["directories"] == {"Directories": []}
    assert told["virtualnodes"] == {"Children": []}
    policy = told["versioning"]["Policies"][0]  # type: ignore[index]
    assert policy["Description"] == "At most 100 versions of a file, for 30 days"
    assert told["sites/*"] == {"Sites": [{"ReverseProxyURL": BASE}]}
    await root.is_told(404, "GET", "config/sites/other")


async def test_the_state_of_a_token_is_told_to_who_has_it(browser: Browser, alice: Person) -> None:
    """CELLS.md 2.6."""
    assert (await browser.http.get("/a/frontend/auth/state")).json() == {"IsSignedIn": False}
    bad = {"Authorization": "Bearer nothing"}
    answer = await browser.http.get("/a/frontend/auth/state", headers=bad)
    assert (answer.status_code, answer.json()) == (200, {"IsSignedIn": False})
    told = await alice.asks("GET", "frontend/auth/state")
    assert (told["IsSignedIn"], told["Login"]) == (True, "alice")
    assert int(str(told["ExpireTime"])) > int(str(told["AuthTime"]))


async def test_a_setting_is_told_by_its_full_path(root: Person, alice: Person) -> None:
    """CELLS.md 2.3, CELLS.md 4: a path, and JSON inside a string."""
    assert await root.asks("GET", "config/keycell/keep_trash") == {
        "FullPath": "keycell/keep_trash", "Data": "30",
    }  # fmt: skip
    every = json.loads(str((await root.asks("GET", "config/keycell"))["Data"]))
    assert every["public_url"] == BASE
    assert not {"sealing_key", "database", "smtp", "objects"} & every.keys()
    await root.is_told(404, "GET", "config/keycell/sealing_key")
    await root.is_told(404, "GET", "config/services/pydio.grpc.mailer/host")
    await alice.is_told(403, "GET", "config/keycell/keep_trash")


async def test_a_setting_is_changed_where_the_server_is_started(
    root: Person, alice: Person
) -> None:
    at = "config/keycell/keep_trash"
    kept = {"FullPath": "keycell/keep_trash", "Data": "30"}
    assert await root.asks("PUT", at, kept) == kept
    refused = await root.call("PUT", at, {"Data": "31"})
    assert refused.status_code == 403
    assert "KEYCELL_KEEP_TRASH" in refused.json()["Detail"]
    for wrong in ({"FullPath": "keycell/port", "Data": "30"}, {"Data": "{"}, {}):
        await root.is_told(400, "PUT", at, wrong)
    await root.is_told(404, "PUT", "config/keycell/sealing_key", {"Data": '"x"'})
    await alice.is_told(403, "PUT", at, kept)
