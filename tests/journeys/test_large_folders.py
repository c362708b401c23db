"""Folders beyond what is loaded at once, in a real browser; and how far a search goes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..server import Server
from .conftest import expect, sign_in

ENTRIES = 2100
"""More than two pages of a listing."""
MOST_ROWS = 200
"""UX-F02: so many rows are in the document, however many entries there are."""
_SCROLL = """
async () => {
  const grid = document.querySelector("[role=grid]");
  let most = 0;
  for (let end = false; !end; ) {
    const before = grid.scrollTop;
    grid.scrollTop += grid.clientHeight;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    most = Math.max(most, document.querySelectorAll("[role=row]").length);
    end = grid.scrollTop === before;
  }
  return most;
}
"""


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Ann's browser, and a folder of many files and one folder whose name comes last."""
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(f"{server.url}/")
    sign_in(opened)
    expect(opened.get_by_role("link", name="My Files")).to_be_visible()
    made = [{"Path": "personal-files/many/zz", "Type": "COLLECTION"}]
    made += [
        {"Path": f"personal-files/many/{number:06}.txt", "Type": "LEAF"}
        for number in range(ENTRIES)
    ]
    for start in range(0, len(made), 700):
        answer = context.request.post(
            f"{server.url}/web/a/tree/create",
            data={"Nodes": made[start : start + 700], "Recursive": True},
            headers={"X-Requested-With": "keycell", "Origin": server.url},
        )
        assert answer.ok, answer.text()
    yield opened
    context.close()


def test_a_folder_of_any_size_is_ordered_filtered_and_scrolled(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/files/personal-files/many")
    grid = page.get_by_role("grid")
    rows = page.get_by_role("row")
    expect(grid).to_have_attribute("aria-rowcount", str(ENTRIES + 2))
    # Folders first, wherever their names stand; what is out of sight is not there.
    expect(rows.nth(1)).to_contain_text("zz")
    assert rows.count() <= MOST_ROWS
    height = grid.evaluate("(box) => box.scrollHeight")
    assert height > ENTRIES * 40

    grid.focus()
    page.keyboard.press("End")
    expect(rows.filter(has_text=f"{ENTRIES - 1:06}.txt")).to_be_visible()
    assert rows.count() <= MOST_ROWS
    assert grid.evaluate("(box) => box.scrollHeight") == height
    _order(page, server)
    _filter(page)


def _order(page: Page, server: Server) -> None:
    grid, rows = page.get_by_role("grid"), page.get_by_role("row")
    page.get_by_role("button", name="Name").click()
    expect(page).to_have_url(f"{server.url}/files/personal-files/many?sort=-name")
    grid.focus()
    page.keyboard.press("Home")
    expect(rows.nth(1)).to_contain_text("zz")
    expect(rows.nth(2)).to_contain_text(f"{ENTRIES - 1:06}.txt")


def _filter(page: Page) -> None:
    rows = page.get_by_role("row")
    page.get_by_role("textbox", name="Filter this folder").fill("00077")
    expect(page.get_by_role("status").filter(has_text="11 items")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("000779.txt")
    page.get_by_role("textbox", name="Filter this folder").fill("")

    # A range reaches over what was never in sight.
    chosen = page.get_by_role("status").filter(has_text="chosen")
    page.get_by_role("grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    expect(chosen).to_contain_text(f"{ENTRIES + 1:,} chosen")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    expect(chosen).to_contain_text(f"{ENTRIES + 1:,} chosen")


def test_a_search_goes_on_where_one_looks_and_says_where_it_stops(
    page: Page, server: Server
) -> None:
    page.goto(f"{server.url}/search?q=txt")
    told = page.get_by_role("status")
    expect(told.filter(has_text="The first 200 are shown.")).to_be_visible()
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    expect(told.filter(has_text="The first 400 are shown.")).to_be_visible()
    page.goto(f"{server.url}/search?q=00077")
    expect(told.filter(has_text="11 found")).to_be_visible()


def test_ctrl_f_finds_what_is_not_in_the_document(page: Page, server: Server) -> None:
    """UX-F02: the browser's own search sees only the rows in sight; that of a folder sees all."""
    page.goto(f"{server.url}/files/personal-files/many")
    rows, field = page.get_by_role("row"), page.get_by_role("textbox", name="Filter this folder")
    expect(rows.nth(1)).to_contain_text("zz")
    assert page.evaluate(_SCROLL) <= MOST_ROWS
    page.keyboard.press("Control+f")
    expect(field).to_be_focused()
    page.keyboard.type("00077")
    expect(page.get_by_role("status").filter(has_text="11 items")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("000077.txt")
    # A folder that is there whole is left to the browser.
    page.goto(f"{server.url}/files/personal-files/many/zz")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("textbox", name="Filter this folder").wait_for()
    page.keyboard.press("Control+f")
    expect(field).not_to_be_focused()
