"""The trail in the administration: what narrows it, what changed, and all of it as JSON."""

import json
import re

from playwright.sync_api import Locator, Page, expect

from ..server import Server, keycell
from .test_client_pages import register
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def open_trail(root: Page, server: Server) -> tuple[Locator, Locator, Locator]:
    """Give the events, the field of who or what, and the chips."""
    root.goto(f"{server.url}/admin/audit")
    events = root.locator("li[data-action]")
    expect(events.first).to_be_visible()
    chips = root.get_by_role("group", name="What narrows the list")
    return events, root.get_by_role("textbox", name="Who or what"), chips


def test_a_name_and_an_identifier_find_the_same(root: Page, server: Server, axe: str) -> None:
    """UX-X41, UX-B18: with a diff of what was changed, and the whole event as JSON."""
    client_id = register(server, "Our Wiki")
    keycell("admin", "client", "update", client_id, "--name", "Our Notes",
            "--data", str(server.data))  # fmt: skip
    events, who, _ = open_trail(root, server)
    expect(root.get_by_text("Kept for 400 days")).to_be_visible()
    look(root, axe, "audit")
    for name in ("our notes", client_id):
        who.fill(name)
        expect(root).to_have_url(re.compile(f"who={name[:3]}"))
        expect(events).to_have_count(2)
    changed = root.locator("li[data-action='client.changed']")
    changed.locator("summary").click()
    row = changed.get_by_role("row", name="client_name")
    expect(row.locator("del")).to_have_text("Our Wiki")
    expect(row.locator("ins")).to_have_text("Our Notes")
    told = json.loads(changed.get_by_label("As JSON").input_value())
    assert told["detail"]["changes"] == {"client_name": ["Our Wiki", "Our Notes"]}
    look(root, axe, "audit-narrowed")


def test_what_happens_is_told_while_one_looks(root: Page, server: Server, axe: str) -> None:
    """UX-X41: by the filters; what one reads stays where it is."""
    register(server, "Before")
    root.goto(f"{server.url}/admin/audit?action=client")
    expect(root.get_by_text("live", exact=True)).to_be_visible()
    events = root.locator("li[data-action]")
    count = events.count()
    register(server, "First")
    expect(events.first).to_contain_text("First")
    events.first.locator("summary").click()
    stands = events.first.bounding_box()
    register(server, "Second")
    more = root.get_by_role("status").get_by_role("button", name="1 new event")
    expect(more).to_be_visible()
    assert events.first.bounding_box() == stands
    look(root, axe, "audit-live")
    more.click()
    expect(events.first).to_contain_text("Second")
    expect(events).to_have_count(count + 2)
    root.locator("details[open] > summary").click()
    _pause(root, server)
    expect(events).to_have_count(count + 3)


def _pause(root: Page, server: Server) -> None:
    """What happens in a pause is told when it is over."""
    first = root.locator("li[data-action]").first
    root.get_by_role("button", name="Pause").click()
    expect(root.get_by_text("live", exact=True)).to_have_count(0)
    register(server, "Third")
    expect(first).to_contain_text("Second")
    root.get_by_role("button", name="Go on").click()
    expect(first).to_contain_text("Third")


def test_what_narrows_the_trail_can_be_removed(root: Page, server: Server, axe: str) -> None:
    """UX-X41: each filter is a chip; counts choose others; what is found is exported."""
    events, who, chips = open_trail(root, server)
    who.fill("ann")
    root.get_by_role("button", name=re.compile("^Signing in and out")).click()
    expect(chips.get_by_role("button")).to_have_count(3)
    chips.get_by_role("button", name="Remove Kind").click()
    chips.get_by_role("button", name="Remove Who or what").click()
    expect(chips).to_have_count(0)
    expect(who).to_have_value("")
    root.get_by_role("combobox", name="When").click()
    root.get_by_role("option", name="Between two days").click()
    root.get_by_label("To, that day too").fill("2020-01-01")
    expect(events).to_have_count(0)
    look(root, axe, "audit-days")
    with root.expect_download() as taken:
        root.get_by_role("button", name="Export as JSON lines").click()
    assert taken.value.path().read_text() == ""
