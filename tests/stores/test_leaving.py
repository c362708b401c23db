"""What goes with an account, on both databases: in one write, and the spaces later."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.accounts.groups import Group, Role
from keycell.files.access import Action, Right
from keycell.files.errors import NotFound
from keycell.files.links import Link, Permission
from keycell.files.spaces import SpaceKind
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.groups import SqlGroupStore
from keycell.stores.links import SqlLinkStore
from keycell.stores.opening import open_database
from keycell.stores.pictures import SqlPictureStore
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


async def test_what_is_made_while_its_person_is_removed_goes_along(
    database: Database, url: str
) -> None:
    """Twenty at once: whichever comes first, no row of somebody who is gone stays behind."""
    accounts, elsewhere = SqlAccountStore(database), await open_database(url)
    kept, others = SqlLinkStore(database), SqlLinkStore(elsewhere)
    shown, pictures = SqlPictureStore(database), SqlPictureStore(elsewhere)
    spaces, rights = SqlSpaceStore(database), SqlSpaceStore(elsewhere)
    await accounts.add(ANN, EVENT)
    whole = space_of("ann", "v", "node")
    assert await spaces.add(whole, volume_of(whole), [], EVENT)
    names = [f"p{number}" for number in range(20)]
    for name in names:
        await accounts.add(replace(ANN, sub=name, login=name), EVENT)
    made = await asyncio.gather(
        *(others.add(_link(name), 100, EVENT) for name in names),
        *(pictures.put("USER", name, "image/png", b"x") for name in names),
        *(rights.put_right(Right("node", name, Action.READ), EVENT) for name in names),
        *(accounts.remove(name, LATER, LATER, EVENT) for name in names),
        return_exceptions=True,
    )
    await elsewhere.close()
    assert all(one in (True, None) or isinstance(one, NotFound) for one in made)
    assert [await kept.of_person(name, 9) for name in names] == [[]] * len(names)
    assert [await shown.find("USER", name) for name in names] == [None] * len(names)
    assert await spaces.rights(role_ids=names) == []
    with pytest.raises(NotFound, match="no such account"):
        await kept.add(_link("p0"), 100, EVENT)


async def test_a_removed_group_or_role_leaves_no_right_to_who_has_its_name_next(
    database: Database,
) -> None:
    groups, stored = SqlGroupStore(database), SqlSpaceStore(database)
    await SqlAccountStore(database).add(ANN, EVENT)
    own = space_of("ann", "v", "root")
    assert await stored.add(own, volume_of(own), [], EVENT)
    for name in ("/staff", "editor"):
        right = Right("root", name, Action.READ)
        with pytest.raises(NotFound, match="no person, group or role"):
            await stored.put_right(right, EVENT)
    await groups.put_role(Role("editor", "Editor"), EVENT)
    await groups.add_group(Group("/staff", "Staff"), EVENT)
    given = [Right("root", name, Action.READ) for name in ("/staff", "editor")]
    for right in given:
        assert await stored.put_right(right, EVENT)
    assert await stored.rights(node_ids=["root"]) == given
    assert await groups.remove_role("editor", EVENT)
    assert await groups.remove_group("/staff", EVENT)
    assert await stored.rights(node_ids=["root"]) == []


def _link(sub: str) -> Link:
    return Link(
        link_id=f"of-{sub}", hash=f"hash-of-{sub}", node_id="node", label="", sub=sub,
        permissions=frozenset({Permission.DOWNLOAD}), created_at=NOW, changed_at=NOW,
    )  # fmt: skip
