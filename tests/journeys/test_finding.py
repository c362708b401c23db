"""Finding files in a real browser: by what is typed, by what they hold, by when they changed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's browser, and some files of hers."""
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(f"{server.url}/")
    sign_in(opened)
    opened.get_by_role("link", name="My Files").click()
    for name, text in (("garden.md", "potatoes and beans"), ("beans.txt", "a name alone")):
        answer = context.request.put(
            f"{server.url}/web/io/personal-files/notes/{name}", data=text,
            headers={"X-Requested-With": "keycell", "Origin": server.url},
        )  # fmt: skip
        assert answer.ok, answer.text()
    yield opened
    context.close()


def test_a_search_can_be_typed_and_is_remembered(page: Page, server: Server, axe: str) -> None:
    """UX-F19: names or text, filters as words, and the same list with the same actions."""
    page.goto(f"{server.url}/files")
    field = page.get_by_role("combobox", name="Search all files")
    field.fill("beans by:me")
    field.press("Enter")
    beans = page.get_by_role("button", name="beans.txt", exact=True)
    garden = page.get_by_role("button", name="garden.md", exact=True)
    expect(beans).to_be_visible()
    expect(page.get_by_role("combobox", name="Made by")).to_have_value("ann")
    expect(field).to_have_value("beans")
    page.get_by_role("combobox", name="Look in").select_option("Text of small files")
    expect(garden).to_be_visible()
    expect(beans).to_have_count(0)

    page.get_by_role("checkbox", name="Choose garden.md").click()
    page.get_by_role("button", name="Show in its folder").click()
    expect(page).to_have_url(f"{server.url}/files/personal-files/notes")
    expect(page.get_by_role("checkbox", name="Choose garden.md")).to_be_checked()

    page.goto(f"{server.url}/search")
    check(page, axe)
    page.get_by_role("link", name="beans by:ann").click()
    expect(beans).to_be_visible()
    page.goto(f"{server.url}/search")
    page.get_by_role("button", name="Forget these").click()
    expect(page.get_by_text("Looked for lately")).to_have_count(0)


def test_what_changed_last_comes_first(page: Page, server: Server, axe: str) -> None:
    """UX-F25: wherever it lies, with who changed it; a folder's filter leads to all files."""
    page.get_by_role("link", name="Recent").click()
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("beans.txt")
    expect(rows.nth(1)).to_contain_text("My Files / notes · Ann Example")
    expect(rows.nth(2)).to_contain_text("garden.md")
    check(page, axe)
    page.goto(f"{server.url}/files/personal-files")
    page.get_by_role("textbox", name="Filter this folder").fill("garden")
    page.get_by_role("link", name="Search all files").click()
    expect(page.get_by_role("button", name="garden.md", exact=True)).to_be_visible()


def test_sizes_are_counted_as_somebody_likes(page: Page, server: Server) -> None:
    """UX-Q06: by thousands or by 1024, kept by the browser; a time says all of itself."""
    answer = page.context.request.put(
        f"{server.url}/web/io/personal-files/sizes/a.bin", data=b"x" * 2048,
        headers={"X-Requested-With": "keycell", "Origin": server.url},
    )  # fmt: skip
    assert answer.ok
    page.goto(f"{server.url}/files/personal-files/sizes")
    row = page.get_by_role("row").filter(has_text="a.bin")
    expect(row).to_contain_text("2 kB")
    expect(row.get_by_title(re.compile(r"\d{4}, \d"))).to_be_visible()
    page.get_by_role("button", name="View").click()
    page.get_by_role("menuitemcheckbox", name="Sizes by 1024").click()
    expect(row).to_contain_text("2\u00a0KiB")
    page.reload()
    expect(row).to_contain_text("2\u00a0KiB")
