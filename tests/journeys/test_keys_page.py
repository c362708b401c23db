"""The server's keys in the administration: their states, and one that leaked."""

import httpx2
from playwright.sync_api import Locator, Page, expect

from ..server import Server
from ..waiting import until
from .test_client_pages import register
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def asked_to_revoke(root: Page, alg: str) -> tuple[Locator, str]:
    """Ask to revoke the key that signs; give the dialog, and the key's name."""
    row = root.get_by_role("listitem").filter(has_text=f"{alg}-").filter(has_text="current")
    expect(row).to_have_count(1)
    label = row.get_by_role("button").get_attribute("aria-label")
    assert label is not None
    row.get_by_role("button").click()
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_text("The next key signs at once.")).to_be_visible()
    return dialog, label.removeprefix("Revoke ")


def revoke(root: Page, dialog: Locator, alg: str, kid: str) -> None:
    yes = dialog.get_by_role("button", name="Revoke", exact=True)
    expect(yes).to_be_disabled()
    dialog.get_by_label(f"Type {alg} to confirm").fill(alg)
    yes.click()
    gone = root.get_by_role("listitem").filter(has_text=kid)
    expect(gone).to_contain_text("revoked: counts for nothing")


def test_a_key_that_leaked_is_revoked_by_who_was_told_what_comes_of_it(
    root: Page, server: Server, axe: str
) -> None:
    """UX-X50, UX-B19: what is lost and who may not know the next key, before anything is done."""
    register(server, "Our Wiki")
    root.goto(f"{server.url}/admin/keys")
    expect(root.get_by_text("Nothing heard yet.")).to_be_visible()
    look(root, axe, "keys")
    dialog, kid = asked_to_revoke(root, "RS256")
    expect(dialog).to_contain_text("1 application is not known to have it")
    expect(dialog).to_contain_text("Our Wiki")
    look(root, axe, "keys-revoking")
    revoke(root, dialog, "RS256", kid)


def test_a_key_that_opens_is_said_to_sign_nothing(root: Page, server: Server) -> None:
    """UX-X50: applications encrypt to it."""
    root.goto(f"{server.url}/admin/keys")
    row = root.get_by_role("listitem").filter(has_text="ECDH-ES-").filter(has_text="current")
    expect(row).to_contain_text("current: opens")
    row.get_by_role("button").click()
    expect(root.get_by_role("dialog")).to_contain_text("cannot be opened any more")


def test_the_frontend_outlives_the_key_of_its_tokens(root: Page, server: Server) -> None:
    """UX-X50: what a revoked key signed opens nothing, so it gets others."""
    root.goto(f"{server.url}/admin/keys")
    dialog, kid = asked_to_revoke(root, "ES256")
    expect(dialog).to_contain_text("open nothing any more")
    revoke(root, dialog, "ES256", kid)
    jwks = f"{server.url}/oidc/.well-known/jwks.json"
    until(lambda: kid not in httpx2.get(jwks).text)
    root.goto(f"{server.url}/admin/people")
    expect(root.get_by_role("link", name="Ann Example")).to_be_visible()
