"""Devices that wait for a person: row 79 of the attacks to survive, and rows 17 and 35 there."""

import re

import httpx2

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.device import format_user_code, make_user_code
from keycell.oauth.token import DEVICE_CODE
from keycell.provider.register import Made
from keycell.server import make_app

from ..conftest import BASE, PASSWORD, Browser, add_client
from ..protocol.test_device import begin, begun, decide, error_of, fetch, find

ACCEPT = 'id="device-accept"'


async def television(world: World) -> Made:
    return await add_client(
        world, grant_types=[DEVICE_CODE, "refresh_token"], token_endpoint_auth_method="none",
        redirect_uris=[],
    )  # fmt: skip


async def test_attack_79_a_link_alone_allows_nothing(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8628-5.4, attack 79: neither the link, nor a form of another site, nor one of ours."""
    tv = await television(world)
    told = await begun(browser, tv)
    await find(browser, "BBBB-BBBB")
    page = await browser.http.get(told["verification_uri_complete"])
    assert page.status_code == 200
    assert ACCEPT not in page.text
    for form in (
        {"user_code": told["user_code"], "action": "accept"},
        {"user_code": told["user_code"], "action": "find"},
        {"user_code": told["user_code"], "action": "accept", "ticket": "x", "csrf": "x"},
    ):
        assert (await browser.http.post("/oauth2/device", data=form)).status_code == 400
    asked = await find(browser, told["user_code"])
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    foreign = await browser.http.post(
        "/oauth2/device", data={**hidden, "action": "accept"},
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert foreign.status_code == 400
    framed = asked.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in framed
    assert await error_of(browser, tv, told["device_code"]) == "authorization_pending"


async def test_attack_79_nobody_answers_for_somebody_else(
    browser: Browser, world: World, ann: Account
) -> None:
    """Attack 79: the page is good for who was asked on it, and no code for another."""
    tv = await television(world)
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    told = await begun(browser, tv)
    asked = await find(browser, told["user_code"])
    ticket = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asked.text))["ticket"]
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        bob = Browser(world, http)
        page = await bob.follow(await http.get("/oauth2/device"))
        await bob.log_in(page, "bob")
        shown = await http.get("/oauth2/device", params={"ticket": ticket})
        assert shown.status_code == 400
        assert ACCEPT not in shown.text
    # In this browser, too, once somebody else has signed in.
    other = await browser.submit(asked, action="other")
    await browser.log_in(other, "bob")
    late = await browser.submit(asked, action="accept")
    assert late.status_code == 400
    assert await error_of(browser, tv, told["device_code"]) == "authorization_pending"
    for text in (told["device_code"], told["user_code"], ticket):
        assert await error_of(browser, tv, text.replace("kcd_", "kcc_")) == "invalid_grant"


async def test_attack_79_user_codes_are_not_guessed(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8628-5.1: five are free; beginning devices of one's own between them frees no more."""
    tv = await television(world)
    waiting = await begun(browser, tv)
    statuses = []
    for number in range(4):
        statuses.append(await find(browser, format_user_code(make_user_code(str(number)))))
        own = await begun(browser, tv)
        statuses.append(await find(browser, own["user_code"]))
    assert [one.status_code for one in statuses] == [400, 200] * 4
    statuses = [await find(browser, "BCDF-GHJK") for _ in range(3)]
    assert statuses[-1].status_code == 429
    assert "Wait" in statuses[-1].text
    # Not even the right one is heard now.
    assert (await find(browser, waiting["user_code"])).status_code == 429


async def test_attack_79_nobody_makes_the_table_grow(browser: Browser, world: World) -> None:
    """RFC8628-5.2: a network has so many devices begin, and then must wait."""
    tv = await television(world)
    statuses = [(await begin(browser, tv)) for _ in range(102)]
    assert statuses[99].status_code == 200
    assert statuses[-1].json()["error"] == "slow_down"


async def test_attack_35_no_more_than_the_client_may_have(
    browser: Browser, world: World, ann: Account
) -> None:
    """Attack 35: neither at the beginning nor at the end."""
    tv = await add_client(
        world, grant_types=[DEVICE_CODE], token_endpoint_auth_method="none", redirect_uris=[],
        scope="openid",
    )  # fmt: skip
    told = await begun(browser, tv, scope="openid admin files.write offline_access roles")
    await decide(browser, told["user_code"])
    tokens = (await fetch(browser, tv, told["device_code"], scope="openid admin")).json()
    assert tokens["scope"] == "openid"
    assert "refresh_token" not in tokens
    details = '[{"type":"files","actions":["write"]}]'
    refused = await begin(browser, tv, authorization_details=details)
    assert refused.json()["error"] == "invalid_authorization_details"


async def test_a_client_that_is_disabled_or_gone_gets_nothing(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC8628-5.4."""
    tv = await television(world)
    told = await begun(browser, tv)
    await decide(browser, told["user_code"])
    event = (await world.audit.page(None, 1))[0][1]
    assert await world.clients.remove(tv.client.client_id, world.provider.clock(), event)
    assert (await fetch(browser, tv, told["device_code"])).status_code == 401
