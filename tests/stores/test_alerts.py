"""UX-X42: of many who find the same, in several processes, one tells of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keycell.accounts.alerts import Mark, Rule, defaults
from keycell.accounts.audit import AuditEvent
from keycell.accounts.letters import Posted
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.stores.alerts import SqlAlertStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database
from keycell.stores.opening import open_database

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
EVENT = AuditEvent(at=NOW, actor="system", action="alert.refusals")
MARK = Mark(rule=Rule.REFUSALS, subject="", raised_at=NOW, due_at=NOW + HOUR)
AGAIN = Mark(rule=Rule.REFUSALS, subject="", raised_at=NOW + HOUR, due_at=NOW + 2 * HOUR)


async def raised(database: Database) -> int:
    found = await SqlAuditTrail(database).page(None, 50)
    return sum(event.action == "alert.refusals" for _, event in found)


async def test_rules_are_there_from_the_start_and_stay_as_they_are_set(
    database: Database, url: str
) -> None:
    other = await open_database(url)
    stores = SqlAlertStore(database), SqlAlertStore(other)
    found = await asyncio.gather(*(one.all(NOW) for one in stores * 10))
    await other.close()
    assert all(tuple(one) == defaults(NOW) for one in found)
    store = stores[0]
    changed = replace(defaults(NOW)[0], is_on=False, most=7, told=("a", "b"), quiet=99)
    await store.change(changed, EVENT, NO_MAIL)
    await store.note(Rule.BACKUP, NOW)
    await store.note(Rule.BACKUP, NOW - HOUR)
    kept = {one.rule: one for one in await store.all(NOW + HOUR)}
    assert kept[Rule.REFUSALS] == changed
    assert kept[Rule.BACKUP].seen_at == NOW


async def test_of_twenty_in_two_processes_one_tells(database: Database, url: str) -> None:
    """With its letter, in the same transaction; and so it is when it goes on."""
    other = await open_database(url)
    one, two = SqlAlertStore(database), SqlAlertStore(other)
    await one.all(NOW)

    def letter(number: int) -> Mailing:
        return Mailing((Posted(mail_id=f"{number}", sealed="x", at=NOW),))

    begun = await asyncio.gather(
        *(store.begin(MARK, EVENT, letter(n)) for n, store in enumerate((one, two) * 10))
    )
    assert begun.count(True) == await raised(database) == 1
    assert await one.waits_since() == NOW
    assert list(await one.standing(Rule.REFUSALS)) == [""]
    assert await one.due(NOW) == []
    assert await two.due(NOW + HOUR) == [MARK]
    went_on = await asyncio.gather(
        *(store.go_on(MARK, AGAIN, EVENT, NO_MAIL) for store in (one, two) * 10)
    )
    assert went_on.count(True) == 1
    assert await raised(database) == 2
    # Who found that it was over comes too late.
    await two.end(MARK)
    assert await one.due(NOW + 2 * HOUR) == [AGAIN]
    await two.end(AGAIN)
    await other.close()
    assert await one.standing(Rule.REFUSALS) == set()
    assert await one.begin(MARK, EVENT, NO_MAIL)


async def test_what_is_looked_at_in_vain_is_told_to_nobody(database: Database) -> None:
    store = SqlAlertStore(database)
    await store.all(NOW)
    assert not await store.begin(MARK, None, NO_MAIL)
    assert await raised(database) == 0
    assert not await store.begin(MARK, EVENT, NO_MAIL)


async def test_a_change_lets_go_of_what_goes_on_and_not_of_single_events(
    database: Database,
) -> None:
    """Those are read a second time, and would be told twice."""
    store = SqlAlertStore(database)
    (rule, *_) = await store.all(NOW)
    single = replace(MARK, subject="event", due_at=None)
    assert await store.begin(MARK, EVENT, NO_MAIL)
    assert await store.begin(single, EVENT, NO_MAIL)
    await store.change(rule, EVENT, NO_MAIL)
    assert list(await store.standing(Rule.REFUSALS)) == ["event"]


async def test_failures_are_counted_by_whose_they_are(database: Database) -> None:
    trail, store = SqlAuditTrail(database), SqlAlertStore(database)
    refused = replace(EVENT, actor="", action="session.refused", result="refused", target="d1")
    factor = replace(refused, actor="s1", action="factor.refused", target="s1")
    for event in (refused, refused, refused, factor, factor, replace(refused, target="d2"),
                  replace(refused, action="client.refused"), replace(factor, result="done"),
                  replace(refused, at=NOW - HOUR)):  # fmt: skip
        await trail.record(event)
    since = f"{int(NOW.timestamp() * 1_000_000):016x}"
    actions = {"session.refused", "factor.refused"}
    assert await store.count(actions, since) == 6
    assert await store.counts(actions, since, 2, 9) == [("d1", 3), ("s1", 2)]
    assert await store.counts(actions, since, 1, 1) == [("d1", 3)]
    assert await store.count({"mail.failed"}, since) == 0
