"""Going anywhere by a few letters, from any page. UX-X03."""

import re

from playwright.sync_api import Browser, Page, expect

from ..server import Server, keycell
from .conftest import PASSWORD
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def open_palette(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go anywhere")
    expect(field).to_be_focused()
    field.fill(text)


def add(server: Server, login: str, name: str) -> None:
    keycell("admin", "user", "add", login, "--name", name, "--password-stdin",
            "--data", str(server.data), stdin=PASSWORD)  # fmt: skip


def test_an_administrator_goes_anywhere(root: Page, server: Server, axe: str) -> None:
    """UX-X03: by the keyboard alone; what is chosen is told to a reader."""
    add(server, "zelda", "Zelda Finder")
    root.goto(f"{server.url}/files")
    expect(root.get_by_role("heading", level=1)).to_be_visible()
    open_palette(root, "zeld")
    person = root.get_by_role("group", name="People").get_by_role("option", name="Zelda Finder")
    expect(person).to_have_attribute("aria-selected", "true")
    field = root.get_by_role("combobox", name="Go anywhere")
    chosen = person.get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", chosen or "-")
    look(root, axe, "palette")
    root.keyboard.press("Enter")
    expect(root).to_have_url(re.compile("/admin/people/zelda$"))
    expect(root.get_by_role("dialog")).to_have_count(0)

    open_palette(root, "keep_tr")
    expect(root.get_by_role("option", name="keep_trash")).to_be_visible()
    root.keyboard.press("Control+k")
    expect(root.get_by_role("dialog")).to_have_count(0)


def test_each_kind_leads_where_it_is(root: Page, server: Server) -> None:
    """UX-X03: applications, pages, documentation, and files of one's own."""
    for text, option, address in (
        ("keycell-web", "keycell-web", "/admin/applications/keycell-web"),
        ("sign key", "Signing keys", "/admin/keys"),
        ("trusted", "trusted_proxies", "/admin/settings?search=trusted_proxies"),
        ("error c", "Error codes", "/oauth2/errors"),
    ):
        root.goto(f"{server.url}/account")
        expect(root.get_by_role("heading", level=1)).to_be_visible()
        open_palette(root, text)
        found = root.get_by_role("option").filter(has_text=option).first
        found.click()
        expect(root).to_have_url(server.url + address)


def test_who_is_no_administrator_finds_what_is_theirs(
    chromium: Browser, server: Server, axe: str
) -> None:
    """UX-X03: nothing is asked of the administration, and none of its pages is named."""
    add(server, "yves", "Yves Plain")
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    page, asked = context.new_page(), list[str]()
    page.goto(f"{server.url}/files/personal-files")
    page.fill("#username", "yves")
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.get_by_role("button", name="New folder").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Yearly 50% #1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yearly 50% #1", exact=True)).to_be_visible()
    page.on("request", lambda one: asked.append(one.url))
    page.get_by_role("button", name="Go anywhere").click()
    page.get_by_role("combobox", name="Go anywhere").fill("ye")
    found = page.get_by_role("group", name="Files").get_by_role("option")
    expect(found).to_contain_text("Yearly 50% #1")
    found.click()
    expect(page.get_by_text("This folder is empty")).to_be_visible()
    open_palette(page, "overview")
    expect(page.get_by_text("Nothing is called so.")).to_be_visible()
    assert [one for one in asked if "/admin" in one] == []
    context.close()


def test_who_closes_it_is_where_they_were(root: Page, server: Server) -> None:
    """WCAG22-2.4.3: opened by the button or by the keys."""
    root.goto(f"{server.url}/files")
    dialog = root.get_by_role("dialog", name="Go anywhere")
    button = root.get_by_role("banner").get_by_role("button", name="Go anywhere")
    search = root.get_by_label("Search all files").first
    for begin, keys in ((button, "Enter"), (search, "Control+k")):
        begin.focus()
        root.keyboard.press(keys)
        expect(dialog).to_be_visible()
        root.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(begin).to_be_focused()
