"""What is copied from the pages for developers, and where a browser does not let it be. UX-X32."""

from playwright.sync_api import Browser, Page, expect

from ..server import Server
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]


def test_code_is_copied_by_its_button(chromium: Browser, server: Server, axe: str) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{server.url}/developers/quickstarts?client_id=my-app")
    expect(page.locator("[aria-current=page]")).to_have_text("Quickstarts")
    _press(page)
    expect(page.get_by_role("status").first).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == _code(page)
    check(page, axe)
    page.goto(f"{server.url}/developers/changelog")
    expect(page.get_by_role("heading", name="Deprecated")).to_be_visible()
    check(page, axe)
    context.close()


def test_what_may_not_be_copied_is_marked(chromium: Browser, server: Server) -> None:
    """As over plain http, where a page gets no clipboard; and no button without JavaScript."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/developers/quickstarts")
    _press(page)
    expect(page.get_by_role("status").first).to_have_text("Marked: copy it by hand.")
    assert page.evaluate("getSelection().toString()").strip() == _code(page)
    context.close()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/developers/quickstarts")
    assert "curl" in _code(page)
    assert page.get_by_role("button", name="Copy").count() == 0
    context.close()


def _press(page: Page) -> None:
    page.get_by_role("button", name="Copy: curl: look at the issuer").click()


def _code(page: Page) -> str:
    return page.locator("pre").first.inner_text().strip()
