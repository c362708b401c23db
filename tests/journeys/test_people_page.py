"""The list of people: a table is brought, looked at and added; many are acted on at once."""

import re

from playwright.sync_api import Page, expect

from ..server import Server
from .test_administration_pages import LOOKS
from .test_pages import axe, check_page, keep_picture
from .test_trying import root

__all__ = ["axe", "root"]

TABLE = "login,name,email,group\nbob,Zoe B,bob@example.org,\ncid,Abe C,,\n"


def look(page: Page, axe: str, name: str) -> None:
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        # The places at the side slide away first.
        page.wait_for_function("w => document.documentElement.scrollWidth <= w", arg=width)
        keep_picture(page, f"spa-{name}-{scheme}-{width}")
        check_page(page, axe, width)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def bring(root: Page, table: str) -> None:
    root.get_by_role("button", name="From a table").click()
    dialog = root.get_by_role("dialog")
    dialog.get_by_label("Table").fill(table)
    expect(dialog.get_by_role("button", name="Add them")).to_be_disabled()
    dialog.get_by_role("button", name="Look at it first").click()


def test_a_table_is_looked_at_then_added(root: Page, server: Server, axe: str) -> None:
    """UX-X07: each refused row says why, and while there is one nobody is added."""
    root.goto(f"{server.url}/admin/people")
    bring(root, TABLE + "no login!,Eve,,\n")
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_text("refused: 1")).to_be_visible()
    expect(dialog.get_by_text("a login has 1 to")).to_be_visible()
    expect(dialog.get_by_role("button", name="Add them")).to_be_disabled()
    look(root, axe, "import")
    dialog.get_by_label("Table").fill(TABLE)
    dialog.get_by_role("button", name="Look at it first").click()
    dialog.get_by_role("button", name="Add them").click()
    expect(dialog.get_by_text("They are added.")).to_be_visible()
    root.keyboard.press("Escape")
    expect(root.get_by_role("link", name="Zoe B")).to_be_visible()


def test_the_list_stands_in_the_address(root: Page, server: Server, axe: str) -> None:
    """UX-X04: order and filters are sent with the address, and many are acted on at once."""
    root.goto(f"{server.url}/admin/people?sort=name&state=active")
    links = root.locator("tbody a")
    expect(links).to_have_text(["Abe C", "Ann Example", "Zoe B"])
    root.get_by_role("columnheader", name="Name").get_by_role("button").click()
    expect(links).to_have_text(["Zoe B", "Ann Example", "Abe C"])
    expect(root).to_have_url(re.compile(r"sort=name.*backwards=1|backwards=1.*sort=name"))
    root.get_by_label("Choose all").check()
    look(root, axe, "people-chosen")
    root.get_by_role("button", name="Disable").click()
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Disable")).to_be_disabled()
    dialog.get_by_label("Reason").fill("they left")
    dialog.get_by_role("button", name="Disable").click()
    told = root.get_by_role("alert")
    expect(told).to_contain_text("an administrator is disabled by another one")
    expect(links).to_have_text(["Ann Example"])
    root.goto(f"{server.url}/admin/people?state=disabled&search=abe")
    expect(links).to_have_text(["Abe C"])
    root.get_by_label("Search").fill("")
    expect(links).to_have_count(2)


def test_all_are_chosen_by_words_where_rows_are_cards(root: Page, server: Server) -> None:
    """UX-Q01: a box whose column has no head there says what it does."""
    root.goto(f"{server.url}/admin/people")
    box, words = root.get_by_role("checkbox", name="Choose all"), root.get_by_text("Choose all")
    expect(box).to_be_visible()
    expect(words).to_be_hidden()
    root.set_viewport_size({"width": 360, "height": 900})
    expect(words).to_be_visible()
    words.click()
    expect(box).to_be_checked()
    expect(root.get_by_role("checkbox", name="Choose ann")).to_be_checked()
