"""Requests from the back: who may be asked, how often, and who may answer. CIBA-14."""

import asyncio
import re
from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account, disable
from keycell.accounts.audit import NOWHERE
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import UnknownUserId
from keycell.oauth.token import BACKCHANNEL
from keycell.provider.backchannel import begin
from keycell.provider.register import Made
from keycell.server import make_app

from ..conftest import BASE, PASSWORD, Browser, keep_client
from ..protocol.test_backchannel import (
    ACCEPT,
    ask,
    asked,
    cashier,
    decide,
    error_of,
    fetch,
    look,
)


@pytest.fixture
async def made(world: World) -> Made:
    return await cashier(world)


async def test_nobody_is_bombed_with_requests(browser: Browser, made: Made, ann: Account) -> None:
    """CIBA-13: of twenty at once by one client five reach the person; a yes makes room."""
    answers = await asyncio.gather(*(ask(browser, made) for _ in range(20)))
    assert [one.status_code for one in answers].count(200) == 5
    refused = next(one for one in answers if one.status_code != 200)
    assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    assert "wait" in refused.json()["error_description"]
    await decide(browser)
    assert (await ask(browser, made)).status_code == 200


async def test_many_clients_do_not_bomb_either(
    browser: Browser, world: World, ann: Account
) -> None:
    """CIBA-13."""
    made = [await cashier(world) for _ in range(6)]
    answers = [await ask(browser, one) for one in made for _ in range(4)]
    assert [one.status_code for one in answers] == [200] * 20 + [403] * 4


async def test_hints_are_not_guessed_without_end(
    browser: Browser, made: Made, ann: Account
) -> None:
    """CIBA-13: nor does a person who is there give the guesses back."""
    errors = []
    for number in range(102):
        refused = await ask(browser, made, login_hint=f"nobody{number}")
        errors.append(refused.json()["error"])
    assert errors[:99] == ["unknown_user_id"] * 99
    assert errors[-1] == "access_denied"
    assert (await ask(browser, made)).json()["error"] == "access_denied"


async def test_a_stranger_learns_of_nobody(browser: Browser, world: World, ann: Account) -> None:
    """CIBA-13, decisions/0054: who registered itself asks those who know it, and no others."""
    document = {
        "client_name": "Stranger", "grant_types": [BACKCHANNEL, "authorization_code"],
        "backchannel_token_delivery_mode": "poll", "redirect_uris": ["https://app.example/cb"],
    }  # fmt: skip
    told = (await browser.http.post("/oidc/register", json=document)).json()
    assert told["backchannel_token_delivery_mode"] == "poll"
    client = await world.clients.find(told["client_id"])
    assert client is not None
    stranger = Made(client, told["client_secret"])
    errors = [(await ask(browser, stranger, login_hint=hint)).json() for hint in ("ann", "nobody")]
    for one in errors:
        one.pop("request_id")
    assert errors[0] == errors[1]
    assert errors[0]["error"] == "unknown_user_id"
    # Nor does who is described by a document, which anybody can write. CIMD-4.
    described = replace(client, came_by="document")
    pairs = (("scope", "openid"), ("login_hint", "ann"))
    with pytest.raises(UnknownUserId):
        await begin(world.provider, world.people, described, pairs, NOWHERE)
    await browser.code(stranger)
    assert (await ask(browser, stranger)).status_code == 200
    page = await browser.http.get("/account/basic")
    csrf = re.findall(r'name="csrf" value="([^"]*)"', page.text)[0]
    form = {"csrf": csrf, "client_id": client.client_id}
    await browser.http.post("/account/basic/revoke", data=form)
    assert (await ask(browser, stranger)).json()["error"] == "unknown_user_id"


async def test_nobody_answers_for_somebody_else(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-8: neither by another's form, nor after somebody else signed in, nor from elsewhere."""
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    auth_req_id = await asked(browser, made)
    page = await look(browser)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    foreign = await browser.http.post(
        "/oauth2/requests", data={**hidden, "action": "accept"},
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert foreign.status_code == 400
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        bob = Browser(world, http)
        assert ACCEPT not in (await look(bob, "bob")).text
        for form in (hidden, {"ticket": "x", "csrf": "x"}, {}):
            sent = await http.post("/oauth2/requests", data={**form, "action": "accept"})
            assert sent.status_code == 400
    kept = await world.provider.backchannel.find(auth_req_id[4:].partition(".")[0])
    assert kept is not None
    assert kept.decided_at is None
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert await error_of(browser, made, auth_req_id) == "authorization_pending"


async def test_a_ticket_of_ours_for_anothers_request_decides_nothing(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-8: what is sealed to somebody says who asks, not that they are the one asked."""
    from keycell.provider.authorize import Visitor  # noqa: PLC0415
    from keycell.provider.backchannel import open_shown, seal_shown  # noqa: PLC0415
    from keycell.provider.waiting import NotWaiting  # noqa: PLC0415

    bob = await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    auth_req_id = await asked(browser, made)
    visitor = Visitor(NOWHERE, None, bob)
    sealed = seal_shown(world.provider, auth_req_id[4:].partition(".")[0], visitor)
    with pytest.raises(NotWaiting):
        await open_shown(world.provider, sealed, visitor)


async def test_anothers_auth_req_id_is_as_good_as_none(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-11, CIBA-14."""
    other = await cashier(world)
    auth_req_id = await asked(browser, made)
    await decide(browser)
    for client, shown in ((other, auth_req_id), (made, auth_req_id[:-3] + "AAA"), (made, "x")):
        assert await error_of(browser, client, shown) == "invalid_grant"
    code = auth_req_id.replace("kcb_", "kcc_")
    refused = await browser.token(made, grant_type="authorization_code", code=code)
    assert refused.json()["error"] in ("unauthorized_client", "invalid_grant")
    assert (await fetch(browser, made, auth_req_id)).status_code == 200


async def test_who_is_disabled_is_asked_nothing_and_gets_nothing(
    browser: Browser, world: World, made: Made, ann: Account
) -> None:
    """CIBA-7.2, CIBA-8: neither person nor client."""
    auth_req_id = await asked(browser, made)
    page = await look(browser)
    await keep_client(world, replace(made.client, disabled=True))
    assert ACCEPT not in (await look(browser)).text
    assert (await browser.submit(page, action="accept")).status_code == 400
    await keep_client(world, made.client)
    assert (await browser.submit(page, action="accept")).status_code == 200
    await disable(world.people, ann, "test", NOWHERE)
    assert (await ask(browser, made)).json()["error"] == "unknown_user_id"
    assert await error_of(browser, made, auth_req_id) == "invalid_grant"


async def test_no_more_than_the_client_may_have(
    browser: Browser, world: World, ann: Account
) -> None:
    """CIBA-7.2: neither at the beginning nor at the end."""
    made = await cashier(world, scope="openid")
    auth_req_id = await asked(browser, made, scope="openid admin files.write offline_access")
    await decide(browser)
    tokens = (await fetch(browser, made, auth_req_id, scope="openid admin")).json()
    assert tokens["scope"] == "openid"
    assert "refresh_token" not in tokens
    details = '[{"type":"files","actions":["write"]}]'
    refused = await ask(browser, made, authorization_details=details)
    assert refused.json()["error"] == "invalid_authorization_details"
