"""Rotation: the same successor for a lost answer, and the end of the grant for a replay.

decisions/0005, decisions/0005, RFC9700-4.14.2.
"""

import asyncio
from datetime import timedelta
from urllib.parse import quote

import pytest

from keycell.accounts.administration import disable
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made

from ..conftest import BASE, Browser, add_client, at_another_time

MINUTE = timedelta(seconds=60)


async def error_of(browser: Browser, made: Made, token: str) -> str:
    body = (await browser.refresh(made, token)).json()
    return str(body.get("error", ""))


async def test_a_lost_answer_is_had_again(browser: Browser, app: Made, ann: Account) -> None:
    """decisions/0005: within a minute, while the successor is unused, as often as it takes."""
    first = (await browser.tokens(app))["refresh_token"]
    answers = [(await browser.refresh(app, first)).json() for _ in range(3)]
    assert len({one["refresh_token"] for one in answers}) == 1
    for one in answers:
        assert (await browser.userinfo(one["access_token"])).status_code == 200


async def test_after_a_minute_it_is_a_replay(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0005."""
    first = (await browser.tokens(app))["refresh_token"]
    second = (await browser.refresh(app, first)).json()["refresh_token"]
    async with at_another_time(world, MINUTE + timedelta(seconds=1)) as later:
        assert await error_of(later, app, first) == "invalid_grant"
    assert await error_of(browser, app, second) == "invalid_grant"


async def test_once_the_successor_is_used_it_is_a_replay(
    browser: Browser, app: Made, ann: Account
) -> None:
    """decisions/0005."""
    first = await browser.tokens(app)
    second = (await browser.refresh(app, first["refresh_token"])).json()
    third = (await browser.refresh(app, second["refresh_token"])).json()
    assert await error_of(browser, app, first["refresh_token"]) == "invalid_grant"
    assert await error_of(browser, app, third["refresh_token"]) == "invalid_grant"
    assert (await browser.userinfo(third["access_token"])).status_code == 401


async def test_a_shadowed_token_ends_its_grant(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0005: five rotations in a row, each asked for twice, and two hold the token."""
    token = (await browser.tokens(app))["refresh_token"]
    for _ in range(4):
        successor = (await browser.refresh(app, token)).json()["refresh_token"]
        assert (await browser.refresh(app, token)).json()["refresh_token"] == successor
        token = successor
    successor = (await browser.refresh(app, token)).json()["refresh_token"]
    assert await error_of(browser, app, token) == "invalid_grant"
    assert await error_of(browser, app, successor) == "invalid_grant"
    trail = [event for _, event in await world.audit.page(None, 50)]
    assert "refresh token shadowed" in [event.detail.get("why") for event in trail]


async def test_now_and_then_a_lost_answer_is_no_shadow(
    browser: Browser, app: Made, ann: Account
) -> None:
    """decisions/0005."""
    token = (await browser.tokens(app))["refresh_token"]
    for number in range(12):
        successor = (await browser.refresh(app, token)).json()["refresh_token"]
        if number % 4:
            again = (await browser.refresh(app, token)).json()["refresh_token"]
            assert again == successor
        token = successor


async def test_scope_narrows_for_one_access_token_alone(
    browser: Browser, app: Made, ann: Account
) -> None:
    """RFC6749-6."""
    tokens = await browser.tokens(app, "openid profile email offline_access")
    narrow = (await browser.refresh(app, tokens["refresh_token"], scope="openid email")).json()
    assert narrow["scope"] == "email openid"
    wider = await browser.refresh(app, narrow["refresh_token"], scope="openid phone")
    assert wider.json()["error"] == "invalid_scope"
    whole = (await browser.refresh(app, narrow["refresh_token"])).json()
    assert whole["scope"] == "email offline_access openid profile"


async def test_an_unused_grant_expires_and_a_used_one_stays(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC9700-4.14.2: sixty days without use."""
    token = (await browser.tokens(app))["refresh_token"]
    async with at_another_time(world, timedelta(days=59)) as later:
        token = (await later.refresh(app, token)).json()["refresh_token"]
    async with at_another_time(world, timedelta(days=118)) as later:
        token = (await later.refresh(app, token)).json()["refresh_token"]
    async with at_another_time(world, timedelta(days=179)) as later:
        assert await error_of(later, app, token) == "invalid_grant"


async def test_a_disabled_person_has_nothing_refreshed(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC6749-6."""
    tokens = await browser.tokens(app)
    await disable(world.people, ann, "test")
    assert await error_of(browser, app, tokens["refresh_token"]) == "invalid_grant"


async def test_twenty_of_a_spent_token_end_the_grant_once(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """RFC9700-4.14.2."""
    first = (await browser.tokens(app))["refresh_token"]
    second = (await browser.refresh(app, first)).json()["refresh_token"]
    third = (await browser.refresh(app, second)).json()["refresh_token"]
    answers = await asyncio.gather(*(browser.refresh(app, first) for _ in range(20)))
    assert {one.json()["error"] for one in answers} == {"invalid_grant"}
    assert await error_of(browser, app, third) == "invalid_grant"
    trail = [event.action for _, event in await world.audit.page(None, 100)]
    assert trail.count("grant.replayed") == 1


@pytest.mark.parametrize("change", ["family", "secret", "grant"])
async def test_a_guess_ends_nothing(
    browser: Browser, app: Made, ann: Account, change: str
) -> None:
    """decisions/0010: only who had a token of the family can replay it."""
    token = (await browser.tokens(app))["refresh_token"]
    grant, family, secret = token.removeprefix("kcr_").split(".")
    guess = {
        "family": f"kcr_{grant}.{'A' * len(family)}.{secret}",
        "grant": f"kcr_{'A' * len(grant)}.{family}.{secret}",
        "secret": f"kcr_{grant}.{family[:-1]}.{secret}",
    }[change]
    assert await error_of(browser, app, guess) == "invalid_grant"
    assert await error_of(browser, app, token) == ""


async def test_resources_bind_and_narrow(browser: Browser, world: World, ann: Account) -> None:
    """RFC8707-2, RFC8707-2.2, RFC9068-3."""
    files, mail = "https://files.example/", "https://mail.example/"
    made = await add_client(world, audience=[files, mail])
    code = await browser.code(made, scope="openid offline_access", resource=files)
    tokens = (await browser.exchange(made, code)).json()
    claims = world.keyring.verify(tokens["access_token"], "at+jwt")
    assert claims is not None
    assert claims["aud"] == files
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    refused = await browser.refresh(made, tokens["refresh_token"], resource=mail)
    assert refused.json()["error"] == "invalid_target"
    same = await browser.refresh(made, tokens["refresh_token"], resource=files)
    assert same.status_code == 200


@pytest.mark.parametrize("resource", ["relative", "https://x.example/#f", "https://no.example"])
async def test_a_resource_that_is_not_allowed(
    browser: Browser, app: Made, ann: Account, resource: str
) -> None:
    """RFC8707-2."""
    page = await browser.authorize(app, resource=resource)
    assert "error=invalid_target" in page.headers["location"]


async def test_both_resources_at_once(browser: Browser, world: World) -> None:
    """RFC8707-2: the parameter may come several times."""
    audience = ["https://files.example/", BASE]
    made = await add_client(
        world, audience=audience, grant_types=["client_credentials"], redirect_uris=[]
    )
    response = await browser.http.post(
        "/oidc/oauth2/token",
        content=(
            "grant_type=client_credentials&resource=https%3A%2F%2Ffiles.example%2F"
            f"&resource={quote(BASE, safe='')}"
        ),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=(made.client.client_id, str(made.secret)),
    )
    claims = world.keyring.verify(response.json()["access_token"], "at+jwt")
    assert claims is not None
    assert claims["aud"] == audience
