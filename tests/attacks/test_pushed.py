"""Requests that strangers push, and what they register: row 89 of the attacks to survive."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.bootstrap import World
from keycell.oauth.grants import digest
from keycell.oauth.request_objects import PUSHED
from keycell.provider import register as registering
from keycell.provider import requests
from keycell.provider.register import Made

from ..conftest import CALLBACK, Browser, add_client, at_another_time
from ..protocol.test_requests import ASKED, PAR, pushed


async def test_attack_89_nothing_is_kept_that_nobody_reads(
    browser: Browser, world: World, app: Made
) -> None:
    """RFC9126-2, attack 89."""
    uri = await pushed(browser, app, never="x" * 10_000)
    key = digest(uri.removeprefix(PUSHED))
    found = await world.provider.pushed.find(key, world.provider.clock())
    assert found is not None
    assert {name for name, _ in found.pairs} == {"client_id", *ASKED}


async def test_attack_89_what_is_pushed_for_a_public_client_is_counted(
    browser: Browser, world: World, app: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC9126-2.3, attack 89: of twenty at once three are kept, and the others are told."""
    few = replace(requests.PUSHED_FROM, free=3)
    monkeypatch.setattr(requests, "PUSHED_FROM", few)
    anybodys = await add_client(world, token_endpoint_auth_method="none")
    form = ASKED | {"client_id": anybodys.client.client_id}
    answers = await asyncio.gather(*(browser.http.post(PAR, data=form) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [201] * 3 + [429] * 17
    refused = next(one for one in answers if one.status_code == 429)
    assert refused.json()["error"] == "temporarily_unavailable"
    assert int(refused.headers["retry-after"]) > 0
    # Who proves itself waits for nobody.
    assert await pushed(browser, app)


async def test_whoever_asks_for_headers_alone_spends_nothing(browser: Browser, app: Made) -> None:
    """RFC9110-9.2.1, RFC9126-4: a program that looks where a link leads does not use it up."""
    uri = await pushed(browser, app)
    query = {"client_id": app.client.client_id, "request_uri": uri}
    for _ in range(3):
        looked = await browser.http.head("/oidc/oauth2/auth", params=query)
        assert looked.status_code == 405
        assert looked.headers["allow"] == "GET, POST, OPTIONS"
    page = await browser.follow(await browser.http.get("/oidc/oauth2/auth", params=query))
    assert 'id="login-submit"' in page.text


async def test_attack_89_strangers_do_not_fill_the_disk_day_by_day(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC7591-3, attack 89: whoever comes back each hour waits all the same, until tomorrow."""
    few = replace(registering.OPENLY_A_DAY, free=3)
    monkeypatch.setattr(registering, "OPENLY_A_DAY", few)

    async def register(by: Browser, count: int, name: str = "x") -> list[int]:
        document = {"redirect_uris": [CALLBACK], "client_name": name}
        found = [await by.http.post("/oidc/register", json=document) for _ in range(count)]
        return [one.status_code for one in found]

    assert await register(browser, 4) == [201, 201, 201, 429]
    async with at_another_time(world, timedelta(hours=2)) as later:
        assert await register(later, 2) == [201, 429]
    async with at_another_time(world, timedelta(hours=27)) as later:
        assert await register(later, 2) == [201, 201]
    assert await register(browser, 1, "x" * 70_000) == [413]
