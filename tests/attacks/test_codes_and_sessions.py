"""Authorization codes, PKCE and sessions: rows 16 to 28 of the attacks to survive."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.provider.register import Made

from ..conftest import (
    PASSWORD,
    VERIFIER,
    Browser,
    add_client,
    answer,
    at_another_time,
    keep_client,
)


async def error_of(browser: Browser, made: Made, code: str, **params: str) -> str:
    body = (await browser.exchange(made, code, **params)).json()
    return str(body.get("error", ""))


async def test_attack_16_pkce_downgrade(browser: Browser, world: World, ann: Account) -> None:
    """RFC9700-4.8.2, attack 16: neither half can be dropped."""
    made = await add_client(world)
    bound = await browser.code(made)
    assert await error_of(browser, made, bound, code_verifier="") == "invalid_grant"
    assert await error_of(browser, made, bound, code_verifier="y" * 43) == "invalid_grant"
    assert await error_of(browser, made, bound, code_verifier=s256(VERIFIER)) == "invalid_grant"
    bare = await browser.code(made, code_challenge="", code_challenge_method="")
    assert await error_of(browser, made, bare) == "invalid_grant"
    for required in (
        replace(made.client, require_pkce=True),
        (await add_client(world, token_endpoint_auth_method="none")).client,
    ):
        await keep_client(world, required)
        for params in (
            {"code_challenge": "", "code_challenge_method": ""}, {"code_challenge": ""},
            {"code_challenge_method": "plain"}, {"code_challenge_method": ""},
        ):  # fmt: skip
            page = await browser.authorize(Made(required, None), **params)
            assert answer(page)["error"] == "invalid_request"


async def test_attack_18_anothers_code_or_refresh_token(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC6749-4.1.3, RFC6749-6, attack 18."""
    public = await add_client(world, token_endpoint_auth_method="none")
    other = await add_client(world)
    code = await browser.code(app, scope="openid offline_access")
    for thief in (public, other):
        assert await error_of(browser, thief, code) == "invalid_grant"
    named = {"client_id": app.client.client_id}
    response = await browser.exchange(other, code, **named)
    assert response.status_code == 400
    tokens = (await browser.exchange(app, code)).json()
    for thief in (public, other):
        stolen = await browser.refresh(thief, tokens["refresh_token"])
        assert stolen.json()["error"] == "invalid_grant"
    assert (await browser.refresh(app, tokens["refresh_token"])).status_code == 200


async def test_attack_19_one_kind_of_secret_is_never_another(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-10.5, attack 19."""
    page = await browser.authorize(app)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    tokens = await browser.tokens(app)
    cookie = browser.http.cookies["keycell_session"]
    code = await browser.code(app)
    secrets = [ticket, csrf, cookie, *tokens.values(), app.client.client_id, f"kcc_{cookie}"]
    for secret in (*secrets, code.replace("kcc_", "kcr_"), code.split(".")[0], f"{code}x"):
        text = str(secret)
        assert await error_of(browser, app, text) == "invalid_grant"
        if text != tokens["refresh_token"]:
            refused = await browser.refresh(app, text)
            assert refused.json()["error"] == "invalid_grant"
        if text != tokens["access_token"]:
            assert (await browser.userinfo(text)).status_code == 401
    for text in (code, tokens["access_token"], csrf, cookie):
        stale = await browser.http.get("/oauth2/login", params={"ticket": text})
        assert stale.status_code == 400
    browser.http.cookies.clear()
    browser.http.cookies.set("keycell_session", ticket)
    assert (await browser.http.get("/account/basic")).status_code == 303


async def test_attack_20_21_a_code_is_good_once_and_its_tokens_with_it(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-4.1.2, RFC6749-10.5, attacks 20 and 21."""
    code = await browser.code(app, scope="openid offline_access")
    answers = await asyncio.gather(*(browser.exchange(app, code) for _ in range(20)))
    won = [one.json() for one in answers if one.status_code == 200]
    assert len(won) == 1
    # Nineteen replays: what the one got is over.
    assert (await browser.userinfo(won[0]["access_token"])).status_code == 401
    refused = await browser.refresh(app, won[0]["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


async def test_attack_22_a_session_known_before_is_not_the_one_after(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OWASP session fixation, attack 22."""
    fixed = "fixed-by-an-attacker-0123456789"
    browser.http.cookies.set("keycell_session", fixed)
    await browser.log_in(await browser.authorize(app))
    first = {cookie.value for cookie in browser.http.cookies.jar if "session" in cookie.name}
    page = await browser.authorize(app, prompt="login")
    await browser.log_in(page)
    again = {cookie.value for cookie in browser.http.cookies.jar if "session" in cookie.name}
    assert again != first
    for old in (fixed, *(first - {fixed} - again)):
        browser.http.cookies.clear()
        browser.http.cookies.set("keycell_session", str(old))
        assert (await browser.http.get("/account/basic")).headers["location"] == "/oauth2/login"


async def test_attack_24_a_cancelled_or_skipped_login_is_none(
    browser: Browser, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.1, attack 24."""
    await browser.code(app)
    for params in ({"prompt": "login"}, {"max_age": "0"}):
        page = await browser.authorize(app, **params)
        ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
        told = answer(await browser.submit(page, action="cancel"))
        assert told["error"] == "access_denied"
        for path in ("/oauth2/login", "/oauth2/consent", "/oauth2/choose"):
            skipped = await browser.follow(await browser.http.get(path, params={"ticket": ticket}))
            assert 'id="login-submit"' in skipped.text
        page = await browser.authorize(app, **params)
        for action in ("accept", "this", "other", ""):
            forged = page.text.replace("/oauth2/login", "/oauth2/consent")
            csrf = re.search(r'name="csrf" value="([^"]+)"', forged)
            assert csrf
            form = {"ticket": ticket, "csrf": csrf[1], "action": action}
            response = await browser.follow(await browser.http.post("/oauth2/consent", data=form))
            assert "code=" not in response.headers.get("location", "")
        wrong = await browser.submit(page, username="ann", password="wrong")
        assert wrong.status_code == 401


@pytest.mark.parametrize("params", [{"prompt": "login"}, {"max_age": "60"}])
async def test_attack_24_a_clock_that_is_set_back_makes_no_sign_in_a_new_one(
    browser: Browser, world: World, app: Made, ann: Account, params: dict[str, str]
) -> None:
    """OIDCC-3.1.2.1, attack 24: what was signed in an hour from now is not after this request."""
    await browser.code(app)
    async with at_another_time(world, timedelta(hours=-1)) as earlier:
        for name, value in browser.http.cookies.items():
            earlier.http.cookies.set(name, value)
        page = await earlier.authorize(app, **params)
        assert 'id="login-submit"' in page.text
        assert "code=" in (await earlier.authorize(app)).headers["location"]
        signed_in = await earlier.submit(page, username="ann", password=PASSWORD)
        assert "code=" in signed_in.headers["location"]


async def test_attack_26_forms_of_others(browser: Browser, app: Made, ann: Account) -> None:
    """RFC6749-10.12, attack 26: login, consent, choice, logout, account."""
    login = await browser.authorize(app)
    ticket = re.search(r'name="ticket" value="([^"]+)"', login.text)
    csrf = re.search(r'name="csrf" value="([^"]+)"', login.text)
    assert ticket
    assert csrf
    fields = {"username": "ann", "password": PASSWORD, "ticket": ticket[1]}
    for extra, headers in (
        ({}, {}), ({"csrf": "x"}, {}), ({"csrf": csrf[1], "ticket": ""}, {}),
        ({"csrf": csrf[1]}, {"Origin": "https://evil.example"}),
        ({"csrf": csrf[1]}, {"Sec-Fetch-Site": "cross-site"}),
    ):  # fmt: skip
        refused = await browser.http.post("/oauth2/login", data=fields | extra, headers=headers)
        assert refused.status_code == 400
        assert "keycell_session" not in refused.headers.get("set-cookie", "")
    consent = await browser.log_in(login)
    forged = {"ticket": ticket[1], "csrf": csrf[1], "action": "accept"}
    for name in ("consent", "choose"):
        for form, headers in (
            (forged | {"csrf": ""}, {}), (forged, {"Origin": "https://evil.example"}),
            (forged | {"ticket": ticket[1] + "x"}, {}),
        ):  # fmt: skip
            refused = await browser.http.post(f"/oauth2/{name}", data=form, headers=headers)
            assert refused.status_code == 400
    for name in ("end-session", "end-others", "revoke", "password"):
        refused = await browser.http.post(f"/account/basic/{name}", data={"csrf": csrf[1]})
        assert refused.status_code == 400
    for cookie in browser.http.cookies.jar:
        # The one that a script of ours reads tells of a session, and opens none (OIDCSM-3.2).
        assert cookie.has_nonstandard_attr("HttpOnly") or cookie.name == "keycell_state"
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert "code" in answer(await browser.submit(consent, action="accept"))


async def test_attack_27_a_consent_page_means_what_it_showed(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OIDCC-3.1.2.4, attack 27: neither for another request nor for another client."""
    page = await browser.log_in(await browser.authorize(app, scope="openid"))
    other = await add_client(world)
    wider = await browser.authorize(other, scope="openid phone")
    mixed = page.text.split('name="ticket" value="')[1].split('"')[0]
    csrf = wider.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"ticket": mixed, "csrf": csrf, "action": "accept"}
    assert (await browser.http.post("/oauth2/consent", data=form)).status_code == 400
    done = await browser.submit(page, action="accept", scope="openid phone", client_id="x")
    tokens = (await browser.exchange(app, answer(done)["code"])).json()
    assert tokens["scope"] == "openid"
    await world.provider.consents.revoke(
        ann.sub, app.client.client_id, world.provider.clock(),
        (await world.audit.page(None, 1))[0][1],
    )  # fmt: skip
    asked = await browser.authorize(app)
    assert 'id="consent-accept"' in asked.text
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401


async def test_attack_28_no_cookie_holds_a_request(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC9126-7, attack 28."""
    page = await browser.authorize(app, state="a-secret-state", nonce="a-secret-nonce")
    page = await browser.log_in(page)
    assert "a-secret" not in json.dumps([cookie.value for cookie in browser.http.cookies.jar])
    assert "a-secret" not in page.text.split("<form")[0]
    assert {cookie.name for cookie in browser.http.cookies.jar} == {
        "keycell_session", "keycell_browser", "keycell_device", "keycell_state",
    }  # fmt: skip
    assert len(page.headers.get("set-cookie", "")) < 1000
