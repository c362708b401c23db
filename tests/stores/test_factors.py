"""Factors are kept, and each code is spent once, on both databases."""

import asyncio
from dataclasses import replace

import pytest

from keycell.accounts.errors import LastWayIn
from keycell.accounts.factors import MOST_PASSKEYS, App, Passkey
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.factors import SqlFactorStore

from .conftest import ANN, EVENT, NOW

KEY = Passkey(
    credential_id="key-1", sub="ann", public_key="public", sign_count=0, name="Laptop",
    aaguid="0", transports=("hybrid", "internal"), is_synced=True, created_at=NOW,
)  # fmt: skip
APP = App(app_id="app-1", sub="ann", sealed="sealed", name="Phone", last_step=7, created_at=NOW)
CODES = tuple(f"code-{number}" for number in range(10))


@pytest.fixture
async def factors(database: Database) -> SqlFactorStore:
    await SqlAccountStore(database).add(ANN, EVENT)
    return SqlFactorStore(database)


async def test_what_is_kept_is_found(factors: SqlFactorStore) -> None:
    assert not (await factors.of_account("ann")).are_set
    assert await factors.add(KEY, CODES, EVENT)
    assert await factors.add(APP, (), EVENT)
    found = await factors.of_account("ann")
    assert (found.passkeys, found.apps, found.codes_left) == ((KEY,), (APP,), 10)
    assert found.are_set
    assert await factors.passkey("key-1") == KEY
    assert await factors.passkey("key-2") is None


async def test_none_is_kept_twice_or_for_nobody(factors: SqlFactorStore) -> None:
    assert await factors.add(KEY, CODES, EVENT)
    # ATTACKS 70: nobody takes a passkey that is somebody's over.
    assert not await factors.add(replace(KEY, sub="ann", public_key="other"), (), EVENT)
    assert not await factors.add(replace(KEY, credential_id="x", sub="gone"), (), EVENT)
    found = await factors.passkey("key-1")
    assert found is not None
    assert found.public_key == "public"


async def test_of_many_made_at_once_none_is_one_too_many(factors: SqlFactorStore) -> None:
    """UX-M03: twenty and more."""
    keys = [replace(KEY, credential_id=f"key-{n:03}") for n in range(MOST_PASSKEYS + 10)]
    made = await asyncio.gather(*(factors.add(key, (), EVENT) for key in keys))
    assert made.count(True) == MOST_PASSKEYS
    assert len((await factors.of_account("ann")).passkeys) == MOST_PASSKEYS


async def test_of_twenty_with_one_code_one_gets_in(factors: SqlFactorStore) -> None:
    """RFC6238-5.2: a code is taken once."""
    await factors.add(APP, (), EVENT)
    tries = (factors.spend_step("app-1", 8, EVENT) for _ in range(20))
    assert (await asyncio.gather(*tries)).count(True) == 1
    assert not await factors.spend_step("app-1", 7, EVENT)
    assert await factors.spend_step("app-1", 9, EVENT)
    assert not await factors.spend_step("app-2", 9, EVENT)


async def test_of_twenty_apps_with_one_secret_one_is_kept(factors: SqlFactorStore) -> None:
    """RFC6238-5.2: each would take the same code once."""
    apps = [replace(APP, app_id=f"app-{n}") for n in range(20)]
    assert (await asyncio.gather(*(factors.add(app, (), EVENT) for app in apps))).count(True) == 1
    assert await factors.add(replace(APP, app_id="other", sealed="another"), (), EVENT)


async def test_of_twenty_with_one_recovery_code_one_gets_in(factors: SqlFactorStore) -> None:
    await factors.add(KEY, CODES, EVENT)
    tries = (factors.spend_code("ann", "code-3", EVENT) for _ in range(20))
    assert (await asyncio.gather(*tries)).count(True) == 1
    assert (await factors.of_account("ann")).codes_left == 9
    assert not await factors.spend_code("bob", "code-4", EVENT)


async def test_of_twenty_that_counted_alike_one_is_the_passkey(factors: SqlFactorStore) -> None:
    """WebAuthn-6.1.1."""
    await factors.add(KEY, (), EVENT)
    tries = (factors.use_passkey(KEY, 5, EVENT) for _ in range(20))
    assert (await asyncio.gather(*tries)).count(True) == 1
    found = await factors.passkey("key-1")
    assert found is not None
    assert found.sign_count == 5
    assert found.last_used_at == EVENT.at


async def test_new_recovery_codes_end_the_old(factors: SqlFactorStore) -> None:
    assert not await factors.put_codes("ann", CODES, EVENT)
    await factors.add(KEY, CODES, EVENT)
    assert await factors.put_codes("ann", ("new-1", "new-2"), EVENT)
    assert (await factors.of_account("ann")).codes_left == 2
    assert not await factors.spend_code("ann", "code-1", EVENT)
    assert await factors.spend_code("ann", "new-1", EVENT)


async def test_a_name_is_changed_by_its_owner_alone(factors: SqlFactorStore) -> None:
    await factors.add(KEY, (), EVENT)
    await factors.add(APP, (), EVENT)
    assert await factors.rename("ann", "key-1", "Desk", EVENT)
    assert await factors.rename("ann", "app-1", "Tablet", EVENT)
    assert not await factors.rename("bob", "key-1", "Mine", EVENT)
    assert [one.name for one in (await factors.of_account("ann")).every] == ["Desk", "Tablet"]


async def test_the_last_factor_takes_the_codes_along(factors: SqlFactorStore) -> None:
    await factors.add(KEY, CODES, EVENT)
    await factors.add(APP, (), EVENT)
    assert not await factors.remove("bob", "key-1", EVENT)
    assert await factors.remove("ann", "key-1", EVENT)
    assert (await factors.of_account("ann")).codes_left == 10
    assert await factors.remove("ann", "app-1", EVENT)
    assert not await factors.remove("ann", "app-1", EVENT)
    assert (await factors.of_account("ann")).codes_left == 0


async def test_the_last_way_in_stays(factors: SqlFactorStore, database: Database) -> None:
    """UX-M05: of two removed at once, where there is no password, one stays."""
    accounts = SqlAccountStore(database)
    assert await accounts.update(ANN, replace(ANN, password_hash=None), EVENT)
    for key_id in ("key-1", "key-2"):
        await factors.add(replace(KEY, credential_id=key_id), (), EVENT)
    outcomes = await asyncio.gather(
        *(factors.remove("ann", key_id, EVENT) for key_id in ("key-1", "key-2")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["LastWayIn", "bool"]
    left = (await factors.of_account("ann")).passkeys
    with pytest.raises(LastWayIn):
        await factors.remove("ann", left[0].credential_id, EVENT)


async def test_a_reset_and_a_removed_account_leave_nothing(
    factors: SqlFactorStore, database: Database
) -> None:
    for key, app in (("key-1", "app-1"), ("key-2", "app-2")):
        await factors.add(replace(KEY, credential_id=key), CODES, EVENT)
        await factors.add(replace(APP, app_id=app), (), EVENT)
        if key == "key-1":
            assert await factors.reset("ann", EVENT) == 2
            assert await factors.reset("ann", EVENT) == 0
        else:
            await SqlAccountStore(database).remove("ann", NOW, NOW, EVENT)
        found = await factors.of_account("ann")
        assert (found.every, found.codes_left) == ((), 0)
