"""Keeping the signing keys, with many processes that all look at their age."""

import asyncio
import base64
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from joserfc import jws

from keycell.bootstrap import World, load_keys
from keycell.filling import now
from keycell.oauth.keys import KEPT_AFTER, ROTATED_AFTER
from keycell.oauth.metadata import OWN_KEYS
from keycell.provider.keys import KeyKeeping, maintain, revoke, rotate
from keycell.rounds import keep_keys
from keycell.settings import Settings

from ..opening import opening
from ..postgres import Postgres

KEY = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()


def later(world: World, by: timedelta) -> KeyKeeping:
    return replace(world.keys, clock=lambda: now() + by)


async def states(world: World) -> Counter[tuple[str, str]]:
    kept = await world.keys.store.all()
    return Counter((key.record.alg, key.record.state) for key in kept)


def one_each(*expected: str) -> Counter[tuple[str, str]]:
    return Counter((alg, state) for alg in OWN_KEYS for state in expected)


def signs_with(world: World, alg: str = "ES256") -> str:
    token = world.keyring.sign_now(alg, "JWT", {})
    return str(jws.extract_compact(token.encode()).headers()["kid"])


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError


async def test_by_age_one_of_twenty_changes_the_keys(settings: Settings) -> None:
    """OIDCC-10.1.1: and every process signs with those that were published before."""
    async with opening(settings) as one, opening(settings) as two:
        await two.versions.start()
        published = {key.record.kid for key in await one.keys.store.all()}
        before = signs_with(two)
        token = two.keyring.sign_now("ES256", "JWT", {})
        keeping = [later(world, ROTATED_AFTER) for world in (one, two)]
        await asyncio.gather(*(maintain(keeping[n % 2]) for n in range(20)))
        assert await states(one) == one_each("next", "current", "previous")
        await until(lambda: signs_with(two) != before)
        assert signs_with(two) in published
        assert two.keyring.verify(token, "JWT") == {}
        page = await one.audit.page(None, 50)
        told = [event.target for _, event in page if event.action == "key.rotated"]
        assert sorted(told) == sorted([*OWN_KEYS] * 2)  # the first start's among them


async def test_a_previous_key_goes_after_its_time(settings: Settings) -> None:
    """OIDCC-10.1.1."""
    async with opening(settings) as world:
        token = world.keyring.sign_now("ES256", "JWT", {})
        await rotate(world.keys, "ES256", "test", is_urgent=True)
        await load_keys(world)
        assert world.keyring.verify(token, "JWT") == {}
        await maintain(later(world, KEPT_AFTER + timedelta(minutes=1)))
        await load_keys(world)
        assert await states(world) == one_each("next", "current")
        assert world.keyring.verify(token, "JWT") is None


async def test_twenty_that_rotate_at_once_rotate_once(settings: Settings) -> None:
    async with opening(settings) as one, opening(settings) as two:
        rotations = (
            rotate(world.keys, "ES256", "test", is_urgent=True)
            for _ in range(10)
            for world in (one, two)
        )
        outcomes = await asyncio.gather(*rotations)
        assert outcomes.count(True) >= 1
        found = await states(one)
        assert found["ES256", "current"] == found["ES256", "next"] == 1
        assert found["ES256", "previous"] == outcomes.count(True)


async def test_what_a_revoked_key_signed_verifies_nowhere(settings: Settings) -> None:
    """UX-X50: published no more, in no process; each algorithm still has one that follows."""
    async with opening(settings) as one, opening(settings) as two:
        await two.versions.start()
        leaked = signs_with(one)
        token = two.keyring.sign_now("ES256", "JWT", {})
        assert await revoke(one.keys, leaked, "test")
        assert not await revoke(one.keys, leaked, "test")
        assert not await revoke(one.keys, "unknown", "test")
        await until(lambda: signs_with(two) != leaked)
        assert two.keyring.verify(token, "JWT") is None
        assert leaked not in str(two.keyring.public_jwks())
        found = await states(one)
        assert {found["ES256", state] for state in ("next", "current", "revoked")} == {1}
        page = await one.audit.page(None, 50)
        told = [event.target for _, event in page if event.action == "key.revoked"]
        assert told == [leaked]


async def test_a_key_that_was_to_follow_is_revoked_and_another_follows(world: World) -> None:
    """UX-X50."""
    kept = await world.keys.store.all()
    for state in ("next", "current"):
        (kid,) = (k.record.kid for k in kept if (k.record.alg, k.record.state) == ("RS256", state))
        assert await revoke(world.keys, kid, "test")
    found = await states(world)
    assert (found["RS256", "current"], found["RS256", "next"]) == (1, 1)
    assert found["RS256", "revoked"] == 2


async def test_twenty_that_revoke_at_once_revoke_once(settings: Settings) -> None:
    async with opening(settings) as one, opening(settings) as two:
        leaked = signs_with(one)
        outcomes = await asyncio.gather(
            *(revoke(world.keys, leaked, "test") for _ in range(10) for world in (one, two))
        )
        assert outcomes.count(True) == 1
        found = await states(one)
        assert {found["ES256", state] for state in ("next", "current", "revoked")} == {1}


async def test_keys_are_kept_through_an_outage(postgres: Postgres, tmp_path: Path) -> None:
    """A look while the database is away is not the last one, and no change is missed."""
    with postgres.database() as url:
        settings = Settings(data=tmp_path, database=url, sealing_key=KEY)
        async with opening(settings) as world:
            await world.versions.start()
            before = signs_with(world)
            aged = replace(world, keys=later(world, ROTATED_AFTER))
            with contextlib.ExitStack() as away:
                await asyncio.to_thread(away.enter_context, postgres.away())
                looking = asyncio.create_task(keep_keys(aged, every=0.05))
                await asyncio.sleep(0.6)
                assert not looking.done()
                await asyncio.to_thread(away.close)
            await until(lambda: signs_with(world) != before)
            looking.cancel()


async def test_others_go_on_while_a_key_is_made(world: World) -> None:
    making = asyncio.ensure_future(world.keys.make("RS256"))
    turns = 0
    while not making.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await making)[0].startswith("RS256-")
    assert turns > 10
