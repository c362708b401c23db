"""Access tokens on the account's page: made, seen at work, renewed, ended. UX-P07."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx2
from playwright.sync_api import Page, expect

from ..server import Server
from ..waiting import until
from .test_looking_around import context, page
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe", "context", "page"]

SHOWN = "The text of “Laptop”; it is shown this once"


def opens(server: Server, token: str, space: str) -> bool:
    headers = {"Authorization": f"Bearer {token}", "Depth": "0"}
    address = f"{server.url}/dav/{space}/"
    return httpx2.request("PROPFIND", address, headers=headers).status_code == 207


def choose(page: Page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option).click()


def make(page: Page) -> str:
    """Make a token for 45 days that reads one space, and give its text."""
    page.get_by_label("What it is for").fill("Laptop")
    choose(page, "Good for", "Until a day of my choice")
    last = datetime.now(UTC) + timedelta(days=45)
    page.get_by_label("Last day").fill(f"{last:%Y-%m-%d}")
    choose(page, "Where", "in some spaces only")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("Choose at least one space")).to_be_visible()
    choose(page, "Spaces", "My Files")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make the token").click()
    return page.get_by_label(SHOWN).input_value()


def test_one_is_made_and_seen_at_work(page: Page, server: Server, axe: str) -> None:
    page.goto(f"{server.url}/account/tokens")
    token = make(page)
    assert opens(server, token, "personal-files")
    assert not opens(server, token, "common-files")
    row = page.get_by_test_id("token").filter(has_text="Laptop")
    expect(row).to_contain_text("read files in My Files")

    def is_seen() -> bool:
        page.reload()
        expect(row).to_be_visible()
        return "127.0.0.1" in row.inner_text()

    until(is_seen)
    for width in (1280, 360):
        scheme: Literal["dark", "light"] = "dark" if width == 360 else "light"
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        keep_picture(page, f"spa-own-tokens-{width}")
        check_page(page, axe, width)
    row.get_by_role("button", name="End").click()
    expect(page.get_by_text("You have no access token")).to_be_visible()
    assert not opens(server, token, "personal-files")


def test_a_new_text_takes_the_place_of_the_former(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/account/tokens")
    token = make(page)
    page.get_by_role("button", name="Renew the token Laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Renew").click()
    expect(page.get_by_text("It has a new text.")).to_be_visible()
    fresh = page.get_by_label(SHOWN).input_value()
    assert not opens(server, token, "personal-files")
    assert opens(server, fresh, "personal-files")
