"""Alerts as administrators set them, and what they raised last. See decisions/0096."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.accounts.alerts import (
    ACTIONS,
    COUNTING,
    EVERY_ADMINISTRATOR,
    LOOKING,
    UNITS,
    Alert,
    Rule,
    check_alert,
)
from keycell.accounts.errors import Invalid
from keycell.accounts.hooks import is_among
from keycell.accounts.mailing import can_be_told
from keycell.administration.alerting import administrators, letters
from keycell.administration.call import Moment, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.administration.trail import EventView, event_view
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAlert:
    """A rule, by its name."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangingAlert:
    """What is different; what is not said stays.

    ``told`` are logins of administrators, or ``*`` for every one; nobody gets a letter if empty.
    """

    rule: str
    is_on: bool | None = None
    most: int | None = None
    within: int | None = None
    quiet: int | None = None
    told: tuple[str, ...] | None = None


class AlertView(TypedDict):
    """A rule, whom it tells by mail, and what it raised last; a null is no number of its."""

    rule: str
    is_on: bool
    unit: str
    most: int
    within: int | None
    quiet: int | None
    told: list[str]
    raised_at: Moment | None
    raised: EventView | None


class AdministratorView(TypedDict):
    """Who administers, and whether mail reaches them."""

    login: str
    name: str
    is_reached: bool


class Alerts(TypedDict):
    """The rules, who may be told by mail, and which webhooks are told."""

    items: list[AlertView]
    administrators: list[AdministratorView]
    is_mail_set: bool
    webhooks: list[str]


class AlertTested(TypedDict):
    """How many letters go out for a test."""

    rule: str
    letters: int


async def listed(office: Office, _asked: Nothing) -> Alerts:
    """List the rules with their numbers, whom they tell, and what each raised last."""
    people = office.people
    found = await administrators(office)
    names: dict[str, str] = {}
    return {
        "items": [await _view(office, one, names) for one in await _all(office)],
        "administrators": [
            {"login": one.login, "name": one.name, "is_reached": can_be_told(people, one)}
            for one in found
        ],
        "is_mail_set": people.mail.mailer.is_set,
        "webhooks": [
            one.label for one in await office.provider.hooks.all()
            if one.paused_at is None and is_among(ACTIONS[Rule.OFFICE], one.actions)
        ],
    }  # fmt: skip


async def shown(office: Office, asked: NamedAlert) -> AlertView:
    """Show one rule."""
    return await _view(office, await _found(office, asked.rule), {})


async def changed(office: Office, asked: ChangingAlert) -> AlertView:
    """Change a rule. Those whom it told until now are told of it."""
    before = await _found(office, asked.rule)
    said = {
        name: getattr(asked, name) for name in ("is_on", "most", "within", "quiet")
        if getattr(asked, name) is not None
    }  # fmt: skip
    alert = replace(before, **said)
    if asked.told is not None:
        alert = replace(alert, told=await _subs(office, asked.told))
    check_alert(alert)
    if alert.is_on and not before.is_on:
        alert = replace(alert, since=office.people.clock())
    event = office.event("alert.changed", alert.rule.value)
    # Whoever breaks in turns off first what would tell of them.
    told = await letters(office, before.told if before.is_on else (), event)
    await office.provider.alerts.change(alert, event, told)
    return await _view(office, alert, {})


async def tested(office: Office, asked: NamedAlert) -> AlertTested:
    """Tell whom a rule tells of this test: by mail, and by webhooks that want ``alert.*``."""
    alert = await _found(office, asked.rule)
    event = office.event("alert.tested", alert.rule.value)
    told = await letters(office, alert.told, event)
    if alert.told and office.people.mail.mailer.is_set and not told.letters:
        raise Clash(phrase("no letter reaches any of them: an address must be confirmed"))
    await office.provider.alerts.tell(event, told)
    return {"rule": alert.rule.value, "letters": len(told.letters)}


async def _all(office: Office) -> Sequence[Alert]:
    return await office.provider.alerts.all(office.people.clock())


async def _found(office: Office, rule: str) -> Alert:
    for one in await _all(office):
        if one.rule.value == rule:
            return one
    raise NotThere(phrase("there is no alert %(rule)s", rule=rule[:100]))


async def _subs(office: Office, logins: Sequence[str]) -> tuple[str, ...]:
    """Give the identifiers of administrators; raise NotThere, Invalid."""
    if EVERY_ADMINISTRATOR in logins:
        return (EVERY_ADMINISTRATOR,)
    found = [await office.account(one) for one in logins]
    for one in found:
        if not one.is_admin:
            raise Invalid("told", "told", phrase("%(login)s does not administer", login=one.login))
    return tuple(sorted({one.sub for one in found}))


async def _view(office: Office, alert: Alert, names: dict[str, str]) -> AlertView:
    event = await office.provider.following.named(alert.event_id)
    told = [one if one == EVERY_ADMINISTRATOR else await _login(office, one) for one in alert.told]
    return {
        "rule": alert.rule.value,
        "is_on": alert.is_on,
        "unit": UNITS[alert.rule].value,
        "most": alert.most,
        "within": alert.within if alert.rule in COUNTING else None,
        "quiet": alert.quiet if alert.rule in (*COUNTING, *LOOKING) else None,
        "told": [one for one in told if one],
        "raised_at": None if alert.raised_at is None else alert.raised_at.isoformat(),
        "raised": None
        if event is None
        else await event_view(office, names, alert.event_id, event),
    }


async def _login(office: Office, sub: str) -> str:
    account = await office.people.accounts.find(sub)
    return account.login if account is not None else ""
