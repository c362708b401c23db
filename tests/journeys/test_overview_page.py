"""The overview of the administration: each number leads to what it counts. UX-X01."""

import re

from playwright.sync_api import Page, expect

from ..server import Server
from .test_client_list import use_wiki
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def test_each_number_leads_to_what_it_counts(root: Page, server: Server, axe: str) -> None:
    """UX-X01: the trail shows as many as the number says; a table stands beside the chart."""
    client_id = use_wiki(root, server)
    root.goto(f"{server.url}/admin")
    expect(root.get_by_role("heading", name="What comes next")).to_be_visible()
    look(root, axe, "overview")
    root.get_by_role("button", name="As a table").click()
    row = root.get_by_role("row").last
    counted = int(row.get_by_role("link").first.inner_text())
    row.get_by_role("link").first.click()
    expect(root).to_have_url(re.compile("action=session.started.*period=days"))
    expect(root.locator("li[data-action='session.started']")).to_have_count(counted)
    for name, address in (("Sign-ins in 24 hours", "action=session.started&period=24h"),
                          ("Active people in 30 days", "action=session.started&period=30d"),
                          ("Waiting", "/admin/health"), ("People", "/admin/people"),
                          ("Sign-ins to Zebra wiki", f"client_id={client_id}")):  # fmt: skip
        link = root.get_by_role("link", name=re.compile(f"^{name}: "))
        root.goto(f"{server.url}/admin")
        link.click()
        expect(root).to_have_url(re.compile(re.escape(address)))
    root.goto(f"{server.url}/admin")
    root.get_by_role("link", name="A wrong redirect URI").click()
    expect(root.locator("li[data-action='client.misdirected']")).to_have_count(1)
