"""The words of the web frontend: each part of it brings its own, in the language of the page."""

import gzip
import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from keycell.catalogs import LANGUAGES
from keycell.http.frontend import FOLDER

from ..server import Server
from .conftest import expect, sign_in
from .test_right_to_left import administered

__all__ = ["administered"]

FIRST, PAGE = 7_000, 15_000
"""UX-C7: the bytes of words, packed, that come before the first rows, and that any page needs."""
SHOWN_IN = {
    "account": (), "admin": (), "applications": ("admin",), "developing": ("admin",),
    "dialogs": (),
    "palette": ("admin", "account"), "people": ("admin",), "places": (), "telling": ("admin",),
    "watching": ("admin",),
}  # fmt: skip
"""What a part stands within, whose words are there too."""
PLACES = (
    "/files/personal-files", "/shared", "/links", "/trash", "/starred", "/recent", "/sync",
    "/search?q=a", "/apps",
    "/account", "/account/security", "/account/sessions", "/account/applications",
    "/account/tokens", "/account/activity", "/account/data",
    "/admin", "/admin/people", "/admin/people/ann", "/admin/groups", "/admin/storage",
    "/admin/second-factors",
    "/admin/applications", "/admin/new-application", "/admin/applications/cells-client",
    "/admin/keys", "/admin/audit", "/admin/alerts", "/admin/webhooks", "/admin/inspector",
    "/admin/report", "/admin/developers",
    "/admin/health", "/admin/branding", "/admin/settings",
)  # fmt: skip


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_words_that_a_page_needs_stay_within_their_budget(language: str) -> None:
    """UX-C7."""
    named = json.loads((FOLDER / "ahead.json").read_text())

    def packed(name: str) -> int:
        (path,) = named[name]
        return len(gzip.compress((FOLDER / path).read_bytes(), 9))

    parts = {name.removesuffix(f"-{language}") for name in named if name.endswith(f"-{language}")}
    assert parts == SHOWN_IN.keys()
    assert packed(language) < FIRST
    for part, within in SHOWN_IN.items():
        names = [language, *(f"{one}-{language}" for one in (part, *within))]
        assert sum(map(packed, names)) < PAGE, part


def test_no_page_says_what_it_has_no_words_for(administered: Server, chromium: Browser) -> None:
    """UX-Q02: the frontend tells its console of each sentence that no loaded catalog has."""
    context = chromium.new_context(locale="de")
    context.set_default_timeout(60_000)
    page, said = context.new_page(), list[str]()

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.goto(f"{administered.url}/files")
    sign_in(page)
    for path in PLACES:
        page.goto(administered.url + path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
    _wander(page, administered)
    context.close()
    assert said == []


def _wander(page: Page, server: Server) -> None:
    """From part to part without loading anew: each brings its words when it is gone to."""
    page.goto(f"{server.url}/files/personal-files")
    page.get_by_role("button", name="Neuer Ordner").click()
    expect(page.get_by_role("dialog", name="Neuer Ordner")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Verwaltung").click()
    expect(page.get_by_role("heading", level=1, name="Überblick")).to_be_visible()
    page.get_by_role("link", name="Anwendungen", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Anwendungen")).to_be_visible()


def test_all_that_a_page_asks_is_asked_in_its_language(
    administered: Server, chromium: Browser, tmp_path: Path
) -> None:
    """UX-Q03: files are sent in it too, and the server's own pages are shown in it."""
    context = chromium.new_context(locale="ar")
    context.set_default_timeout(60_000)
    page, asked = context.new_page(), list[Request]()
    page.goto(f"{administered.url}/files/personal-files")
    sign_in(page)
    page.get_by_role("button", name="اللغة").click()
    page.get_by_role("menuitem", name="Deutsch").click()
    expect(page.get_by_role("button", name="Neuer Ordner")).to_be_visible()

    def hear(one: Request) -> None:
        asked.append(one)

    page.on("request", hear)
    (tmp_path / "brief.txt").write_text("Guten Tag")
    page.set_input_files("#files-input", tmp_path / "brief.txt")
    expect(page.get_by_role("button", name="brief.txt", exact=True)).to_be_visible()
    scripted = [one for one in asked if "x-requested-with" in one.headers]
    assert {one.method for one in scripted} >= {"PUT", "POST", "GET"}
    assert {one.headers["accept-language"] for one in scripted} == {"de"}
    page.goto(f"{administered.url}/account/basic")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    context.close()
