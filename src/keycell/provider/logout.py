"""RP-initiated logout: a client asks that the person be signed out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.ports import SealBroken
from keycell.accounts.sessions import Session
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.params import read_params
from keycell.provider.issue import hinted_claims, subject_of
from keycell.provider.ports import Claims, Provider
from keycell.provider.tickets import TicketRefused

PURPOSE = "logout"
KNOWN = frozenset(
    {
        "id_token_hint",
        "logout_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    }
)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What was asked, as far as it could be verified. OIDCRIL-2."""

    client: Client | None
    hinted_sub: str | None
    hinted_sid: str | None
    """The session that the hint was made in, where the client is told of sessions."""
    redirect_to: str | None
    """Where the browser goes at the end; None ends on a page of ours."""
    ui_locales: str | None


async def read_logout(provider: Provider, pairs: Sequence[tuple[str, str]]) -> LogoutRequest:
    """Read a logout request; only a hint of ours earns a way back. OIDCRIL-2, OIDCRIL-3."""
    params = read_params(pairs, KNOWN)
    hint = params.get("id_token_hint")
    claims = _hint_claims(provider, hint) if hint is not None else None
    client = None
    if claims is not None:
        client = await _client_of(provider, claims)
        if params.get("client_id", claims.get("aud")) != claims.get("aud"):
            raise InvalidRequest("client_id is not the one the id_token_hint was made for")
    uri = params.get("post_logout_redirect_uri")
    if uri is not None:
        _check_way_back(client, uri)
        state = params.get("state")
        uri = uri if state is None else _with_state(uri, state)
    sub, sid = _text(claims, "sub"), _text(claims, "sid")
    return LogoutRequest(client, sub, sid, uri, params.get("ui_locales"))


def _text(claims: Claims | None, name: str) -> str | None:
    found = (claims or {}).get(name)
    return None if found is None else str(found)


def _hint_claims(provider: Provider, hint: str) -> Claims:
    # Its times do not count: a person may sign out long after an ID token expired.
    claims = hinted_claims(provider, hint)
    if claims is None:
        raise InvalidRequest("id_token_hint is no ID token of this server")
    return claims


async def _client_of(provider: Provider, claims: Claims) -> Client | None:
    """Give the client that a hint was made for; one that is switched off asks for nothing."""
    client = await provider.clients.find(str(claims.get("aud")))
    return None if client is None or client.disabled else client


def _check_way_back(client: Client | None, uri: str) -> None:
    if client is None:
        raise InvalidRequest(
            "post_logout_redirect_uri needs an id_token_hint, of a client that is known here and "
            "not switched off"
        )
    if uri not in client.metadata.post_logout_redirect_uris:
        raise InvalidRequest("post_logout_redirect_uri is not one that this client registered")


def _with_state(uri: str, state: str) -> str:
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}"


def must_confirm(provider: Provider, request: LogoutRequest, session: Session) -> bool:
    """Tell whether the person is asked first: whoever shows no hint may be anybody.

    A hint of another session, on another device or of yesterday, was not meant for this one.
    OIDCRIL-2, OIDCRIL-6.
    """
    if request.client is None or request.hinted_sub is None:
        return True
    if request.hinted_sid not in (None, session.sid):
        return True
    return subject_of(provider, request.client, session.sub) != request.hinted_sub


async def end_session(provider: Provider, session: Session, origin: Origin) -> None:
    """Sign a browser out."""
    now = provider.clock()
    event = AuditEvent(
        at=now, actor=session.sub, action="session.ended", target=session.sub, origin=origin,
        detail={"sid": session.sid},
    )  # fmt: skip
    await provider.sessions.end(session.sid, now, event)


def seal_way_back(provider: Provider, request: LogoutRequest) -> str:
    """Give the verified way back as the confirming page carries it."""
    return provider.sealer.seal(PURPOSE, json.dumps([request.redirect_to]).encode())


def open_way_back(provider: Provider, sealed: str) -> str | None:
    """Give the way back that the confirming page carried, or raise TicketRefused."""
    try:
        (redirect_to,) = json.loads(provider.sealer.open(PURPOSE, sealed))
    except SealBroken as error:
        raise TicketRefused from error
    return None if redirect_to is None else str(redirect_to)
