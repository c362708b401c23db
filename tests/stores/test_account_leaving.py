"""People who leave after a grace, on both databases. What is asked at once is settled once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.errors import LastAdministrator
from keycell.accounts.people import Account
from keycell.files.access import Action, Right
from keycell.files.errors import NotFound
from keycell.files.spaces import PERSONAL_SLUG
from keycell.stores.accounts import SqlAccountStore, update_verb
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.spaces import SqlSpaceStore

from .conftest import ANN, EVENT, LATER, NOW, space_of, volume_of

GRACE = timedelta(days=14)
LEFT = replace(EVENT, at=LATER, action="account.removed")


def leaving(account: Account) -> Account:
    return replace(account, leaves_at=LATER, updated_at=account.updated_at + GRACE)


async def test_whose_time_has_come_is_removed_with_their_files(database: Database) -> None:
    accounts, spaces = SqlAccountStore(database), SqlSpaceStore(database)
    await accounts.add(ANN, EVENT)
    own = space_of("ann", "v", "root")
    assert await spaces.add(own, volume_of(own), [Right("root", "ann", Action.WRITE)], EVENT)
    assert await accounts.leave(ANN, leaving(ANN), EVENT)
    assert await accounts.due(LATER - timedelta(seconds=1), 9) == []
    due = await accounts.due(LATER, 9)
    assert [one.sub for one in due] == ["ann"]
    assert await accounts.remove_due(due[0], LEFT)
    assert await accounts.find("ann") is None
    assert await spaces.remove_over(LATER) == 1
    assert await spaces.by_id(own.space_id) is None
    assert not await accounts.remove_due(due[0], LEFT)


async def test_who_signs_in_at_the_last_moment_stays_or_is_gone(
    database: Database, url: str
) -> None:
    """Twenty at once: half remove, half keep; the account is there or not, and stays so."""
    accounts = SqlAccountStore(database)
    others = [await open_database(url) for _ in range(3)]
    stores = [accounts, *(SqlAccountStore(one) for one in others)]
    await accounts.add(ANN, EVENT)
    left = leaving(ANN)
    assert await accounts.leave(ANN, left, EVENT)
    kept = replace(left, leaves_at=None, updated_at=LATER)
    works = [
        stores[number % 4].remove_due(left, LEFT)
        if number % 2
        else stores[number % 4].update(left, kept, EVENT)
        for number in range(20)
    ]
    done = await asyncio.gather(*works)
    for other in others:
        await other.close()
    assert sum(done) == 1
    found = await accounts.find("ann")
    assert (found is None) is any(done[1::2])
    assert found is None or found.leaves_at is None


async def test_of_administrators_who_leave_at_once_one_stays(database: Database, url: str) -> None:
    """Twenty at once: nineteen may go, and the last is refused."""
    accounts = SqlAccountStore(database)
    others = [await open_database(url) for _ in range(3)]
    stores = [accounts, *(SqlAccountStore(one) for one in others)]
    people = [
        replace(ANN, sub=f"p{number}", login=f"p{number}", is_admin=True) for number in range(20)
    ]
    for one in people:
        await accounts.add(one, EVENT)
    asked = [stores[i % 4].leave(one, leaving(one), EVENT) for i, one in enumerate(people)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    for other in others:
        await other.close()
    assert sum(one is True for one in told) == 19
    assert sum(isinstance(one, LastAdministrator) for one in told) == 1


Way = Callable[[SqlAccountStore, Account], Awaitable[object]]


async def removed(store: SqlAccountStore, whom: Account) -> None:
    await store.remove(whom.sub, NOW, NOW, EVENT)


async def disabled(store: SqlAccountStore, whom: Account) -> None:
    await store.disable(whom.sub, NOW, EVENT)


async def demoted(store: SqlAccountStore, whom: Account) -> None:
    other = replace(whom, is_admin=False, updated_at=LATER)
    assert await store.update(whom, other, EVENT)


async def left(store: SqlAccountStore, whom: Account) -> None:
    assert await store.leave(whom, leaving(whom), EVENT)


WAYS: list[Way] = [removed, disabled, demoted, left]


def named(ways: list[Way]) -> str:
    return "-".join(one.__name__ for one in ways)


@pytest.mark.parametrize("ways", [*([one] for one in WAYS), WAYS], ids=named)
async def test_attack_85_administrators_who_end_one_another_leave_one(
    database: Database, url: str, ways: list[Way]
) -> None:
    """Twenty at once by four processes, each way alone and all together: the last one stays."""
    others = [await open_database(url) for _ in range(3)]
    stores = [SqlAccountStore(one) for one in (database, *others)]
    people = [
        replace(ANN, sub=f"p{number}", login=f"p{number}", is_admin=True) for number in range(20)
    ]
    for one in people:
        await stores[0].add(one, EVENT)
    works = [ways[i // 4 % len(ways)](stores[i % 4], one) for i, one in enumerate(people)]
    told = await asyncio.gather(*works, return_exceptions=True)
    assert await stores[0].count_administrators() == 1
    for other in others:
        await other.close()
    assert [type(one) for one in told if one is not None] == [LastAdministrator]


async def test_who_does_not_administer_is_ended_at_any_time(database: Database) -> None:
    """Whoever does not act is not the last one who does: disabled, leaving, or never was one."""
    accounts = SqlAccountStore(database)
    people = {
        name: replace(ANN, sub=name, login=name, is_admin=name != "zoe")
        for name in ("ann", "bob", "zoe")
    }
    for one in people.values():
        await accounts.add(one, EVENT)
    await accounts.disable("bob", NOW, EVENT)
    await accounts.disable("bob", LATER, EVENT)
    await accounts.disable("zoe", NOW, EVENT)
    for name in ("zoe", "bob"):
        await accounts.remove(name, NOW, NOW, EVENT)
    other = replace(people["ann"], name="Ann", updated_at=LATER)
    assert await accounts.update(people["ann"], other, EVENT)
    with pytest.raises(LastAdministrator):
        await demoted(accounts, other)
    assert await accounts.find("ann") == other


async def test_the_last_administrator_waits_for_another(database: Database) -> None:
    """One who was frozen by a letter, as their own word, may have been the other."""
    accounts = SqlAccountStore(database)
    ann, bob = replace(ANN, is_admin=True), replace(ANN, sub="bob", login="bob", is_admin=True)
    for one in (ann, bob):
        await accounts.add(one, EVENT)
    assert await accounts.leave(ann, leaving(ann), EVENT)
    with pytest.raises(LastAdministrator):
        await accounts.remove("bob", NOW, NOW, EVENT)
    frozen = replace(bob, disabled_at=NOW, updated_at=LATER)
    assert await database.write(lambda: update_verb(bob, frozen, EVENT))
    with pytest.raises(LastAdministrator):
        await accounts.remove_due(leaving(ann), LEFT)
    assert await accounts.update(frozen, replace(bob, updated_at=LEFT.at + GRACE), EVENT)
    assert await accounts.remove_due(leaving(ann), LEFT)


async def test_nothing_in_flight_leaves_a_space_behind(database: Database, url: str) -> None:
    """Ten ask for the personal space that is made when first asked for, ten remove the person."""
    accounts, others = SqlAccountStore(database), [await open_database(url) for _ in range(3)]
    databases = [database, *others]

    async def work(sub: str, number: int) -> None:
        through = databases[number % 4]
        if number % 2:
            await SqlAccountStore(through).remove(sub, NOW, NOW, EVENT)
        else:
            own = space_of(sub, f"v{sub}.{number}", f"root{sub}.{number}")
            await SqlSpaceStore(through).add(own, volume_of(own), [], EVENT)

    for turn in range(6):
        sub = f"p{turn}"
        await accounts.add(replace(ANN, sub=sub, login=sub), EVENT)
        works = [work(sub, number) for number in range(20)]
        await asyncio.gather(*works, return_exceptions=True)
        assert await SqlSpaceStore(database).find(PERSONAL_SLUG, sub) is None
    for other in others:
        await other.close()


async def test_a_space_of_nobody_is_refused(database: Database) -> None:
    own = space_of("gone", "v", "root")
    with pytest.raises(NotFound, match="no such account"):
        await SqlSpaceStore(database).add(own, volume_of(own), [], EVENT)
