"""On a phone: a sheet to upload by, fingers that choose, actions at the foot. UX-F29."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from ..server import Server
from .conftest import expect, sign_in
from .test_looking_around import put

WORK = "personal-files/phone"


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's phone."""
    context = chromium.new_context(
        locale="en", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.url}/")
    sign_in(page)
    expect(page.get_by_role("link", name="My Files")).to_be_visible()
    yield page
    context.close()


def test_a_finger_that_stays_chooses(page: Page, server: Server) -> None:
    """The actions stand at the bottom, all of them in sight."""
    put(page, server, f"{WORK}/a.txt", b"a")
    page.goto(f"{server.url}/files/{WORK}")
    name = page.get_by_role("button", name="a.txt", exact=True)
    where = name.bounding_box()
    assert where is not None
    touch = page.context.new_cdp_session(page)
    point = {"x": where["x"] + 10, "y": where["y"] + 5}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(page.get_by_role("checkbox", name="Choose a.txt")).to_be_checked()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_role("dialog")).to_have_count(0)
    for action in page.get_by_role("toolbar").get_by_role("button").all():
        expect(action).to_be_in_viewport(ratio=1)


def test_a_picture_is_uploaded_shared_and_moved(
    page: Page, server: Server, tmp_path: Path
) -> None:
    picture = tmp_path / "beach.txt"
    picture.write_text("sun")
    put(page, server, f"{WORK}/Album/b.txt", b"b")
    page.goto(f"{server.url}/files/{WORK}")
    with page.expect_file_chooser() as chosen:
        _sheet(page).get_by_role("menuitem", name="Files").tap()
    chosen.value.set_files(picture)
    name = page.get_by_role("button", name="beach.txt", exact=True)
    expect(name).to_be_visible()
    page.get_by_role("region", name="Transfers").get_by_role("button", name="Close").tap()
    page.get_by_role("checkbox", name="Choose beach.txt").tap()
    _share(page)
    _move(page)
    expect(name).to_have_count(0)
    page.get_by_role("button", name="Album", exact=True).tap()
    name.tap()
    expect(page.get_by_role("dialog")).to_be_visible()
    _go_back(page, server)


def _sheet(page: Page) -> Locator:
    """What can be added comes up from the foot of the page, all of it in sight."""
    page.get_by_role("button", name="Upload").tap()
    sheet = page.get_by_role("menu")
    expect(sheet.get_by_role("menuitem", name="Take a picture")).to_be_visible()
    for item in sheet.get_by_role("menuitem").all():
        expect(item).to_be_in_viewport(ratio=1)
    box = sheet.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)
    return sheet


def _go_back(page: Page, server: Server) -> None:
    """A step back is a folder back; of what is looked at, the folder it is in."""
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{server.url}/files/{WORK}/Album")
    page.go_back()
    expect(page).to_have_url(f"{server.url}/files/{WORK}")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390, "nothing is scrolled sideways"


def _share(page: Page) -> None:
    page.get_by_role("toolbar").get_by_role("button", name="Share").tap()
    dialog = page.get_by_role("dialog")
    dialog.locator("#make-link").tap()
    expect(dialog.get_by_text("/public/")).to_be_visible()
    dialog.get_by_role("button", name="Close").tap()
    expect(dialog).to_have_count(0)


def _move(page: Page) -> None:
    page.get_by_role("toolbar").get_by_role("button", name="Move").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Album").tap()
    dialog.get_by_role("button", name="Move here").tap()
    expect(page.get_by_role("alert").filter(has_text="Moved to Album")).to_be_visible()


def test_what_is_told_covers_neither_menus_nor_what_can_be_done(
    page: Page, server: Server
) -> None:
    """UX-F29: it stands above the actions at the foot, and far from the head."""
    for name in ("x.txt", "y.txt"):
        put(page, server, f"{WORK}/toasts/{name}", b"x")
    page.goto(f"{server.url}/files/{WORK}/toasts")
    page.get_by_role("checkbox", name="Choose x.txt").tap()
    page.get_by_role("toolbar").get_by_role("button", name="Delete").tap()
    told = page.get_by_role("alert").filter(has_text="Moved to the trash")
    expect(told).to_be_visible()
    page.get_by_role("checkbox", name="Choose y.txt").tap()
    expect(page.get_by_role("toolbar")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('[role=alert]').getBoundingClientRect().bottom"
        " <= document.querySelector('[role=toolbar]').getBoundingClientRect().top"
    )
    box = told.bounding_box()
    assert box is not None
    assert box["y"] > 844 / 2
