"""Groups and roles: who is in them, what they give, and why somebody has what they have."""

import re

from playwright.sync_api import Page, expect

from ..server import Server, keycell, keycell_json
from .conftest import PASSWORD
from .test_client_pages import register
from .test_pages import axe
from .test_palette import open_palette
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def staff(server: Server) -> None:
    """Let Gil be in a laboratory, whose staff may use an application."""
    at = ("--data", str(server.data))
    keycell("admin", "group", "add", "/crew/lab", *at)
    for login in ("gil", "hal"):
        keycell("admin", "user", "add", login, "--name", login.title(), "--group", "/crew/lab",
                "--password-stdin", *at, stdin=PASSWORD)  # fmt: skip
    client_id = register(server, "Crew wiki")
    keycell("admin", "client", "access", client_id, "--group", "/crew", *at)


def test_a_group_is_found_and_says_what_it_gives(root: Page, server: Server, axe: str) -> None:
    """UX-X08, UX-X03: the palette leads to it; the why of a person names each group on the way."""
    staff(server)
    root.goto(f"{server.url}/admin/groups")
    expect(root.get_by_role("heading", level=1, name="Groups and roles")).to_be_visible()
    open_palette(root, "crew")
    root.get_by_role("option").filter(has_text="/crew").first.click()
    expect(root).to_have_url(re.compile(r"/admin/groups\?group="))
    panel = root.locator("section").filter(has=root.get_by_role("heading", name="crew"))
    expect(panel.get_by_role("link", name="Crew wiki")).to_be_visible()
    expect(panel.get_by_role("link", name="Gil")).to_be_visible()
    look(root, axe, "groups")
    panel.get_by_role("link", name="Gil").click()
    root.get_by_role("button", name="Show it").click()
    expect(root.get_by_text("by the group /crew/lab → /crew")).to_be_visible()
    look(root, axe, "person-why")
    _move(root, server, axe)


def _move(root: Page, server: Server, axe: str) -> None:
    """UX-X04: all of a group are moved to another at once, for one reason."""
    at = ("--data", str(server.data))
    keycell("admin", "group", "add", "/shore", *at)
    root.goto(f"{server.url}/admin/people?group=%2Fcrew")
    root.get_by_label("Choose all").check()
    root.get_by_role("button", name="Move to a group").click()
    dialog = root.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("the voyage is over")
    expect(dialog.get_by_role("button", name="Move to a group")).to_be_disabled()
    dialog.get_by_role("combobox", name="Group").click()
    root.get_by_role("option", name="/shore").click()
    look(root, axe, "people-move")
    dialog.get_by_role("button", name="Move to a group").click()
    expect(root.get_by_text("Nobody is called so.")).to_be_visible()
    for login in ("gil", "hal"):
        assert keycell_json("admin", "user", "show", login, *at)["group"] == "/shore"
    told = keycell_json("admin", "audit", "list", "--action", "account.changed", "--most", "2",
                        *at)["items"]  # fmt: skip
    assert {one["detail"]["reason"] for one in told} == {"the voyage is over"}
