"""Health and settings in the administration: what is told, searched and copied."""

import json
import re

from playwright.sync_api import Page, expect

from ..server import Server
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def test_diagnostics_are_made_to_be_copied(root: Page, server: Server, axe: str) -> None:
    """UX-X51: what the probes tell too, and nobody's name or address."""
    root.goto(f"{server.url}/admin/health")
    for name in ("Database", "Tables of the database", "Storage", "Mail", "Jobs", "Clock",
                 "Signing keys", "Protection on the way", "Version"):  # fmt: skip
        expect(root.get_by_text(name, exact=True).first).to_be_visible()
    root.get_by_role("button", name="Make diagnostics").click()
    block = root.get_by_label("Diagnostics")
    expect(block).to_be_visible()
    told = json.loads(block.input_value())
    assert {one["check"]: one["state"] for one in told["checks"]}["database"] == "good"
    assert told["settings"]["port"]["source"] == "option"
    for private in ("ann", "localhost", str(server.data)):
        assert private not in block.input_value()
    look(root, axe, "health-diagnostics")


def test_settings_are_searched_and_say_what_comes_of_them(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X52: default, source, what is locked, what can break things; the search is sent on."""
    root.goto(f"{server.url}/admin/settings")
    look(root, axe, "settings-all")
    root.get_by_label("Search").fill("passkeys work no longer")
    expect(root).to_have_url(re.compile("search=passkeys"))
    expect(root.get_by_role("listitem").filter(has_text="KEYCELL_")).to_have_count(1)
    expect(root.get_by_text("With another address applications refuse")).to_be_visible()
    root.goto(f"{server.url}/admin/settings?search=keycell_port")
    row = root.get_by_role("listitem").filter(has_text="KEYCELL_PORT")
    expect(row.get_by_text("option", exact=True)).to_be_visible()
    expect(row.get_by_text("8080")).to_be_visible()
    expect(row.get_by_text("Locked: start again with another value.")).to_be_visible()
