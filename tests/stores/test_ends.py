"""Rights that have an end are taken away once, when that has come, and the feed tells of it."""

import asyncio
from dataclasses import replace

from sqlalchemy import insert

from keycell.files.access import Action, Right
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.rights import end_rights
from keycell.stores.schema_files import rights
from keycell.stores.spaces import SqlSpaceStore

from .conftest import EVENT, LATER, NOW
from .test_spaces import stored, tree

__all__ = ["stored", "tree"]

FOR_A_WHILE = Right("root", "bob", Action.READ, LATER)


async def test_of_many_who_take_it_away_at_once_one_does(
    database: Database, stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    assert await stored.put_right(FOR_A_WHILE, EVENT)
    assert FOR_A_WHILE in await stored.rights(node_ids=["root"])
    assert await end_rights(database, LATER - (LATER - NOW) / 2) == 0
    before = await stored.volume("v")
    assert before is not None
    ended = await asyncio.gather(*(end_rights(database, LATER) for _ in range(20)))
    assert sum(ended) == 1
    assert await stored.rights(node_ids=["root"]) == [Right("root", "ann", Action.WRITE)]
    changes = await tree.changes("v", before.seq, 10)
    assert [one.node_id for one in changes] == ["root"]


async def test_who_is_given_more_time_meanwhile_keeps_it(
    database: Database, stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    """Read as over, and given anew before it is taken away."""
    longer = replace(FOR_A_WHILE, expires_at=LATER + (LATER - NOW))

    async def give_more() -> None:
        await stored.remove_right(FOR_A_WHILE, EVENT)
        await stored.put_right(longer, EVENT)

    for _ in range(20):
        await stored.remove_right(longer, EVENT)
        assert await stored.put_right(FOR_A_WHILE, EVENT)
        await asyncio.gather(end_rights(database, LATER), give_more(), end_rights(database, LATER))
        assert longer in await stored.rights(node_ids=["root"])


async def test_what_is_gone_keeps_nobody_in_longer(
    database: Database, stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    row = {"role_id": "bob", "action": "read", "expires_at": micros(NOW)}

    def left_behind() -> Verb[None]:
        for number in range(100):
            yield Statement(insert(rights)), {"node_id": f"gone{number}", **row}

    await database.write(left_behind)
    assert await stored.put_right(FOR_A_WHILE, EVENT)
    assert await end_rights(database, LATER) == 100
    assert await end_rights(database, LATER) == 1
    assert FOR_A_WHILE not in await stored.rights(node_ids=["root"])
