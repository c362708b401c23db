"""Public links: what many change at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from keycell.files.access import Action, Right
from keycell.files.links import Link, Permission
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.database import Database
from keycell.stores.links import SqlLinkStore
from keycell.stores.opening import open_database
from keycell.stores.spaces import SqlSpaceStore

from .conftest import ANN, EVENT, LATER, NOW, space_of, volume_of


async def test_of_twenty_who_read_a_link_one_changes_it(database: Database, url: str) -> None:
    """A password that was set is not taken away by who has read the link before."""
    await SqlAccountStore(database).add(ANN, EVENT)
    own = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(
        own, volume_of(own), [Right("root", "ann", Action.WRITE)], EVENT
    )
    others = [await open_database(url) for _ in range(3)]
    stores = [SqlLinkStore(one) for one in (database, *others)]
    link = Link(
        link_id="link", hash="address", node_id="root", label="Link", sub="ann",
        permissions=frozenset({Permission.DOWNLOAD}), created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    assert await stores[0].add(link, 9, EVENT)
    wanted = [
        replace(link, password_hash=f"hash {number}", changed_at=LATER + timedelta(number))
        for number in range(20)
    ]
    done = await asyncio.gather(*(
        stores[number % 4].update(one, link.changed_at, EVENT)
        for number, one in enumerate(wanted)
    ))  # fmt: skip
    for other in others:
        await other.close()
    assert sum(done) == 1
    kept = await stores[0].by_id("link")
    assert kept == wanted[done.index(True)]
    assert not await stores[0].update(link, link.changed_at, EVENT)
    assert await stores[0].update(link, kept.changed_at, EVENT)
