"""PROTOCOL L: RP-initiated logout."""

import base64
import json
from datetime import timedelta

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, answer, at_another_time

LOGOUT = "/oidc/oauth2/sessions/logout"
BYE = "https://app.example/bye"


@pytest.fixture
async def leaving(world: World) -> Made:
    return await add_client(world, post_logout_redirect_uris=[BYE])


async def hint_of(browser: Browser, made: Made) -> str:
    body = (await browser.exchange(made, await browser.code(made))).json()
    token: str = body["id_token"]
    return token


async def is_signed_in(browser: Browser, made: Made) -> bool:
    told = answer(await browser.authorize(made, prompt="none"))
    assert told.get("error", "login_required") == "login_required"
    return "code" in told


async def leave(browser: Browser, **params: str) -> httpx2.Response:
    """Leave by a browser that keeps its cookies all the same: what ends is the session."""
    kept = list(browser.http.cookies.jar)
    left = await browser.follow(await browser.http.get(LOGOUT, params=params))
    for cookie in kept:
        browser.http.cookies.jar.set_cookie(cookie)
    return left


async def test_l1_out_and_back_with_state_alone(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """OIDCRIL-2, OIDCRIL-3, PROTOCOL-L1."""
    hint = await hint_of(browser, leaving)
    left = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE, state="a b&c")
    assert left.headers["location"] == f"{BYE}?state=a+b%26c"
    assert any("keycell_session=;" in one.replace('""', "") and "Max-Age=0" in one
               for one in left.headers.get_list("set-cookie"))  # fmt: skip
    assert not await is_signed_in(browser, leaving)
    hint = await hint_of(browser, leaving)
    left = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert left.headers["location"] == BYE


def with_alg_none(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def by_another_key(token: str) -> str:
    """The same header, the key's name included, and the same claims, signed by a stranger."""
    header, payload = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]
    )
    return jwt.encode(header, payload, RSAKey.generate_key(2048))


@pytest.mark.parametrize("wrong", ["uri", "query", "none", "foreign", "missing", "client"])
async def test_l2_nobody_is_sent_where_it_was_not_agreed(
    browser: Browser, leaving: Made, ann: Account, wrong: str
) -> None:
    """OIDCRIL-3, PROTOCOL-L2."""
    hint = await hint_of(browser, leaving)
    params = {"id_token_hint": hint, "post_logout_redirect_uri": BYE} | {
        "uri": {"post_logout_redirect_uri": "https://evil.example/"},
        "query": {"post_logout_redirect_uri": f"{BYE}?foo=bar"},
        "none": {"id_token_hint": with_alg_none(hint)},
        "foreign": {"id_token_hint": by_another_key(hint)},
        "missing": {"id_token_hint": ""},
        "client": {"client_id": "another"},
    }[wrong]
    page = await leave(browser, **{k: v for k, v in params.items() if v})
    assert "location" not in page.headers
    # A page that only asks first would lead there in the end.
    assert page.status_code == 400
    assert "<form" not in page.text
    assert await is_signed_in(browser, leaving)


async def test_l3_without_a_hint_the_person_is_asked(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """OIDCRIL-2, PROTOCOL-L3."""
    await hint_of(browser, leaving)
    for params in ({}, {"state": "x"}):
        page = await leave(browser, **params)
        assert 'id="logout-confirm"' in page.text
    assert await is_signed_in(browser, leaving)
    kept = list(browser.http.cookies.jar)
    done = await browser.submit(page, action="logout")
    assert "You are logged out" in done.text
    for cookie in kept:
        browser.http.cookies.jar.set_cookie(cookie)
    assert not await is_signed_in(browser, leaving)


async def test_l3_a_hint_alone_signs_out(browser: Browser, leaving: Made, ann: Account) -> None:
    """OIDCRIL-2, PROTOCOL-L3."""
    hint = await hint_of(browser, leaving)
    page = await leave(browser, id_token_hint=hint)
    assert "You are logged out" in page.text
    assert not await is_signed_in(browser, leaving)


async def test_l4_an_expired_id_token_is_a_hint(
    browser: Browser, leaving: Made, world: World, ann: Account
) -> None:
    """OIDCRIL-2, PROTOCOL-L4."""
    hint = await hint_of(browser, leaving)
    async with at_another_time(world, timedelta(days=2)) as later:
        left = await leave(later, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert left.headers["location"] == BYE


async def test_anothers_hint_signs_nobody_out_unasked(
    browser: Browser, leaving: Made, world: World, ann: Account
) -> None:
    """OIDCRIL-6: whoever holds an ID token of theirs cannot end somebody else's session."""
    await hint_of(browser, leaving)
    signed = await world.keyring.sign(
        "RS256", "JWT",
        {"iss": f"{BASE}/oidc", "sub": "somebody", "aud": leaving.client.client_id,
         "auth_time": 1},
    )  # fmt: skip
    page = await leave(browser, id_token_hint=signed, post_logout_redirect_uri=BYE)
    assert 'id="logout-confirm"' in page.text
    assert await is_signed_in(browser, leaving)
    done = await browser.submit(page, action="logout")
    assert done.headers["location"] == BYE


async def test_a_hint_of_another_session_signs_out_nobody_unasked(
    browser: Browser, world: World, ann: Account
) -> None:
    """OIDCRIL-2: it was made on another device of the same person, or yesterday."""
    made = await add_client(
        world, post_logout_redirect_uris=[BYE], backchannel_logout_uri="https://app.example/out"
    )
    before = await hint_of(browser, made)
    await leave(browser)
    browser.http.cookies.clear()
    hint = await hint_of(browser, made)
    page = await leave(browser, id_token_hint=before, post_logout_redirect_uri=BYE)
    assert 'id="logout-confirm"' in page.text
    assert await is_signed_in(browser, made)
    left = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert left.headers["location"] == BYE


async def test_whoever_asks_for_headers_alone_signs_out_nobody(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """RFC9110-9.2.1: a HEAD is safe."""
    hint = await hint_of(browser, leaving)
    refused = await browser.http.head(LOGOUT, params={"id_token_hint": hint})
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, POST, OPTIONS"
    assert await is_signed_in(browser, leaving)


async def test_it_is_taken_by_post(browser: Browser, leaving: Made, ann: Account) -> None:
    """OIDCRIL-2."""
    hint = await hint_of(browser, leaving)
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "x"}
    left = await browser.http.post(LOGOUT, data=form)
    assert left.headers["location"] == f"{BYE}?state=x"


async def test_a_post_of_another_site_signs_out_too(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """OIDCRIL-2, RFC6265: browsers keep our cookies back from it, so a GET finds the session."""
    hint = await hint_of(browser, leaving)
    form = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "a b&c", "x": "y"}
    kept = dict(browser.http.cookies)
    browser.http.cookies.clear()
    posted = await browser.http.post(LOGOUT, data=form)
    assert posted.headers["location"].startswith(f"{LOGOUT}?")
    assert "set-cookie" not in posted.headers
    browser.http.cookies.update(kept)
    left = await browser.follow(posted)
    assert left.headers["location"] == f"{BYE}?state=a+b%26c"
    assert not await is_signed_in(browser, leaving)
    refused = await browser.http.post(LOGOUT, data=form | {"id_token_hint": with_alg_none(hint)})
    assert refused.status_code == 400
    assert "location" not in refused.headers


async def test_a_stranger_cannot_press_the_button(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """ATTACKS: cross-site forms."""
    await hint_of(browser, leaving)
    page = await leave(browser)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    forged = await browser.http.post(
        "/oauth2/logout", data={"ticket": ticket, "csrf": "x", "action": "logout"}
    )
    assert forged.status_code == 400
    elsewhere = await browser.http.post(
        "/oauth2/logout",
        data={"ticket": ticket, "action": "logout"},
        headers={"Origin": "https://evil.example"},
    )
    assert elsewhere.status_code == 400
    assert await is_signed_in(browser, leaving)


async def test_tokens_of_the_session_end_with_it(
    browser: Browser, leaving: Made, ann: Account
) -> None:
    """OIDCC-11: what was given for while the person is away stays."""
    short = (await browser.exchange(leaving, await browser.code(leaving))).json()
    long = await browser.tokens(leaving)
    await leave(browser, id_token_hint=short["id_token"])
    assert (await browser.userinfo(short["access_token"])).status_code == 401
    assert (await browser.userinfo(long["access_token"])).status_code == 200
    assert (await browser.refresh(leaving, long["refresh_token"])).status_code == 200
