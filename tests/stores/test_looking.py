"""What administrators and people look at, on either database."""

from dataclasses import replace
from datetime import timedelta

from keycell.accounts.audit import Count
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database
from keycell.stores.grants import SqlGrantStore

from .conftest import EVENT, LATER, NOW, grant


async def test_events_are_counted_by_day_and_client(database: Database) -> None:
    trail = SqlAuditTrail(database)
    today = LATER.replace(hour=12)
    for at, action, client_id in (
        (today, "session.started", ""), (today, "session.started", ""),
        (today - timedelta(days=1), "session.refused", ""), (today, "grant.started", "wiki"),
        (today - timedelta(days=9), "session.started", ""), (today, "account.changed", ""),
    ):  # fmt: skip
        await trail.record(replace(EVENT, at=at, action=action, client_id=client_id))
    await trail.record(replace(EVENT, at=today, action="access.refused", result="denied"))
    day = today.replace(hour=0, minute=0, second=0)
    found = await trail.counts(day - timedelta(days=1))
    assert set(found) == {
        Count(day, "session.started", "", "done", 2),
        Count(day - timedelta(days=1), "session.refused", "", "done", 1),
        Count(day, "grant.started", "wiki", "done", 1),
        Count(day, "access.refused", "", "denied", 1),
    }
    totals = await trail.totals(LATER)
    assert (totals.sessions, totals.files, totals.bytes) == (0, 0, 0)


async def test_grants_of_an_account_are_those_that_stand(database: Database) -> None:
    grants = SqlGrantStore(database)
    first, second, of_other, over = (
        grant(1), grant(2), replace(grant(3), sub="bob"), replace(grant(4), expires_at=LATER),
    )  # fmt: skip
    for one in (first, second, of_other, over):
        await grants.start(one, EVENT)
    assert await grants.revoke(second.grant_id, LATER, EVENT)
    kept = {one.grant_id for one in await grants.of_account(first.sub, NOW)}
    assert kept == {first.grant_id, over.grant_id}
    assert over.grant_id not in {one.grant_id for one in await grants.of_account(first.sub, LATER)}
