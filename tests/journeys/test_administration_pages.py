"""Account and administration in the web frontend: somebody who has never seen Keycell sets it up.

One journey over a real server: the set-up link, an application from its preset, an invitation, a
real sign-in that is watched, a session that is found and ended. Each page on the way is looked at,
light and wide, dark and narrow; a word on the console or a breach of the policy fails it.
"""

from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from keycell.oauth.pkce import s256

from ..server import Server, serving
from .conftest import PASSWORD
from .test_pages import axe, check_page, keep_picture

__all__ = ["axe"]

CALLBACK = "http://127.0.0.1:29999/callback"
VERIFIER = "v" * 43
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 360))

Visit = Callable[[Page, str, str], None]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has set up."""
    with serving(tmp_path_factory.mktemp("frontend") / "data") as running:
        yield running


@pytest.fixture
def said() -> list[str]:
    """What browsers complained of."""
    return []


@pytest.fixture
def new_browser(chromium: Browser, said: list[str]) -> Iterator[Callable[[], Page]]:
    contexts = []

    def told(message: ConsoleMessage) -> None:
        # That a call was refused is the server's word, not the page's.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            said.append(message.text)

    def make() -> Page:
        context = chromium.new_context(locale="en", reduced_motion="reduce")
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visit(fresh: Server, axe: str) -> Visit:
    """Go to a page, and look at it in every appearance."""

    def at(page: Page, path: str, heading: str) -> None:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(fresh.url + path)
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(
                "Promise.allSettled(document.getAnimations().map((one) => one.finished))"
            )
            keep_picture(page, f"spa{path.replace('/', '-')}-{scheme}-{width}")
            check_page(page, axe, width)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})

    return at


def sign_in(page: Page, login: str) -> None:
    page.fill("#username", login)
    page.fill("#password", PASSWORD)
    page.click("#login-submit")


def become_administrator(page: Page, server: Server) -> None:
    page.goto(server.setup_link())
    page.fill("#username", "root")
    page.fill("#name", "Ruth Root")
    page.fill("#email", "root@example.org")
    page.fill("#password", PASSWORD)
    page.click("#setup-submit")
    page.wait_for_load_state()
    page.goto(f"{server.url}/admin")
    heading = page.get_by_role("heading", level=1, name="Overview")
    expect(heading.or_(page.locator("#username"))).to_be_visible()
    if page.locator("#username").count():
        sign_in(page, "root")
    expect(heading).to_be_visible()


def connect_grafana(page: Page) -> None:
    page.get_by_role("link", name="Connect an application").first.click()
    page.get_by_role("button", name="Grafana").click()
    page.get_by_label("Address of Grafana").fill("https://grafana.example.org")
    uri = "https://grafana.example.org/login/generic_oauth"
    expect(page.get_by_text(uri)).to_be_visible()
    page.get_by_role("button", name="Register").click()
    block = page.get_by_label("Configuration of Grafana")
    expect(block).to_be_visible()
    written = block.input_value()
    assert "[auth.generic_oauth]" in written
    assert "<client_secret>" not in written
    expect(page.get_by_text("Somebody signed in here")).to_be_visible()


def connect_another(page: Page, server: Server) -> tuple[str, str]:
    page.goto(f"{server.url}/admin/new-application")
    page.get_by_role("button", name="Another one").click()
    page.get_by_label("Name").fill("Photo Album")
    page.get_by_label("Redirect URI").fill(CALLBACK)
    page.get_by_role("button", name="Register").click()
    lines = page.get_by_label("What the application needs").input_value().splitlines()
    told = dict(line.split(": ", 1) for line in lines)
    assert told["issuer"] == f"{server.url}/oidc"
    return told["client_id"], told["client_secret"]


def invite_bob(page: Page, server: Server, bob: Page) -> None:
    """No mail server is set, so the link is handed over; he makes his account by it."""
    page.goto(f"{server.url}/admin/people")
    page.get_by_role("button", name="Invite a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Mail address").fill("bob@example.org")
    dialog.get_by_role("button", name="Invite").click()
    link = dialog.get_by_label("Link; it is shown this once").input_value()
    bob.goto(link)
    bob.fill("#username", "bob")
    bob.fill("#name", "Bob Builder")
    bob.fill("#new-password", PASSWORD)
    bob.click("#invitation-submit")
    bob.wait_for_load_state()
    page.goto(f"{server.url}/admin/people")
    expect(page.get_by_role("link", name="Bob Builder")).to_be_visible()


def use_application(page: Page, server: Server, client_id: str, secret: str) -> None:
    """Sign in to the application, which then exchanges its code as applications do."""
    query = {
        "client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code", "state": "s",
        "scope": "openid profile email offline_access", "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    }  # fmt: skip
    page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="back"))
    page.goto(f"{server.url}/oidc/oauth2/auth?{urlencode(query)}")
    if page.locator("#username").count():
        sign_in(page, "bob")
    page.click("#consent-accept")
    page.wait_for_url(f"{CALLBACK}**")
    code = dict(parse_qsl(urlsplit(page.url).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER}  # fmt: skip
    token = f"{server.url}/oidc/oauth2/token"
    assert httpx2.post(token, auth=(client_id, secret), data=form).status_code == 200


def test_somebody_new_sets_a_server_up(
    fresh: Server, new_browser: Callable[[], Page], visit: Visit, said: list[str]
) -> None:
    root = new_browser()
    become_administrator(root, fresh)
    visit(root, "/admin", "Overview")
    visit(root, "/admin/new-application", "Connect an application")
    root.goto(f"{fresh.url}/admin")
    connect_grafana(root)
    client_id, secret = connect_another(root, fresh)
    watching = root.context.new_page()
    watching.goto(f"{fresh.url}/admin/applications/{client_id}")
    expect(watching.get_by_text("Somebody signed in here")).to_be_visible()
    bob = new_browser()
    invite_bob(root, fresh, bob)
    use_application(bob, fresh, client_id, secret)
    done = watching.get_by_role("listitem").filter(has_text="exchanged its code")
    expect(done.get_by_label("done")).to_be_visible()
    watching.close()

    bob.goto(f"{fresh.url}/account/applications")
    expect(bob.get_by_text("Photo Album")).to_be_visible()
    visit(bob, "/account/applications", "Connected applications")
    sign_bob_out(fresh, root, bob)
    end_another_browser(fresh, new_browser(), root)
    look_around(root, visit, client_id)
    assert said == []


def look_around(root: Page, visit: Visit, client_id: str) -> None:
    for path, heading in (
        ("/admin/people", "People"), ("/admin/people/bob", "Bob Builder"),
        ("/admin/groups", "Groups and roles"), ("/admin/second-factors", "Second factors"),
        ("/admin/applications", "Applications"),
        (f"/admin/applications/{client_id}", "Photo Album"), ("/admin/keys", "Signing keys"),
        ("/admin/report", "Report"),
        ("/admin/audit", "Audit"), ("/admin/inspector", "Token inspector"),
        ("/admin/developers", "For developers"), ("/admin/health", "Health"),
        ("/admin/settings", "Settings"), ("/account", "Profile"),
        ("/account/security", "Security"), ("/account/sessions", "Sessions and devices"),
        ("/account/tokens", "Access tokens"), ("/account/activity", "Activity"),
        ("/account/data", "Your data"),
    ):  # fmt: skip
        visit(root, path, heading)


def end_another_browser(server: Server, other: Page, root: Page) -> None:
    """Find a session and end it: that browser must sign in again, this one need not."""
    other.goto(f"{server.url}/account")
    sign_in(other, "root")
    expect(other.get_by_role("heading", level=1, name="Profile")).to_be_visible()
    root.goto(f"{server.url}/account/sessions")
    expect(root.get_by_text("this one")).to_be_visible()
    browsers = root.get_by_test_id("session-browser")
    expect(browsers).to_have_count(2)
    browsers.get_by_role("button").click()
    expect(browsers).to_have_count(1)
    other.goto(f"{server.url}/account")
    expect(other.locator("#username")).to_be_visible()


def sign_bob_out(fresh: Server, root: Page, bob: Page) -> None:
    """End his browsers as an administrator: he is asked to sign in again, and can."""
    root.goto(f"{fresh.url}/admin/people/bob")
    root.get_by_role("button", name="Sign out").click()
    dialog = root.get_by_role("dialog", name="Sign them out?")
    dialog.get_by_label("Reason").fill("a lost telephone")
    dialog.get_by_role("button", name="Sign out").click()
    expect(root.get_by_text("Signed out of every browser.")).to_be_visible()
    bob.goto(f"{fresh.url}/account")
    expect(bob.locator("#username")).to_be_visible()
    sign_in(bob, "bob")
    expect(bob.get_by_role("heading", level=1, name="Profile")).to_be_visible()
