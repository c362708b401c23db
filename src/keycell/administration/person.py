"""All of one person at once, as an administrator looks at them, and what ends a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from keycell.accounts.people import Account, groups_of
from keycell.accounts.signin import sign_out
from keycell.administration import factors, groups, people, tokens, trail
from keycell.administration.call import Moment
from keycell.administration.clients import ClientNamed
from keycell.administration.office import NotThere, Office, Stored
from keycell.administration.people import Named
from keycell.oauth.sentences import phrase
from keycell.oauth.terms import latest

if TYPE_CHECKING:
    from datetime import datetime

_EVENTS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSession:
    """A browser session of somebody."""

    login: str
    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedApplication:
    """An application that acts for somebody."""

    login: str
    client_id: str


class WholeAccount(people.AccountView):
    """An account, and whether its mail address was proven to be theirs."""

    email_verified: bool


class Application(TypedDict):
    """An application that acts for somebody: by how many grants, last when, and until when."""

    client_id: str
    label: str
    is_first_party: bool
    scopes: list[str]
    may: list[str]
    """What the scopes let it do, in words."""
    grants: int
    seen_at: Moment
    ends_at: Moment | None


class HeldToken(tokens.ListedToken):
    """A token, and what it lets be done, in words."""

    may: list[str]


class StoredView(TypedDict):
    """How many bytes and nodes somebody's own files are; a quota of null is no bound."""

    used: int
    quota: int | None
    nodes: int


class Whole(TypedDict):
    """All of a person."""

    account: WholeAccount
    groups: list[groups.GroupView]
    roles: list[groups.RoleView]
    factors: factors.Factors
    sessions: list[people.BrowserView]
    applications: list[Application]
    tokens: list[HeldToken]
    storage: StoredView | None
    events: list[trail.EventView]


class EndedSession(TypedDict):
    """The browser session that ended."""

    sid: str


async def whole(office: Office, asked: Named) -> Whole:
    """Show all of a person: account, groups, factors, sessions, applications, tokens, trail."""
    account = await office.account(asked.login)
    named = {one.path: one.label for one in await office.people.groups.groups()}
    roles = {one.role_id: one.label for one in await office.people.groups.roles()}
    stored = await office.storage(account.sub) if office.storage is not None else None
    happened = await trail.audit(office, trail.Asking(who=account.login, most=_EVENTS))
    return {
        "account": {**people.view(account), "email_verified": account.email_verified},
        "groups": [
            {"path": path, "label": named.get(path, "")} for path in groups_of(account.group_path)
        ],
        "roles": [{"role_id": one, "label": roles.get(one, "")} for one in account.roles],
        "factors": await factors.listed(office, asked),
        "sessions": (await people.sessions(office, asked))["items"],
        "applications": list(await _applications(office, account)),
        "tokens": [
            {**one, "may": list(office.told(one["scopes"]))}
            for one in (await tokens.listed(office, asked))["items"]
        ],
        "storage": _stored(stored) if stored is not None else None,
        "events": happened["items"],
    }


def _stored(one: Stored) -> StoredView:
    return {"used": one.used, "quota": one.quota, "nodes": one.nodes}


async def _applications(office: Office, account: Account) -> Sequence[Application]:
    """List what acts for somebody: what they allowed, and what holds tokens of theirs."""
    found: dict[str, tuple[frozenset[str], str, int]] = {}
    ends: dict[str, datetime | None] = {}
    now = office.people.clock()
    for client_id, consent, given_at in await office.provider.consents.of_account(
        account.sub, now
    ):
        found[client_id] = (frozenset(consent.scope), given_at.isoformat(), 0)
        ends[client_id] = consent.ends_at
    for grant in await office.provider.grants.of_account(account.sub, now):
        if grant.refresh is not None or grant.client_id not in ends:
            before = ends.get(grant.client_id, grant.ends_at)
            ends[grant.client_id] = latest(before, grant.ends_at)
        seen = ((grant.refresh and grant.refresh.rotated_at) or grant.created_at).isoformat()
        scope, at, count = found.get(grant.client_id, (frozenset(grant.scope), seen, 0))
        found[grant.client_id] = (scope, max(at, seen), count + 1)
    shown: list[Application] = []
    for client_id, (scope, at, count) in found.items():
        client = await office.provider.clients.find(client_id)
        ends_at = ends.get(client_id)
        shown.append({
            "client_id": client_id, "label": client.name if client else client_id,
            "is_first_party": client is not None and client.is_first_party,
            "scopes": sorted(scope), "may": list(office.told(scope)),
            "grants": count, "seen_at": at, "ends_at": ends_at.isoformat() if ends_at else None,
        })  # fmt: skip
    return sorted(shown, key=lambda one: one["seen_at"], reverse=True)


async def ended_session(office: Office, asked: NamedSession) -> EndedSession:
    """Sign somebody out of one browser."""
    account, now, by = await office.account(asked.login), office.people.clock(), office.by
    for session in await office.people.sessions.of_account(account.sub, now):
        if session.sid == asked.sid:
            await sign_out(office.people, session, by.origin, now, by.actor)
            return {"sid": session.sid}
    raise NotThere(phrase("there is no such session any more"))


async def ended_application(office: Office, asked: NamedApplication) -> ClientNamed:
    """End all that an application holds for somebody, and what they allowed it."""
    account = await office.account(asked.login)
    known = {one["client_id"] for one in await _applications(office, account)}
    if asked.client_id not in known:
        raise NotThere(
            phrase("%(client_id)s acts for them no longer", client_id=asked.client_id[:100])
        )
    event = office.event("consent.revoked", account.sub, asked.client_id)
    await office.provider.consents.revoke(account.sub, asked.client_id, event.at, event)
    return {"client_id": asked.client_id}
