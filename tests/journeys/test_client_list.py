"""The list of applications: how each is used, what is amiss, and what ends with it."""

import re
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, Request, expect

from ..server import Server, keycell, keycell_json
from .test_client_pages import CALLBACK, register
from .test_pages import amiss, axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]

VERIFIED = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}


def go_to(root: Page, server: Server, client_id: str, redirect_uri: str) -> None:
    """Come to the server as an application sends people."""
    query = {"client_id": client_id, "redirect_uri": redirect_uri, "response_type": "code",
             "scope": "openid", **VERIFIED}  # fmt: skip
    root.goto(f"{server.url}/oidc/oauth2/auth?{urlencode(query)}")


def use_wiki(root: Page, server: Server) -> str:
    """Let Ann sign in to a wiki that also sends her wrongly once."""
    client_id = register(server, "Zebra wiki")
    register(server, "Zebra quiet")
    go_to(root, server, client_id, CALLBACK)
    root.click("#consent-accept")
    # Nobody is there: that they are sent is all that counts.
    root.wait_for_url("chrome-error://**")
    go_to(root, server, client_id, f"{CALLBACK}/")
    expect(root.get_by_text("invalid redirect_uri").first).to_be_visible()
    return client_id


def test_the_list_tells_use_and_health_by_one_request(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X20, UX-X04: what sends people wrongly leads to the trail; the file has what is shown."""
    client_id = use_wiki(root, server)
    asked = list[Request]()
    root.on("request", lambda one: asked.append(one))  # noqa: PLW0108  (it is marked)
    root.goto(f"{server.url}/admin/applications?search=zebra&sort=used&backwards=1")
    expect(root.locator("tbody a").first).to_have_text("Zebra wiki")
    assert len([one for one in asked if "/web/a/keycell/admin/clients" in one.url]) == 1
    row = root.get_by_role("row").filter(has_text="Zebra wiki")
    expect(row.get_by_role("link", name="1 wrong redirect URI")).to_be_visible()
    expect(root.get_by_role("row").filter(has_text="Zebra quiet")).to_contain_text("nothing is")
    look(root, axe, "clients-list")
    root.get_by_role("button", name="Columns").click()
    root.get_by_role("menuitemcheckbox", name="Secret made").click()
    assert "region" not in dict(amiss(root, axe))
    root.keyboard.press("Escape")
    expect(row.get_by_role("cell")).to_have_count(7)
    root.get_by_role("button", name="Export").click()
    with root.expect_download() as taken:
        root.get_by_role("menuitem", name="For a spreadsheet").click()
    lines = Path(taken.value.path()).read_text().splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["Zebra wiki", "Zebra quiet"]
    row.get_by_role("link", name="1 wrong redirect URI").click()
    expect(root.get_by_text("with a redirect URI that it did not register")).to_be_visible()
    expect(root).to_have_url(re.compile(f"client_id={client_id}"))


def test_what_ends_with_an_application_is_told_before(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X30: people, sign-ins that stand and the last use; only who types its name removes it."""
    client_id = use_wiki(root, server)
    for page in (f"applications/{client_id}", "applications?search=zebra"):
        root.goto(f"{server.url}/admin/{page}")
        if "search" in page:
            root.get_by_label(f"Choose {client_id}").or_(
                root.get_by_role("row").filter(has=root.locator(f"a[href$='{client_id}']"))
                .get_by_role("checkbox")
            ).first.check()  # fmt: skip
        root.get_by_role("button", name="Remove").click()
        dialog = root.get_by_role("dialog")
        expect(dialog.get_by_text("1 person uses it")).to_be_visible()
        expect(dialog.get_by_text("1 sign-in has tokens")).to_be_visible()
        dialog.get_by_label("Reason").fill("it is replaced")
        expect(dialog.get_by_role("button", name="Remove")).to_be_disabled()
        look(root, axe, f"client-remove-{'list' if 'search' in page else 'page'}")
        if "search" not in page:
            root.keyboard.press("Escape")
    dialog.get_by_label("Type Zebra wiki to confirm").fill("Zebra wiki")
    dialog.get_by_role("button", name="Remove").click()
    expect(root.locator(f"a[href$='{client_id}']")).to_have_count(0)
    at = ("--data", str(server.data))
    assert client_id not in keycell("admin", "client", "list", *at).stdout
    (event,) = keycell_json("admin", "audit", "list", "--action", "client.removed", "--most", "1",
                            *at)["items"]  # fmt: skip
    assert event["detail"]["reason"] == "it is replaced"
