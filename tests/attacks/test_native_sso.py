"""Native SSO: what signs in a publisher's other applications, and what does not. NSSO-3.1."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import disable
from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.sessions import IDLE, LONGEST, SEEN_EVERY
from keycell.bootstrap import World
from keycell.oauth.access_rules import AccessRule
from keycell.oauth.exchange import ACCESS_TOKEN, TOKEN_EXCHANGE
from keycell.oauth.native_sso import DEVICE_SECRET, ID_TOKEN, ds_hash
from keycell.provider.register import Made

from ..conftest import BASE, CALLBACK, Browser, add_client, at_another_time, keep_client
from ..holder import Holder
from ..protocol.test_response_types import claims_of
from .test_exchange import told
from .test_tokens import introspected

SCOPE = "openid profile offline_access device_sso"
Tokens = dict[str, str]


async def in_suite(world: World, suite: str = "acme", **metadata: object) -> Made:
    """A native application, public as they are."""
    made = await add_client(
        world,
        **{"token_endpoint_auth_method": "none", "application_type": "native",
           "redirect_uris": [CALLBACK]} | metadata,
    )  # fmt: skip
    placed = replace(made, client=replace(made.client, suite=suite))
    await keep_client(world, placed.client)
    return placed


@pytest.fixture
async def mail(world: World, ann: Account) -> Made:
    return await in_suite(world)


@pytest.fixture
async def chat(world: World) -> Made:
    return await in_suite(world)


async def share(browser: Browser, made: Made, shown: Tokens, **params: str) -> httpx2.Response:
    form = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": shown["id_token"], "subject_token_type": ID_TOKEN,
        "actor_token": shown["device_secret"], "actor_token_type": DEVICE_SECRET,
    } | params  # fmt: skip
    return await browser.token(made, **{k: v for k, v in form.items() if v})


async def end(browser: Browser, made: Made, token: str) -> int:
    form = {"client_id": made.client.client_id, "token": token}
    return (await browser.http.post("/oidc/oauth2/revoke", data=form)).status_code


async def test_another_application_of_the_suite_is_signed_in(
    browser: Browser, world: World, mail: Made, chat: Made
) -> None:
    """NSSO-3.2, NSSO-3.4, NSSO-4.2: the pair is good for each of them, however often one asks."""
    first = await browser.tokens(mail, SCOPE)
    said = claims_of(world, first["id_token"])
    assert said["ds_hash"] == ds_hash(first["device_secret"])
    answered = await share(browser, chat, first, audience=f"{BASE}/oidc")
    got = answered.json()
    assert answered.status_code == 200, got
    assert got["issued_token_type"] == ACCESS_TOKEN
    assert got["device_secret"] == first["device_secret"]
    mine = claims_of(world, got["id_token"])
    assert mine["aud"] == chat.client.client_id
    assert [mine[name] for name in ("sub", "sid", "auth_time", "ds_hash")] == [
        said[name] for name in ("sub", "sid", "auth_time", "ds_hash")
    ]
    assert (await browser.userinfo(got["access_token"])).json()["sub"] == said["sub"]
    # A third one may show what the second was given, and a refreshed ID token does too.
    again = (await browser.refresh(chat, got["refresh_token"])).json()
    assert (await share(browser, mail, again)).status_code == 200
    metadata = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    assert metadata["native_sso_supported"] is True


async def test_what_is_shared_is_no_more_than_was_allowed(
    browser: Browser, world: World, mail: Made
) -> None:
    """NSSO-4.3: of what the first was granted, what the second registered."""
    first = await browser.tokens(mail, SCOPE)
    for registered, asked, expected in (
        ("openid email profile", "", "openid profile"),
        ("openid profile offline_access", "openid", "openid"),
        ("openid profile offline_access admin", "", "offline_access openid profile"),
    ):
        other = await in_suite(world, scope=registered)
        got = (await share(browser, other, first, scope=asked)).json()
        assert got["scope"] == expected
        assert "device_secret" not in got
        assert ("refresh_token" in got) == ("offline_access" in expected)
    wide = await in_suite(world)
    assert told(await share(browser, wide, first, scope="openid email")) == "invalid_scope"
    elsewhere = await share(browser, wide, first, resource="https://api.example/")
    assert told(elsewhere) == "invalid_target"
    without = await in_suite(world, grant_types=["authorization_code"])
    assert "refresh_token" not in (await share(browser, without, first)).json()


async def test_the_scope_is_for_a_suite_a_code_and_a_session(
    browser: Browser, world: World, mail: Made
) -> None:
    """NSSO-3.1, NSSO-3.4."""
    alone = await in_suite(world, suite="")
    got = await browser.tokens(alone, SCOPE)
    assert "device_sso" not in got["scope"]
    assert "device_secret" not in got
    got = await browser.tokens(mail, "device_sso profile")
    assert "device_secret" not in got
    got = await browser.tokens(mail, "openid profile")
    assert "device_secret" not in got
    assert "ds_hash" not in claims_of(world, got["id_token"])


async def test_attack_38_a_pair_of_others_signs_nobody_in(
    browser: Browser, world: World, mail: Made, chat: Made
) -> None:
    """NSSO-4.3: the secret, the ID token and the suite must be of one another."""
    first = await browser.tokens(mail, SCOPE)
    secret, id_token = first["device_secret"], first["id_token"]
    sid = secret.removeprefix("kcd_").partition(".")[0]
    plain = await browser.tokens(await in_suite(world, suite=""), "openid")
    for wrong in (
        {"actor_token": f"kcd_{sid}.{'A' * 43}"},
        {"actor_token": "kcd_nonsense"},
        {"actor_token": first["access_token"]},
        {"actor_token_type": ACCESS_TOKEN},
        {"actor_token_type": ""},
        {"actor_token": ""},
        {"subject_token": plain["id_token"]},
        {"subject_token": first["access_token"]},
        {"subject_token": id_token[:-8] + "AAAAAAAA"},
        {"subject_token_type": ACCESS_TOKEN},
        {"requested_token_type": ID_TOKEN},
    ):
        assert told(await share(browser, chat, first, **wrong)) == "invalid_request", wrong
    rival = await in_suite(world, suite="rival")
    assert told(await share(browser, rival, first)) == "invalid_request"
    loner = await in_suite(world, suite="")
    assert told(await share(browser, loner, first)) == "unauthorized_client"
    # Another session of the same person, in another browser.
    async with at_another_time(world, timedelta()) as elsewhere:
        second = await elsewhere.tokens(mail, SCOPE)
    assert second["device_secret"] != secret
    mixed = first | {"device_secret": second["device_secret"]}
    assert told(await share(browser, chat, mixed)) == "invalid_request"
    assert (await share(browser, chat, first)).status_code == 200


async def test_attack_38_what_ends_the_session_ends_the_secret(
    browser: Browser, world: World, mail: Made, chat: Made, ann: Account
) -> None:
    """NSSO-4.3: signed out, taken out of the suite, disconnected, disabled, or too old."""
    first = await browser.tokens(mail, SCOPE)
    event = AuditEvent(at=world.provider.clock(), actor="test", action="session.ended")
    await keep_client(world, replace(mail.client, suite="other"))
    assert told(await share(browser, chat, first)) == "invalid_request"
    await keep_client(world, replace(mail.client, disabled=True))
    assert told(await share(browser, chat, first)) == "invalid_request"
    await keep_client(world, mail.client)
    got = (await share(browser, chat, first)).json()
    # Where the first was disconnected, the second still vouches for the session.
    assert await end(browser, mail, first["refresh_token"]) == 200
    assert told(await share(browser, chat, first)) == "invalid_request"
    assert (await share(browser, mail, got)).status_code == 200
    sid = str(claims_of(world, got["id_token"])["sid"])
    assert await world.provider.sessions.end(sid, world.provider.clock(), event)
    assert told(await share(browser, mail, got)) == "invalid_request"
    later = await browser.tokens(mail, SCOPE)
    await disable(world.people, ann, "test")
    assert told(await share(browser, chat, later)) == "invalid_request"


async def test_a_secret_outlasts_an_idle_browser_but_not_the_longest_session(
    browser: Browser, world: World, mail: Made, chat: Made, ann: Account
) -> None:
    """decisions/0063."""
    first = await browser.tokens(mail, SCOPE)
    async with at_another_time(world, SEEN_EVERY * 2) as later:
        later.http.cookies = browser.http.cookies
        assert "code=" in (await later.authorize(mail)).headers["location"]
    async with at_another_time(world, IDLE * 3) as later:
        later.http.cookies = browser.http.cookies
        now = later.world.provider.clock()
        kept = await world.provider.sessions.of_account(ann.sub, now)
        assert len(kept) == 1
        assert kept[0].seen_at > kept[0].created_at
        assert (await share(later, chat, first)).status_code == 200
        page = await later.authorize(mail, prompt="none")
        assert "login_required" in page.headers["location"]
    async with at_another_time(world, LONGEST + timedelta(seconds=1)) as later:
        assert told(await share(later, chat, first)) == "invalid_request"


async def test_the_rules_of_the_one_that_asks_hold(
    browser: Browser, world: World, mail: Made, chat: Made
) -> None:
    """OIDCR-2, RFC9449-5: who may use it, how recently they signed in, and its key."""
    first = await browser.tokens(mail, SCOPE)
    await keep_client(world, replace(chat.client, access=AccessRule(people=("bob",))))
    assert told(await share(browser, chat, first)) == "invalid_grant"
    hasty = await in_suite(world, default_max_age=60)
    async with at_another_time(world, timedelta(seconds=61)) as later:
        assert told(await share(later, hasty, first)) == "invalid_grant"
    assert (await share(browser, hasty, first)).status_code == 200
    holder = Holder()
    proof = {"DPoP": holder.proof(f"{BASE}/oidc/oauth2/token")}
    form = {
        "grant_type": TOKEN_EXCHANGE, "client_id": hasty.client.client_id,
        "subject_token": first["id_token"], "subject_token_type": ID_TOKEN,
        "actor_token": first["device_secret"], "actor_token_type": DEVICE_SECRET,
    }  # fmt: skip
    got = await browser.http.post("/oidc/oauth2/token", data=form, headers=proof)
    assert got.json()["token_type"] == "DPoP"
    unproven = await browser.refresh(hasty, got.json()["refresh_token"])
    assert told(unproven) == "invalid_grant"


async def test_attack_65_a_network_holds_though_no_browser_comes(
    browser: Browser, world: World, mail: Made, chat: Made
) -> None:
    """decisions/0060: it narrows who starts a grant, and this starts one."""
    first = await browser.tokens(mail, SCOPE)
    for network, is_within in (("192.0.2.0/24", False), ("127.0.0.0/8", True)):
        rule = AccessRule(networks=(network,))
        await keep_client(world, replace(chat.client, access=rule))
        asked = await share(browser, chat, first)
        assert asked.is_success if is_within else told(asked) == "invalid_grant"


async def test_twenty_applications_at_once_are_all_signed_in(
    browser: Browser, world: World, mail: Made, chat: Made
) -> None:
    """Nothing is spent: each gets a grant of its own."""
    first = await browser.tokens(mail, SCOPE)
    answers = await asyncio.gather(*(share(browser, chat, first) for _ in range(20)))
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["refresh_token"] for one in answers}) == 20
    asker = await add_client(world)
    shown = await introspected(browser, asker, answers[0].json()["access_token"])
    assert shown["active"] is False  # it is not for the one that asks
