"""Every page in every appearance: accessible, narrow and wide, light and dark, in both directions.

With ``PICTURES=folder`` in the environment, a picture of each is kept there.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from keycell.oauth.pkce import s256
from keycell.oauth.token import BACKCHANNEL, DEVICE_CODE

from ..server import Server, keycell, keycell_json, serving
from ..smtp import Mailbox, html_of, link_in
from .applications import node_modules, register
from .conftest import PASSWORD, sign_in

CALLBACK = "http://127.0.0.1:29999/callback"
"""At a port that the system gives to nobody: no other test listens there."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of these that look at colours: what dark may break where light does not."""
WIDTHS = (320, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def axe() -> str:
    return (node_modules() / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has set up."""
    with serving(tmp_path_factory.mktemp("fresh") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def ask(server: Server) -> Callable[..., str]:
    """Give an authorization request of a registered application."""
    client_id, _ = register(server, "Photo <b>Album</b>", "http://127.0.0.1:29999", "/callback")

    def url(**params: str) -> str:
        query = {
            "client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": "openid profile email groups offline_access", "state": "s",
            "code_challenge": s256("v" * 43), "code_challenge_method": "S256",
        } | params  # fmt: skip
        return f"{server.url}/oidc/oauth2/auth?{urlencode(query)}"

    return url


@pytest.fixture(params=["de", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    """Where sentences are longest, and where they run from right to left."""
    found: str = request.param
    return found


@pytest.fixture
def page(chromium: Browser, language: str) -> Iterator[Page]:
    context = chromium.new_context(locale=language, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


Look = Callable[[Page, str], None]


@pytest.fixture
def look(axe: str, language: str) -> Look:
    """Look at the page as it stands, in each appearance."""

    def at(page: Page, name: str) -> None:
        assert page.locator("html").get_attribute("lang") == language
        look_at(page, axe, f"{name}-{language}")

    return at


def look_at(page: Page, axe: str, name: str) -> None:
    """Look at the page as it stands, in each appearance."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            keep_picture(page, f"{name}-{scheme}-{width}")
            check_page(page, axe, width, colours=scheme == "dark")


def check_page(page: Page, axe: str, width: int, *, colours: bool = False) -> None:
    """Refuse a page that is too wide, or that axe has something against, or its colours."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert amiss(page, axe, colours=colours) == []


def amiss(
    page: Page, axe: str, covered: str = "", *, colours: bool = False
) -> list[tuple[str, list[str]]]:
    """Give what axe has against a page, or its colours, and where; less what a dialog covers."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    context = {"include": ["html"], "exclude": [covered] if covered else []}
    rules = {"type": "rule", "values": COLOURS} if colours else {"type": "tag", "values": TAGS}
    # What passes is not told: to name each element takes longer than to look at it.
    wanted = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(
        "async (given) => (await axe.run(...given)).violations", [context, wanted]
    )
    return [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found]


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture where pictures are wanted."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_setting_up(page: Page, fresh: Server, look: Look) -> None:
    page.goto(fresh.setup_link().partition("#")[0])
    look(page, "setup")
    page.fill("#setup-secret", "wrong")
    page.fill("#username", "root")
    page.fill("#password", PASSWORD)
    page.click("#setup-submit")
    expect(page.locator("[role=alert]")).to_be_visible()
    look(page, "setup-refused")


def test_signing_in(page: Page, ask: Callable[..., str], look: Look) -> None:
    page.goto(ask())
    look(page, "login")
    sign_in(page, "wrong password")
    expect(page.locator("#login-error")).to_be_visible()
    look(page, "login-refused")
    sign_in(page)
    expect(page.locator("#consent-accept")).to_be_visible()
    look(page, "consent")
    page.goto(ask(prompt="select_account"))
    look(page, "choose")
    page.goto(ask(prompt="login"))
    look(page, "login-again")


def test_the_account(page: Page, server: Server, ask: Callable[..., str], look: Look) -> None:
    page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="back"))
    page.goto(ask(prompt="consent"))
    sign_in(page)
    page.click("#consent-accept")
    page.wait_for_url(f"{CALLBACK}**")
    page.goto(f"{server.url}/account/basic")
    look(page, "account")
    page.fill("#password", "not the password")
    page.fill("#new-password", "another battery")
    page.press("#new-password", "Enter")
    expect(page.locator("[role=alert]")).to_be_visible()
    look(page, "account-refused")
    page.goto(f"{server.url}/oidc/oauth2/sessions/logout")
    look(page, "logout")
    page.click("#logout-confirm")
    page.wait_for_url(f"{server.url}/oauth2/logout")
    look(page, "ended")


def test_leaving(page: Page, server: Server, look: Look) -> None:
    """UX-P10: what goes is told before."""
    page.goto(f"{server.url}/account/basic")
    sign_in(page)
    page.goto(f"{server.url}/account/basic/removal")
    expect(page.locator("#sure")).to_be_visible()
    look(page, "removal")
    page.click("#confirm-back")
    page.wait_for_url(f"{server.url}/account/basic")


def test_who_may_not_use_an_application(page: Page, server: Server, look: Look) -> None:
    """UX-E04: what it is, whose account this is, and the ways on."""
    made = keycell_json("admin", "client", "add", "Ledger", "--public", "--redirect-uri", CALLBACK,
                        "--data", str(server.data))  # fmt: skip
    keycell("admin", "client", "access", made["client_id"], "--role", "accounts", "--data",
            str(server.data))  # fmt: skip
    query = {"client_id": made["client_id"], "redirect_uri": CALLBACK, "response_type": "code",
             "scope": "openid", "code_challenge": s256("v" * 43),
             "code_challenge_method": "S256"}  # fmt: skip
    page.goto(f"{server.url}/oidc/oauth2/auth?{urlencode(query)}")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, "may-not")


def test_going_back_by_a_form(page: Page, server: Server, ask: Callable[..., str]) -> None:
    """OAuth 2.0 Form Post Response Mode."""
    sent: list[str] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(body="back")

    page.route(f"{CALLBACK}**", take)
    page.goto(ask(response_mode="form_post", prompt="consent"))
    sign_in(page)
    page.click("#consent-accept")
    page.wait_for_url(CALLBACK)
    assert "code=kcc_" in sent[0]


def test_a_device(page: Page, server: Server, look: Look) -> None:
    """RFC8628-3.3, RFC8628-3.3.1: by the link, and by hand."""
    asked = {"client_id": "keycell-cli", "device_name": "Ann's <b>laptop</b>",
             "scope": "openid profile offline_access files.read files.write"}  # fmt: skip
    begun = httpx2.post(f"{server.url}/oidc/oauth2/device", data=asked).json()
    page.goto(begun["verification_uri_complete"])
    sign_in(page)
    expect(page.locator("#user_code")).to_have_value(begun["user_code"])
    look(page, "device")
    page.fill("#user_code", "BBBB-BBBB")
    page.click("#device-find")
    expect(page.locator("#device-error")).to_be_visible()
    look(page, "device-wrong")
    page.fill("#user_code", begun["user_code"].lower().replace("-", ""))
    page.press("#user_code", "Enter")
    expect(page.locator("#device-accept")).to_be_visible()
    look(page, "device-consent")
    page.click("#device-accept")
    expect(page.locator("#device-accept")).to_be_hidden()
    look(page, "device-end")
    form = {"client_id": "keycell-cli", "grant_type": DEVICE_CODE,
            "device_code": begun["device_code"]}  # fmt: skip
    tokens = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form).json()
    assert {"access_token", "refresh_token", "id_token"} <= set(tokens)


def test_a_request_from_the_back(page: Page, server: Server, look: Look) -> None:
    """CIBA-8: found after signing in, and decided there."""
    made = keycell_json(
        "admin", "client", "add", "Till <b>7</b>", "--grant-type", BACKCHANNEL, "--metadata",
        '{"backchannel_token_delivery_mode":"poll"}', "--data", str(server.data),
    )  # fmt: skip
    basic = (made["client_id"], made["client_secret"])
    asked = {"scope": "openid profile email files.read", "login_hint": "ann",
             "binding_message": "W4SCT <i>7</i>"}  # fmt: skip
    begun = httpx2.post(f"{server.url}/oidc/oauth2/bc-authorize", data=asked, auth=basic).json()
    page.goto(f"{server.url}/oauth2/requests")
    sign_in(page)
    expect(page.get_by_text("W4SCT <i>7</i>")).to_be_visible()
    look(page, "requests")
    page.click("#request-accept-1")
    expect(page.locator("#requests-done")).to_be_visible()
    look(page, "requests-done")
    form = {"grant_type": BACKCHANNEL, "auth_req_id": begun["auth_req_id"]}
    tokens = httpx2.post(f"{server.url}/oidc/oauth2/token", data=form, auth=basic).json()
    assert {"access_token", "id_token"} <= set(tokens)


def test_recovering(page: Page, mailing: Server, mailbox: Mailbox, look: Look) -> None:
    """UX-R02, R08: the pages, and the letters in HTML."""
    so_far = len(mailbox.messages)
    page.goto(f"{mailing.url}/recover")
    look(page, "recover")
    page.fill("#username", "ann")
    page.click("#recover-submit")
    expect(page.locator("#code")).to_be_visible()
    look(page, "recover-code")
    letter = mailbox.wait("ann@example.org", so_far + 1)
    page.goto(link_in(letter, "/recover/link"))
    look(page, "new-password")
    page.fill("#new-password", f"another battery {so_far}")
    page.click("#password-submit")
    page.wait_for_url(f"{mailing.url}/recover/done")
    told = mailbox.wait("ann@example.org", so_far + 2)
    page.goto(link_in(told, "/recover/not-me"))
    look(page, "not-me")
    page.goto(f"{mailing.url}/invitation")
    look(page, "invitation")
    # Our own pages take no HTML from scripts; a mail program is no page of ours.
    page.goto("about:blank")
    page.set_content(html_of(letter))
    look(page, "letter")


def test_refusals(page: Page, server: Server, ask: Callable[..., str], look: Look) -> None:
    page.goto(ask(redirect_uri=f"{CALLBACK}/"))
    expect(page.locator("code").first).to_have_text("invalid redirect_uri")
    look(page, "refused")
    page.goto(f"{server.url}/nowhere")
    look(page, "not-found")
    page.goto(f"{server.url}/oauth2/login?ticket=stale")
    look(page, "stale")
    page.goto(f"{server.url}/oauth2/oob?code=kcc_{'x' * 60}")
    look(page, "oob")
    page.goto(f"{server.url}/oauth2/errors")
    look(page, "errors")


def test_pages_for_developers(page: Page, server: Server, look: Look) -> None:
    for path in (
        "oidc",
        "oauth2/errors",
        "developers/quickstarts?client_id=a;b",
        "developers/api",
    ):
        page.goto(f"{server.url}/{path}")
        look(page, path.partition("?")[0].replace("/", "-"))
