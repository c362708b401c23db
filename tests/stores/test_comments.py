"""Comments in SQL: of many at once none is one too many, and they go with what they are on."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.files.comments import Comment
from keycell.files.errors import Conflict, NotFound
from keycell.stores.comments import SqlCommentStore
from keycell.stores.database import Database
from keycell.stores.opening import open_database
from keycell.stores.spaces import SqlSpaceStore

from .conftest import EVENT, LATER, add_person, space_of, volume_of

AN_HOUR = timedelta(hours=1)
ONE = Comment(comment_id="0", node_id="root", said="é", said_by="ann", said_at=LATER)


async def space(database: Database) -> SqlCommentStore:
    await add_person(database, "ann")
    own = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(own, volume_of(own), [], EVENT)
    return SqlCommentStore(database)


async def test_of_twenty_at_once_as_many_are_kept_as_may(database: Database, url: str) -> None:
    await space(database)
    others = [await open_database(url) for _ in range(3)]
    stores = [SqlCommentStore(one) for one in (database, *others)]
    said = [replace(ONE, comment_id=str(number)) for number in range(20)]
    done = await asyncio.gather(
        *(
            stores[number % 4].add(one, 9, within=AN_HOUR, most_within=7)
            for number, one in enumerate(said)
        ),
        return_exceptions=True,
    )
    for other in others:
        await other.close()
    assert sum(one is None for one in done) == 7
    assert sum(isinstance(one, Conflict) for one in done) == 13
    assert len(await stores[0].of_node("root", 100)) == 7
    # Whoever waited may go on, until there are as many as may be on one thing.
    for number in range(2):
        at = LATER + AN_HOUR * (number + 1)
        later = replace(ONE, comment_id=f"l{number}", said_at=at)
        await stores[0].add(later, 9, within=AN_HOUR, most_within=7)
    with pytest.raises(Conflict):
        await stores[0].add(replace(ONE, comment_id="x"), 9, within=AN_HOUR, most_within=7)


async def test_what_was_said_is_found_and_forgotten(database: Database) -> None:
    store = await space(database)
    await store.add(ONE, 9, within=AN_HOUR, most_within=9)
    assert await store.find("0") == ONE
    await store.remove("0")
    assert await store.find("0") is None
    assert await store.of_node("root", 9) == []
    with pytest.raises(Conflict):
        # What was taken back was written all the same, and may have had letters written.
        await store.add(replace(ONE, comment_id="1"), 9, within=AN_HOUR, most_within=1)
    for gone in (replace(ONE, node_id="none"), replace(ONE, said_by="none")):
        with pytest.raises(NotFound):
            await store.add(gone, 9, within=AN_HOUR, most_within=9)
