"""The applications that somebody may use, in a real browser."""

import json

from playwright.sync_api import Page

from ..server import Server, keycell
from .conftest import expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

NAMES = ("Board", "Calendar", "Mail", "Music", "Photos", "Wiki")


def test_whoever_signs_in_finds_their_applications(page: Page, server: Server, axe: str) -> None:
    """UX-P09, UX-X31: by name, hidden and shown again, each with the way to it."""
    page.goto(f"{server.url}/apps")
    sign_in(page)
    expect(page.get_by_text("Whoever runs this server registers them.")).to_be_visible()
    for name in (*NAMES, "Silent"):
        told = {} if name == "Silent" else {"client_uri": f"https://{name.lower()}.example/"}
        keycell("admin", "client", "add", name, "--redirect-uri", "https://app.example/back",
                "--metadata", json.dumps(told), "--data", str(server.data))  # fmt: skip
    page.reload()
    cards = page.locator("#main").get_by_role("listitem")
    expect(cards).to_have_count(len(NAMES) + 1)
    wiki = page.get_by_role("link", name="Wiki")
    expect(wiki).to_have_attribute("href", "https://wiki.example/")
    expect(cards.filter(has_text="Silent")).to_contain_text("from its own address")
    check(page, axe)

    page.get_by_role("button", name="Hide Wiki").click()
    page.reload()
    expect(cards).to_have_count(len(NAMES))
    page.get_by_role("button", name="Show 1 hidden one").click()
    page.get_by_role("button", name="Show Wiki").click()
    expect(page.get_by_role("button", name="Hide Wiki")).to_be_visible()
    page.get_by_role("textbox", name="Search apps").fill("wik")
    expect(cards).to_have_count(1)
