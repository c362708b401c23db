"""The device authorization grant, from the device and from the browser. RFC8628."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.pkce import s256
from keycell.oauth.token import DEVICE_CODE
from keycell.provider.register import Made

from ..conftest import BASE, VERIFIER, Browser, add_client, at_another_time

SCOPE = "openid profile offline_access"


@pytest.fixture
async def tv(world: World) -> Made:
    """A public application that runs where no browser does."""
    return await add_client(
        world, client_name="Television", grant_types=[DEVICE_CODE, "refresh_token"],
        token_endpoint_auth_method="none", redirect_uris=[],
    )  # fmt: skip


async def begin(browser: Browser, made: Made, **params: str) -> httpx2.Response:
    form = {"scope": SCOPE} | params
    if made.secret is None:
        form["client_id"] = made.client.client_id
        return await browser.http.post("/oidc/oauth2/device", data=form)
    basic = (made.client.client_id, made.secret)
    return await browser.http.post("/oidc/oauth2/device", data=form, auth=basic)


async def begun(browser: Browser, made: Made, **params: str) -> dict[str, Any]:
    response = await begin(browser, made, **params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def fetch(browser: Browser, made: Made, device_code: str, **params: str) -> httpx2.Response:
    return await browser.token(made, grant_type=DEVICE_CODE, device_code=device_code, **params)


async def error_of(browser: Browser, made: Made, device_code: str, **params: str) -> str:
    response = await fetch(browser, made, device_code, **params)
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


async def find(browser: Browser, user_code: str) -> httpx2.Response:
    """Enter a code, signing in where asked."""
    page = await browser.follow(await browser.http.get("/oauth2/device"))
    if 'id="login-submit"' in page.text:
        page = await browser.log_in(page)
    assert 'id="device-find"' in page.text, page.text
    return await browser.submit(page, user_code=user_code, action="find")


async def decide(browser: Browser, user_code: str, action: str = "accept") -> httpx2.Response:
    page = await find(browser, user_code)
    assert 'id="device-accept"' in page.text, page.text
    return await browser.submit(page, action=action)


async def test_a_device_is_told_what_to_show(browser: Browser, tv: Made) -> None:
    """RFC8628-3.2, RFC8628-3.3.1."""
    response = await begin(browser, tv)
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert set(told) == {
        "device_code", "user_code", "verification_uri", "verification_uri_complete",
        "expires_in", "interval",
    }  # fmt: skip
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", told["user_code"])
    assert told["verification_uri"] == f"{BASE}/oauth2/device"
    assert (
        told["verification_uri_complete"] == f"{BASE}/oauth2/device?user_code={told['user_code']}"
    )
    assert (told["expires_in"], told["interval"]) == (600, 5)


async def test_the_metadata_tells_of_it(browser: Browser) -> None:
    """RFC8628-4."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert told["device_authorization_endpoint"] == f"{BASE}/oidc/oauth2/device"
    assert DEVICE_CODE in told["grant_types_supported"]


async def test_a_person_allows_a_device(browser: Browser, tv: Made, ann: Account) -> None:
    """RFC8628-3.3, RFC8628-3.4, RFC8628-3.5."""
    told = await begun(browser, tv, device_name="Living room")
    assert await error_of(browser, tv, told["device_code"]) == "authorization_pending"
    page = await find(browser, told["user_code"].lower())
    for words in ("Television", "Living room", "Did you start this", "see your name", "127.0.0.1"):
        assert words in page.text
    assert "You can close this page" in (await browser.submit(page, action="accept")).text
    response = await fetch(browser, tv, told["device_code"])
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    tokens = response.json()
    assert {"access_token", "id_token", "refresh_token"} <= set(tokens)
    told_of = (await browser.userinfo(tokens["access_token"])).json()
    assert told_of["name"] == "Ann Example"
    assert (await browser.refresh(tv, tokens["refresh_token"])).status_code == 200


async def test_a_person_says_no(browser: Browser, tv: Made, ann: Account) -> None:
    """RFC8628-3.5."""
    told = await begun(browser, tv)
    page = await decide(browser, told["user_code"], "deny")
    assert "You can close this page" in page.text
    for _ in range(2):
        assert await error_of(browser, tv, told["device_code"]) == "access_denied"
    assert 'id="device-error"' in (await find(browser, told["user_code"])).text


async def test_who_polls_too_fast_is_told_to_slow_down(browser: Browser, tv: Made) -> None:
    """RFC8628-3.5: by five seconds each time, and it is remembered."""
    code = (await begun(browser, tv))["device_code"]
    assert await error_of(browser, tv, code) == "authorization_pending"
    for seconds in (10, 15):
        response = await fetch(browser, tv, code)
        assert response.json()["error"] == "slow_down"
        assert f"{seconds} seconds" in response.json()["error_description"]
    async with at_another_time(browser.world, timedelta(seconds=6)) as later:
        assert await error_of(later, tv, code) == "slow_down"
    async with at_another_time(browser.world, timedelta(seconds=30)) as later:
        assert await error_of(later, tv, code) == "authorization_pending"


async def test_a_device_waits_ten_minutes(browser: Browser, tv: Made, ann: Account) -> None:
    """RFC8628-3.5."""
    told = await begun(browser, tv)
    async with at_another_time(browser.world, timedelta(seconds=601)) as later:
        assert await error_of(later, tv, told["device_code"]) == "expired_token"
        assert 'id="device-error"' in (await find(later, told["user_code"])).text


async def test_of_twenty_that_fetch_one_is_answered(
    browser: Browser, tv: Made, ann: Account
) -> None:
    """RFC8628-3.5, RFC6749-4.1.2: and what it got is over, as with any replayed code."""
    told = await begun(browser, tv)
    await decide(browser, told["user_code"])
    answers = await asyncio.gather(*(fetch(browser, tv, told["device_code"]) for _ in range(20)))
    won = [one.json() for one in answers if one.status_code == 200]
    assert len(won) == 1
    assert {one.json()["error"] for one in answers if one.status_code == 400} == {"invalid_grant"}
    assert (await browser.userinfo(won[0]["access_token"])).status_code == 401


async def test_attack_17_a_challenge_binds(browser: Browser, tv: Made, ann: Account) -> None:
    """RFC7636-4.6, attack 17."""
    challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
    told = await begun(browser, tv, **challenge)
    await decide(browser, told["user_code"])
    code = told["device_code"]
    assert await error_of(browser, tv, code) == "invalid_grant"
    assert await error_of(browser, tv, code, code_verifier="x" * 43) == "invalid_grant"
    assert (await fetch(browser, tv, code, code_verifier=VERIFIER)).status_code == 200
    plain = await begin(browser, tv, code_challenge=VERIFIER, code_challenge_method="plain")
    assert plain.json()["error"] == "invalid_request"


async def test_clients_authenticate_as_they_registered(
    browser: Browser, world: World, app: Made
) -> None:
    """RFC8628-3.1, RFC6749-3.2.1."""
    confidential = await add_client(world, grant_types=[DEVICE_CODE], redirect_uris=[])
    assert (await begin(browser, confidential)).status_code == 200
    wrong = await begin(browser, Made(confidential.client, "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    nameless = await browser.http.post("/oidc/oauth2/device", data={"scope": "openid"})
    assert nameless.status_code in (400, 401)
    unregistered = await begin(browser, app)
    assert (unregistered.status_code, unregistered.json()["error"]) == (400, "unauthorized_client")
    assert (await browser.http.get("/oidc/oauth2/device")).status_code == 405


async def test_the_registration_endpoint_takes_the_grant_type(browser: Browser) -> None:
    """RFC8628-4, RFC7591-2."""
    document = {
        "client_name": "Printer", "grant_types": [DEVICE_CODE, "refresh_token"],
        "token_endpoint_auth_method": "none",
    }  # fmt: skip
    response = await browser.http.post("/oidc/register", json=document)
    assert response.status_code == 201, response.text
    assert response.json()["grant_types"] == [DEVICE_CODE, "refresh_token"]


async def test_the_link_asks_who_is_not_signed_in_to_sign_in(
    browser: Browser, tv: Made, ann: Account
) -> None:
    """RFC8628-3.3.1: and still asks them to confirm."""
    link = (await begun(browser, tv))["verification_uri_complete"]
    page = await browser.follow(await browser.http.get(link))
    wrong = await browser.submit(page, username="ann", password="wrong password")
    assert wrong.status_code == 401
    page = await browser.log_in(wrong)
    assert f'value="{link[-9:]}"' in page.text
    page = await browser.submit(page, user_code=link[-9:], action="find")
    assert 'id="device-accept"' in page.text


async def test_our_own_command_line_asks_too(browser: Browser, ann: Account) -> None:
    """RFC8628-5.4, decisions/0045: nobody is spared the question, and it may ask for all."""
    cli = await browser.world.clients.find("keycell-cli")
    assert cli is not None
    made = Made(cli, None)
    told = await begun(browser, made, scope=f"{SCOPE} files.read files.write admin")
    assert await error_of(browser, made, told["device_code"]) == "authorization_pending"
    page = await find(browser, told["user_code"])
    assert "administer this Keycell" in page.text
    await browser.submit(page, action="accept")
    tokens = (await fetch(browser, made, told["device_code"])).json()
    assert "admin" in tokens["scope"].split()


async def test_a_device_stays_when_the_browser_leaves(
    browser: Browser, tv: Made, ann: Account
) -> None:
    """decisions/0045: what was allowed at somebody else's computer goes on after signing out."""
    told = await begun(browser, tv)
    await decide(browser, told["user_code"])
    page = await browser.follow(await browser.http.get("/oidc/oauth2/sessions/logout"))
    await browser.submit(page, action="logout")
    tokens = (await fetch(browser, tv, told["device_code"])).json()
    assert (await browser.userinfo(tokens["access_token"])).status_code == 200


async def test_what_a_device_was_allowed_is_listed_and_ended(
    browser: Browser, tv: Made, ann: Account
) -> None:
    """RFC8628-5.4: what was allowed by mistake can be taken back."""
    told = await begun(browser, tv)
    await decide(browser, told["user_code"])
    tokens = (await fetch(browser, tv, told["device_code"])).json()
    assert "Television" in (await browser.http.get("/account/basic")).text
    await browser.world.provider.consents.revoke(
        ann.sub, tv.client.client_id, browser.world.provider.clock(),
        (await browser.world.audit.page(None, 1))[0][1],
    )  # fmt: skip
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    refused = await browser.refresh(tv, tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("address", ["verification_uri", "verification_uri_complete"])
async def test_whoever_the_browser_knows_may_be_asked_to_sign_in_again(
    browser: Browser, ann: Account, tv: Made, address: str
) -> None:
    """RFC8628-3.1, OIDCC-3.1.2.1."""
    asked = await begun(browser, tv, prompt="login")
    await find(browser, asked["user_code"])
    page = await browser.follow(await browser.http.get(asked[address]))
    assert 'id="login-submit"' in page.text
    page = await browser.log_in(page)
    assert 'id="device-find"' in page.text
    page = await browser.submit(page, user_code=asked["user_code"], action="find")
    await browser.submit(page, action="accept")
    assert (await fetch(browser, tv, asked["device_code"])).status_code == 200
    assert (await begin(browser, tv, prompt="none")).json()["error"] == "invalid_request"
