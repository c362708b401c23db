"""What we keep of a person, as the person sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypedDict
from uuid import UUID

from keycell.accounts.administration import Changes, change_own
from keycell.accounts.audit import Asked, AuditEvent
from keycell.accounts.audit_sentences import called, own_sentence
from keycell.accounts.errors import Invalid
from keycell.accounts.factors import FEW_CODES
from keycell.accounts.people import person_of
from keycell.accounts.preferences import Theme, read_theme
from keycell.accounts.trusted import trusted_browsers
from keycell.administration import people as shown
from keycell.administration import tokens
from keycell.administration.call import Moment, Nothing, Page
from keycell.administration.trail import OriginView, origin_view
from keycell.oauth.claims import allowed_claims, userinfo_claims
from keycell.own import access
from keycell.own.holder import Holder, Paging
from keycell.provider.issue import subject_of

MOST_EVENTS = 500
LOOKED_AT = 20_000
"""So many events of everybody are looked at for a page; a cursor tells where to go on."""
_TURNS = 4
"""So many times: what is told as one may be hundreds."""
_ROUTINE = "grant.refreshed"
_TO_ACCOUNTS = ("account.", "factor.", "recovery.", "session.")
"""Whose target is a login, and older ones do not say whose."""
_OTHERS = ("by", "from", "sub")
"""What of an event's detail names somebody."""
_OLD = timedelta(days=180)
"""What was not used for so long is pointed out."""


class Sees(TypedDict):
    """What an application sees of one: now, and what it may."""

    client_id: str
    label: str
    claims: dict[str, Any]
    may_see: list[str]


class Profile(shown.AccountView):
    """One's account, and what each application sees of it."""

    email_verified: bool
    person: dict[str, Any]
    has_password: bool
    theme: Theme | None
    applications: list[Sees]


class Security(TypedDict):
    """What there is to check, each with how many of it there are."""

    factors: int
    recovery_codes: int
    few_recovery_codes: bool
    trusted_browsers: int
    sessions: int
    unknown_sessions: int
    applications: int
    stale_applications: int
    tokens: int
    old_tokens: int
    has_email: bool
    email_verified: bool


class OwnEvent(TypedDict):
    """Something that one did, or that was done to one's account; how often, and since when."""

    event_id: str
    at: Moment
    times: int
    since: Moment
    actor: str
    action: str
    target: str
    client_id: str
    origin: OriginView | None
    result: str
    detail: dict[str, Any]
    is_own: bool
    sentence: str


async def profile(holder: Holder, _asked: Nothing) -> Profile:
    """Show one's account, and what each application sees of it."""
    account = holder.account
    person = person_of(account)
    sees: list[Sees] = []
    now = holder.people.clock()
    for client_id, consent, _ in await holder.provider.consents.of_account(account.sub, now):
        client = await holder.provider.clients.find(client_id)
        if client is None:
            continue
        sub = subject_of(holder.provider, client, account.sub)
        claims = userinfo_claims(sub, person, consent.scope, consent.claims)
        may_see = allowed_claims(consent.scope, consent.claims) | (claims.keys() - {"sub"})
        sees.append(
            {
                "client_id": client_id, "label": client.name, "claims": claims,
                "may_see": sorted(may_see),
            }
        )  # fmt: skip
    return {
        **shown.view(account),
        "email_verified": account.email_verified,
        "person": dict(person),
        "has_password": account.password_hash is not None,
        "theme": (await holder.people.preferences.find(account.sub)).theme,
        "applications": sees,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """What is to be different about oneself; what is left out or null stays."""

    name: str | None = None
    locale: str | None = None
    """The language one is written to in; an empty one leaves it to the browser."""
    zoneinfo: str | None = None
    """Times are told in this zone; an empty one leaves it to the browser."""
    theme: str | None = None


async def changed(holder: Holder, asked: Changing) -> Profile:
    """Change one's name, language, time zone and theme; the mail address is changed elsewhere."""
    theme = None if asked.theme is None else read_theme(asked.theme)
    claims = {
        name: value
        for name, value in (("locale", asked.locale), ("zoneinfo", asked.zoneinfo))
        if value is not None
    }
    said = Changes(name=asked.name, claims=claims)
    await change_own(holder.people, holder.account, said, holder.origin)
    if theme is not None:
        await holder.people.preferences.change(
            holder.account.sub, lambda chosen: replace(chosen, theme=theme)
        )
    account = await holder.people.accounts.find(holder.account.sub) or holder.account
    return await profile(replace(holder, account=account), Nothing())


async def security(holder: Holder, _asked: Nothing) -> Security:
    """Give what there is to check, each with how many of it there are."""
    now, nothing = holder.people.clock(), Nothing()
    signed_in = (await access.sessions(holder, nothing))["items"]
    held = await tokens_of(holder)
    factors = await holder.people.factors.of_account(holder.account.sub)
    allowed = (await access.applications(holder, nothing))["items"]
    old = (now - _OLD).isoformat()
    return {
        "factors": len(factors.every),
        "recovery_codes": factors.codes_left,
        "few_recovery_codes": factors.are_set and factors.codes_left <= FEW_CODES,
        "trusted_browsers": len(await trusted_browsers(holder.people, holder.account)),
        "sessions": len(signed_in),
        "unknown_sessions": sum(bool(one.get("is_unknown")) for one in signed_in),
        "applications": sum(not one["is_first_party"] for one in allowed),
        "stale_applications": sum(
            not one["is_first_party"] and (one.get("seen_at") or one["given_at"]) < old
            for one in allowed
        ),
        "tokens": len(held),
        "old_tokens": sum((one["last_used_at"] or one["created_at"]) < old for one in held),
        "has_email": holder.account.email is not None,
        "email_verified": holder.account.email_verified,
    }


async def activity(holder: Holder, asked: Paging) -> Page[OwnEvent]:
    """List what was done by one, or to one's account, the latest first.

    That a program got new tokens is routine: what it got from one address in a day is one of them.
    """
    if not 1 <= asked.most <= MOST_EVENTS:
        raise Invalid("most", "most", f"expected 1 to {MOST_EVENTS} events")
    names: dict[str, str] = {}
    told: list[OwnEvent] = []
    folds: dict[_Fold, OwnEvent] = {}
    before, onward = asked.before, None
    for _ in range(_TURNS):
        page, onward = await _about(holder, before)
        for key, event in page:
            fold = _fold(event)
            if fold is not None and fold in folds:
                _add(folds[fold], event)
            elif len(told) == asked.most:
                return {"items": told, "next": before}
            else:
                told.append(await _view(holder, names, key, event))
                if fold is not None:
                    folds[fold] = told[-1]
            before = key
        if onward is None or len(told) == asked.most:
            break
        before = onward
    return {"items": told, "next": onward}


_Events = Sequence[tuple[str, AuditEvent]]
_Fold = tuple[str, str, str, date]


async def every_event(holder: Holder) -> list[OwnEvent]:
    """Give the latest of what was done by one, or to one's account, each by itself."""
    page, _ = await _about(holder, None)
    names: dict[str, str] = {}
    return [await _view(holder, names, key, event) for key, event in page]


async def _about(holder: Holder, before: str | None) -> tuple[_Events, str | None]:
    account = holder.account
    page, onward = await holder.people.audit.about(
        Asked(sub=account.sub, login=account.login, before=before, most=MOST_EVENTS,
              among=LOOKED_AT)
    )  # fmt: skip
    return [one for one in page if _is_about(holder, one[1])], onward


def _fold(event: AuditEvent) -> _Fold | None:
    """Tell what an event is told together with; None for what is told by itself."""
    if event.action != _ROUTINE or event.result != "done":
        return None
    origin = event.origin
    return event.client_id, origin.ip, origin.user_agent, event.at.date()


def _add(told: OwnEvent, event: AuditEvent) -> None:
    told["times"] += 1
    told["since"] = event.at.isoformat()


def _is_about(holder: Holder, event: AuditEvent) -> bool:
    account = holder.account
    if account.sub in (event.actor, event.target):
        return True
    # Anybody may take a login that was somebody's before, or that something else is called by.
    whose = event.detail.get("sub")
    if whose is not None:
        return whose == account.sub
    is_theirs = event.target == account.login and event.at >= account.created_at
    return is_theirs and event.action.startswith(_TO_ACCOUNTS)


async def _view(holder: Holder, names: dict[str, str], key: str, event: AuditEvent) -> OwnEvent:
    by_own = event.actor == holder.account.sub
    return {
        "action": event.action,
        "target": event.target,
        "client_id": event.client_id,
        "result": event.result,
        "event_id": key,
        "at": event.at.isoformat(),
        "times": 1,
        "since": event.at.isoformat(),
        # Who else did it is told as what they are, not as who.
        "actor": holder.account.login if by_own else "an administrator",
        "is_own": by_own,
        "origin": origin_view(event.origin) if by_own else None,
        "detail": {name: one for name, one in event.detail.items() if name not in _OTHERS},
        "sentence": await _told(holder, names, event),
    }


async def _told(holder: Holder, names: dict[str, str], event: AuditEvent) -> str:
    """Say it to the person: applications by name, no identifiers. ``names`` is a memory."""
    client_id = event.client_id
    if client_id and client_id not in names:
        client = await holder.provider.clients.find(client_id)
        names[client_id] = client.name if client is not None else client_id
    account = holder.account
    is_own = event.target in (account.sub, account.login)
    target = called(event) or ("" if _is_identifier(event.target) else event.target)
    told = replace(
        event, client_id=names.get(client_id, ""), target=account.login if is_own else target
    )
    return own_sentence(told, holder.words)


def _is_identifier(text: str) -> bool:
    """Tell whether a text is one of ours for what has no name."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def tokens_of(holder: Holder) -> list[tokens.TokenView]:
    """Give one's personal access tokens and access keys."""
    sub, now = holder.account.sub, holder.people.clock()
    kept = await holder.provider.personal.of_account(sub, now)
    keys = await holder.provider.access_keys.of_account(sub, now)
    return [tokens.view(one) for one in kept] + [tokens.view(one) for one in keys]
