"""An application that is not known beforehand is connected, taken out, and brought in again."""

import json
import re

from playwright.sync_api import Page, expect

from ..server import Server, keycell, keycell_json
from .test_client_pages import panel_of, register
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

OWN_SCHEME = "app.immich:///oauth-callback"
QUERY = "https://blog.example/wp-admin/admin-ajax.php?action=openid-connect-authorize"


def test_an_application_is_told_in_plain_words(root: Page, server: Server, axe: str) -> None:
    """UX-X21, UX-X22, UX-B21: addresses are judged as they are typed, and kept byte for byte."""
    root.goto(f"{server.url}/admin/new-application")
    root.get_by_role("button", name="Another one").click()
    uris = root.get_by_label("Redirect URI")
    uris.fill(f"{OWN_SCHEME}\nhttps://*.example.org/cb")
    expect(root.get_by_text("only a public client may use a scheme of its own")).to_be_visible()
    expect(root.get_by_text("hosts are exact, without *")).to_be_visible()
    expect(root.get_by_role("button", name="Register")).to_be_disabled()
    root.get_by_role("button", name=re.compile("^App on phones")).click()
    uris.fill(f"{OWN_SCHEME}\n{QUERY}\nhttp://127.0.0.1/cb")
    expect(root.get_by_text("is matched with any port")).to_be_visible()
    expect(root.get_by_text("is an address of the app itself")).to_be_visible()
    root.get_by_role("textbox", name="Name").fill("Photos")
    look(root, axe, "wizard-any")
    root.get_by_role("button", name="Register").click()
    told = root.get_by_label("What the application needs").input_value()
    made = dict(line.split(": ", 1) for line in told.splitlines())
    assert "client_secret" not in made
    shown = keycell_json("admin", "client", "show", made["client_id"], "--data", str(server.data))
    assert shown["redirect_uris"] == [OWN_SCHEME, QUERY, "http://127.0.0.1/cb"]


def test_a_service_needs_no_address(root: Page, server: Server) -> None:
    """UX-X21."""
    root.goto(f"{server.url}/admin/new-application")
    root.get_by_role("button", name="Another one").click()
    root.get_by_role("button", name=re.compile("^Service")).click()
    expect(root.get_by_label("Redirect URI")).to_have_count(0)
    root.get_by_role("textbox", name="Name").fill("Night job")
    root.get_by_role("button", name="Register").click()
    told = root.get_by_label("What the application needs").input_value()
    assert "client_secret: " in told


def test_an_application_goes_out_and_in(root: Page, server: Server, axe: str) -> None:
    """UX-X28: by a file that the page gives and takes."""
    client_id = register(server, "Mover")
    root.goto(f"{server.url}/admin/applications/{client_id}")
    with root.expect_download() as taken:
        root.get_by_role("button", name="Export").click()
    document = json.loads(taken.value.path().read_text())
    keycell("admin", "client", "remove", client_id, "--data", str(server.data))
    root.goto(f"{server.url}/admin/new-application")
    root.get_by_role("button", name="From a file").click()
    with root.expect_file_chooser() as chooser:
        root.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(taken.value.path())
    root.get_by_role("button", name="Look at it first").click()
    expect(root.get_by_text(document["metadata"]["redirect_uris"][0])).to_have_count(2)
    look(root, axe, "wizard-file")
    root.get_by_role("button", name="Register").click()
    told = root.get_by_label("What the application needs").input_value()
    assert f"client_id: {client_id}" in told
    assert "client_secret: " in told


def test_how_long_tokens_last_is_an_applications_own(root: Page, server: Server, axe: str) -> None:
    """UX-X29: safe where nothing is said, explained, and bounded."""
    client_id = register(server, "Long")
    panel = panel_of(root, server, client_id, "Its tokens")
    access = panel.get_by_label("Access token, in minutes")
    expect(access).to_have_attribute("placeholder", "10")
    access.fill("5")
    panel.get_by_role("combobox", name="ID tokens are signed by").click()
    root.get_by_role("option", name="ES256").click()
    panel.get_by_role("button", name="Save its tokens").click()
    expect(root.get_by_text("It counts from now on.")).to_be_visible()
    shown = keycell_json("admin", "client", "show", client_id, "--data", str(server.data))
    assert shown["id_token_signed_response_alg"] == "ES256"
    root.reload()
    expect(access).to_have_value("5")
    panel.scroll_into_view_if_needed()
    look(root, axe, "client-tokens")
