"""A browser in which the web frontend's program does not run."""

from playwright.sync_api import Page

from ..server import Server
from .conftest import expect, sign_in


def test_a_browser_that_is_too_old_is_told_so(page: Page, server: Server) -> None:
    """UX-Q10: after a while, and where the program runs never."""
    page.goto(f"{server.url}/files")
    sign_in(page)
    told = page.get_by_text("This page needs a browser of the last two years")
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    finish = "document.getAnimations().forEach((one) => one.finish())"
    page.evaluate(finish)
    expect(told).to_be_hidden()

    page.route("**/assets/web/*.js", lambda route: route.abort())
    page.reload()
    expect(told).to_be_hidden()
    page.evaluate(finish)
    expect(told).to_be_visible()
    page.get_by_role("link", name="Your account").click()
    expect(page).to_have_url(f"{server.url}/account/basic")


def test_a_browser_that_is_too_old_is_told_so_in_its_language(page: Page, server: Server) -> None:
    """UX-Q10, UX-Q02: by the server, for nothing else runs there."""
    page.route("**/assets/web/*.js", lambda route: route.abort())
    page.goto(f"{server.url}/files?lang=de")
    sign_in(page)
    page.goto(f"{server.url}/files?lang=de")
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(page.get_by_text("Hier ist noch nichts?")).to_be_visible()
    expect(page.get_by_role("link", name="Ihr Konto")).to_be_visible()
