"""Signing in with another device, in two real browsers: with scripts and without. UX-L13.

Each page is accessible, narrow and wide, light and dark, and in Arabic; a word on the console
fails it. With ``PICTURES=folder`` in the environment, a picture of each is kept there.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from keycell.oauth.pkce import s256

from ..server import Server
from .applications import register
from .conftest import sign_in
from .test_factor_pages import quiet
from .test_pages import axe, keep_picture, look_at

__all__ = ["axe"]

TELEVISION = (
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 Version/7.0 TV Safari/537"
)
CALLBACK = "http://127.0.0.1:29999/callback"
Look = Callable[[Page, str], None]


@pytest.fixture(params=["en", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def look(axe: str, language: str) -> Look:
    """Look at the page as it stands, in each appearance."""

    def at(page: Page, name: str) -> None:
        assert page.locator("html").get_attribute("lang") == language
        look_at(page, axe, f"{name}-{language}")

    return at


@pytest.fixture
def television(chromium: Browser, language: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale=language, reduced_motion="reduce", user_agent=TELEVISION)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def phone(chromium: Browser, language: str) -> Iterator[Page]:
    context = chromium.new_context(
        locale=language, reduced_motion="reduce", viewport={"width": 390, "height": 844}
    )
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def code_of(page: Page) -> str:
    code = page.inner_text("#waiting-user-code").strip()
    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", code)
    return code


def test_a_television_goes_on_by_itself(
    television: BrowserContext, phone: Page, server: Server, look: Look
) -> None:
    """The code, the number and what follows come without a click there."""
    client_id, _ = register(server, "Cinema", "http://127.0.0.1:29999", "/callback")
    query = {"client_id": client_id, "redirect_uri": CALLBACK, "response_type": "code",
             "scope": "openid profile", "state": "s", "prompt": "login",
             "code_challenge": s256("v" * 43), "code_challenge_method": "S256"}  # fmt: skip
    tv = television.new_page()
    said = [*quiet(tv), *quiet(phone)]
    tv.goto(f"{server.url}/oidc/oauth2/auth?{urlencode(query)}")
    look(tv, "login-television")
    tv.click("#another-begin")
    expect(tv.locator(".qr svg")).to_be_visible()
    look(tv, "another-code")
    phone.goto(f"{server.url}/oauth2/device?user_code={code_of(tv)}")
    sign_in(phone)
    phone.click("#device-find")
    expect(phone.locator("#another-accept")).to_be_visible()
    look(phone, "another-allow")
    expect(tv.locator("#number")).to_have_text(re.compile(r"^\d\d$"))
    expect(tv.locator("#waiting-code")).to_be_hidden()
    look(tv, "another-number")
    phone.fill("#number", tv.inner_text("#number"))
    phone.click("#another-accept")
    look(phone, "another-allowed")
    expect(tv.locator("#consent-accept")).to_be_visible()
    assert said == []


@pytest.fixture
def plain(chromium: Browser, language: str) -> Iterator[Page]:
    """A browser without scripts."""
    context = chromium.new_context(locale=language, java_script_enabled=False)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def find(phone: Page, server: Server, code: str) -> None:
    phone.goto(f"{server.url}/oauth2/device?user_code={code}")
    if phone.locator("#login-submit").is_visible():
        sign_in(phone)
    phone.click("#device-find")


def test_without_scripts(plain: Page, phone: Page, server: Server, language: str) -> None:
    """Its button does what a script would. Who signed in before the code came signs in anew."""
    phone.goto(f"{server.url}/account/basic")
    sign_in(phone)
    phone.wait_for_url("**/account/basic")
    plain.goto(f"{server.url}/oauth2/login")
    plain.click("#another-begin")
    keep_picture(plain, f"another-plain-{language}")
    code = code_of(plain)
    plain.click("#waiting-continue")
    assert code_of(plain) == code
    find(phone, server, code)
    sign_in(phone)
    plain.click("#waiting-continue")
    keep_picture(plain, f"another-plain-number-{language}")
    phone.fill("#number", plain.inner_text("#number"))
    phone.click("#another-accept")
    plain.click("#waiting-continue")
    plain.wait_for_url("**/account/basic")


def test_who_is_denied_is_told(plain: Page, phone: Page, server: Server, language: str) -> None:
    """And may begin again."""
    plain.goto(f"{server.url}/oauth2/login")
    plain.click("#another-begin")
    first = code_of(plain)
    find(phone, server, first)
    phone.click("#another-deny")
    plain.click("#waiting-continue")
    expect(plain.locator("#waiting-error")).to_be_visible()
    keep_picture(plain, f"another-denied-{language}")
    plain.click("#another-begin")
    assert code_of(plain) != first


def test_where_a_browser_has_no_passkeys_it_comes_first(page: Page, server: Server) -> None:
    """UX-L13: a script moves it, and nothing where there are some."""
    page.goto(f"{server.url}/oauth2/login")
    order = "[...document.querySelectorAll('form')].map((one) => one.id)"
    assert page.evaluate(order)[0] == "login-form"
    page.add_init_script("delete window.PublicKeyCredential")
    page.reload()
    assert page.evaluate(order)[0] == "another-form"
    expect(page.locator("#another-why")).to_be_visible()
