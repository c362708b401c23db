"""The page of one person: what it tells, and what is done there. UX-X05."""

from playwright.sync_api import Browser, Page, Request, expect

from ..server import Server, keycell, keycell_json
from .conftest import PASSWORD
from .test_pages import axe
from .test_people_page import look
from .test_trying import root

__all__ = ["axe", "root"]


def add_pia(server: Server) -> tuple[str, str]:
    """Let there be Pia, and a group; give what names the server to the command."""
    at = ("--data", str(server.data))
    if "pia" not in keycell("admin", "user", "list", *at).stdout:
        keycell("admin", "group", "add", "/staff/lab", *at)
        keycell("admin", "user", "add", "pia", "--name", "Pia Page", "--password-stdin", *at,
                stdin=PASSWORD)  # fmt: skip
    return at


def test_a_person_is_looked_at_and_acted_on(
    root: Page, server: Server, chromium: Browser, axe: str
) -> None:
    """UX-X05: by one request; one of their browsers is signed out."""
    add_pia(server)
    visit = chromium.new_context(locale="en")
    theirs = visit.new_page()
    theirs.goto(f"{server.url}/account")
    theirs.fill("#username", "pia")
    theirs.fill("#password", PASSWORD)
    theirs.click("#login-submit")
    expect(theirs.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    asked = list[Request]()
    root.on("request", lambda one: asked.append(one))  # noqa: PLW0108  (it is marked)
    root.goto(f"{server.url}/admin/people/pia")
    expect(root.get_by_role("heading", level=1, name="Pia Page")).to_be_visible()
    expect(root.get_by_role("heading", name="Storage")).to_be_visible()
    about = [one for one in asked if "/web/a/keycell/admin/users/pia" in one.url]
    assert len(about) == 1
    look(root, axe, "person")
    told = root.get_by_role("link", name="What it is told: ").first.get_attribute("href")
    root.get_by_role("button", name="End: Chrome").click()
    expect(root.get_by_text("Signed out there.")).to_be_visible()
    theirs.goto(f"{server.url}/account")
    expect(theirs.locator("#username")).to_be_visible()
    visit.close()
    # UX-X06: what an application sees of somebody is shown without being them.
    root.goto(f"{server.url}{told}")
    expect(root.get_by_role("combobox", name="Of whom")).to_have_value("pia")


def test_groups_are_given_and_a_reason_is_asked_for(root: Page, server: Server) -> None:
    """UX-X05: what is grave wants a reason, which the trail then tells."""
    at = add_pia(server)
    root.goto(f"{server.url}/admin/people/pia")
    root.get_by_role("combobox", name="Group").click()
    root.get_by_role("option", name="/staff/lab").click()
    root.get_by_role("button", name="Save").click()
    expect(root.get_by_text("It counts from now on.")).to_be_visible()
    assert keycell_json("admin", "user", "show", "pia", *at)["group"] == "/staff/lab"

    root.get_by_role("button", name="Disable").click()
    dialog = root.get_by_role("dialog", name="Disable the account?")
    expect(dialog.get_by_role("button", name="Disable")).to_be_disabled()
    dialog.get_by_label("Reason").fill("lost her telephone")
    dialog.get_by_role("button", name="Disable").click()
    expect(root.get_by_text("disabled", exact=True)).to_be_visible()
    root.locator("[data-action='account.disabled'] summary").click()
    expect(root.get_by_text("lost her telephone", exact=True)).to_be_visible()


def test_removing_somebody_tells_what_goes_with_them(root: Page, server: Server, axe: str) -> None:
    """UX-X05, UX-X56: the login is typed, and a reason is given."""
    keycell("admin", "user", "add", "gone", "--password-stdin", "--data", str(server.data),
            stdin=PASSWORD)  # fmt: skip
    root.goto(f"{server.url}/admin/people/gone")
    root.get_by_role("button", name="Remove").click()
    dialog = root.get_by_role("dialog", name="Remove the account?")
    expect(dialog.get_by_text("0 browsers are signed in")).to_be_visible()
    look(root, axe, "person-remove")
    dialog.get_by_label("Reason").fill("asked for it")
    expect(dialog.get_by_role("button", name="Remove")).to_be_disabled()
    dialog.get_by_label("Type gone to confirm").fill("gone")
    dialog.get_by_role("button", name="Remove").click()
    expect(root.get_by_role("heading", level=1, name="People")).to_be_visible()
    expect(root.get_by_text("The account is removed.")).to_be_visible()
