"""What a token is and opens, and what an application would be told of somebody."""

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from keycell.accounts.people import person_of
from keycell.administration.call import Moment
from keycell.administration.office import NotThere, Office
from keycell.oauth.claims import (
    ACR_MFA,
    ACR_PASSWORD,
    SCOPE_CLAIMS,
    AccessToken,
    Authentication,
    IdToken,
    Person,
    access_token_claims,
    id_token_claims,
    userinfo_claims,
)
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidGrant, OAuthError
from keycell.oauth.grants import (
    REFRESH_PREFIX,
    Rotate,
    read_refresh_token,
    redeem_refresh_token,
)
from keycell.oauth.interaction import Consent
from keycell.oauth.scope import Scope, parse_scope
from keycell.oauth.sentences import phrase
from keycell.provider.access import PERSONAL, open_token
from keycell.provider.admission import SAID, why_not_in
from keycell.provider.issue import ACCESS_TOKEN_TYP, subject_of
from keycell.provider.personal_tokens import revoke_token
from keycell.provider.revoke import grant_of

_NEW = "…"
"""Stands for what is another each time."""
_EMPTY: tuple[object, ...] = (None, "", [], ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspecting:
    """A token, of whatever kind; it is kept nowhere."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Inspecting):
    """A token that is to open nothing any more."""

    with_grant: bool = False
    """An access token's grant, too: its application gets no other by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewing:
    """Somebody, an application, and what it would ask for."""

    login: str
    client_id: str
    scope: str = ""
    ip: str = ""
    """Where their browser would be; empty does not judge from where."""


class Inspected(TypedDict):
    """What a token is: whose, for what, until when; or why it opens nothing."""

    is_ours: bool
    kind: str
    claims: dict[str, Any]
    is_active: bool
    why_not: str
    login: NotRequired[str | None]
    client_id: NotRequired[str]
    client_name: NotRequired[str]
    scopes: NotRequired[list[str]]
    audience: NotRequired[list[str]]
    issued_at: NotRequired[Moment]
    expires_at: NotRequired[Moment]
    grant_id: NotRequired[str | None]


class EndedToken(TypedDict):
    """What ended: a token, or the grant that it was of."""

    ended: Literal["token", "grant"]


class NotTold(TypedDict):
    """Claims that somebody has and that no token tells, and by which scope they would be told."""

    scope: str
    claims: list[str]
    may_ask: bool


class Told(TypedDict):
    """What each token and UserInfo would say."""

    id_token: dict[str, Any]
    access_token: dict[str, Any]
    userinfo: dict[str, Any]


class Preview(Told):
    """What an application would be told of somebody, and whether they would be let in."""

    may_sign_in: bool
    refusals: list[str]
    networks: list[str]
    scopes: list[str]
    left_out: list[str]
    is_asked: bool
    access_token_format: Literal["jwt", "opaque"]
    not_told: list[NotTold]


async def inspected(office: Office, asked: Inspecting) -> Inspected:
    """Say what a token is: whether we signed it, and whether it still opens anything."""
    token = asked.token.strip()
    if token.startswith(REFRESH_PREFIX):
        return await _refresh(office, token)
    signed = _signed(office, token)
    document: Inspected = {
        "is_ours": signed is not None,
        "kind": "unknown" if signed is None else signed[0],
        "claims": {} if signed is None else signed[1],
        "is_active": False,
        "why_not": "",
    }
    try:
        access = await open_token(office.provider, token, is_use=False)
    except OAuthError as error:
        # To an administrator the detail is told; whoever presents a token does not get it.
        return {**document, "why_not": str(error)}
    account = access.standing.account if access.standing is not None else None
    client = await office.provider.clients.find(access.client_id) if access.client_id else None
    kind = document["kind"] if signed is not None else "opaque"
    return {
        **document,
        "is_ours": True,
        "kind": kind if access.client_id else "personal",
        "is_active": True,
        "login": account.login if account is not None else None,
        "client_id": access.client_id,
        "client_name": client.name if client is not None else "",
        "scopes": sorted(access.scope),
        "audience": list(access.audience),
        "issued_at": access.issued_at.isoformat(),
        "expires_at": access.expires_at.isoformat(),
        "grant_id": access.grant_id,
    }


def _signed(office: Office, token: str) -> tuple[str, dict[str, object]] | None:
    for typ, kind in ((ACCESS_TOKEN_TYP, "access token"), ("JWT", "ID token")):
        claims = office.provider.keys.verify(token, typ)
        if claims is not None:
            return kind, dict(claims)
    return None


async def _refresh(office: Office, token: str) -> Inspected:
    """Say what a refresh token would buy, without buying it."""
    document: Inspected = {
        "is_ours": False, "kind": "refresh token", "claims": {}, "is_active": False, "why_not": "",
    }  # fmt: skip
    grant = await grant_of(office.provider, token)
    if grant is None or grant.refresh is None:
        return {**document, "kind": "unknown", "why_not": "no such refresh token"}
    account = await office.people.accounts.find(grant.sub)
    client = await office.provider.clients.find(grant.client_id)
    document = {
        **document,
        "is_ours": True,
        "login": account.login if account is not None else None,
        "client_id": grant.client_id,
        "client_name": client.name if client is not None else "",
        "scopes": sorted(grant.scope),
        "audience": list(grant.audience),
        "issued_at": (grant.refresh.rotated_at or grant.created_at).isoformat(),
        "expires_at": grant.refresh.expires_at.isoformat(),
        "grant_id": grant.grant_id,
    }
    try:
        decision = redeem_refresh_token(
            grant, read_refresh_token(token), grant.client_id, office.provider.clock()
        )
    except InvalidGrant as error:
        return {**document, "why_not": str(error)}
    return {**document, "is_active": isinstance(decision, Rotate)}


async def ended(office: Office, asked: Ending) -> EndedToken:
    """End a token that opens something; the trail names it by its identifier alone."""
    token, provider = asked.token.strip(), office.provider
    grant = await grant_of(provider, token)
    if grant is not None and grant.revoked_at is None:
        return await _end_grant(office, grant.grant_id, grant.client_id)
    try:
        access = await open_token(provider, token, is_use=False)
    except OAuthError:
        raise NotThere(phrase("this token opens nothing that could be ended")) from None
    if access.client_id == PERSONAL:
        await revoke_token(provider, access.jti, access.sub, office.by)
        return {"ended": "token"}
    if asked.with_grant and access.grant_id is not None:
        return await _end_grant(office, access.grant_id, access.client_id)
    event = office.event("token.ended", access.jti, access.client_id)
    await provider.grants.revoke_token(access.jti, access.expires_at, event)
    return {"ended": "token"}


async def _end_grant(office: Office, grant_id: str, client_id: str) -> EndedToken:
    event = office.event("grant.revoked", grant_id, client_id)
    await office.provider.grants.revoke(grant_id, event.at, event)
    return {"ended": "grant"}


async def previewed(office: Office, asked: Previewing) -> Preview:
    """Say what an application would be told of somebody, and whether they would be asked."""
    account = await office.account(asked.login)
    client = await office.client(asked.client_id)
    registered = client.metadata.scope
    wanted = parse_scope(asked.scope)
    if not wanted:
        wanted = registered if registered is not None else parse_scope("openid profile email")
    scope = wanted if registered is None else wanted & registered
    sub, person = subject_of(office.provider, client, account.sub), person_of(account)
    now = office.people.clock()
    kept = await office.provider.consents.find(account.sub, client.client_id, now)
    given = kept or Consent(frozenset(), frozenset(), ())
    factors = await office.people.factors.of_account(account.sub)
    # Who has a second factor is asked for it where the rule wants one.
    acr = ACR_MFA if factors.are_set else ACR_PASSWORD
    why = why_not_in(client, account, acr, asked.ip or None)
    refusals = [
        *(["the account is disabled"] if account.disabled_at is not None else []),
        *([SAID[why]] if why is not None else []),
        *(["the application is disabled"] if client.disabled else []),
    ]
    return {
        "may_sign_in": not refusals,
        "refusals": refusals,
        "networks": list(client.access.networks),
        "scopes": sorted(scope),
        "left_out": sorted(wanted - scope),
        "is_asked": not client.is_first_party and not scope <= given.scope,
        **_told(office, client, (sub, person, scope)),
        "access_token_format": client.access_token_format,
        "not_told": _not_told(person, scope, registered),
    }


def _told(office: Office, client: Client, of: tuple[str, Person, Scope]) -> Told:
    """Give what each token and UserInfo would say. What is new in each sign-in is an ellipsis."""
    sub, person, scope = of
    provider, now = office.provider, office.provider.clock()
    how = Authentication(auth_time=now, acr=ACR_PASSWORD, amr=("pwd",))
    made = IdToken(
        issuer=provider.issuer, sub=sub, client_id=client.client_id, authentication=how,
        issued_at=now, expires_at=now + provider.lifetimes.of_id_token(client), nonce=_NEW,
        sid=_NEW if client.wants_logout else None, at_hash=_NEW,
        says_all=client.metadata.id_token_scope_claims,
    )  # fmt: skip
    access = AccessToken(
        issuer=provider.issuer, sub=sub, client_id=client.client_id,
        audience=(provider.resource,), scope=scope, jti=_NEW, grant_id=_NEW, issued_at=now,
        expires_at=now + provider.lifetimes.of_access_token(client), authentication=how,
        may_act=client.acting.may_act,
    )  # fmt: skip
    return {
        "id_token": id_token_claims(made, lambda: person, scope, frozenset()),
        "access_token": access_token_claims(access),
        "userinfo": userinfo_claims(sub, person, scope, frozenset()),
    }


def _not_told(person: Person, scope: Scope, registered: Scope | None) -> list[NotTold]:
    """Say which claims somebody has that no token tells, and by which scope they would be."""
    return [
        {
            "scope": name,
            "claims": [one for one in claims if person.get(one) not in _EMPTY],
            "may_ask": registered is None or name in registered,
        }
        for name, claims in SCOPE_CLAIMS.items()
        if name not in scope and any(person.get(one) not in _EMPTY for one in claims)
    ]
