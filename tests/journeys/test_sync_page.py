"""What sync set aside, settled in a browser; and the first steps of who has no files yet.

UX-F30, UX-F31.
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


def read(page: Page, server: Server, name: str) -> str:
    answer = page.context.request.get(f"{server.url}/web/io/personal-files/plans/{name}")
    assert answer.ok
    return answer.text()
