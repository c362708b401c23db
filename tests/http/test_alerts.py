"""UX-X42: what administrators are told of: once, by whichever process, by mail and webhook."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.administration import Changes, NewAccount, add_account, update_account
from keycell.accounts.alerts import Rule
from keycell.accounts.audit import AuditEvent, Origin, about
from keycell.accounts.errors import Invalid
from keycell.accounts.people import Account
from keycell.accounts.posting import deliver
from keycell.accounts.signin import audited_login
from keycell.administration import following
from keycell.administration.alerting import Alerting
from keycell.administration.calls import find_call
from keycell.administration.office import NotThere
from keycell.bootstrap import World
from keycell.provider.personal_tokens import By
from keycell.rounds import office_of_machine
from keycell.settings import Settings
from keycell.stores.audit import audit_insert
from keycell.stores.database import Verb

from ..conftest import PASSWORD
from ..opening import opening
from ..smtp import Mailbox, text_of
from .test_hooks import Json, ask, later

MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(either_settings: Settings, mailbox: Mailbox) -> Settings:
    return replace(either_settings, smtp=mailbox.url, mail_from="keycell@id.example")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened is read in the same second; by clocks that go ahead some would be missed."""
    monkeypatch.setattr(following, "_BEHIND", (timedelta(0), 5 * MINUTE))


@pytest.fixture
async def other(world: World, settings: Settings) -> AsyncIterator[World]:
    """Another process at the same database."""
    async with opening(settings) as opened:
        yield opened


@pytest.fixture
async def root(world: World) -> Account:
    """Who administers, and reads French; the rules stand from before they were made."""
    await world.provider.alerts.all(world.people.clock())
    return await add(world, "root", is_admin=True, locale="fr")


async def add(world: World, login: str, *, is_admin: bool = False, locale: str = "en") -> Account:
    wanted = NewAccount(
        login=login, password=PASSWORD, email=f"{login}@example.org", is_admin=is_admin,
        claims={"locale": locale},
    )  # fmt: skip
    return await add_account(world.people, wanted, "test")


async def round_of(*worlds: World, by: timedelta = timedelta(0)) -> int:
    """Let processes look, ten times each and at once, some time on."""
    each = [Alerting(office_of_machine(later(one, by))) for one in worlds]
    return sum(await asyncio.gather(*(one.round() for one in each * (10 if each[1:] else 1))))


async def test_what_is_told_of_each_token_is_passed_over(world: World) -> None:
    """Neither read, nor looked through again in the next round."""
    now = world.people.clock()
    of_grants = AuditEvent(at=now, actor="ann", action="grant.refreshed", target="g")
    await world.people.audit.record(replace(of_grants, at=now - MINUTE, action="group.added"))
    for _ in range(3):
        await world.people.audit.record(of_grants)
    office, begin = office_of_machine(world), now - 2 * MINUTE
    found = [
        event.action
        async for some, is_settled in following.follow(office, "x", begin, but="grant")
        for _, event in some
        if not is_settled
    ]
    assert "group.added" in found
    assert not [one for one in found if one.startswith("grant.")]
    at = await world.provider.following.position("x", "")
    assert at >= following.key_of(now)


async def raised(world: World) -> list[Json]:
    found = (await ask(world, "GET", "audit", action="alert"))["items"]
    return [one for one in found if one["action"] not in {"alert.changed", "alert.tested"}]


async def posted(world: World) -> None:
    """Send what waits, that which somebody wrote some time on too."""
    while await deliver(later(world, 200 * MINUTE).people, "worker"):
        continue


async def fail(
    world: World, times: int, login: str = "nobody", at: timedelta | None = None
) -> None:
    """Let sign-ins fail, all in one transaction."""
    event = AuditEvent(
        at=world.people.clock() + (at or timedelta(0)), actor="", action="session.refused",
        target=audited_login(world.people, login), result="refused", origin=Origin("192.0.2.1"),
    )  # fmt: skip
    steps = [audit_insert(event) for _ in range(times)]

    def verb() -> Verb[None]:
        for step in steps:  # noqa: UP028  (what is sent back is no list's)
            yield step

    await world.database.write(verb)


async def test_a_storm_raises_one_alert_and_one_more_for_each_quiet_time(
    world: World, other: World, root: Account
) -> None:
    """Two processes that look at once, ten times each; the second tells how many came since."""
    await round_of(world)
    before = len(await raised(world))
    await fail(world, 99)
    assert await round_of(world, other) == 0
    await fail(world, 1)
    assert await round_of(world, other) == 1
    await posted(world)
    await fail(world, 9_900, at=MINUTE)
    assert await round_of(world, other, by=2 * MINUTE) == 0
    assert await round_of(world, other, by=59 * MINUTE) == 0
    assert await round_of(world, other, by=61 * MINUTE) == 1
    await posted(world)
    again, first = (await raised(world))[: -before or None]
    assert (first["action"], first["detail"]["count"]) == ("alert.refusals", 100)
    assert (again["action"], again["detail"]["count"]) == ("alert.refusals", 9_900)
    # It is over: nothing more is told, and the next is told at once.
    assert await round_of(world, other, by=122 * MINUTE) == 0
    await fail(world, 100, at=123 * MINUTE)
    assert await round_of(world, other, by=124 * MINUTE) == 1


async def test_one_account_is_told_of_by_its_name_and_a_login_of_nobody_not(
    world: World, other: World, root: Account, mailbox: Mailbox
) -> None:
    """The trail keeps what was typed by a digest alone."""
    await round_of(world)
    await fail(world, 20, "nobody")
    assert await round_of(world, other) == 0
    await fail(world, 10, "ROOT".lower())
    assert await round_of(world, other) == 1
    assert await round_of(world, other, by=6 * MINUTE) == 0
    event = (await raised(world))[0]
    assert (event["action"], event["target"]) == ("alert.guessing", "root")
    assert event["detail"] == {"count": 10, "minutes": 15, "sub": root.sub}
    await posted(world)
    letter = mailbox.to("root@example.org")[-1]
    assert "root" in letter["Subject"]
    assert letter["Content-Language"] == "fr"
    assert "10" in text_of(letter)
    assert "/admin/alerts" in text_of(letter)


async def test_logins_of_nobody_hide_no_account(world: World, root: Account) -> None:
    """Whoever guesses fails as others more often first: only so many are looked at in a round."""
    await round_of(world)
    for number in range(20):
        await fail(world, 11, f"nobody-{number}")
    await fail(world, 10, "root")
    await round_of(world)
    await fail(world, 1)
    await round_of(world)
    assert "alert.guessing" in [one["action"] for one in await raised(world)]


async def test_whoever_is_made_an_administrator_is_told_of_each_once(
    world: World, other: World, root: Account, mailbox: Mailbox
) -> None:
    assert await round_of(world, other) == 1
    ann = await add(world, "ann")
    await update_account(world.people, ann, Changes(is_admin=True), root.sub)
    assert await round_of(world, other) == 1
    await posted(world)
    # Every event is read a second time.
    assert await round_of(world, other, by=6 * MINUTE) == 0
    assert await round_of(world, other, by=90 * MINUTE) == 0
    event, made = await raised(world)
    assert event["sentence"] == "Alert: root made ann an administrator"
    assert made["target"] == "root"
    assert mailbox.to("ann@example.org")[-1]["Subject"] == event["sentence"]
    assert len(mailbox.to("root@example.org")) == 2


async def test_a_factor_is_told_of_where_its_owner_administers(
    world: World, root: Account
) -> None:
    await round_of(world)
    ann = await add(world, "ann")
    for account in (ann, root):
        event = AuditEvent(
            at=world.people.clock(), actor=root.sub, action="factor.reset", target=account.login,
            detail=about(account.sub),
        )  # fmt: skip
        await world.audit.record(event)
    assert await round_of(world) == 1
    told = (await raised(world))[0]
    assert (told["action"], told["target"], told["actor"]) == ("alert.factor", "root", root.sub)


async def test_a_network_that_was_not_seen_of_an_administrator(
    world: World, root: Account
) -> None:
    await ask(world, "PUT", "alerts/network", is_on=True)
    await round_of(world)
    ann = await add(world, "ann")

    async def arrive(account: Account, ip: str) -> int:
        at = world.people.clock()
        event = AuditEvent(at=at, actor=account.sub, action="session.started", origin=Origin(ip))
        await world.audit.record(event)
        return await round_of(world)

    for ip in ("192.0.2.1", "192.0.2.99"):
        assert await arrive(root, ip) == 0
    assert await arrive(ann, "192.0.2.1") == 0
    assert await arrive(ann, "198.51.100.1") == 0
    assert await arrive(root, "198.51.100.1") == 1
    assert await arrive(root, "198.51.100.2") == 0
    event = (await raised(world))[0]
    assert event["action"] == "alert.network"
    assert event["detail"]["ip"] == "198.51.100.1"


async def test_trouble_is_told_while_it_lasts(world: World, root: Account) -> None:
    await ask(world, "PUT", "alerts/backup", is_on=True)
    await round_of(world)
    await posted(world)
    given_up = AuditEvent(
        at=world.people.clock(), actor="system", action="mail.failed", result="refused"
    )
    await world.audit.record(given_up)
    await add(world, "bo", is_admin=True)
    assert await round_of(world) == 2
    office = office_of_machine(later(world, 62 * MINUTE))

    async def ends() -> datetime:
        return datetime.now(UTC) + timedelta(days=13)

    alerting = Alerting(replace(office, certificate=ends))
    # The letters about it wait, as nobody sends them: that is told too.
    assert await alerting.round() == 2
    assert await alerting.round() == 0
    assert {one["action"] for one in (await raised(world))[:4]} == {
        "alert.letters", "alert.certificate", "alert.undelivered", "alert.office",
    }  # fmt: skip
    assert await round_of(world, by=timedelta(days=8)) >= 1
    assert "alert.backup" in {one["action"] for one in await raised(world)}


async def test_who_is_told_is_chosen_and_is_told_of_the_choice(
    world: World, root: Account, mailbox: Mailbox
) -> None:
    bo = await add(world, "bo", is_admin=True)
    await add(world, "ann")
    await posted(world)
    mailbox.messages.clear()
    changed = await ask(world, "PUT", "alerts/office", told=["bo"])
    assert changed["told"] == ["bo"]
    await ask(world, "PUT", "alerts/office", is_on=False)
    await posted(world)
    assert [str(one["To"]) for one in mailbox.messages].count("bo@example.org") == 2
    assert [str(one["To"]) for one in mailbox.messages].count("root@example.org") == 1
    for said, error in (({"told": ["ann"]}, Invalid), ({"told": ["x"]}, NotThere),
                        ({"most": 0}, Invalid)):  # fmt: skip
        with pytest.raises(error):
            await ask(world, "PUT", "alerts/office", **said)
    with pytest.raises(NotThere):
        await ask(world, "PUT", "alerts/none")
    await update_account(world.people, bo, Changes(is_admin=False), root.sub)
    mailbox.messages.clear()
    await ask(world, "PUT", "alerts/office", is_on=True)
    assert await round_of(world) == 0


async def test_a_test_goes_where_an_alert_would(
    world: World, root: Account, mailbox: Mailbox
) -> None:
    assert await ask(world, "POST", "alerts/office/test") == {"rule": "office", "letters": 1}
    await posted(world)
    assert "office" in mailbox.to("root@example.org")[-1]["Subject"]
    listed = await ask(world, "GET", "alerts")
    assert [one["rule"] for one in listed["items"]] == [rule.value for rule in Rule]
    assert listed["administrators"] == [{"login": "root", "name": "", "is_reached": True}]
    assert listed["webhooks"] == []
    await ask(
        world, "POST", "hooks", label="SIEM", url="https://siem.example/", actions=["alert.*"]
    )
    assert (await ask(world, "GET", "alerts"))["webhooks"] == ["SIEM"]
    await round_of(world)
    shown = await ask(world, "GET", "alerts/office")
    assert shown["raised"]["target"] == "root"
    assert shown["raised_at"] == shown["raised"]["at"]


def words_of(found: Sequence[Json]) -> list[str]:
    return [str(one["action"]) for one in found]


async def test_what_is_off_raises_nothing_and_nor_does_what_was_before(
    world: World, root: Account
) -> None:
    by = replace(office_of_machine(world), by=By(root.sub))
    call, named = find_call("PUT", "alerts/office")
    await call.answer(by, {**named, "is_on": False})
    await add(world, "bo", is_admin=True)
    assert await round_of(world) == 0
    await call.answer(by, {**named, "is_on": True})
    assert await round_of(world) == 0
    assert words_of(await raised(world)) == []
