"""What acts in a person's name: browsers, programs on their devices, applications of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

from keycell.accounts.sessions import Session, browser_label
from keycell.accounts.signin import sign_out
from keycell.administration.call import Items, Moment, Nothing
from keycell.administration.clients import ClientNamed
from keycell.administration.office import NotThere
from keycell.oauth.details import Details, details_json
from keycell.oauth.grants import Grant
from keycell.oauth.scope import Scope
from keycell.oauth.terms import latest
from keycell.own.holder import Holder
from keycell.own.known import unknown
from keycell.own.scopes import places, told
from keycell.provider.backchannel import waiting_for
from keycell.provider.web_sessions import CLIENT_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSession:
    """A browser session."""

    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGrant:
    """A grant: one program on one device."""

    grant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedApplication:
    """An application."""

    client_id: str


class SignedIn(TypedDict):
    """A browser or a program that is signed in; ``is_unknown`` is told of browsers alone."""

    kind: Literal["browser", "program"]
    id: str
    label: str
    ip: str
    created_at: Moment
    seen_at: Moment
    is_current: bool
    is_unknown: NotRequired[bool]
    client_id: NotRequired[str]
    is_first_party: NotRequired[bool]
    device: NotRequired[str]
    scopes: NotRequired[list[str]]
    expires_at: NotRequired[Moment]
    ends_at: NotRequired[Moment | None]


class Request(TypedDict):
    """A permission that an application asks one for."""

    client_id: str
    label: str
    binding_message: str
    scopes: list[str]
    created_at: Moment
    expires_at: Moment


class SessionNamed(TypedDict):
    """The session that ended."""

    sid: str


class OthersEnded(TypedDict):
    """How many browsers and programs were signed out."""

    browsers: int
    programs: int


class GrantNamed(TypedDict):
    """The grant that ended."""

    grant_id: str


class AllowedApplication(TypedDict):
    """An application that one allowed something, since when, and until when."""

    client_id: str
    label: str
    client_uri: str | None
    is_first_party: bool
    scopes: list[str]
    may: list[str]
    """What the scopes let it do, in words."""
    authorization_details: list[dict[str, Any]]
    given_at: Moment
    seen_at: NotRequired[Moment]
    ends_at: Moment | None


class ApplicationSignedOut(TypedDict):
    """The application that one signed out of, and how many of its grants ended."""

    client_id: str
    ended: int


async def sessions(holder: Holder, _asked: Nothing) -> Items[SignedIn]:
    """List the browsers and the programs that are signed in, this very one marked."""
    now = holder.people.clock()
    browsers = await holder.people.sessions.of_account(holder.account.sub, now)
    programs = [one for one in await _grants(holder) if is_program(one)]
    unfamiliar = await unknown(holder, browsers)
    return {
        "items": [_browser(holder, one, unfamiliar) for one in browsers]
        + [await _program(holder, one) for one in programs]
    }


def is_program(grant: Grant) -> bool:
    """Tell whether a grant is of a program by itself: it goes on without a browser."""
    # What the web frontend holds belongs to its browser's session, and ends with it.
    return grant.refresh is not None and grant.client_id != CLIENT_ID


def _browser(holder: Holder, session: Session, unfamiliar: frozenset[str]) -> SignedIn:
    return {
        "kind": "browser",
        "id": session.sid,
        "label": browser_label(session.user_agent),
        "ip": session.ip,
        "created_at": session.created_at.isoformat(),
        "seen_at": session.seen_at.isoformat(),
        "is_current": session.sid == holder.grant.sid,
        "is_unknown": session.sid in unfamiliar,
    }


async def _program(holder: Holder, grant: Grant) -> SignedIn:
    client = await holder.provider.clients.find(grant.client_id)
    rotated = grant.refresh.rotated_at if grant.refresh else None
    return {
        "kind": "program",
        "id": grant.grant_id,
        "label": client.name if client else grant.client_id,
        "client_id": grant.client_id,
        "is_first_party": client is not None and client.is_first_party,
        "device": browser_label(grant.user_agent),
        "ip": grant.ip,
        "scopes": sorted(grant.scope),
        "created_at": grant.created_at.isoformat(),
        "seen_at": (rotated or grant.created_at).isoformat(),
        "expires_at": grant.expires_at.isoformat(),
        "ends_at": _moment(grant.ends_at),
        "is_current": grant.grant_id == holder.grant.grant_id,
    }


async def requests(holder: Holder, _asked: Nothing) -> Items[Request]:
    """List who asks one for a permission; it is given or denied on the page for it. CIBA-8."""
    found = await waiting_for(holder.provider, holder.account)
    return {
        "items": [
            {
                "client_id": one.client.client_id,
                "label": one.client.name,
                "binding_message": one.awaited.binding_message,
                "scopes": sorted(one.awaited.scope),
                "created_at": one.awaited.created_at.isoformat(),
                "expires_at": one.awaited.expires_at.isoformat(),
            }
            for one in found
        ]
    }


async def ended_session(holder: Holder, asked: NamedSession) -> SessionNamed:
    """End one of one's own browser sessions."""
    now = holder.people.clock()
    for session in await holder.people.sessions.of_account(holder.account.sub, now):
        if session.sid == asked.sid:
            await sign_out(holder.people, session, holder.origin, now, holder.account.sub)
            return {"sid": session.sid}
    raise NotThere(f"you have no session {asked.sid[:100]}")


async def ended_others(holder: Holder, _asked: Nothing) -> OthersEnded:
    """End every browser session and every program but this one, at once."""
    now, kept = holder.people.clock(), holder.grant.sid
    event = holder.event("session.ended", holder.account.sub, which="all others")
    browsers = await holder.people.sessions.end_others(holder.account.sub, kept, now, event)
    programs = 0
    for grant in await _grants(holder):
        is_here = grant.grant_id == holder.grant.grant_id
        if is_program(grant) and not is_here:
            programs += await _end(holder, grant)
    return {"browsers": browsers, "programs": programs}


async def ended_grant(holder: Holder, asked: NamedGrant) -> GrantNamed:
    """End one program on one device; what else the application has goes on."""
    for grant in await _grants(holder):
        if grant.grant_id == asked.grant_id:
            await _end(holder, grant)
            return {"grant_id": grant.grant_id}
    raise NotThere(f"you have no grant {asked.grant_id[:100]}")


async def applications(holder: Holder, _asked: Nothing) -> Items[AllowedApplication]:
    """List the applications that one has allowed something, or that hold tokens."""
    found: dict[str, AllowedApplication] = {}
    ends: dict[str, datetime | None] = {}
    for client_id, consent, given_at in await holder.provider.consents.of_account(
        holder.account.sub, holder.people.clock()
    ):
        allowed = consent.scope, consent.details, given_at
        found[client_id] = await _application(holder, client_id, allowed)
        ends[client_id] = consent.ends_at
    for grant in await _grants(holder):
        if grant.client_id not in found and not is_told(grant):
            continue
        if is_told(grant):
            before = ends.get(grant.client_id, grant.ends_at)
            ends[grant.client_id] = latest(before, grant.ends_at)
        if grant.client_id not in found:
            allowed = grant.scope, grant.details, grant.created_at
            found[grant.client_id] = await _application(holder, grant.client_id, allowed)
        one = found[grant.client_id]
        seen = (grant.refresh and grant.refresh.rotated_at) or grant.created_at
        one["seen_at"] = max(one.get("seen_at", ""), seen.isoformat())
    return {
        "items": [
            {**one, "ends_at": _moment(ends.get(client_id))} for client_id, one in found.items()
        ]
    }


def is_told(grant: Grant) -> bool:
    """Tell whether a grant shows by itself that an application has something: it lasts."""
    return is_program(grant) or grant.ends_at is not None


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


async def _application(
    holder: Holder, client_id: str, allowed: tuple[Scope, Details, datetime]
) -> AllowedApplication:
    """Tell of an application, and of what it was allowed and when."""
    client = await holder.provider.clients.find(client_id)
    scope, details, at = allowed
    return {
        "client_id": client_id,
        "label": client.name if client else client_id,
        "client_uri": client.metadata.client_uri if client else None,
        "is_first_party": client is not None and client.is_first_party,
        "scopes": sorted(scope),
        "may": told(scope, holder.words)
        + [sentence for sentence, _ in places(details, (), holder.words)],
        "authorization_details": details_json(details),
        "given_at": at.isoformat(),
        "ends_at": None,
    }


async def ended_application(holder: Holder, asked: NamedApplication) -> ClientNamed:
    """Take back what one allowed an application; all that it holds ends at once."""
    await _check_known(holder, asked)
    event = holder.event("consent.revoked", holder.account.sub, asked.client_id)
    await holder.provider.consents.revoke(holder.account.sub, asked.client_id, event.at, event)
    return {"client_id": asked.client_id}


async def signed_out(holder: Holder, asked: NamedApplication) -> ApplicationSignedOut:
    """Sign out of one application alone: it is told, and asks for nothing new to be let in again.

    Its tokens end at once, those that outlive a session too; browsers stay signed in here.
    OIDCBCL-2.
    """
    await _check_known(holder, asked)
    event = holder.event("grant.revoked", holder.account.sub, asked.client_id, which="all")
    ended = await holder.provider.consents.sign_out(
        holder.account.sub, asked.client_id, event.at, event
    )
    return {"client_id": asked.client_id, "ended": ended}


async def _check_known(holder: Holder, asked: NamedApplication) -> None:
    known = {one["client_id"] for one in (await applications(holder, Nothing()))["items"]}
    if asked.client_id not in known:
        raise NotThere(f"you allowed {asked.client_id[:100]} nothing")


async def _grants(holder: Holder) -> Sequence[Grant]:
    return await holder.provider.grants.of_account(holder.account.sub, holder.people.clock())


async def _end(holder: Holder, grant: Grant) -> bool:
    event = holder.event("grant.revoked", grant.grant_id, grant.client_id)
    return await holder.provider.grants.revoke(grant.grant_id, event.at, event)
