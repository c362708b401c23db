"""What goes with an account, on both databases: in one write, and the spaces later."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.files.access import Action, Right
from keycell.files.spaces import SpaceKind
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.spaces import SqlSpaceStore

from .conftest import ANN, EVENT, LATER, NOW, space_of, volume_of


async def test_a_persons_own_space_is_left_for_a_while(database: Database) -> None:
    accounts, stored = SqlAccountStore(database), SqlSpaceStore(database)
    await accounts.add(ANN, EVENT)
    own = space_of("ann", "v", "root")
    assert await stored.add(own, volume_of(own), [Right("root", "ann", Action.WRITE)], EVENT)
    await accounts.remove("ann", LATER, LATER + timedelta(days=3), EVENT)
    kept = await stored.by_id(own.space_id)
    assert kept is not None
    assert (kept.kind, kept.owner) == (SpaceKind.TEAM, "")
    assert kept.kept_until == LATER + timedelta(days=3)
    assert await stored.find(kept.slug, "") == kept
    assert await stored.rights(role_ids=["ann"]) == []
    assert await stored.remove_over(LATER + timedelta(days=2)) == 0
    assert await stored.remove_over(LATER + timedelta(days=3)) == 1
    assert await stored.by_id(own.space_id) is None


async def test_what_an_administrator_keeps_meanwhile_is_not_removed(
    database: Database, url: str
) -> None:
    """Twenty processes sweep, and one is told to keep: whoever comes first."""
    accounts, stored = SqlAccountStore(database), SqlSpaceStore(database)
    for number in range(6):
        await accounts.add(replace(ANN, sub=f"p{number}", login=f"p{number}"), EVENT)
        own = space_of(f"p{number}", f"v{number}", f"root{number}")
        assert await stored.add(own, volume_of(own), [], EVENT)
        await accounts.remove(f"p{number}", NOW, NOW, EVENT)
    others = [await open_database(url) for _ in range(4)]
    found = [one for one in await stored.all("", 10) if one.kept_until is not None]
    saved = [replace(one, kept_until=None) for one in found[:3]]
    keeping = asyncio.gather(*(stored.update(one, EVENT) for one in saved))
    swept = await asyncio.gather(*(SqlSpaceStore(one).remove_over(LATER) for one in others))
    kept = await keeping
    for other in others:
        await other.close()
    left = {one.space_id for one in await stored.all("", 10)}
    assert left == {one.space_id for one, is_kept in zip(saved, kept, strict=True) if is_kept}
    assert sum(swept) + len(left) == 6
