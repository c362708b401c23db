"""What the list of people can be made to show, and that it is had as a file. UX-X04."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from ..server import Server, keycell
from .conftest import PASSWORD
from .test_pages import amiss, axe
from .test_trying import root

__all__ = ["axe", "root"]


def test_columns_are_chosen_views_kept_and_lists_taken(root: Page, server: Server) -> None:
    """UX-X04: the columns and the views are there again; the file has what the list has."""
    keycell("admin", "user", "add", "zoe", "--name", "Zoe", "--email", "zoe@example.org",
            "--password-stdin", "--data", str(server.data), stdin=PASSWORD)  # fmt: skip
    root.goto(f"{server.url}/admin/people?search=zoe")
    expect(root.get_by_role("link", name="Zoe")).to_be_visible()
    expect(root.get_by_role("cell", name="zoe@example.org")).to_have_count(0)
    root.get_by_role("button", name="Columns").click()
    root.get_by_role("menuitemcheckbox", name="Mail address").click()
    expect(root.get_by_role("cell", name="zoe@example.org")).to_be_visible()
    root.keyboard.press("Escape")
    _keep_and_return(root, server)
    root.get_by_role("button", name="Export").click()
    with root.expect_download() as taken:
        root.get_by_role("menuitem", name="For a spreadsheet").click()
    lines = Path(taken.value.path()).read_text().splitlines()
    assert lines[0].startswith("login,name,email,group,roles")
    assert [line.partition(",")[0] for line in lines[1:]] == ["zoe"]


def _keep_and_return(root: Page, server: Server) -> None:
    root.get_by_role("button", name="Views").click()
    root.get_by_role("menuitem", name="Keep this view…").click()
    dialog = root.get_by_role("dialog", name="Keep this view")
    dialog.get_by_label("Name").fill("All of Zoe")
    dialog.get_by_role("button", name="Keep").click()
    root.goto(f"{server.url}/admin/people")
    expect(root.get_by_role("link", name="Ann Example")).to_be_visible()
    root.get_by_role("button", name="Views").click()
    root.get_by_role("menuitem", name="All of Zoe", exact=True).click()
    expect(root).to_have_url(re.compile("search=zoe"))
    expect(root.get_by_role("link", name="Ann Example")).to_have_count(0)
    expect(root.get_by_role("cell", name="zoe@example.org")).to_be_visible()


def test_a_menu_has_its_entries_alone_and_is_walked_by_the_keys(
    root: Page, server: Server, axe: str
) -> None:
    """WCAG22-4.1.2: nothing is in it that is no entry; who opens it is at the first one."""
    root.goto(f"{server.url}/admin/people")
    columns = root.get_by_role("button", name="Columns")
    columns.focus()
    root.keyboard.press("Enter")
    entries = root.get_by_role("menuitemcheckbox")
    expect(entries.first).to_be_visible()
    assert "aria-required-children" not in dict(amiss(root, axe))
    expect(entries.first).to_be_focused()
    root.keyboard.press("ArrowDown")
    expect(entries.nth(1)).to_be_focused()
    root.keyboard.press("Escape")
    expect(columns).to_be_focused()
