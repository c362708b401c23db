"""Who may use an application: people and roles are suggested to an administrator. UX-X09."""

from playwright.sync_api import Page, expect

from ..server import Server, keycell
from .test_pages import axe
from .test_people_page import look
from .test_trying import register, root

__all__ = ["axe", "root"]


def test_people_and_roles_are_suggested(root: Page, server: Server, axe: str) -> None:
    keycell("admin", "role", "put", "accounts", "--data", str(server.data))
    made = register(server, "--public", "--redirect-uri", "https://notes.example/callback")
    root.goto(f"{server.url}/admin/applications/{made['client_id']}")
    panel = root.locator("section").filter(has=root.get_by_role("heading", name="Who may use it"))
    panel.get_by_label("People, by login").press_sequentially("an")
    root.get_by_role("option", name="ann").click()
    panel.get_by_label("Roles").click()
    root.get_by_role("option", name="accounts").click()
    root.keyboard.press("Escape")
    panel.get_by_role("button", name="Save who may use it").click()
    expect(root.get_by_text("It counts from now on.")).to_be_visible()
    panel.scroll_into_view_if_needed()
    look(root, axe, "access")
