"""Texts, stars, tags and what was cut, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_pages import axe
from .test_web import check

__all__ = ["axe"]

HOME = "personal-files"


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's browser, in her files. A refused save is an error to the console, and none to us."""
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    thrown: list[str] = []
    opened.on("pageerror", lambda error: thrown.append(str(error)))
    opened.goto(f"{server.url}/")
    sign_in(opened)
    opened.get_by_role("link", name="My Files").click()
    yield opened
    context.close()
    assert thrown == []


def _put(page: Page, server: Server, name: str, text: str) -> None:
    """As another program of the same person would."""
    answer = page.context.request.put(
        f"{server.url}/web/io/{HOME}/{name}",
        data=text,
        headers={"X-Requested-With": "keycell", "Origin": server.url},
    )
    assert answer.ok, answer.text()


def _text(page: Page, server: Server, name: str) -> str:
    return page.context.request.get(f"{server.url}/web/io/{HOME}/{name}").text()


def _choose(page: Page, name: str) -> Locator:
    """Choose one file or folder alone; give the bar of what can be done."""
    page.get_by_role("grid").focus()
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name=f"Choose {name}", exact=True).click()
    return page.get_by_role("toolbar")


def test_a_text_is_written_and_no_text_of_others_is_lost(
    server: Server, page: Page, axe: str
) -> None:
    page.get_by_role("button", name="New text file").click()
    page.get_by_role("textbox", name="Name").fill("plan.txt")
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Text of plan.txt")
    field.fill("one\ntwo\n")
    check(page, axe, covered="#main")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").filter(has_text="All is saved")).to_be_visible()
    assert _text(page, server, "plan.txt") == "one\ntwo\n"

    # Each time somebody else was faster, both texts are shown and one of three ways is taken.
    _be_late(page, server, "one\nmine\n", "one\ntheirs\n")
    check(page, axe, covered="#main")
    page.get_by_role("button", name="Keep both").click()
    expect(page.get_by_role("alert").filter(has_text="Your text is in")).to_be_visible()
    assert _text(page, server, "plan.txt") == "one\ntheirs\n"
    assert _text(page, server, "plan (2).txt") == "one\nmine\n"

    _choose(page, "plan.txt").get_by_role("button", name="Edit").click()
    _be_late(page, server, "mine again\n", "theirs again\n")
    page.get_by_role("button", name="Take theirs").click()
    expect(field).to_have_value("theirs again\n")
    _be_late(page, server, "mine at last\n", "theirs at last\n")
    page.get_by_role("button", name="Keep mine").click()
    expect(field).to_have_value("mine at last\n")
    assert _text(page, server, "plan.txt") == "mine at last\n"
    _leave(page)


def _be_late(page: Page, server: Server, mine: str, theirs: str) -> None:
    field = page.get_by_role("textbox", name="Text of plan.txt")
    field.fill(mine)
    _put(page, server, "plan.txt", theirs)
    page.get_by_role("button", name="Save", exact=True).click()
    differs = page.get_by_role("region", name="What differs")
    for text in (mine, theirs):
        expect(differs).to_contain_text(text.split("\n")[-2])
    assert _text(page, server, "plan.txt") == theirs


def _leave(page: Page) -> None:
    """Not without being asked, as long as something is not saved."""
    field = page.get_by_role("textbox", name="Text of plan.txt")
    field.fill("half a thought")
    expect(page.get_by_role("status").filter(has_text="Not saved yet")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel").click()
    expect(field).to_have_value("half a thought")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard my changes").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_a_field_would_change_unseen_is_not_edited(server: Server, page: Page) -> None:
    _put(page, server, "dos.txt", "a\r\nb\r\n")
    _put(page, server, "odd.txt", "a\r\nb\n")
    page.reload()
    _choose(page, "dos.txt").get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Text of dos.txt").fill("a\nc\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="All is saved")).to_be_visible()
    assert _text(page, server, "dos.txt") == "a\r\nc\r\n"
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    _choose(page, "odd.txt").get_by_role("button", name="Edit").click()
    expect(page.get_by_text("one kind of line endings")).to_be_visible()


def test_stars_and_tags_find_files_again(server: Server, page: Page, axe: str) -> None:
    _put(page, server, "far/away/report.txt", "x")
    _put(page, server, "far/away/other.txt", "x")
    page.goto(f"{server.url}/files/{HOME}/far/away")
    _choose(page, "report.txt").get_by_role("button", name="Star", exact=True).click()
    row = page.get_by_role("row").filter(has_text="report.txt")
    expect(row).to_contain_text("Starred")
    _choose(page, "report.txt").get_by_role("button", name="Details").click()
    tags = page.get_by_role("combobox", name="Tags")
    for tag in ("spring", "to read"):
        tags.fill(tag)
        page.keyboard.press("Enter")
    expect(row).to_contain_text("spring")
    expect(row).to_contain_text("to read")
    check(page, axe, covered="#main")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    check(page, axe)
    _find(page, server, axe)


def _find(page: Page, server: Server, axe: str) -> None:
    row = page.get_by_role("row").filter(has_text="report.txt")
    page.get_by_role("link", name="Starred").click()
    expect(page.get_by_role("row")).to_have_count(2)
    check(page, axe)
    _choose(page, "report.txt").get_by_role("button", name="Show in its folder").click()
    expect(page).to_have_url(f"{server.url}/files/{HOME}/far/away")
    expect(row).to_have_attribute("aria-selected", "true")
    page.get_by_role("toolbar").get_by_role("button", name="Unstar").click()
    expect(row).not_to_contain_text("Starred")

    page.goto(f"{server.url}/search?q=r")
    page.get_by_role("combobox", name="Tag").select_option("to read")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(row).to_be_visible()


def test_what_is_cut_or_copied_is_put_in_elsewhere(server: Server, page: Page) -> None:
    for name in ("here/a.txt", "here/b.txt", "there/c.txt"):
        _put(page, server, name, name)
    page.goto(f"{server.url}/files/{HOME}/here")
    _choose(page, "a.txt")
    page.keyboard.press("Control+x")
    page.get_by_role("link", name="My Files").click()
    page.get_by_role("button", name="there", exact=True).click()
    expect(page.get_by_role("button", name="c.txt", exact=True)).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("Control+v")
    expect(page.get_by_role("button", name="a.txt", exact=True)).to_be_visible()

    _choose(page, "c.txt")
    page.keyboard.press("Control+c")
    page.go_back()
    page.get_by_role("button", name="here", exact=True).click()
    expect(page.get_by_role("button", name="a.txt", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Put 1 in here").click()
    expect(page.get_by_role("button", name="c.txt", exact=True)).to_be_visible()
    assert _text(page, server, "there/c.txt") == "there/c.txt"


def test_an_address_leads_to_a_file_and_the_keys_can_be_turned_off(
    server: Server, page: Page
) -> None:
    _put(page, server, "read/me.txt", "hello")
    page.goto(f"{server.url}/files/{HOME}/read?item=me.txt")
    expect(page.get_by_role("dialog")).to_contain_text("hello")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{server.url}/files/{HOME}/read")
    page.get_by_role("button", name="me.txt", exact=True).click()
    expect(page).to_have_url(f"{server.url}/files/{HOME}/read?item=me.txt")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("grid").focus()
    page.keyboard.press("?")
    page.get_by_role("switch", name="Single characters").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("grid").focus()
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.get_by_role("textbox", name="Filter this folder")).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
