"""A commit whose outcome nobody was told of: mended as soon as the database is back."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from keycell.accounts.ports import StoreUnavailable
from keycell.oauth.grants import Grant
from keycell.provider.ports import Lost, Won
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore
from keycell.stores.opening import open_database

from ..postgres import Postgres
from .conftest import EVENT, GRANT, NOW
from .test_database import ALL, add, raise_one
from .test_grants import rotation, spending
from .wire import Wire, wire_to


@dataclass(frozen=True)
class Far:
    """A database at the end of a wire."""

    database: Database
    wire: Wire

    @property
    def grants(self) -> SqlGrantStore:
        return SqlGrantStore(self.database)

    async def kept(self) -> Grant:
        found = await self.grants.find(GRANT.grant_id)
        assert found is not None
        return found


@pytest.fixture
async def far(postgres: Postgres, migrated_postgres: str) -> AsyncIterator[Far]:
    with postgres.database(migrated_postgres) as url:
        async with wire_to(postgres.port) as wire:
            database = await open_database(url.replace(str(postgres.port), str(wire.port)))
            yield Far(database, wire)
            await database.close()


async def test_a_successor_that_was_told_to_nobody_can_still_be_had(far: Far) -> None:
    """decisions/0005: however long the database was away."""
    await far.grants.start(GRANT, EVENT)
    await far.grants.exchange_code(spending())
    far.wire.loses_next_commit = True
    with pytest.raises(StoreUnavailable):
        await far.grants.rotate(rotation("first0", "second"))
    with pytest.raises(StoreUnavailable):
        await far.kept()
    far.wire.is_cut = False
    kept = (await far.kept()).refresh
    assert kept is not None
    assert (kept.previous_digest, kept.digest) == ("first0", "second")
    assert kept.rotated_at is not None
    assert kept.rotated_at > NOW  # the 60 seconds are counted from when it was back
    assert await far.grants.rotate(rotation("second", "third")) == Won()
    assert (await far.kept()).refresh.rotated_at == NOW  # type: ignore[union-attr]


async def test_a_code_whose_tokens_were_told_to_nobody_is_good_again(far: Far) -> None:
    """RFC6749-4.1.2: and once."""
    await far.grants.start(GRANT, EVENT)
    far.wire.loses_next_commit = True
    with pytest.raises(StoreUnavailable):
        await far.grants.exchange_code(spending(1))
    far.wire.is_cut = False
    assert await far.kept() == GRANT
    outcomes = await asyncio.gather(*(far.grants.exchange_code(spending(n)) for n in range(20)))
    assert outcomes.count(Won()) == 1
    assert outcomes.count(Lost()) == 19


async def test_a_doubt_mends_nothing_that_somebody_else_did(far: Far) -> None:
    """RFC6749-4.1.2."""
    await far.grants.start(GRANT, EVENT)
    assert await far.grants.exchange_code(spending(1)) == Won()
    spent = await far.kept()
    far.wire.loses_next_commit = True
    with pytest.raises(StoreUnavailable):
        await far.grants.exchange_code(spending(2))
    far.wire.is_cut = False
    assert await far.kept() == spent


async def test_what_was_ended_stays_ended(far: Far, postgres: Postgres) -> None:
    """RFC7009-2.1: by another process, while this one was away."""
    await far.grants.start(GRANT, EVENT)
    far.wire.loses_next_commit = True
    with pytest.raises(StoreUnavailable):
        await far.grants.exchange_code(spending())
    near = await open_database(far.database._url.replace(str(far.wire.port), str(postgres.port)))  # type: ignore[attr-defined]  # noqa: SLF001
    assert await SqlGrantStore(near).revoke(GRANT.grant_id, NOW, EVENT)
    await near.close()
    far.wire.is_cut = False
    assert (await far.kept()).revoked_at == NOW
    assert await far.grants.exchange_code(spending()) == Lost()


async def test_a_commit_that_was_lost_is_not_run_again(far: Far) -> None:
    await far.database.write(lambda: add("a"))
    far.wire.loses_next_commit = True
    with pytest.raises(StoreUnavailable):
        await far.database.write(lambda: raise_one("a"))
    far.wire.is_cut = False
    assert (await far.database.read(ALL))[0].version == 2


async def test_a_server_that_does_not_answer_holds_nobody_for_long() -> None:
    """However many stand in line, they wait for one attempt and not one after another."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://keycell@127.0.0.1:{silent.getsockname()[1]}/none"
        database = await open_database(url)
        writes = (database.write(lambda: add("a")) for _ in range(200))
        # One after another they would wait for a quarter of an hour.
        async with asyncio.timeout(60):
            outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert {type(one) for one in outcomes} == {StoreUnavailable}
        await database.close()
