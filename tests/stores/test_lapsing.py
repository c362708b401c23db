"""What was shared on by who may not change it any more ends, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert

from keycell.accounts.groups import Group, Role
from keycell.files.access import ROOT_GROUP, Action, Right
from keycell.files.spaces import Space, SpaceKind
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.groups import SqlGroupStore
from keycell.stores.lapsing import Lapsing
from keycell.stores.node_rows import node_row
from keycell.stores.opening import open_database
from keycell.stores.rights import end_rights
from keycell.stores.schema_files import nodes
from keycell.stores.spaces import SqlSpaceStore

from .conftest import EVENT, LATER, NOW, add_person, space_of, volume_of
from .trees import folder

DOCS = Right("docs", "bob", Action.WRITE)
TEAM, GROUP = "team", "/lab"


def cell(owner: str, root_id: str, label: str) -> Space:
    return replace(
        space_of(owner, "v", root_id), space_id=f"cell-{label}", slug=label, kind=SpaceKind.CELL,
    )  # fmt: skip


@pytest.fixture
async def stored(database: Database) -> SqlSpaceStore:
    """Ann shares ``docs`` with bob, and bob shares ``inner``, which lies in it, with eve."""
    stored, groups = SqlSpaceStore(database), SqlGroupStore(database)
    for sub in ("ann", "bob", "eve"):
        await add_person(database, sub)
    await groups.put_role(Role(TEAM, "Team"), EVENT)
    await groups.add_group(Group(GROUP, "Lab"), EVENT)
    own = space_of("ann", "v", "root")
    assert await stored.add(own, volume_of(own), [Right("root", "ann", Action.WRITE)], EVENT)

    def verb() -> Verb[None]:
        for node in (folder("docs", "root", "docs"), folder("inner", "docs", "inner")):
            yield Statement(insert(nodes)), node_row(node)

    await database.write(verb)
    assert await stored.add(cell("ann", "docs", "docs"), None, [DOCS], EVENT)
    given = [Right("inner", "eve", Action.READ), Right("inner", TEAM, Action.WRITE)]
    assert await stored.add(cell("bob", "inner", "inner"), None, given, EVENT)
    return stored


async def change(database: Database, roles: tuple[str, ...] = (), group_path: str = "/") -> None:
    """Give bob other roles, or another group."""
    accounts = SqlAccountStore(database)
    bob = await accounts.find("bob")
    assert bob is not None
    assert await accounts.update(bob, replace(bob, roles=roles, group_path=group_path), EVENT)


Losing = Callable[[Database, SqlSpaceStore], Awaitable[object]]


async def _taken_out(_database: Database, stored: SqlSpaceStore) -> None:
    await stored.remove_right(DOCS, EVENT)


async def _only_reads(_database: Database, stored: SqlSpaceStore) -> None:
    await stored.put_right(replace(DOCS, action=Action.READ), EVENT)
    await stored.remove_right(DOCS, EVENT)


async def _over(database: Database, stored: SqlSpaceStore) -> None:
    await stored.remove_right(DOCS, EVENT)
    await stored.put_right(replace(DOCS, expires_at=NOW), EVENT)
    assert await end_rights(database, LATER) == 1


async def _denied(_database: Database, stored: SqlSpaceStore) -> None:
    await stored.put_right(Right("root", ROOT_GROUP, Action.DENY), EVENT)


async def _not_shared(_database: Database, stored: SqlSpaceStore) -> None:
    await stored.remove("cell-docs", LATER, EVENT)


async def _in_what_they_let_in(database: Database, stored: SqlSpaceStore) -> None:
    """Whom bob's cell lets in, bob himself is one of afterwards."""
    await change(database, roles=(TEAM,))
    await stored.remove_right(DOCS, EVENT)


@pytest.mark.parametrize(
    "lose",
    [_taken_out, _only_reads, _over, _denied, _not_shared, _in_what_they_let_in],
)
async def test_what_is_shared_on_ends_with_the_right_of_who_shared_it(
    database: Database, stored: SqlSpaceStore, lose: Losing
) -> None:
    """decisions/0083."""
    lapsing = Lapsing(database)
    assert await lapsing.end(LATER) == 0
    assert await stored.rights(role_ids=["eve"]) != []
    await lose(database, stored)
    assert await lapsing.end(LATER) == 1
    assert await stored.rights(node_ids=["inner"]) == []
    assert await stored.by_id("cell-inner") is None
    (told,) = [
        event for _, event in await SqlAuditTrail(database).page(None, 100)
        if event.action == "space.removed"
    ]  # fmt: skip
    assert (told.actor, told.target, told.detail["lapsed"]) == ("system", "inner", "bob")
    assert await lapsing.end(LATER) == 0


@pytest.mark.parametrize("by", [TEAM, GROUP])
async def test_it_ends_with_a_role_or_group_too(
    database: Database, stored: SqlSpaceStore, by: str
) -> None:
    lapsing = Lapsing(database)
    await change(database, roles=(TEAM,), group_path=GROUP)
    await stored.put_right(Right("root", by, Action.WRITE), EVENT)
    await stored.remove_right(DOCS, EVENT)
    assert await lapsing.end(LATER) == 0
    await change(database)
    assert await lapsing.end(LATER) == 1


async def test_what_is_ones_own_or_given_by_name_stays(
    database: Database, stored: SqlSpaceStore
) -> None:
    """Over their own folder nobody gave them anything; and ann may leave bob what he shared."""
    await stored.put_right(Right("inner", "bob", Action.WRITE), EVENT)
    await stored.remove_right(DOCS, EVENT)
    await stored.remove_right(Right("root", "ann", Action.WRITE), EVENT)
    assert await Lapsing(database).end(LATER) == 0
    assert len(await stored.rights(node_ids=["inner"])) == 3


async def test_of_twenty_who_sweep_one_ends_it(
    database: Database, stored: SqlSpaceStore, url: str
) -> None:
    await stored.remove_right(DOCS, EVENT)
    others = [await open_database(url) for _ in range(4)]
    ended = await asyncio.gather(*(Lapsing(others[n % 4]).end(LATER) for n in range(20)))
    for other in others:
        await other.close()
    assert sum(ended) == 1


async def test_a_right_that_came_back_meanwhile_counts(
    database: Database, stored: SqlSpaceStore, url: str
) -> None:
    """Whoever is let in again before the end is written keeps what they shared, or it ended."""
    other = await open_database(url)
    for _ in range(10):
        await stored.remove_right(DOCS, EVENT)
        await asyncio.gather(
            Lapsing(database).end(LATER), SqlSpaceStore(other).put_right(DOCS, EVENT)
        )
        is_there = await stored.by_id("cell-inner") is not None
        assert bool(await stored.rights(node_ids=["inner"])) is is_there
        if not is_there:
            with_eve = [Right("inner", "eve", Action.READ)]
            assert await stored.add(cell("bob", "inner", "inner"), None, with_eve, EVENT)
    await other.close()
