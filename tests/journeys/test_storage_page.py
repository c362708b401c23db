"""The storage of all in the administration: who holds what, a quota, and putting back."""

from playwright.sync_api import Page, expect

from ..server import Server
from .test_looking_around import put
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

OURS = {"X-Requested-With": "keycell"}


def throw_away(root: Page, server: Server) -> None:
    """Let Ann have a large file, and another in her trash."""
    put(root, server, "personal-files/films/holiday.mp4", b"x" * 2**20)
    put(root, server, "personal-files/lost.txt", b"found")
    thrown = root.context.request.post(
        f"{server.url}/web/a/tree/delete", headers={**OURS, "Origin": server.url},
        data={"Nodes": [{"Path": "personal-files/lost.txt"}]},
    )  # fmt: skip
    assert thrown.ok, thrown.text()


def test_an_administrator_sees_all_storage_and_puts_something_back(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X55: spaces, the largest, a quota in place; what lies in the trash is put back."""
    throw_away(root, server)
    root.goto(f"{server.url}/admin/storage")
    row = root.get_by_role("row", name="My Files Ann Example")
    expect(root.get_by_role("cell", name="films/holiday.mp4")).to_be_visible()
    look(root, axe, "storage")
    row.get_by_role("button", name="Quota of My Files").click()
    dialog = root.get_by_role("dialog")
    dialog.get_by_label("Gigabytes").fill("0.001")
    look(root, axe, "storage-quota")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("nearly full")
    row.get_by_role("button", name="Trash of My Files").click()
    look(root, axe, "storage-trash")
    root.get_by_role("button", name="Put back: personal-files/lost.txt").click()
    root.get_by_label("Reason").fill("Ann asked for it")
    root.get_by_role("dialog").last.get_by_role("button", name="Put back", exact=True).click()
    expect(root.get_by_text("It is empty.")).to_be_visible()
    held = root.context.request.get(f"{server.url}/web/io/personal-files/lost.txt")
    assert held.text() == "found"
