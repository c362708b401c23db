"""Personal access tokens and access keys: as many as may be, ended at once, noted coarsely."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.oauth.details import READING, FilesDetail
from keycell.provider.personal import MOST_OF_ACCOUNT, AccessKey, PersonalToken, Use
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.personal import SqlAccessKeyStore, SqlPersonalTokenStore

from ..waiting import eventually
from .conftest import ANN, EVENT, LATER, NOW

HOUR = timedelta(hours=1)
TOKEN = PersonalToken(
    token_id="t",
    digest="d",
    sub="ann",
    label="backup",
    scope=frozenset({"files.read"}),
    details=(FilesDetail(READING, "team"),),
    expires_at=LATER + HOUR,
    auto_refresh=timedelta(minutes=10),
    created_at=NOW,
    created_by="ann",
)
KEY = AccessKey(
    token_id="KC" + "A" * 18,
    sealed="sealed",
    sub="ann",
    label="rclone",
    scope=frozenset(),
    details=(FilesDetail(READING, None, "n1"),),
    expires_at=LATER + HOUR,
    created_at=NOW,
    created_by="ann",
)


@pytest.fixture
async def personal(database: Database) -> SqlPersonalTokenStore:
    await SqlAccountStore(database).add(ANN, EVENT)
    return SqlPersonalTokenStore(database)


def numbered(number: int) -> PersonalToken:
    return replace(TOKEN, token_id=f"t{number}", digest=f"d{number}")


async def test_a_token_is_kept_found_and_ended(personal: SqlPersonalTokenStore) -> None:
    assert await personal.add(TOKEN, EVENT)
    held = await personal.find("d")
    assert held is not None
    assert held.token == TOKEN
    assert held.account == ANN
    assert await personal.of_account("ann", NOW) == [TOKEN]
    assert await personal.of_account("ann", LATER + HOUR) == []
    assert not await personal.revoke("t", "somebody else", EVENT)
    outcomes = await asyncio.gather(*(personal.revoke("t", "ann", EVENT) for _ in range(20)))
    assert outcomes.count(True) == 1
    assert await personal.find("d") is None


async def test_twenty_at_once_make_no_more_than_there_may_be(
    personal: SqlPersonalTokenStore, url: str
) -> None:
    for number in range(MOST_OF_ACCOUNT - 5):
        assert await personal.add(numbered(number), EVENT)
    beside = [await open_database(url) for _ in range(4)]
    stores = [SqlPersonalTokenStore(one) for one in beside]
    try:
        outcomes = await asyncio.gather(
            *(stores[n % 4].add(numbered(1000 + n), EVENT) for n in range(20))
        )
    finally:
        for one in beside:
            await one.close()
    assert outcomes.count(True) == 5
    assert len(await personal.of_account("ann", NOW)) == MOST_OF_ACCOUNT


async def test_of_twenty_renewals_of_one_secret_one_is_kept(
    personal: SqlPersonalTokenStore,
) -> None:
    """UX-P07: nobody is given a secret that opens nothing."""
    assert await personal.add(TOKEN, EVENT)
    renewed = [replace(TOKEN, digest=f"new {number}", created_at=LATER) for number in range(20)]
    outcomes = await asyncio.gather(*(personal.renew(TOKEN, one, EVENT) for one in renewed))
    assert outcomes.count(True) == 1
    assert await personal.find("d") is None
    held = await personal.find(renewed[outcomes.index(True)].digest)
    assert held is not None


async def test_a_use_is_noted_and_brings_nothing_back(
    personal: SqlPersonalTokenStore, database: Database
) -> None:
    assert await personal.add(TOKEN, EVENT)
    until = LATER + 2 * HOUR
    personal.note_use(TOKEN, Use(LATER, "::1"), until, EVENT)
    personal.note_use(numbered(7), Use(LATER), until, EVENT)
    assert not await personal.revoke("nothing, and what waits is written", "ann", EVENT)
    noted = replace(TOKEN, last_used_at=LATER, last_used_ip="::1", expires_at=until)
    held = await eventually(lambda: personal.find("d"), lambda one: one and one.token == noted)
    assert held is not None
    assert held.token == noted
    assert await personal.find("d7") is None


@pytest.mark.parametrize("how", ["disable", "remove"])
async def test_what_an_account_made_ends_with_it(
    personal: SqlPersonalTokenStore, database: Database, how: str
) -> None:
    accounts, keys = SqlAccountStore(database), SqlAccessKeyStore(database)
    assert await personal.add(TOKEN, EVENT)
    assert await keys.add(KEY, EVENT)
    if how == "disable":
        await accounts.disable("ann", LATER, EVENT)
    else:
        await accounts.remove("ann", LATER, LATER, EVENT)
    assert await personal.find("d") is None
    assert await personal.of_account("ann", NOW) == []
    assert await keys.of_account("ann", NOW) == []
    assert not await personal.add(numbered(2), EVENT)
    assert not await keys.add(KEY, EVENT)


async def test_an_access_key_is_kept_found_and_ended(
    personal: SqlPersonalTokenStore, database: Database
) -> None:
    keys = SqlAccessKeyStore(database)
    assert await keys.add(KEY, EVENT)
    held = await keys.find(KEY.token_id)
    assert held is not None
    assert held.key == KEY
    assert held.account == ANN
    keys.note_use(KEY, Use(LATER), None)
    noted = [replace(KEY, last_used_at=LATER)]
    held_now = await eventually(lambda: keys.of_account("ann", NOW), lambda some: some == noted)
    assert held_now == noted
    assert await keys.revoke(KEY.token_id, "ann", EVENT)
    assert await keys.find(KEY.token_id) is None
