"""UX-V07: webhooks and their queue: each event once, of many who take one does."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keycell.accounts.audit import AuditEvent
from keycell.accounts.hooks import MOST_HOOKS, MOST_KEPT, MOST_WAITING, Hook
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database
from keycell.stores.following import SqlFollowing
from keycell.stores.hooks import SqlHookStore
from keycell.stores.opening import open_database

NOW = datetime.now(UTC).replace(microsecond=0)
LEASE = timedelta(minutes=1)
HOOK = Hook(
    hook_id="h", label="SIEM", url="https://siem.example/in", actions=("client.*", "x"),
    sealed="sealed", since=NOW, created_at=NOW,
)  # fmt: skip
EVENT = AuditEvent(at=NOW, actor="test", action="client.added")


async def added(database: Database, *others: str) -> SqlHookStore:
    store = SqlHookStore(database)
    for name in (HOOK.hook_id, *others):
        assert await store.add(replace(HOOK, hook_id=name), MOST_HOOKS, EVENT)
    return store


async def test_a_hook_comes_back_as_it_was_kept(database: Database) -> None:
    store = await added(database)
    assert await store.find("h") == HOOK
    later = replace(
        HOOK, label="Other", former="old", former_until=NOW + LEASE, paused_at=NOW, sealed="new"
    )
    assert await store.change(later, EVENT)
    assert await store.all() == [later]
    assert await store.remove("h", EVENT)
    assert not await store.remove("h", EVENT)
    assert not await store.change(later, EVENT)
    assert await store.find("h") is None


async def test_of_many_that_are_added_at_once_none_is_one_too_many(database: Database) -> None:
    store = SqlHookStore(database)
    made = await asyncio.gather(
        *(store.add(replace(HOOK, hook_id=f"h{n}"), 5, EVENT) for n in range(20))
    )
    assert made.count(True) == len(await store.all()) == 5


async def test_an_event_is_queued_once_however_often_it_is_seen(
    database: Database, url: str
) -> None:
    """As two processes see it, each twice."""
    other = await open_database(url)
    one, two = await added(database, "i"), SqlHookStore(other)
    hooks = await one.all()
    found = [(f"{n:028x}", EVENT) for n in range(5)]
    done = await asyncio.gather(*(s.queue(hooks, found, NOW) for s in (one, two) * 10))
    await other.close()
    assert sum(done) == 10
    assert [await one.waiting(name) for name in ("h", "i")] == [5, 5]
    unwanted = replace(EVENT, action="session.started")
    assert await one.queue(hooks, [("f", unwanted)], NOW) == 0


async def test_of_twenty_who_take_one_has_it(database: Database, url: str) -> None:
    other = await open_database(url)
    one, two = await added(database), SqlHookStore(other)
    await one.queue([HOOK], [(f"{n:028x}", EVENT) for n in range(6)], NOW)
    taken = await asyncio.gather(
        *(store.outbox("h").take(NOW, NOW + LEASE, 1) for store in (one, two) for _ in range(10))
    )
    await other.close()
    keys = [call.event_id for calls in taken for call in calls]
    assert len(keys) == len(set(keys))
    assert await one.outbox("i").take(NOW, NOW + LEASE, 9) == []
    # Whoever took one and went away leaves it to the next when the lease is over.
    assert len(await one.outbox("h").take(NOW + LEASE, NOW + 2 * LEASE, 9)) == 6


async def test_what_became_of_one_is_kept_and_it_is_told_again(database: Database) -> None:
    store = await added(database)
    await store.queue([HOOK], [("1", EVENT)], NOW)
    (call,) = await store.outbox("h").take(NOW, NOW + LEASE, 9)
    tried = replace(call, tried_at=NOW, status=500, answer="no", why="answered 500")
    await store.tried(tried)
    failed = replace(EVENT, action="hook.failed")
    assert not await store.replay("h", "1", EVENT)
    for _ in range(2):
        await store.ended(tried, NOW, failed)
    (kept,) = await store.calls("h", "g", 9)
    assert (kept.status, kept.answer, kept.why, kept.due_at) == (500, "no", "answered 500", None)
    hook = await store.find("h")
    assert hook is not None
    assert (hook.failing_at, hook.failing_why) == (NOW, "answered 500")
    found = [one for _, one in await SqlAuditTrail(database).page(None, 9)]
    assert [one.action for one in found].count("hook.failed") == 1
    assert await store.ready(NOW) == []
    assert await store.replay("h", "1", EVENT)
    assert await store.ready(NOW) == ["h"]
    (again,) = await store.outbox("h").take(NOW, NOW + LEASE, 9)
    await store.ended(replace(again, why=""), NOW, failed)
    hook = await store.find("h")
    assert hook is not None
    assert hook.failing_at is None


async def test_what_waits_and_what_is_kept_is_bounded(database: Database) -> None:
    store = await added(database)
    many = [(f"{n:028x}", EVENT) for n in range(MOST_WAITING + 3)]
    assert await store.queue([HOOK], many, NOW) == MOST_WAITING
    hook = await store.find("h")
    assert hook is not None
    assert "left out" in hook.failing_why
    calls = await store.outbox("h").take(NOW, NOW + LEASE, MOST_KEPT + 2)
    for call in calls:
        await store.ended(call, NOW, EVENT)
    oldest = min(call.event_id for call in calls)
    await store.trim("h", oldest)
    assert await store.waiting("h") == MOST_WAITING - len(calls)
    await store.trim("h", "g")
    kept = [one.event_id for one in await store.calls("h", "g", MOST_WAITING + 9)]
    assert len(kept) == MOST_WAITING - 2
    assert oldest not in kept


async def test_one_goes_on_in_the_trail_and_never_back(database: Database) -> None:
    following, trail = SqlFollowing(database), SqlAuditTrail(database)
    for n in range(3):
        await trail.record(replace(EVENT, at=NOW + n * LEASE))
    keys = [key for key, _ in reversed(await trail.page(None, 9))]
    assert await following.position("x", keys[0]) == keys[0]
    assert await following.position("x", keys[2]) == keys[0]
    assert [key for key, _ in await following.between(keys[0], keys[2], 9)] == keys[1:]
    assert [key for key, _ in await following.between("", keys[2], 1)] == keys[:1]
    assert await following.between("", keys[2], 9, EVENT.action.partition(".")[0]) == []
    assert len(await following.between("", keys[2], 9, "grant")) == len(keys)
    assert (await following.last(keys[1]), await following.last("")) == (keys[1], "")
    await following.move("x", keys[2])
    await following.move("x", keys[1])
    assert await following.position("x", "") == keys[2]
    found = await following.named(keys[1])
    assert found is not None
    assert found.at == NOW + LEASE
    assert await following.named("none") is None
