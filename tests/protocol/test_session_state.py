"""PROTOCOL S: what tells an application that the session changed. OIDCSM."""

import hashlib
from base64 import urlsafe_b64encode

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.session_state import origin_of_uri
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, answer

COOKIE = "keycell_state"


def state_of(browser: Browser) -> str:
    return browser.http.cookies.get(COOKIE) or browser.http.cookies.get(f"__Host-{COOKIE}") or ""


async def test_s1_the_frame_is_listed_and_may_be_framed(browser: Browser) -> None:
    """OIDCSM-3.3, PROTOCOL-S1, PROTOCOL-D2."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert told["check_session_iframe"] == f"{BASE}/oidc/session"
    frame = await browser.http.get("/oidc/session")
    assert frame.status_code == 200
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    assert "set-cookie" not in frame.headers
    page = await browser.http.get("/oauth2/login")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"


async def test_s1_the_answer_says_a_hash_of_the_browsers_state(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCSM-2, OIDCSM-3.2, PROTOCOL-S1."""
    await browser.code(app)
    told = answer(await browser.authorize(app))["session_state"]
    hashed, _, salt = told.partition(".")
    text = f"{app.client.client_id} https://app.example {state_of(browser)} {salt}"
    expected = urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    assert hashed == expected
    assert answer(await browser.authorize(app))["session_state"] != told


async def test_s1_the_state_changes_with_the_session(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCSM-3.2, PROTOCOL-S1: it opens nothing, stays through silent answers, ends with it."""
    await browser.code(app)
    first = state_of(browser)
    await browser.authorize(app, prompt="none")
    assert state_of(browser) == first
    session = browser.http.cookies.get("__Host-keycell_session") or browser.http.cookies.get(
        "keycell_session"
    )
    assert session not in (None, first)
    page = await browser.http.get("/oidc/oauth2/sessions/logout")
    await browser.submit(page, action="logout")
    assert not state_of(browser)
    await browser.code(app)
    assert state_of(browser) not in ("", first)


async def test_a_browser_that_lost_the_cookie_gets_it_again(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCSM-3.2: a script reads it, as no other cookie of ours."""
    await browser.code(app)
    first = state_of(browser)
    session = browser.http.cookies.get("keycell_session") or browser.http.cookies.get(
        "__Host-keycell_session"
    )
    name = "__Host-keycell_session" if BASE.startswith("https") else "keycell_session"
    browser.http.cookies.clear()
    browser.http.cookies.set(name, str(session))
    done = await browser.authorize(app)
    kept = next(one for one in done.headers.get_list("set-cookie") if COOKIE in one)
    assert "HttpOnly" not in kept
    assert state_of(browser) == first


async def test_who_is_told_no_session_state(browser: Browser, world: World, ann: Account) -> None:
    """OIDCSM-2: errors, what is no sign-in, and what is no page."""
    native = await add_client(
        world, redirect_uris=["com.example.app:/cb"], token_endpoint_auth_method="none"
    )
    page = await browser.log_in(await browser.authorize(native))
    done = await browser.submit(page, action="accept")
    assert "session_state" not in done.headers["location"]
    app = await add_client(world)
    await browser.code(app)
    await browser.code(app, scope="email")
    assert "session_state" not in answer(await browser.authorize(app, scope="email"))
    assert "session_state" not in answer(await browser.authorize(app, max_age="x"))


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://App.example/cb", "https://app.example"),
        ("https://app.example:443/cb", "https://app.example"),
        ("http://127.0.0.1:8080/cb?x", "http://127.0.0.1:8080"),
        ("http://[::1]:80/cb", "http://[::1]"),
        ("com.example.app:/cb", None),
        ("urn:ietf:wg:oauth:2.0:oob", None),
    ],
)
def test_the_origin_of_an_address(uri: str, origin: str | None) -> None:
    """RFC6454-6.2."""
    assert origin_of_uri(uri) == origin
