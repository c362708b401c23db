"""Making the tokens of an answer. Everything that can fail happens here, before the last write."""

from dataclasses import field
from datetime import datetime
from functools import partial

from keycell.accounts.audit import AuditEvent, Origin
from keycell.accounts.people import Account, person_of
from keycell.oauth.actors import Act
from keycell.oauth.claims import (
    AccessToken,
    Authentication,
    IdToken,
    access_token_claims,
    half_hash,
    id_token_claims,
)
from keycell.oauth.clients import Client
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.details import Details, narrow_details, read_details
from keycell.oauth.encryption import is_encrypted
from keycell.oauth.errors import InvalidGrant
from keycell.oauth.grants import Grant, RefreshState, digest, format_refresh_token
from keycell.oauth.native_sso import ds_hash, format_device_secret, sets_up
from keycell.oauth.resources import narrow_audience
from keycell.oauth.scope import OPENID, Scope, wants_offline
from keycell.oauth.token import AnyCodeExchange, Refresh, TokenResponse
from keycell.provider.admission import check_admitted
from keycell.provider.ports import Claims, Held, OpaqueToken, Provider
from keycell.provider.signed_answers import sign_for
from keycell.values import dataclass

ACCESS_TOKEN_ALG = "ES256"
ACCESS_TOKEN_TYP = "at+jwt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """For whom the tokens are, and for what."""

    client: Client
    sub: str
    scope: Scope
    audience: tuple[str, ...]
    now: datetime
    grant_id: str | None = None
    details: Details = ()
    cnf: Confirmation | None = None
    authentication: Authentication | None = None
    until: datetime | None = None
    """When what they are made from ends, and so they, at the latest."""
    act: Act = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """The tokens of one answer; ``opaque`` must be kept for its token to mean anything."""

    access_token: str
    expires_at: datetime
    opaque: OpaqueToken | None
    id_token: str | None = None
    device_secret: str | None = None

    def response(
        self,
        wanted: Wanted,
        refresh_token: str | None = None,
        issued_token_type: str | None = None,
    ) -> TokenResponse:
        """Put them in the form of an answer. RFC6749-5.1."""
        return TokenResponse(
            access_token=self.access_token,
            expires_in=int((self.expires_at - wanted.now).total_seconds()),
            scope=wanted.scope,
            refresh_token=refresh_token,
            id_token=self.id_token,
            details=wanted.details,
            is_dpop=wanted.cnf is not None and wanted.cnf.is_dpop,
            issued_token_type=issued_token_type,
            device_secret=self.device_secret,
        )


def subject_of(provider: Provider, client: Client, sub: str) -> str:
    """Give the identifier by which this client knows an account. OIDCC-8.1."""
    if client.metadata.subject_type != "pairwise":
        return sub
    return provider.sealer.mac("pairwise", f"{client.sector}\0{sub}".encode())


def device_secret(provider: Provider, client: Client, sid: str) -> str:
    """Give what signs in the applications of a client's suite from one session. NSSO-3.2.

    It is kept nowhere: who has it can only have had it from us.
    """
    return format_device_secret(
        sid, provider.sealer.mac("device", f"{client.suite}\0{sid}".encode())
    )


def hinted_claims(provider: Provider, hint: str) -> Claims | None:
    """Give the claims of an ID token of ours, whatever its times; of nothing else that we sign.

    RFC8725-3.11: a signed UserInfo answer looks like one, but tells of no authentication.
    """
    if is_encrypted(hint):
        # A client may send what was encrypted to it on to us, encrypted anew. OIDCC-3.1.2.1.
        hint = provider.encryption.decrypt(hint) or ""
    claims = provider.keys.verify(hint, "JWT")
    if claims is None or claims.get("iss") != provider.issuer or "auth_time" not in claims:
        return None
    return claims


def standing_account(client: Client, held: Held) -> Account:
    """Give the account of a grant, if it may still be spoken for, by this client. RFC6749-6."""
    if held.account is None or not held.account.stands:
        raise InvalidGrant(detail=f"account {held.grant.sub} is disabled or gone")
    check_admitted(client, held.account, held.grant.authentication.acr)
    return held.account


def wanted_of(
    provider: Provider,
    client: Client,
    grant: Grant,
    scope: Scope,
    request: AnyCodeExchange | Refresh,
    now: datetime,
) -> Wanted:
    """Say what tokens of a grant are wanted; no wider than the grant. RFC8707-2.2, RFC9396-6."""
    return Wanted(
        client=client,
        sub=subject_of(provider, client, grant.sub),
        scope=scope,
        audience=narrow_audience(grant.audience, request.resources),
        now=now,
        grant_id=grant.grant_id,
        details=narrow_details(grant.details, read_details(request.details, provider.resource)),
        cnf=request.cnf,
        authentication=grant.authentication,
        until=grant.ends_at,
    )


def refresh_expiry(provider: Provider, client: Client, grant: Grant, now: datetime) -> datetime:
    """Say until when a refresh token of a grant, minted at this moment, may be used."""
    until = now + (client.revoke_refresh_after or provider.lifetimes.refresh_token)
    return until if grant.ends_at is None else min(until, grant.ends_at)


def first_refresh(
    provider: Provider, client: Client, grant: Grant, now: datetime
) -> tuple[str | None, RefreshState | None]:
    """Give a new grant's refresh token, and what is kept of it; None where there is none."""
    if not wants_offline(grant.scope) or "refresh_token" not in client.metadata.grant_types:
        return None, None
    family = provider.mint()
    token = format_refresh_token(grant.grant_id, family, provider.mint())
    state = RefreshState(
        family_digest=digest(family),
        digest=digest(token),
        expires_at=refresh_expiry(provider, client, grant, now),
    )
    return token, state


def grant_event(action: str, grant: Grant, origin: Origin, now: datetime) -> AuditEvent:
    """Say for the audit trail what became of a grant, by the one whose it is."""
    return AuditEvent(
        at=now,
        actor=grant.sub,
        action=action,
        target=grant.grant_id,
        client_id=grant.client_id,
        origin=origin,
    )


async def issue(
    provider: Provider, wanted: Wanted, grant: Grant, account: Account, nonce: str | None
) -> Issued:
    """Make the tokens of a grant. RFC6749-5.1, OIDCC-3.1.3.3."""
    issued = make_access_token(provider, wanted)
    if OPENID not in wanted.scope:
        return issued
    secret: str | None = None
    shared: Claims = {}
    if grant.sid is not None and wanted.client.suite and sets_up(wanted.scope):
        secret = device_secret(provider, wanted.client, grant.sid)
        shared = {"sid": grant.sid, "ds_hash": ds_hash(secret)}
    beside = Beside(nonce, issued.access_token, more=shared)
    id_token = await make_id_token(provider, wanted, grant, account, beside)
    return Issued(issued.access_token, issued.expires_at, issued.opaque, id_token, secret)


@dataclass(frozen=True, slots=True)
class Beside:
    """What an ID token is given with, and vouches for. OIDCC-3.3.2.11."""

    nonce: str | None
    access_token: str | None = None
    code: str | None = None
    state: str | None = None
    is_alone: bool = False
    more: Claims = field(default_factory=dict)
    """What else it says, where it comes by a way of its own. CIBA-10.3.1, NSSO-3.4."""


async def make_id_token(
    provider: Provider, wanted: Wanted, grant: Grant, account: Account, beside: Beside
) -> str:
    """Make an ID token, with the hashes of what it is given with. OIDCC-2, OIDCC-3.3.2.11."""
    client = wanted.client
    alg = client.metadata.id_token_signed_response_alg
    token = IdToken(
        issuer=provider.issuer,
        sub=wanted.sub,
        client_id=client.client_id,
        authentication=grant.authentication,
        issued_at=wanted.now,
        expires_at=wanted.now + provider.lifetimes.of_id_token(client),
        nonce=beside.nonce,
        # A session's name is for those alone who are told when it ends.
        sid=grant.sid if client.wants_logout else None,
        at_hash=_hash(beside.access_token, alg),
        c_hash=_hash(beside.code, alg),
        s_hash=_hash(beside.state, alg),
        says_all=beside.is_alone or client.metadata.id_token_scope_claims,
    )
    claims = id_token_claims(
        token,
        partial(person_of, account),
        wanted.scope,
        grant.claims.id_token,
        grant.claims.locales,
    )
    return await sign_for(provider, client, "id_token", "JWT", {**claims, **beside.more})


def _hash(value: str | None, alg: str) -> str | None:
    return None if value is None else half_hash(value, alg)


def make_access_token(provider: Provider, wanted: Wanted) -> Issued:
    """Make an access token: a JWT, or an opaque one for a client that wants it so. RFC9068-2."""
    expires_at = wanted.now + provider.lifetimes.of_access_token(wanted.client)
    token = AccessToken(
        issuer=provider.issuer,
        sub=wanted.sub,
        client_id=wanted.client.client_id,
        audience=wanted.audience,
        scope=wanted.scope,
        jti=provider.mint_id(),
        grant_id=wanted.grant_id,
        issued_at=wanted.now,
        expires_at=expires_at if wanted.until is None else min(expires_at, wanted.until),
        details=wanted.details,
        cnf=wanted.cnf,
        authentication=wanted.authentication,
        act=wanted.act,
        may_act=wanted.client.acting.may_act,
    )
    if wanted.client.access_token_format == "opaque":
        return _opaque(token, f"kca_{provider.mint()}")
    claims = access_token_claims(token)
    signed = provider.keys.sign_now(ACCESS_TOKEN_ALG, ACCESS_TOKEN_TYP, claims)
    return Issued(signed, token.expires_at, None)


def _opaque(token: AccessToken, secret: str) -> Issued:
    kept = OpaqueToken(
        digest=digest(secret),
        jti=token.jti,
        grant_id=token.grant_id,
        client_id=token.client_id,
        sub=token.sub,
        scope=token.scope,
        audience=token.audience,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        details=token.details,
        cnf=token.cnf,
        act=token.act,
    )
    return Issued(secret, token.expires_at, kept)
