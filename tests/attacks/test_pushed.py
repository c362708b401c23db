"""Requests that strangers push: row 89 of the attacks to survive."""

import asyncio
from dataclasses import replace

import pytest

from keycell.bootstrap import World
from keycell.oauth.grants import digest
from keycell.oauth.request_objects import PUSHED
from keycell.provider import requests
from keycell.provider.register import Made

from ..conftest import Browser, add_client
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
