"""A new password: its rules stand there before it is typed. UX-P06."""

from playwright.sync_api import BrowserContext, expect

from ..server import Server
from .conftest import PASSWORD, sign_in
from .test_looking_around import context
from .test_pages import axe
from .test_people_page import look

__all__ = ["axe", "context"]


def test_the_rules_stand_there_first(context: BrowserContext, server: Server, axe: str) -> None:
    """And each refusal at its field; the browser in which it is changed stays signed in."""
    page = context.new_page()
    page.goto(f"{server.url}/account")
    sign_in(page)
    page.emulate_media(reduced_motion="reduce")
    rules = page.locator("#password-rules")
    for rule in ("At least 8 characters", "None of the passwords that are tried first"):
        expect(rules).to_contain_text(rule)
    current, fresh = (page.get_by_label(name, exact=False) for name in
                      ("Current password", "New password"))  # fmt: skip
    current.fill("wrong")
    fresh.fill("password123")
    expect(page.get_by_text("Easy to guess").or_(page.get_by_text("Fair"))).to_be_visible()
    look(page, axe, "password")
    change = page.get_by_role("button", name="Change the password")
    change.click()
    expect(page.get_by_text("This is not your current password")).to_be_visible()
    current.fill(PASSWORD)
    change.click()
    expect(page.get_by_text("this password is among the most common").first).to_be_visible()
    fresh.fill("a few good words in a row")
    expect(page.get_by_text("Hard to guess")).to_be_visible()
    change.click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.reload()
    expect(rules).to_be_visible()
