"""What an application is told of somebody, and what it does, as its page shows both."""

import time

from playwright.sync_api import Page, expect

from ..server import Server, keycell
from .test_client_pages import choose, panel_of, register
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def test_what_each_token_tells_stands_side_by_side(root: Page, server: Server, axe: str) -> None:
    """UX-X23, UX-B22: differences are marked, and why a membership does not arrive is said."""
    at = ("--data", str(server.data))
    keycell("admin", "role", "put", "editor", *at)
    keycell("admin", "user", "update", "ann", "--role", "editor", *at)
    client_id = register(server, "Wiki")
    panel = panel_of(root, server, client_id, "What it is told")
    expect(root.locator("[aria-busy=true]")).to_have_count(0)
    choose(root, panel.get_by_role("combobox", name="Of whom"), "ann", "ann")
    expect(panel.get_by_role("row", name="aud")).to_contain_text("differs")
    expect(panel.get_by_role("row", name="sub")).not_to_contain_text("differs")
    expect(panel.get_by_text("the application must ask for the scope roles")).to_be_visible()
    look(root, axe, "told")
    scopes = panel.get_by_role("combobox", name="Scopes it asks for")
    scopes.press("ArrowDown")
    root.get_by_role("option", name="roles", exact=True).click()
    expect(panel.get_by_text('["editor"]')).to_have_count(2)
    expect(panel.get_by_text("must ask for the scope roles")).to_have_count(0)


def test_what_an_application_does_is_told_within_two_seconds(root: Page, server: Server) -> None:
    """UX-X26: by a stream of events, which the page waits on."""
    client_id = register(server, "Watched", "--redirect-uri", "http://127.0.0.1:1/cb")
    panel = panel_of(root, server, client_id, "Try it")
    expect(panel.get_by_text("live", exact=True)).to_be_visible()
    expect(panel.get_by_text("Waiting for the first sign-in…")).to_be_visible()
    began = time.monotonic()
    wrong = root.request.post(
        f"{server.url}/oidc/oauth2/token",
        form={"grant_type": "client_credentials", "client_id": client_id, "client_secret": "x"},
    )
    assert wrong.status == 401
    expect(panel.locator("li[data-action='client.refused']")).to_be_visible()
    assert time.monotonic() - began < 2
    expect(panel.get_by_text("Waiting for the first sign-in…")).to_have_count(0)
