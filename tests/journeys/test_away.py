"""The server is away while somebody works, and comes back: it is said, and nothing is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_administration_pages import LOOKS
from .test_looking_around import put
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe"]

TOLD = "The server is out of reach."


@pytest.fixture
def ann(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann, who looks at a folder."""
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/files/personal-files")
    sign_in(page)
    expect(page.get_by_role("heading", level=1, name="My Files")).to_be_visible()
    put(page, server, "personal-files/Work/plan.txt", b"plan")
    page.reload()
    expect(page.get_by_text("Work")).to_be_visible()
    yield page
    context.close()


def test_the_server_goes_and_comes_back(ann: Page, server: Server, axe: str) -> None:
    """UX-F28, UX-Q07."""
    server.stop()
    ann.get_by_label("Filter this folder").fill("Wo")
    expect(ann.get_by_text(TOLD)).to_be_visible()
    for scheme, width in LOOKS:
        ann.emulate_media(color_scheme=scheme)
        ann.set_viewport_size({"width": width, "height": 800})
        ann.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        keep_picture(ann, f"away-{scheme}-{width}")
        check_page(ann, axe, width)
    server.start()
    expect(ann.get_by_text(TOLD)).to_have_count(0)
    expect(ann.get_by_text("Work")).to_be_visible()
    expect(ann.get_by_label("Filter this folder")).to_have_value("Wo")


def test_the_browser_is_without_a_network(ann: Page) -> None:
    """UX-F28: what was asked meanwhile is answered afterwards."""
    ann.context.set_offline(True)
    expect(ann.get_by_text(TOLD)).to_be_visible()
    ann.get_by_text("Work").dblclick()
    ann.context.set_offline(False)
    expect(ann.get_by_text("plan.txt")).to_be_visible()
    expect(ann.get_by_text(TOLD)).to_have_count(0)
