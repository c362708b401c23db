"""Backchannel authentication, from the client and from the browser. CIBA-7, CIBA-8, CIBA-10."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.token import BACKCHANNEL
from keycell.provider.notifying import notify
from keycell.provider.register import Made

from ..conftest import BASE, PASSWORD, Browser, add_client, at_another_time
from ..halves import left_half
from .test_requests import KEYS
from .test_telling import OPEN, Application

SCOPE = "openid profile offline_access"
ACCEPT = 'id="request-accept-1"'


async def cashier(world: World, mode: str = "poll", **metadata: object) -> Made:
    """A confidential application at a counter, where nobody types a password."""
    document: dict[str, object] = {
        "client_name": "Cashier", "grant_types": [BACKCHANNEL, "refresh_token"],
        "redirect_uris": [], "backchannel_token_delivery_mode": mode,
    }  # fmt: skip
    return await add_client(world, **document | metadata)


@pytest.fixture
async def made(world: World) -> Made:
    return await cashier(world)


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    found = Application()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    async with server:
        yield found


def signed(claims: dict[str, object]) -> str:
    return jwt.encode({"alg": "ES256"}, claims, KEYS["ES256"], algorithms=["ES256"])


async def ask(browser: Browser, made: Made, **params: str) -> httpx2.Response:
    form = {"scope": SCOPE, "login_hint": "ann"} | params
    assert made.secret is not None
    basic = (made.client.client_id, made.secret)
    sent = {name: value for name, value in form.items() if value}
    return await browser.http.post("/oidc/oauth2/bc-authorize", data=sent, auth=basic)


async def asked(browser: Browser, made: Made, **params: str) -> str:
    response = await ask(browser, made, **params)
    assert response.status_code == 200, response.text
    return str(response.json()["auth_req_id"])


async def fetch(browser: Browser, made: Made, auth_req_id: str, **more: str) -> httpx2.Response:
    return await browser.token(made, grant_type=BACKCHANNEL, auth_req_id=auth_req_id, **more)


async def error_of(browser: Browser, made: Made, auth_req_id: str) -> str:
    response = await fetch(browser, made, auth_req_id)
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


async def look(browser: Browser, login: str = "ann") -> httpx2.Response:
    """See what waits, signing in where asked."""
    page = await browser.follow(await browser.http.get("/oauth2/requests"))
    if 'id="login-submit"' in page.text:
        page = await browser.log_in(page, login)
    return page


async def decide(browser: Browser, action: str = "accept") -> httpx2.Response:
    page = await look(browser)
    assert ACCEPT in page.text, page.text
    return await browser.submit(page, action=action)


async def test_a_person_allows_a_request(browser: Browser, made: Made, ann: Account) -> None:
    """CIBA-7.3, CIBA-8, CIBA-10.1, CIBA-11."""
    response = await ask(browser, made, binding_message="W4SCT", requested_expiry="300")
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    assert set(told) == {"auth_req_id", "expires_in", "interval"}
    assert (told["expires_in"], told["interval"]) == (300, 5)
    auth_req_id = told["auth_req_id"]
    assert await error_of(browser, made, auth_req_id) == "authorization_pending"
    assert await error_of(browser, made, auth_req_id) == "slow_down"
    page = await look(browser)
    for words in ("Cashier", "W4SCT", "see your name", "127.0.0.1", "Did you start this"):
        assert words in page.text
    assert "asks for your permission" in (await browser.http.get("/account/basic")).text
    done = await browser.submit(page, action="accept")
    assert "Allowed" in done.text
    assert ACCEPT not in done.text
    tokens = (await fetch(browser, made, auth_req_id)).json()
    claims = browser.world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert (claims["sub"], claims["aud"]) == (ann.sub, made.client.client_id)
    assert "sid" not in claims
    told_of = (await browser.userinfo(tokens["access_token"])).json()
    assert told_of["name"] == "Ann Example"
    assert (await browser.refresh(made, tokens["refresh_token"])).status_code == 200


async def test_the_metadata_tells_of_it(browser: Browser) -> None:
    """CIBA-4."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert told["backchannel_authentication_endpoint"] == f"{BASE}/oidc/oauth2/bc-authorize"
    assert told["backchannel_token_delivery_modes_supported"] == ["poll", "ping", "push"]
    algorithms = told["backchannel_authentication_request_signing_alg_values_supported"]
    assert algorithms == ["RS256", "PS256", "ES256", "EdDSA"]
    assert told["backchannel_user_code_parameter_supported"] is False
    assert BACKCHANNEL in told["grant_types_supported"]


async def test_a_person_says_no(browser: Browser, made: Made, ann: Account) -> None:
    """CIBA-11."""
    auth_req_id = await asked(browser, made)
    assert "Denied" in (await decide(browser, "deny")).text
    for _ in range(2):
        assert await error_of(browser, made, auth_req_id) == "access_denied"


async def test_a_request_is_over_in_time(browser: Browser, made: Made, ann: Account) -> None:
    """CIBA-11."""
    auth_req_id = await asked(browser, made, requested_expiry="30")
    page = await look(browser)
    async with at_another_time(browser.world, timedelta(seconds=31)) as later:
        assert await error_of(later, made, auth_req_id) == "expired_token"
        later.http.cookies = browser.http.cookies
        late = await later.submit(page, action="accept")
        assert late.status_code == 400
        assert "took too long" in late.text


async def test_of_twenty_that_fetch_one_is_answered(
    browser: Browser, made: Made, ann: Account
) -> None:
    """CIBA-10.1: and what it got is over, as with any replayed code."""
    auth_req_id = await asked(browser, made)
    await decide(browser)
    answers = await asyncio.gather(*(fetch(browser, made, auth_req_id) for _ in range(20)))
    won = [one.json() for one in answers if one.status_code == 200]
    assert len(won) == 1
    assert {one.json()["error"] for one in answers if one.status_code == 400} == {"invalid_grant"}
    assert (await browser.userinfo(won[0]["access_token"])).status_code == 401


async def test_people_are_named_by_address_and_by_an_id_token(
    browser: Browser, made: Made, ann: Account
) -> None:
    """CIBA-7.1: an expired ID token is as good; another client's is none."""
    auth_req_id = await asked(browser, made)
    await decide(browser)
    hint = (await fetch(browser, made, auth_req_id)).json()["id_token"]
    assert (await ask(browser, made, login_hint="", id_token_hint=hint)).status_code == 200
    other = await cashier(browser.world)
    for client, params in (
        (other, {"id_token_hint": hint}),
        (made, {"id_token_hint": "x"}),
        (made, {"id_token_hint": hint, "login_hint": "ann"}),
        (made, {}),
    ):
        refused = await ask(browser, client, **{"login_hint": ""} | params)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert (await ask(browser, made, login_hint="Ann@Example.org")).status_code == 200
    refused = await ask(browser, made, login_hint="nobody")
    assert refused.json()["error"] == "unknown_user_id"


async def test_a_pairwise_client_names_people_by_login(
    browser: Browser, world: World, ann: Account
) -> None:
    """CIBA-4, OIDCC-8.1."""
    made = await cashier(world, subject_type="pairwise")
    auth_req_id = await asked(browser, made)
    await decide(browser)
    tokens = (await fetch(browser, made, auth_req_id)).json()
    claims = world.keyring.verify(tokens["id_token"], "JWT")
    assert claims is not None
    assert claims["sub"] != ann.sub
    refused = await ask(browser, made, login_hint="", id_token_hint=tokens["id_token"])
    assert "login_hint" in refused.json()["error_description"]


async def test_clients_authenticate_as_they_registered(
    browser: Browser, made: Made, app: Made, ann: Account
) -> None:
    """CIBA-7.1, CIBA-13."""
    wrong = await ask(browser, Made(made.client, "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    unregistered = await ask(browser, app)
    assert (unregistered.status_code, unregistered.json()["error"]) == (400, "unauthorized_client")
    assert (await browser.http.get("/oidc/oauth2/bc-authorize")).status_code == 405


async def test_a_request_may_be_signed(browser: Browser, world: World, ann: Account) -> None:
    """CIBA-7.1.1: then it must be, by the registered algorithm, and counts once."""
    made = await cashier(
        world, backchannel_authentication_request_signing_alg="ES256",
        jwks={"keys": [KEYS["ES256"].as_dict(private=False)]},
    )  # fmt: skip
    now = int(world.provider.clock().timestamp())
    claims: dict[str, object] = {
        "iss": made.client.client_id, "aud": world.provider.issuer, "exp": now + 60, "iat": now,
        "nbf": now, "jti": "j1", "scope": "openid", "login_hint": "ann", "requested_expiry": 60,
    }  # fmt: skip
    alone = {"scope": "", "login_hint": ""}
    sent = signed(claims)
    assert (await ask(browser, made, **alone, request=sent)).json()["expires_in"] == 60
    stranger = signed(claims | {"jti": "j2", "iss": "other"})
    for params in (
        alone | {"request": sent},
        alone | {"request": stranger},
        alone | {"request": sent[:-9] + "AAAAAAAAA"},
        {"request": signed(claims | {"jti": "j3"})},
        {},
    ):
        refused = await ask(browser, made, **params)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request"), params


async def told_to(application: Application) -> list[tuple[str, dict[str, Any]]]:
    """Give what an application was told, with the token it came by."""
    found = []
    for head, body in zip(application.heads, application.bodies, strict=True):
        bearer = re.search(r"(?i)authorization: Bearer (\S+)", head)
        assert bearer
        assert "content-type: application/json" in head.lower()
        found.append((bearer[1], json.loads(body)))
    return found


async def notified(world: World, application: Application, mode: str) -> Made:
    return await cashier(
        world, mode, backchannel_client_notification_endpoint=application.uri
    )  # fmt: skip


@pytest.mark.parametrize("action", ["accept", "deny"])
async def test_a_client_is_pinged(
    browser: Browser, world: World, application: Application, ann: Account, action: str
) -> None:
    """CIBA-10.2: that it was decided, and no word of what."""
    made = await notified(world, application, "ping")
    assert (await ask(browser, made)).json()["error"] == "invalid_request"
    auth_req_id = await asked(browser, made, client_notification_token="n0tify")
    assert await notify(world.provider, OPEN) == 0
    await decide(browser, action)
    assert await notify(world.provider, OPEN) == 1
    assert await told_to(application) == [("n0tify", {"auth_req_id": auth_req_id})]
    assert await notify(world.provider, OPEN) == 0, "once"
    status = 200 if action == "accept" else 400
    assert (await fetch(browser, made, auth_req_id)).status_code == status


async def test_tokens_are_pushed(
    browser: Browser, world: World, application: Application, ann: Account
) -> None:
    """CIBA-10.3.1: with what ties them to the request; nobody fetches them."""
    made = await notified(world, application, "push")
    response = (await ask(browser, made, client_notification_token="n0tify")).json()
    assert set(response) == {"auth_req_id", "expires_in"}
    auth_req_id = response["auth_req_id"]
    assert await error_of(browser, made, auth_req_id) == "unauthorized_client"
    await decide(browser)
    assert await error_of(browser, made, auth_req_id) == "unauthorized_client"
    assert await notify(world.provider, OPEN) == 1
    ((bearer, body),) = await told_to(application)
    assert (bearer, body["auth_req_id"]) == ("n0tify", auth_req_id)
    claims = world.keyring.verify(body["id_token"], "JWT")
    assert claims is not None
    said = "urn:openid:params:jwt:claim"
    assert claims[f"{said}:auth_req_id"] == auth_req_id
    assert claims[f"{said}:rt_hash"] == left_half(body["refresh_token"], "RS256")
    assert claims["at_hash"] == left_half(body["access_token"], "RS256")
    assert (await browser.userinfo(body["access_token"])).status_code == 200
    assert (await browser.refresh(made, body["refresh_token"])).status_code == 200


async def test_a_no_is_pushed(
    browser: Browser, world: World, application: Application, ann: Account
) -> None:
    """CIBA-12."""
    made = await notified(world, application, "push")
    auth_req_id = await asked(browser, made, client_notification_token="n0tify")
    await decide(browser, "deny")
    await notify(world.provider, OPEN)
    ((_, body),) = await told_to(application)
    assert (body["auth_req_id"], body["error"]) == (auth_req_id, "access_denied")


async def test_who_does_not_take_it_is_told_again(
    browser: Browser, world: World, application: Application, ann: Account
) -> None:
    """CIBA-10.2, CIBA-10.3.1: the very same tokens; and in the end they are worth nothing."""
    made = await notified(world, application, "push")
    await asked(browser, made, client_notification_token="n0tify")
    await decide(browser)
    application.status = 500
    assert await notify(world.provider, OPEN) == 1
    assert await notify(world.provider, OPEN) == 0, "not at once"
    async with at_another_time(world, timedelta(seconds=10)) as later:
        assert await notify(later.world.provider, OPEN) == 1
    async with at_another_time(world, timedelta(minutes=9, seconds=58)) as later:
        assert await notify(later.world.provider, OPEN) == 1
    told = await told_to(application)
    assert [body for _, body in told] == [told[0][1]] * 3
    assert (await browser.userinfo(told[0][1]["access_token"])).status_code == 401
    events = [event for _, event in await world.audit.page(None, 100)]
    (ended,) = [one for one in events if one.action == "client.told_of_decision"]
    assert (ended.result, ended.detail["tries"]) == ("failed", 3)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_client_that_refuses_our_token_is_pinged_once(
    browser: Browser, world: World, application: Application, ann: Account, status: int
) -> None:
    """CIBA-10.2: it knows us by the token; what was decided it may fetch all the same."""
    made = await notified(world, application, "ping")
    auth_req_id = await asked(browser, made, client_notification_token="n0tify")
    await decide(browser)
    application.status = status
    assert await notify(world.provider, OPEN) == 1
    async with at_another_time(world, timedelta(seconds=10)) as later:
        assert await notify(later.world.provider, OPEN) == 0
    assert len(application.heads) == 1
    assert (await fetch(browser, made, auth_req_id)).status_code == 200


async def test_tokens_that_are_refused_are_worth_nothing(
    browser: Browser, world: World, application: Application, ann: Account
) -> None:
    """CIBA-10.3.1: nobody holds what a client did not take."""
    made = await notified(world, application, "push")
    await asked(browser, made, client_notification_token="n0tify")
    await decide(browser)
    application.status = 401
    assert await notify(world.provider, OPEN) == 1
    ((_, body),) = await told_to(application)
    assert (await browser.userinfo(body["access_token"])).status_code == 401
    assert (await browser.refresh(made, body["refresh_token"])).status_code == 400


async def test_our_own_network_is_not_notified(
    browser: Browser, world: World, application: Application, ann: Account
) -> None:
    """CIBA-10.2, decisions/0025."""
    made = await notified(world, application, "ping")
    await asked(browser, made, client_notification_token="n0tify")
    await decide(browser)
    await notify(world.provider, world.fetcher)
    assert application.heads == []


async def test_what_was_allowed_is_listed_and_written_down(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-8: it can be taken back, and the trail has who asked and who said yes."""
    await asked(browser, made, binding_message="W4SCT")
    await decide(browser)
    assert "Cashier" in (await browser.http.get("/account/basic")).text
    events = {event.action: event for _, event in await world.audit.page(None, 100)}
    assert events["backchannel.asked"].target == ann.sub
    assert events["consent.given"].detail["binding_message"] == "W4SCT"
    assert events["grant.started"].client_id == made.client.client_id


async def test_two_who_wait_are_decided_apart(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-8: each by its own form."""
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    ids = [await asked(browser, made, binding_message=text) for text in ("first", "second")]
    await asked(browser, made, login_hint="bob", binding_message="to bob")
    page = await look(browser)
    assert "to bob" not in page.text
    # The form that is filled in is the last: the earliest request.
    assert page.text.index("second") < page.text.index("first")
    left = await browser.submit(page, action="deny")
    assert "second" in left.text
    assert await error_of(browser, made, ids[0]) == "access_denied"
    assert await error_of(browser, made, ids[1]) == "authorization_pending"
