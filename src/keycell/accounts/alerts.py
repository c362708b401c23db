"""Alerts: what administrators are told of that somebody should look at, and how often.

A rule either counts events of the trail, or is about single ones, or looks at how the server
stands. What is raised is an event of the trail itself, and goes by mail to whom the rule says and
to every webhook that wants such events. See decisions/0096.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import Invalid
from keycell.accounts.throttle import network_of


class Rule(StrEnum):
    """What there may be an alert about."""

    REFUSALS = "refusals"
    """Sign-ins that fail, of the whole server."""
    GUESSING = "guessing"
    """Sign-ins that fail, of one account."""
    OFFICE = "office"
    """Somebody administers from now on, or a factor of an administrator was taken away."""
    NETWORK = "network"
    """An administrator signed in from a network that was not seen of them before."""
    UNDELIVERED = "undelivered"
    """A letter, a webhook or a logout was given up."""
    LETTERS = "letters"
    """Letters wait for longer than they should."""
    CERTIFICATE = "certificate"
    """The certificate of our own listener ends soon."""
    BACKUP = "backup"
    """The latest backup is too old."""


class Unit(StrEnum):
    """What the number of a rule counts."""

    TIMES = "times"
    MINUTES = "minutes"
    DAYS = "days"
    NOTHING = "nothing"


ACTIONS: Mapping[Rule, str] = {
    Rule.REFUSALS: "alert.refusals", Rule.GUESSING: "alert.guessing", Rule.OFFICE: "alert.office",
    Rule.NETWORK: "alert.network", Rule.UNDELIVERED: "alert.undelivered",
    Rule.LETTERS: "alert.letters", Rule.CERTIFICATE: "alert.certificate",
    Rule.BACKUP: "alert.backup",
}  # fmt: skip
"""What the events are called that rules raise."""
FACTOR_TAKEN = "alert.factor"
"""What the one of an office is called where it is about a factor."""
COUNTING: Mapping[Rule, frozenset[str]] = {
    Rule.REFUSALS: frozenset({"session.refused", "factor.refused"}),
    Rule.GUESSING: frozenset({"session.refused", "factor.refused"}),
    Rule.UNDELIVERED: frozenset({"mail.failed", "hook.failed", "client.told_of_logout"}),
}
"""Rules that count events which were not done, and which ones."""
LOOKING = (Rule.LETTERS, Rule.CERTIFICATE, Rule.BACKUP)
"""Rules about how the server stands."""
UNITS: Mapping[Rule, Unit] = {
    **dict.fromkeys(COUNTING, Unit.TIMES),
    Rule.OFFICE: Unit.NOTHING, Rule.NETWORK: Unit.NOTHING, Rule.LETTERS: Unit.MINUTES,
    Rule.CERTIFICATE: Unit.DAYS, Rule.BACKUP: Unit.DAYS,
}  # fmt: skip
MOST = 10_000
MOST_WITHIN = 60
"""Minutes: so much of the trail is counted again and again while something fails."""
LEAST_QUIET, MOST_QUIET = 10, 7 * 24 * 60
"""Minutes: longer than an event may be read a second time."""
KEPT = timedelta(days=1)
"""How long one remembers beyond a quiet time that something was told."""
EVERY_ADMINISTRATOR = "*"
MOST_TOLD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule as administrators set it, and what it raised last."""

    rule: Rule
    is_on: bool
    most: int
    """From how many on: failures, minutes, or days that are left or gone."""
    within: int = 10
    """Minutes in which they are counted."""
    quiet: int = 60
    """Minutes for which nothing more is told of the same."""
    told: tuple[str, ...] = (EVERY_ADMINISTRATOR,)
    """Administrators who get a letter, or a star for every one; empty for nobody."""
    since: datetime
    """What happened before raises nothing: when it was set or turned on."""
    seen_at: datetime | None = None
    """When what the rule waits for happened last: a backup."""
    raised_at: datetime | None = None
    event_id: str = ""
    """The event that it raised last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """That something was told, of which nothing more is told for a while."""

    rule: Rule
    subject: str
    """An account, an event, or nothing where the rule is about the whole server."""
    raised_at: datetime
    due_at: datetime | None
    """When one looks whether it went on; never where an event is told of by itself."""


def defaults(now: datetime) -> tuple[Alert, ...]:
    """Give every rule as nobody has set it yet."""
    return (
        Alert(rule=Rule.REFUSALS, is_on=True, most=100, since=now),
        Alert(rule=Rule.GUESSING, is_on=True, most=10, within=15, since=now),
        Alert(rule=Rule.OFFICE, is_on=True, most=1, since=now),
        # Who travels changes networks often, and is written to by the letter about new browsers.
        Alert(rule=Rule.NETWORK, is_on=False, most=1, since=now),
        Alert(rule=Rule.UNDELIVERED, is_on=True, most=1, quiet=360, since=now),
        Alert(rule=Rule.LETTERS, is_on=True, most=60, quiet=360, since=now),
        Alert(rule=Rule.CERTIFICATE, is_on=True, most=14, quiet=1440, since=now),
        # Whoever backs up by other means than ours would be told each day.
        Alert(rule=Rule.BACKUP, is_on=False, most=7, quiet=1440, since=now),
    )


def check_alert(alert: Alert) -> None:
    """Refuse what no rule can be; raise Invalid."""
    for name, value, least, most in (
        ("most", alert.most, 1, MOST), ("within", alert.within, 1, MOST_WITHIN),
        ("quiet", alert.quiet, LEAST_QUIET, MOST_QUIET), ("told", len(alert.told), 0, MOST_TOLD),
    ):  # fmt: skip
        if not least <= value <= most:
            raise Invalid(name, name, f"expected {least} to {most}")


def counts(alert: Alert, event: AuditEvent) -> bool:
    """Tell whether an event is one of those that a rule counts."""
    return event.result != "done" and event.action in COUNTING.get(alert.rule, ())


def gives_office(event: AuditEvent) -> bool:
    """Tell whether somebody administers from now on."""
    changes = event.detail.get("changes")
    return isinstance(changes, dict) and changes.get("is_admin") == [False, True]


def takes_factor(event: AuditEvent) -> bool:
    """Tell whether a second factor of somebody was taken away; whether they administer is open."""
    return event.action in {"factor.removed", "factor.reset"}


def sub_of(event: AuditEvent) -> str:
    """Give whose account an event is about."""
    sub = event.detail.get("sub")
    return sub if isinstance(sub, str) else event.target


def is_new_network(event: AuditEvent, before: Iterable[AuditEvent]) -> bool:
    """Tell whether a sign-in came from where none of those before it did.

    The very first is like itself, and one whose address is not known is from nowhere else.
    """
    known = {network_of(one.origin.ip) for one in before if one.origin.ip}
    return bool(known) and bool(event.origin.ip) and network_of(event.origin.ip) not in known


def is_trouble(alert: Alert, at: datetime | None, now: datetime) -> bool:
    """Tell whether a moment is what a rule about how the server stands is about.

    Since when the oldest letter waits, when the certificate ends, when the last backup was made.
    """
    if alert.rule is Rule.BACKUP:
        return now - (at or alert.since) >= timedelta(days=alert.most)
    if at is None:
        return False
    if alert.rule is Rule.CERTIFICATE:
        return at - now <= timedelta(days=alert.most)
    return now - at >= timedelta(minutes=alert.most)
