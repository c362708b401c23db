"""Who must have a second factor is known at once, and put off so often at most. UX-M08."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

import pytest

from keycell.accounts.errors import NamedByRule
from keycell.accounts.groups import Group, Role
from keycell.accounts.lists import Sought
from keycell.accounts.policies import FactorPolicy
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import NOTHING, Database, Params, Row, Statement
from keycell.stores.factors import SqlFactorStore
from keycell.stores.groups import SqlGroupStore
from keycell.stores.policies import SqlPolicyStore
from keycell.stores.sessions import SqlSessionStore

from .conftest import ANN, EVENT, LATER, NOW
from .test_factors import APP, KEY
from .test_trusted import session

POLICY = FactorPolicy(kind="group", name="/lab", due_at=LATER, skips=4, set_at=NOW)


@pytest.fixture
async def policies(database: Database) -> SqlPolicyStore:
    await SqlAccountStore(database).add(ANN, EVENT)
    return SqlPolicyStore(database)


async def test_what_is_kept_is_known_until_it_changes(
    database: Database, policies: SqlPolicyStore
) -> None:
    assert await policies.all() == []
    assert await policies.put(POLICY, EVENT)
    assert await policies.all() == [POLICY]
    other = replace(POLICY, kind="everyone", name="", skips=0)
    assert await policies.put(other, EVENT)
    assert await policies.put(replace(POLICY, skips=2), EVENT)
    assert await policies.all() == [other, replace(POLICY, skips=2)]
    # Another process believes what it read until it is told.
    elsewhere = SqlPolicyStore(database)
    assert len(await elsewhere.all()) == 2
    assert await policies.remove("everyone", "", EVENT)
    assert not await policies.remove("everyone", "", EVENT)
    assert len(await elsewhere.all()) == 2
    elsewhere.forget()
    assert len(await elsewhere.all()) == 1


class Slow:
    """A database whose answers take as long as something else does meanwhile."""

    def __init__(self, database: Database, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self.database, self.meanwhile = database, meanwhile

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        rows = await self.database.read(statement, params)
        await self.meanwhile()
        return rows


async def test_what_was_read_while_it_changed_is_not_kept(
    database: Database, policies: SqlPolicyStore
) -> None:
    async def change() -> None:
        assert await policies.put(POLICY, EVENT)
        store.forget()

    slow = cast("Database", Slow(database, change))
    store = SqlPolicyStore(slow)
    assert await store.all() == []
    assert await store.all() == [POLICY]


async def test_what_a_rule_is_for_is_not_removed(
    database: Database, policies: SqlPolicyStore
) -> None:
    """decisions/0078: a role that goes would free everybody who has it, and nobody were told."""
    groups = SqlGroupStore(database)
    await groups.add_group(Group("/lab", "Lab"), EVENT)
    await groups.put_role(Role("staff", "Staff"), EVENT)
    assert await policies.put(POLICY, EVENT)
    assert await policies.put(replace(POLICY, kind="role", name="staff"), EVENT)
    with pytest.raises(NamedByRule):
        await groups.remove_group("/lab", EVENT)
    with pytest.raises(NamedByRule):
        await groups.remove_role("staff", EVENT)
    assert [one.path for one in await groups.groups()] == ["/lab"]
    assert [one.role_id for one in await groups.roles()] == ["staff"]
    assert await policies.remove("group", "/lab", EVENT)
    assert await policies.remove("role", "staff", EVENT)
    assert await groups.remove_group("/lab", EVENT)
    assert await groups.remove_role("staff", EVENT)


async def test_of_twenty_sessions_four_put_it_off(
    database: Database, policies: SqlPolicyStore
) -> None:
    sessions = SqlSessionStore(database)
    for number in range(20):
        await sessions.start(session(number), None, EVENT)
    tries = (policies.skip(f"sid-{n}", "ann", POLICY.mark, 4, EVENT) for n in range(20))
    done = await asyncio.gather(*tries)
    assert done.count(True) == 4
    assert await policies.used("ann", POLICY.mark) == 4
    marked = [await sessions.find_by_sid(f"sid-{n}") for n in range(20)]
    assert [one is not None and one.skipped_at is not None for one in marked] == done


async def test_of_twenty_forms_of_one_session_one_counts(
    database: Database, policies: SqlPolicyStore
) -> None:
    await SqlSessionStore(database).start(session(1), None, EVENT)
    tries = (policies.skip("sid-1", "ann", POLICY.mark, 4, EVENT) for _ in range(20))
    assert all(await asyncio.gather(*tries))
    assert await policies.used("ann", POLICY.mark) == 1


async def test_each_person_counts_for_themselves(
    database: Database, policies: SqlPolicyStore
) -> None:
    await SqlAccountStore(database).add(replace(ANN, sub="bob", login="bob"), EVENT)
    sessions = SqlSessionStore(database)
    for number, sub in enumerate(("ann", "bob", "ann")):
        await sessions.start(replace(session(number), sub=sub), None, EVENT)
    assert await policies.skip("sid-0", "ann", POLICY.mark, 2, EVENT)
    assert await policies.skip("sid-1", "bob", POLICY.mark, 2, EVENT)
    assert await policies.used("ann", POLICY.mark) == 1
    assert await policies.skip("sid-2", "ann", POLICY.mark, 2, EVENT)
    assert await policies.used("bob", POLICY.mark) == 1


async def test_who_is_signed_out_puts_nothing_off(
    database: Database, policies: SqlPolicyStore
) -> None:
    sessions = SqlSessionStore(database)
    await sessions.start(session(1), None, EVENT)
    await sessions.end("sid-1", LATER, EVENT)
    assert not await policies.skip("sid-1", "ann", POLICY.mark, 2, EVENT)
    assert await policies.used("ann", POLICY.mark) == 0


async def test_each_policy_counts_for_itself_and_none_for_who_is_gone(
    database: Database, policies: SqlPolicyStore
) -> None:
    accounts, sessions = SqlAccountStore(database), SqlSessionStore(database)
    await accounts.add(replace(ANN, sub="root", login="root", is_admin=True), EVENT)
    for number in range(4):
        await sessions.start(session(number), None, EVENT)
    assert await policies.skip("sid-0", "ann", "first", 1, EVENT)
    assert not await policies.skip("sid-1", "ann", "first", 1, EVENT)
    assert await policies.skip("sid-2", "ann", "second", 1, EVENT)
    assert not await policies.skip("sid-3", "ann", "third", 0, EVENT)
    assert not await policies.skip("nobody's", "ann", "third", 1, EVENT)
    assert (await policies.used("ann", "first"), await policies.used("ann", "second")) == (0, 1)
    await accounts.remove("ann", LATER, LATER, EVENT)
    assert await policies.used("ann", "second") == 0


async def test_who_has_none_is_listed_and_counted(
    database: Database, policies: SqlPolicyStore
) -> None:
    accounts, factors = SqlAccountStore(database), SqlFactorStore(database)
    for login in ("bob", "cai", "dee"):
        await accounts.add(replace(ANN, sub=login, login=login), EVENT)
    await factors.add(KEY, (), EVENT)
    await factors.add(replace(APP, sub="bob"), (), EVENT)
    await accounts.disable("dee", LATER, EVENT)
    found = await accounts.seek(Sought(most=9, state="unguarded"))
    assert [one.login for one in found] == ["cai"]
    assert await accounts.count_without_factor() == 1
