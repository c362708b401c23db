"""What there is to check of one's security, each one click from its mend. UX-P02."""

from playwright.sync_api import Browser, Page, expect

from ..server import Server
from .conftest import sign_in
from .test_looking_around import context, page
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context", "page"]

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_what_is_to_be_looked_at_is_one_click_from_its_mend(
    chromium: Browser, page: Page, server: Server, axe: str
) -> None:
    other = chromium.new_context(locale="en", user_agent=WINDOWS).new_page()
    other.goto(f"{server.url}/account")
    sign_in(other)
    expect(other.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server.url}/account/security")
    told = page.get_by_text("1 browser is signed in that was never here before")
    expect(told).to_be_visible()
    look(page, axe, "security")
    for text, leads in (
        ("there is no passkey or second factor", "/account/basic/factors"),
        ("You have no access token", "/account/tokens"),
        ("applications are connected", "/account/applications"),
        ("Your mail address is", "/account/basic#address"),
    ):
        row = page.locator("main div").filter(has=page.get_by_role("link")).filter(has_text=text)
        expect(row.last.get_by_role("link")).to_have_attribute("href", leads)
    page.locator("main div").filter(has=told).last.locator("..").get_by_role("link").click()
    expect(page.get_by_text("never here before", exact=True)).to_have_count(1)
    look(page, axe, "sessions-unknown")
    page.get_by_role("button", name="I know all of them").click()
    expect(page.get_by_text("never here before", exact=True)).to_have_count(0)
    page.goto(f"{server.url}/account/security")
    expect(page.get_by_text("2 browsers and programs are signed in")).to_be_visible()
    other.context.close()
