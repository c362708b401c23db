"""Links that are out there are changed where they are; and links by which strangers change files.

With ``PICTURES=folder`` in the environment, a picture of each dialog and page is kept there.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_looking_around import context, put, row
from .test_pages import axe, keep_picture
from .test_web import check

__all__ = ["axe", "context"]

WORK = "personal-files/Work"
PASSWORD = "open sesame"
LATER = (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%d")
PAST = "2020-01-01"


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    """Ann's browser, with a folder of two files."""
    page = context.new_page()
    page.goto(f"{server.url}/")
    sign_in(page)
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    for name in ("plan.txt", "notes.txt"):
        put(page, server, f"{WORK}/{name}", b"as it was")
    return page


def share(page: Page, server: Server) -> Locator:
    page.goto(f"{server.url}/files/personal-files")
    page.get_by_role("checkbox", name="Choose Work", exact=True).click()
    page.get_by_role("toolbar").get_by_role("button", name="Share").click()
    return page.get_by_role("dialog", name="Share “Work”")


def make_link(page: Page, dialog: Locator) -> str:
    with page.expect_response("**/a/share/link") as made:
        page.locator("#make-link").click()
    address: str = made.value.json()["LinkUrl"]
    expect(dialog.get_by_text(address)).to_be_visible()
    return address


def picture(page: Page, name: str) -> None:
    """In light and dark, wide and as a telephone shows it."""
    for scheme in ("light", "dark"):
        for width in (1280, 360):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            keep_picture(page, f"{name}-{scheme}-{width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_link_is_changed_where_it_is_and_lets_a_stranger_edit(
    page: Page, server: Server, chromium: Browser, axe: str, tmp_path: Path
) -> None:
    """UX-F21, UX-F13: its address stays; what it lets be done is said with its risk."""
    dialog = share(page, server)
    address = make_link(page, dialog)
    dialog.get_by_role("button", name="Change Work").click()
    _change(page, axe)
    told = dialog.get_by_role("listitem").filter(has_text="/public/")
    expect(told).to_contain_text("for 9 downloads")
    expect(told).to_contain_text("to change what is in it")
    expect(told).to_contain_text("with a password")
    assert told.get_by_text("/public/").inner_text() == address
    picture(page, "share-dialog")
    _edit(chromium, address, tmp_path)
    held = page.context.request.get(f"{server.url}/web/io/{WORK}/plan.txt")
    assert held.text() == "as a stranger has it"
    page.goto(f"{server.url}/trash")
    expect(row(page, "notes.txt")).to_be_visible()


def _change(page: Page, axe: str) -> None:
    change = page.get_by_role("dialog", name="Change the link")
    save = change.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    change.get_by_role("combobox", name="Others may").click()
    page.get_by_role("option", name="change everything in it").click()
    expect(change.get_by_role("alert")).to_contain_text("nobody knows who it was")
    change.get_by_label("Last day").fill(LATER)
    change.get_by_role("textbox", name="Password, if wanted").fill(PASSWORD)
    change.get_by_role("textbox", name="Downloads at most").fill("9")
    change.get_by_role("textbox", name="Name").fill("Plans of ours")
    picture(page, "change-link")
    check(page, axe, covered="#main")
    save.click()
    expect(change).to_have_count(0)


def _edit(chromium: Browser, address: str, folder: Path) -> None:
    """As somebody who has the address and no JavaScript."""
    context = chromium.new_context(locale="en", java_script_enabled=False)
    stranger = context.new_page()
    stranger.goto(address)
    stranger.fill("#password", PASSWORD)
    stranger.click("#link-open")
    expect(stranger.get_by_text("may change what is in here, you too")).to_be_visible()
    picture(stranger, "link-edit-folder")
    stranger.get_by_role("link", name="Change plan.txt").click()
    picture(stranger, "link-edit-file")
    (folder / "mine.txt").write_text("as a stranger has it")
    stranger.set_input_files("#file", folder / "mine.txt")
    stranger.click("#replace")
    expect(stranger.get_by_role("status")).to_contain_text("The new version is there.")
    stranger.get_by_role("link", name="Change notes.txt").click()
    stranger.fill("#name", "plan.txt")
    stranger.click("#rename")
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("This was not changed")
    stranger.go_back()
    stranger.click("#delete")
    expect(stranger.get_by_role("status")).to_contain_text("It is in the trash of Ann Example.")
    stranger.fill("#name", "Ideas")
    stranger.click("#new-folder")
    expect(stranger.get_by_role("link", name="Ideas/")).to_be_visible()
    context.close()


def test_of_two_who_change_a_link_the_later_sees_what_the_first_made(
    page: Page, server: Server, context: BrowserContext
) -> None:
    """UX-F23: nothing is overwritten unseen; what cannot be is refused in place."""
    dialog = share(page, server)
    make_link(page, dialog)
    other = context.new_page()
    forms = []
    for one in (page, other):
        one.goto(f"{server.url}/links")
        one.get_by_role("button", name="Change Work").first.click()
        forms.append(one.get_by_role("dialog", name="Change the link"))
    first, second = forms
    first.get_by_role("textbox", name="Name").fill("First")
    first.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="The link was changed")).to_be_visible()
    second.get_by_role("textbox", name="Name").fill("Second")
    second.get_by_role("button", name="Save").click()
    refused = second.get_by_role("alert")
    expect(refused).to_contain_text("the link was changed meanwhile")
    refused.get_by_role("button", name="Show it as it is now").click()
    expect(second.get_by_role("textbox", name="Name")).to_have_value("First")
    _refused(second)
    second.get_by_role("textbox", name="Name").fill("Second")
    second.get_by_role("button", name="Save").click()
    expect(row(other, "Second")).to_be_visible()
    other.get_by_role("alert").get_by_role("button", name="Undo").click()
    expect(row(other, "First")).to_be_visible()
    picture(other, "links")


def _refused(form: Locator) -> None:
    for label, wrong, said in (
        ("Last day", PAST, "would have expired already"),
        ("Password, if wanted", "abc", "a link's password has"),
    ):
        form.get_by_label(label, exact=True).fill(wrong)
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_role("alert")).to_contain_text(said)
        form.get_by_label(label, exact=True).fill("")


def test_the_dialog_in_arabic(page: Page, server: Server, axe: str) -> None:
    """UX-Q02: the longest of its sentences, from right to left."""
    make_link(page, share(page, server))
    page.context.request.get(f"{server.url}/web/session?lang=ar")
    page.goto(f"{server.url}/links")
    page.get_by_role("button", name="تغيير Work").first.click()
    page.get_by_role("combobox", name="يجوز للآخرين").click()
    page.get_by_role("option", name="تغيير كل ما فيه").click()
    picture(page, "change-link-ar")
    check(page, axe, covered="#main")
