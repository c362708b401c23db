"""A grave act long after a sign-in: the page waits while one signs in again elsewhere. RFC9470."""

import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from ..server import Server, keycell
from .conftest import PASSWORD, sign_in
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

ELEVEN_MINUTES = 11 * 60 * 1_000_000


def grow_old(server: Server) -> None:
    """Let eleven minutes pass for whoever is signed in; microseconds in the tables."""
    with closing(sqlite3.connect(server.data / "keycell.db", timeout=10)) as database, database:
        for table in ("grants", "sessions"):
            database.execute(f"UPDATE {table} SET auth_time = auth_time - {ELEVEN_MINUTES}")  # noqa: S608


def disable(root: Page) -> None:
    root.get_by_role("button", name="Disable").click()
    asking = root.get_by_role("dialog", name="Disable the account?")
    asking.get_by_label("Reason").fill("has left")
    asking.get_by_role("button", name="Disable").click()


def test_somebody_confirms_and_what_they_did_is_done(root: Page, server: Server, axe: str) -> None:
    """RFC9470-4: who leaves the dialog changes nothing; who signs in again goes on."""
    keycell("admin", "user", "add", "bob", "--password-stdin", "--data", str(server.data),
            stdin=PASSWORD)  # fmt: skip
    root.goto(f"{server.url}/admin/people/bob")
    expect(root.get_by_role("heading", level=1, name="bob")).to_be_visible()
    grow_old(server)
    disable(root)
    dialog = root.get_by_role("dialog", name="Confirm that it is you")
    expect(dialog).to_be_visible()
    look(root, axe, "step-up")
    root.keyboard.press("Escape")
    expect(root.get_by_text("Nothing was changed: it wants a new sign-in.")).to_be_visible()
    expect(root.get_by_text("disabled", exact=True)).to_have_count(0)
    disable(root)
    with root.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    sign_in(opened.value)
    expect(dialog).to_have_count(0)
    expect(root.get_by_text("disabled", exact=True)).to_be_visible()
