"""Who is slow to publish keys keeps nobody waiting but their like: rows 57, 61 and 89."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx2
from joserfc.jwk import ECKey

from keycell.bootstrap import World
from keycell.oauth.clients import CameBy
from keycell.outside.assertions import ClientJwts
from keycell.outside.encryption import JweKeyring
from keycell.outside.fetch import SECONDS, Fetcher, RemoteKeys
from keycell.provider.register import Made
from keycell.server import make_app

from ..conftest import BASE, Browser, add_client, keep_client
from ..protocol.test_client_authentication import OWN, assert_with, claims_of, signed
from .test_fetching import answering, never, ok

KEY = ECKey.generate_key("P-256", {"kid": "one"})
KEYS = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()


class Names:
    """A name server that knows one host, and answers nothing about others."""

    def __init__(self) -> None:
        self.slow: list[str] = []
        self.are_full = asyncio.Event()

    async def resolve(self, host: str, port: int) -> list[str]:
        if host == "ours.example":
            return ["127.0.0.1"]
        self.slow.append(host)
        if len(self.slow) == 4:
            self.are_full.set()
        return await never(host, port)


@asynccontextmanager
async def opened(world: World, names: Names) -> AsyncIterator[Browser]:
    """A server that asks this name server."""
    fetcher = Fetcher(["127.0.0.0/8"], resolve=names.resolve)
    remote = RemoteKeys(fetcher)
    jwts = ClientJwts(remote, fetcher, JweKeyring(remote))
    provider = replace(world.provider, foreign=jwts)
    app = make_app(replace(world, provider=provider, fetcher=fetcher))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)
    await fetcher.close()


async def publishing(world: World, jwks_uri: str, came_by: CameBy) -> Made:
    """Have a client that publishes its keys at an address."""
    made = await add_client(
        world, **OWN, token_endpoint_auth_method="private_key_jwt",
        jwks_uri="https://ours.example/jwks",
    )  # fmt: skip
    metadata = replace(made.client.metadata, jwks_uri=jwks_uri)
    client = replace(made.client, came_by=came_by, metadata=metadata)
    await keep_client(world, client)
    return replace(made, client=client)


async def prove(browser: Browser, made: Made) -> int:
    good = signed(KEY, claims_of(made), "ES256", kid="one")
    return (await assert_with(browser, made, good)).status_code


async def test_attack_61_89_slow_keys_of_strangers_keep_no_administrators_waiting(
    world: World,
) -> None:
    """ATTACKS 57, 61, 89: turns of their own, though they say they publish at the same place."""
    names = Names()
    async with opened(world, names) as browser, answering(ok(KEYS)) as url:
        port = url.rsplit(":", 1)[1].partition("/")[0]
        where = f"http://ours.example:{port}/jwks"
        slow = [f"https://x{number}.example/" for number in range(12)]
        strangers = [await publishing(world, one, "registration") for one in (*slow, where)]
        known = await publishing(world, where, "cli")
        asked = [asyncio.ensure_future(prove(browser, one)) for one in strangers[:-1]]
        await asyncio.wait_for(names.are_full.wait(), 60)
        asked.append(asyncio.ensure_future(prove(browser, strangers[-1])))
        begun = time.monotonic()
        assert await prove(browser, known) == 200
        assert time.monotonic() - begun < SECONDS / 2
        assert len(names.slow) == 4
        # Whoever waited was told so, by the code for who cannot be known.
        assert (await asyncio.gather(*asked))[:-1] == [401] * 12


async def test_who_came_by_themselves_are_strangers(world: World) -> None:
    """decisions/0061: those that are described by a document are, too."""
    made = await publishing(world, "https://ours.example/jwks", "cli")
    ways: dict[CameBy, bool] = {
        "first-party": False, "cli": False, "rest": False, "static": False,
        "registration": True, "document": True,
    }  # fmt: skip
    assert {way: replace(made.client, came_by=way).is_strangers for way in ways} == ways


async def test_attack_61_89_one_slow_host_keeps_no_other_waiting(world: World) -> None:
    """ATTACKS 61, 89: of whichever kind, two of the turns are for one host."""
    names = Names()
    async with opened(world, names) as browser, answering(ok(KEYS)) as url:
        port = url.rsplit(":", 1)[1].partition("/")[0]
        hosts = ["slow.example", "SLOW.example", "slow.example."]
        slow = [
            await publishing(world, f"https://{hosts[number % 3]}/{number}", "cli")
            for number in range(12)
        ]
        known = await publishing(world, f"http://ours.example:{port}/jwks", "cli")
        asked = [asyncio.ensure_future(prove(browser, one)) for one in slow]
        with suppress(TimeoutError):
            await asyncio.wait_for(names.are_full.wait(), 0.2)
        assert len(names.slow) == 2
        assert await prove(browser, known) == 200
        assert await asyncio.gather(*asked) == [401] * 12
