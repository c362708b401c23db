"""From what happened to where it is mended, or to the end of everything. UX-P08."""

from playwright.sync_api import Page, expect

from ..server import Server
from .test_looking_around import context, page
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context", "page"]


def test_each_row_leads_on(page: Page, server: Server, axe: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server.url}/account/activity")
    row = page.locator("li[data-action='session.started']").first
    expect(row).to_be_visible()
    look(page, axe, "activity")
    row.get_by_role("link", name="Look: Signed in to a browser").click()
    expect(page.get_by_role("heading", level=1, name="Sessions and devices")).to_be_visible()
    page.go_back()
    row.get_by_role("button", name="This wasn\u2019t me").click()
    page.wait_for_url("**/recover/not-me?**")
    page.goto(f"{server.url}/account/activity")
    expect(row).to_be_visible()
