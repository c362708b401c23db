"""Guesses at a client's secret: the guesser waits, the client elsewhere does not. RFC6585-4."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.throttle import NETWORK, PAIR
from keycell.bootstrap import World
from keycell.provider.register import give_secret
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, Browser, add_client, at_another_time, keep_client

TOKEN = "/oidc/oauth2/token"
CHOSEN = "the name of my dog, and a year"
Pair = tuple[str, str]


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


@contextlib.asynccontextmanager
async def from_network(world: World, ip: str) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=make_app(world), client=(ip, 1234))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield http


async def ask(http: httpx2.AsyncClient, pair: Pair) -> httpx2.Response:
    return await http.post(TOKEN, data={"grant_type": "client_credentials"}, auth=pair)


async def a_client(world: World, chosen: str = "") -> Pair:
    made = await add_client(world, grant_types=["client_credentials"], redirect_uris=[])
    if chosen:
        made = give_secret(world.provider, made.client, chosen)
        await keep_client(world, made.client)
    return made.client.client_id, str(made.secret)


async def test_who_guesses_waits_and_the_client_elsewhere_does_not(world: World) -> None:
    pair = await a_client(world, CHOSEN)
    async with (
        from_network(world, "192.0.2.7") as guesser,
        from_network(world, "198.51.100.9") as own,
    ):
        guesses = [await ask(guesser, (pair[0], f"guess {n}")) for n in range(PAIR.free + 3)]
        assert [one.status_code for one in guesses] == [401] * PAIR.free + [429] * 3
        told = guesses[-1].json()
        assert (told["error"], told["status_code"]) == ("invalid_client", 429)
        assert "wait" in told["error_description"]
        assert int(guesses[-1].headers["retry-after"]) > 0
        # The guesser's right guess is not heard either, nor one from a neighbour.
        assert (await ask(guesser, pair)).status_code == 429
        async with from_network(world, "192.0.2.200") as neighbour:
            assert (await ask(neighbour, pair)).status_code == 429
        for _ in range(3):
            assert (await ask(own, pair)).status_code == 200
    async with at_another_time(world, timedelta(hours=1)) as later:
        assert (await ask(later.http, pair)).status_code == 200


async def test_a_right_secret_takes_the_wrong_ones_back(world: World, browser: Browser) -> None:
    pair = await a_client(world, CHOSEN)
    for _ in range(3):
        for _ in range(PAIR.free - 1):
            assert (await ask(browser.http, (pair[0], "typo"))).status_code == 401
        assert (await ask(browser.http, pair)).status_code == 200


async def test_twenty_guesses_at_once_are_counted_like_twenty_in_a_row(
    world: World, browser: Browser
) -> None:
    pair = await a_client(world, CHOSEN)
    assert (await ask(browser.http, (pair[0], "wrong"))).status_code == 401
    guesses = (ask(browser.http, (pair[0], f"guess {n}")) for n in range(20))
    statuses = [one.status_code for one in await asyncio.gather(*guesses)]
    assert statuses.count(401) == PAIR.free - 1
    assert statuses.count(429) == 20 - statuses.count(401)


async def test_a_secret_that_we_minted_is_always_heard(world: World, browser: Browser) -> None:
    """It is beyond guessing: no stranger behind the same address holds its client up."""
    pair = await a_client(world)
    for _ in range(PAIR.free + 3):
        await ask(browser.http, (pair[0], "wrong"))
    assert (await ask(browser.http, (pair[0], "wrong"))).status_code == 429
    assert (await ask(browser.http, pair)).status_code == 200


async def test_waiting_does_not_tell_which_clients_there_are(
    world: World, browser: Browser
) -> None:
    known = (await a_client(world, CHOSEN))[0]
    told = []
    for client_id in (known, "unknown", (await a_client(world))[0]):
        answers = [await ask(browser.http, (client_id, "wrong")) for _ in range(PAIR.free + 1)]
        told.append([(one.status_code, one.json()["error_description"][:30]) for one in answers])
    assert told[0] == told[1] == told[2]
    # Nor do many clients, each tried once.
    guesses = [await ask(browser.http, (f"c{n}", "wrong")) for n in range(NETWORK.free)]
    assert guesses[-1].status_code == 429
