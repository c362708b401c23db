"""Raising alerts: the trail is followed, and one looks now and then how the server stands.

Every process does. Which of them tells of something the database says, by a mark that one of them
makes: while it stands nothing more is told of the same, and when its quiet time is over one counts
what came meanwhile. So of ten thousand failures one alert is raised, and one more for each quiet
time in which they went on. See decisions/0096.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keycell.accounts.alerts import (
    ACTIONS,
    COUNTING,
    EVERY_ADMINISTRATOR,
    FACTOR_TAKEN,
    LOOKING,
    Alert,
    Mark,
    Rule,
    counts,
    gives_office,
    is_new_network,
    is_trouble,
    sub_of,
    takes_factor,
)
from keycell.accounts.audit import SYSTEM, AuditEvent, Search
from keycell.accounts.audit_sentences import SENTENCES, named_actor
from keycell.accounts.letters import Letter, LetterKind
from keycell.accounts.lists import Sought
from keycell.accounts.mailing import can_be_told, named, post, spoken, written
from keycell.accounts.people import Account
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.signin import audited_login
from keycell.administration import trail
from keycell.administration.following import follow, key_of
from keycell.administration.office import PAGE, Office

LOOKED_EVERY = timedelta(minutes=1)
"""How often one looks how the server stands: at letters, the certificate, backups."""
_MOST_GUESSED = 20
_MOST_PEOPLE = 20_000
"""Among so many accounts one looks for those whose sign-ins fail."""
_MOST_SIGN_INS, _AMONG = 500, 200_000
_LAST = "g"
"""Beyond every event's key, which is hexadecimal."""


@dataclass(slots=True)
class Alerting:
    """What raises alerts, in one process."""

    office: Office
    _looked_at: datetime | None = field(default=None)

    async def round(self) -> int:
        """Raise what there is to raise; give how many were."""
        office, now = self.office, self.office.people.clock()
        alerts = await office.provider.alerts.all(now)
        standing = {one.rule: one for one in alerts if one.is_on}
        done = await _go_on(office, standing, now)
        done += await _follow(office, standing, now)
        if self._looked_at is None or now - self._looked_at >= LOOKED_EVERY:
            self._looked_at = now
            for rule in LOOKING:
                if rule in standing:
                    done += await _look(office, standing[rule], now)
        return done


async def _follow(office: Office, standing: Mapping[Rule, Alert], now: datetime) -> int:
    """Read what happened, and raise what it asks for."""
    if not standing:
        return 0
    done, failing = 0, set[Rule]()
    since = min(one.since for one in standing.values())
    async for found, _ in follow(office, "alerts", since, but="grant"):
        for key, event in found:
            failing |= {one.rule for one in standing.values() if counts(one, event)}
            done += await _each(office, standing, key, event)
    for rule in failing:
        done += await _count(office, standing[rule], now)
    return done


async def _each(
    office: Office, standing: Mapping[Rule, Alert], key: str, event: AuditEvent
) -> int:
    """Raise what one event asks for by itself."""
    if event.action == "backup.made":
        await office.provider.alerts.note(Rule.BACKUP, event.at)
    done = 0
    for rule in (Rule.OFFICE, Rule.NETWORK):
        alert = standing.get(rule)
        if alert is not None and event.at >= alert.since:
            done += await _single(office, alert, key, event)
    return done


async def _count(office: Office, alert: Alert, now: datetime) -> int:
    """Count what fails, and raise what is too much."""
    begin = key_of(max(alert.since, now - timedelta(minutes=alert.within)))
    found, done = await _failures(office, alert, begin), 0
    whose = await _whose(office, [subject for subject, _ in found if subject])
    for subject, times in found:
        event = _counted(alert, subject, whose, {"count": times, "minutes": alert.within}, now)
        told = await letters(office, alert.told, event)
        done += await office.provider.alerts.begin(_mark(alert, subject, now), event, told)
    return done


async def _failures(office: Office, alert: Alert, since: str) -> Sequence[tuple[str, int]]:
    """Count what a rule counts, beyond a key: of the whole server, or of each account."""
    store, actions = office.provider.alerts, COUNTING[alert.rule]
    told = await store.standing(alert.rule)
    if alert.rule is Rule.GUESSING:
        # What was told stands before those that fail less often, and must not hide them.
        found = await store.counts(actions, since, alert.most, _MOST_GUESSED + len(told))
        return [one for one in found if one[0] and one[0] not in told]
    times = 0 if "" in told else await store.count(actions, since)
    return [("", times)] if times >= alert.most else []


def _counted(
    alert: Alert,
    subject: str,
    whose: Mapping[str, Account],
    detail: Mapping[str, object],
    now: datetime,
) -> AuditEvent | None:
    """Give the event of so many failures; None where nobody has the account they are about."""
    if alert.rule is not Rule.GUESSING:
        return _event(alert.rule, now, "", detail)
    account = whose.get(subject)
    if account is None:
        return None
    return _event(alert.rule, now, account.login, {**detail, "sub": account.sub})


async def _whose(office: Office, subjects: Collection[str]) -> Mapping[str, Account]:
    """Find whose sign-ins fail; the trail keeps what was typed by a digest under our key."""
    people, found, after = office.people, dict[str, Account](), ""
    for subject in subjects:
        # Who failed at a second factor is named.
        if (account := await people.accounts.find(subject)) is not None:
            found[subject] = account
    for _ in range(_MOST_PEOPLE // PAGE if len(found) < len(subjects) else 0):
        page = await people.accounts.page(after, PAGE)
        found |= {key: one for one in page
                  if (key := audited_login(people, one.key)) in subjects}  # fmt: skip
        if len(page) < PAGE:
            break
        after = page[-1].key
    return found


async def _single(office: Office, alert: Alert, key: str, event: AuditEvent) -> int:
    """Raise what one event asks for."""
    account = await _concerned(office, alert.rule, event)
    if account is None:
        return 0
    action = FACTOR_TAKEN if takes_factor(event) else ACTIONS[alert.rule]
    actor = event.actor if alert.rule is Rule.OFFICE else SYSTEM
    detail = {"sub": account.sub, "of": key, "ip": event.origin.ip}
    raised = replace(
        _event(alert.rule, office.people.clock(), account.login, detail),
        action=action, actor=actor,
    )  # fmt: skip
    mark = Mark(rule=alert.rule, subject=key, raised_at=raised.at, due_at=None)
    told = await letters(office, alert.told, raised)
    return int(await office.provider.alerts.begin(mark, raised, told))


async def _concerned(office: Office, rule: Rule, event: AuditEvent) -> Account | None:
    """Find the administrator whom an event is about, if a rule is about it."""
    people = office.people
    if rule is Rule.OFFICE and (gives_office(event) or takes_factor(event)):
        account = await people.accounts.find(sub_of(event))
        # Who was given the office and lost it at once was given it all the same.
        is_meant = account is not None and (gives_office(event) or account.is_admin)
        return account if is_meant else None
    if rule is not Rule.NETWORK or event.action != "session.started":
        return None
    account = await people.accounts.find(event.actor)
    if account is None or not account.is_admin:
        return None
    sought = Search(before=key_of(event.at), beyond="", most=_MOST_SIGN_INS, among=_AMONG,
                    action="session.started", who=frozenset({account.sub}))  # fmt: skip
    before, _ = await people.audit.search(sought)
    began = [one for _, one in before if one.actor == account.sub]
    return account if is_new_network(event, began) else None


async def _look(office: Office, alert: Alert, now: datetime) -> int:
    """Look how the server stands, and raise what is amiss."""
    if await office.provider.alerts.standing(alert.rule):
        return 0
    at = await _moment(office, alert)
    if not is_trouble(alert, at, now):
        return 0
    event = _event(alert.rule, now, "", {"at": at.isoformat()} if at else {})
    told = await letters(office, alert.told, event)
    return int(await office.provider.alerts.begin(_mark(alert, "", now), event, told))


async def _moment(office: Office, alert: Alert) -> datetime | None:
    if alert.rule is Rule.LETTERS:
        return await office.provider.alerts.waits_since()
    if alert.rule is Rule.CERTIFICATE:
        return await office.certificate() if office.certificate is not None else None
    if alert.seen_at is None and (made := await trail.latest(office, "backup.made")) is not None:
        # One that was made before anybody waited for it.
        await office.provider.alerts.note(Rule.BACKUP, made.at)
        return made.at
    return alert.seen_at


async def _go_on(office: Office, standing: Mapping[Rule, Alert], now: datetime) -> int:
    """Look again at what was told, where its quiet time is over: tell how it went on, or be done.

    What one looks at, and not what one counts, is found anew by the next look.
    """
    done, store = 0, office.provider.alerts
    for mark in await store.due(now):
        alert = standing.get(mark.rule)
        event = None
        if alert is not None and mark.rule in COUNTING:
            event = await _went_on(office, alert, mark, now)
        if alert is None or event is None:
            await store.end(mark)
            continue
        told = await letters(office, alert.told, event)
        done += await store.go_on(mark, _mark(alert, mark.subject, now), event, told)
    return done


async def _went_on(office: Office, alert: Alert, mark: Mark, now: datetime) -> AuditEvent | None:
    store, since = office.provider.alerts, key_of(mark.raised_at)
    actions = COUNTING[alert.rule]
    if alert.rule is Rule.GUESSING:
        found = dict(await store.counts(actions, since, alert.most, _MOST_PEOPLE))
        times = found.get(mark.subject, 0)
    else:
        times = await store.count(actions, since)
    if times < alert.most:
        return None
    whose = await _whose(office, [mark.subject] if mark.subject else [])
    detail = {"count": times, "since": mark.raised_at.isoformat()}
    return _counted(alert, mark.subject, whose, detail, now)


def _mark(alert: Alert, subject: str, now: datetime) -> Mark:
    due_at = now + timedelta(minutes=alert.quiet)
    return Mark(rule=alert.rule, subject=subject, raised_at=now, due_at=due_at)


def _event(rule: Rule, now: datetime, target: str, detail: Mapping[str, object]) -> AuditEvent:
    return AuditEvent(at=now, actor=SYSTEM, action=ACTIONS[rule], target=target, detail=detail)


async def administrators(office: Office) -> Sequence[Account]:
    """List who administers, as far as one part of the list goes."""
    return await office.people.accounts.seek(Sought(most=PAGE, state="administrator"))


async def letters(office: Office, told: Sequence[str], event: AuditEvent | None) -> Mailing:
    """Give the letters about an event to those administrators whom mail reaches."""
    people = office.people
    is_for_all = EVERY_ADMINISTRATOR in told
    if not told or event is None or not people.mail.mailer.is_set:
        return NO_MAIL
    readers = [
        one for one in await administrators(office)
        if (is_for_all or one.sub in told) and can_be_told(people, one)
    ]  # fmt: skip
    actor = await people.accounts.find(event.actor)
    by = actor.login if actor is not None else named_actor(event.actor, office.words)
    return Mailing(tuple(post(people, _letter(event, by, one)) for one in readers))


def _letter(event: AuditEvent, by: str, reader: Account) -> Letter:
    said = {
        # Looked up in the reader's language when it goes.
        "sentence": SENTENCES[event.action].template, "actor": by or event.actor,
        "target": event.target, "count": str(event.detail.get("count", 1)),
        "when": written(event.at, reader), "link": "/admin/audit?action=alert",
    }  # fmt: skip
    return Letter(
        kind=LetterKind.ALERT, to=reader.email or "", language=spoken(reader, "en"),
        values={**named(reader), **said},
    )  # fmt: skip
