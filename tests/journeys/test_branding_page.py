"""An administrator gives the installation its own name, logo and accent. UX-L19, UX-X54."""

import re
from typing import Literal

from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from ..logos import png
from ..server import Server
from .test_pages import axe, check_page, keep_picture
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def test_x54_a_draft_is_looked_at_published_and_undone(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X54: what one types is kept; the frame shows the real page; one act brings back."""
    root.goto(f"{server.url}/admin/branding")
    expect(root.get_by_text("The draft is what everybody sees.")).to_be_visible()
    _draft(root)
    frame = root.frame_locator("iframe")
    expect(frame.locator("#welcome")).to_have_text("Hello, and good to see you.")
    expect(frame.locator(".brand")).to_contain_text("Acme")
    look(root, axe, "branding")
    for page, words in (("Consent", "Wiki asks for access"), ("Letter", "Set a new password")):
        root.get_by_text(page, exact=True).click()
        root.get_by_text("Dark", exact=True).click()
        expect(frame.get_by_role("heading", level=1, include_hidden=True)).to_have_text(words)
        keep_picture(root, f"spa-branding-{page.lower()}")
    root.get_by_label("Terms").fill("http://acme.example")
    expect(root.get_by_role("alert")).to_contain_text("https://")
    root.get_by_label("Terms").fill("https://acme.example/terms")
    expect(root.get_by_role("alert")).to_have_count(0)
    root.get_by_role("button", name="Publish").click()
    expect(root.get_by_text("It is published: everybody sees it from now on.")).to_be_visible()
    _everybody(root, server, axe)
    root.get_by_role("button", name="Back to the one before").click()
    root.get_by_role("dialog").get_by_role("button", name="Show it").click()
    expect(root.get_by_text("What was shown before is shown again.")).to_be_visible()
    root.reload()
    expect(root.locator("header .k-brand, header a").first).to_have_text("Keycell")


def _draft(root: Page) -> None:
    root.get_by_label("Name", exact=False).first.fill("Acme")
    root.get_by_label("Accent", exact=True).fill("#ffcc00")
    root.get_by_label("Welcome").fill("Hello, and good to see you.")
    root.get_by_label("Terms").fill("https://acme.example/terms")
    logo = FilePayload(name="a.png", mimeType="image/png", buffer=png(900, 600))
    root.locator("#logo-light").set_input_files(logo)
    shown = root.get_by_role("img", name="Logo", exact=True)
    expect(shown).to_have_js_property("naturalHeight", 72)
    expect(root.get_by_text("shown as #866b00")).to_be_visible()


def _everybody(root: Page, server: Server, axe: str) -> None:
    """See the page of who is signed out, in light and dark, and the frontend's header."""
    browser = root.context.browser
    assert browser is not None
    for width in (1280, 360):
        scheme: Literal["dark", "light"] = "dark" if width == 360 else "light"
        size: ViewportSize = {"width": width, "height": 800}
        visitor = browser.new_context(color_scheme=scheme, viewport=size)
        page = visitor.new_page()
        page.goto(f"{server.url}/oauth2/login")
        expect(page).to_have_title(re.compile("· Acme$"))
        expect(page.get_by_role("link", name="Terms")).to_be_visible()
        keep_picture(page, f"login-branded-{width}")
        check_page(page, axe, width)
        visitor.close()
    root.goto(f"{server.url}/admin/branding")
    expect(root.locator("header").first).to_contain_text("Acme")
    accent = "getComputedStyle(document.body).getPropertyValue('--mantine-primary-color-filled')"
    assert root.evaluate(accent) == "#866b00"
