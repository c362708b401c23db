"""Telling of sessions' ends: of many processes that look at once, one takes each."""

import asyncio
from datetime import timedelta

from keycell.stores.database import Database
from keycell.stores.logouts import SqlLogoutOutbox, note_end
from keycell.stores.opening import open_database

from .conftest import LATER

_LEASE = timedelta(minutes=1)


async def test_each_end_is_taken_once(database: Database, url: str) -> None:
    other = await open_database(url)
    one, two = SqlLogoutOutbox(database), SqlLogoutOutbox(other)
    for number in range(40):
        await one.join("sid", f"client{number:02}", "ann", LATER)
        await two.join("sid", f"client{number:02}", "ann", LATER)
    assert not await one.take(LATER, LATER + _LEASE, 8)
    await database.write(lambda: note_end("sid", LATER))
    assert len(await one.clients_of("sid")) == 40
    found = await asyncio.gather(
        *(store.take(LATER, LATER + _LEASE, 8) for _ in range(10) for store in (one, two))
    )
    taken = [ended.client_id for some in found for ended in some]
    assert len(taken) == len(set(taken)) == 40
    assert not await one.take(LATER, LATER + _LEASE, 8)
    # Whoever died with some of them in hand leaves them to others.
    again = await two.take(LATER + _LEASE, LATER + 2 * _LEASE, 100)
    assert [ended.tries for ended in again] == [2] * 40
    await two.put_off(again[0], LATER + 9 * _LEASE)
    for ended in again[1:]:
        await two.done(ended)
    (last,) = await one.take(LATER + 9 * _LEASE, LATER + 10 * _LEASE, 100)
    assert (last.client_id, last.tries) == (again[0].client_id, 3)
    await other.close()


async def test_who_has_many_clients_keeps_nobody_else_waiting(database: Database) -> None:
    """Attack 61: of each person and each client the first is taken before anybody's second."""
    store = SqlLogoutOutbox(database)
    for number in range(30):
        await store.join("many", f"slow{number:02}", "eve", LATER)
        await store.join(f"gone{number:02}", "gone", f"person{number:02}", LATER)
    await store.join("one", "wiki", "ann", LATER)
    for sid in ("many", *(f"gone{number:02}" for number in range(30))):
        await database.write(lambda sid=sid: note_end(sid, LATER))  # type: ignore[misc]
    late = LATER + timedelta(seconds=1)
    await database.write(lambda: note_end("one", late))
    taken = await store.take(late, late + _LEASE, 4)
    assert "wiki" in {ended.client_id for ended in taken}
