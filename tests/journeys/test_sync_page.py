"""What sync set aside, settled in a browser; and what is done first, and by keys.

UX-F03, UX-F30, UX-F31.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_looking_around import put
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

ASIDE = "personal-files/plans/beds (conflict, laptop, 2026-05-01).txt"


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/")
    sign_in(page)
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    yield page
    context.close()


def test_first_steps_lead_to_a_file_and_are_skipped_for_good(
    page: Page, server: Server, axe: str
) -> None:
    steps = page.get_by_role("region", name="First steps")
    expect(steps.get_by_role("link", name="Set up sync")).to_be_visible()
    check(page, axe)
    page.locator("input[type=file]").set_input_files(
        {"name": "first.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(steps.get_by_label("Done")).to_be_visible()
    # They stay where the first step is done, and nothing else has to wait for them.
    page.reload()
    expect(steps.get_by_label("Done")).to_be_visible()
    expect(page.get_by_role("link", name="Common Files")).to_be_visible()
    steps.get_by_role("button", name="Skip these").click()
    page.reload()
    expect(page.get_by_role("link", name="Common Files")).to_be_visible()
    expect(steps).to_have_count(0)


def test_either_of_two_files_is_kept_and_the_other_can_be_brought_back(
    page: Page, server: Server, axe: str
) -> None:
    put(page, server, "personal-files/plans/beds.txt", b"beans")
    put(page, server, ASIDE, b"leeks")
    put(page, server, ASIDE.replace("beds", "alone"), b"peas")
    page.goto(f"{server.url}/files/personal-files/plans")
    expect(page.get_by_text("Conflict", exact=True)).to_have_count(2)
    page.get_by_role("link", name="Sync").click()
    beds = page.get_by_test_id("conflict").filter(has_text="beds.txt")
    expect(beds.get_by_role("link", name="set aside by laptop")).to_be_visible()
    check(page, axe)
    beds.get_by_role("button", name=f"Keep this one: {ASIDE.rpartition('/')[2]}").click()
    expect(beds).to_have_count(0)
    page.get_by_role("button", name="Give it its name back").click()
    expect(page.get_by_text("Nothing to decide.")).to_be_visible()
    assert read(page, server, "beds.txt") == "leeks"
    assert read(page, server, "alone.txt") == "peas"

    # What was kept before is a version; nothing is lost.
    page.goto(f"{server.url}/files/personal-files/plans?about=beds.txt")
    expect(page.get_by_role("button", name="Restore")).to_have_count(1)

    # What is changed after it was looked at is not written over.
    put(page, server, ASIDE, b"onions")
    page.goto(f"{server.url}/sync")
    expect(beds).to_be_visible()
    put(page, server, "personal-files/plans/beds.txt", b"written meanwhile")
    beds.get_by_role("button", name=f"Keep this one: {ASIDE.rpartition('/')[2]}").click()
    expect(page.get_by_text("One of them was changed meanwhile.")).to_be_visible()
    assert read(page, server, "beds.txt") == "written meanwhile"


def test_a_menu_that_is_closed_gives_the_keyboard_back_to_the_list(
    page: Page, server: Server
) -> None:
    """UX-F03: and what is chosen is seen to be."""
    put(page, server, "personal-files/garden/a.txt", b"figs")
    page.goto(f"{server.url}/files/personal-files/garden")
    row = page.get_by_role("row").filter(has_text="a.txt")
    ground = "(row) => getComputedStyle(row).backgroundColor"
    before = row.evaluate(ground)
    row.get_by_role("button", name="More").click()
    expect(page.get_by_role("menuitem", name="Details")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("grid")).to_be_focused()
    page.mouse.move(0, 0)
    expect(row).to_have_attribute("aria-selected", "true")
    assert row.evaluate(ground) != before


def read(page: Page, server: Server, name: str) -> str:
    answer = page.context.request.get(f"{server.url}/web/io/personal-files/plans/{name}")
    assert answer.ok
    return answer.text()
