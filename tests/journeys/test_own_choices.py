"""For how long an application is allowed something, and which letters one gets.

With ``PICTURES=folder`` in the environment, a picture of each page is kept there. UX-C07, UX-P11.
"""

from playwright.sync_api import Page, expect

from ..server import Server
from .test_looking_around import context, page
from .test_own_profile import ask_wiki
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context", "page"]


def test_what_is_allowed_for_30_days_says_until_when(page: Page, server: Server, axe: str) -> None:
    """UX-C07."""
    page.emulate_media(reduced_motion="reduce")
    ask_wiki(page, server)
    page.get_by_label("For 30 days").check()
    look(page, axe, "consent-term")
    page.click("#consent-accept")
    page.goto(f"{server.url}/account/applications")
    wiki = page.get_by_role("listitem").filter(has=page.get_by_text("Wiki", exact=True))
    expect(wiki.get_by_text("until")).to_be_visible()
    look(page, axe, "applications-term")
    page.goto(f"{server.url}/account/basic")
    look(page, axe, "basic")


def test_letters_are_turned_off_and_some_cannot_be(page: Page, server: Server, axe: str) -> None:
    """UX-P11."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{server.url}/account/letters")
    links = page.get_by_role("switch", name="A public link of yours is used")
    expect(links).to_be_checked()
    links.click(force=True)
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.reload()
    expect(links).not_to_be_checked()
    expect(page.get_by_role("switch", name="Somebody names you")).to_be_checked()
    expect(page.get_by_text("would turn them off first")).to_be_visible()
    look(page, axe, "letters")
