"""Devices: of many who decide at once one does, on either database and across processes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.oauth.details import FilesDetail
from keycell.oauth.device import DeviceAuthorization
from keycell.oauth.interaction import Consent
from keycell.oauth.waiting import INTERVAL
from keycell.provider.ports import Lost, Won
from keycell.stores.consents import SqlConsentStore
from keycell.stores.database import Database
from keycell.stores.devices import SqlDeviceStore
from keycell.stores.grants import SqlGrantStore
from keycell.stores.opening import open_database

from .conftest import EVENT, GRANT, LATER, NOW, grant
from .test_grants import spending

DEVICE = DeviceAuthorization(
    device_id="d" * 22, digest="code", user_code="kept", client_id="app",
    scope=frozenset({"openid", "offline_access"}), audience=("https://id.example",),
    details=(FilesDetail(frozenset({"read"}), space="team"),), code_challenge="challenge",
    device_name="Ann's laptop", ip="192.0.2.1", user_agent="keycell/1", created_at=LATER,
    expires_at=LATER + timedelta(minutes=10),
)  # fmt: skip
CONSENT = Consent(DEVICE.scope, frozenset(), DEVICE.details)


async def allow(devices: SqlDeviceStore, number: int) -> bool:
    given = replace(grant(number), client_id="app")
    return await devices.allow(DEVICE.device_id, given, CONSENT, EVENT, EVENT)


async def test_a_device_comes_back_as_it_was_kept(database: Database) -> None:
    devices = SqlDeviceStore(database)
    assert await devices.start(DEVICE)
    assert await devices.find(DEVICE.device_id) == DEVICE
    assert await devices.waiting("kept", NOW) == DEVICE
    assert await devices.find("e" * 22) is None
    assert await devices.waiting("other", NOW) is None
    assert await devices.waiting("kept", DEVICE.expires_at) is None


async def test_of_two_of_one_user_code_one_waits(database: Database) -> None:
    """RFC8628-6.1."""
    devices = SqlDeviceStore(database)
    others = [replace(DEVICE, device_id=f"{number:022}") for number in range(20)]
    kept = await asyncio.gather(*(devices.start(one) for one in others))
    assert kept.count(True) == 1


async def test_of_twenty_who_decide_one_does(database: Database, url: str) -> None:
    """RFC8628-3.3: as two processes would, some saying yes and some saying no."""
    other = await open_database(url)
    one, two = SqlDeviceStore(database), SqlDeviceStore(other)
    await one.start(DEVICE)
    decided = await asyncio.gather(
        *(allow(store, n) for n in range(5) for store in (one, two)),
        *(store.deny(DEVICE.device_id, LATER, EVENT) for _ in range(5) for store in (one, two)),
    )
    await other.close()
    assert decided.count(True) == 1
    kept = await one.find(DEVICE.device_id)
    assert kept is not None
    assert kept.decided_at is not None
    assert (kept.grant_id is not None) == (decided.index(True) < 10)
    assert await one.waiting("kept", NOW) is None
    grants = [await SqlGrantStore(database).find(f"{n:022}") for n in range(5)]
    consent = await SqlConsentStore(database).find("ann", "app", EVENT.at)
    assert sum(one is not None for one in grants) == (1 if kept.grant_id else 0)
    assert consent == (CONSENT if kept.grant_id else None)


async def test_nobody_decides_when_it_is_over(database: Database) -> None:
    """RFC8628-3.5."""
    devices = SqlDeviceStore(database)
    await devices.start(DEVICE)
    late = replace(EVENT, at=DEVICE.expires_at)
    assert not await devices.allow(DEVICE.device_id, grant(1), CONSENT, late, late)
    assert not await devices.deny(DEVICE.device_id, DEVICE.expires_at, late)
    assert await SqlGrantStore(database).find(f"{1:022}") is None


async def test_of_twenty_one_spends_the_device_code(database: Database) -> None:
    """RFC8628-3.5: what was allowed is spent as a code is."""
    devices, grants = SqlDeviceStore(database), SqlGrantStore(database)
    await devices.start(DEVICE)
    assert await devices.allow(DEVICE.device_id, GRANT, CONSENT, EVENT, EVENT)
    outcomes = await asyncio.gather(*(grants.exchange_code(spending(n)) for n in range(20)))
    assert outcomes.count(Won()) == 1
    assert outcomes.count(Lost()) == 19


async def test_polls_at_once_are_each_counted(database: Database) -> None:
    """RFC8628-3.5: of twenty at once one is in time, and each other makes the wait longer."""
    devices = SqlDeviceStore(database)
    await devices.start(DEVICE)
    grown = await asyncio.gather(*(devices.poll(DEVICE.device_id, LATER) for _ in range(20)))
    assert grown.count(None) == 1
    assert sorted(one for one in grown if one) == [n * INTERVAL for n in range(2, 21)]
    kept = await devices.find(DEVICE.device_id)
    assert kept is not None
    assert kept.interval == 20 * INTERVAL
    assert kept.polled_at == LATER
    assert await devices.poll("e" * 22, LATER) is None
