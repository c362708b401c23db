"""Making the tokens of an answer. Everything that can fail happens here, before the last write."""

from dataclasses import dataclass
from datetime import datetime

from keycell.accounts.people import Account, person_of
from keycell.oauth.claims import (
    AccessToken,
    IdToken,
    access_token_claims,
    half_hash,
    id_token_claims,
)
from keycell.oauth.clients import Client
from keycell.oauth.details import Details, narrow_details, read_details
from keycell.oauth.errors import InvalidGrant
from keycell.oauth.grants import Grant, digest
from keycell.oauth.resources import narrow_audience
from keycell.oauth.scope import OPENID, Scope
from keycell.oauth.token import CodeExchange, DeviceExchange, Refresh, TokenResponse
from keycell.provider.ports import Claims, Held, OpaqueToken, Provider

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


@dataclass(frozen=True, slots=True)
class Issued:
    """The tokens of one answer; ``opaque`` must be kept for its token to mean anything."""

    access_token: str
    expires_at: datetime
    opaque: OpaqueToken | None
    id_token: str | None = None

    def response(self, wanted: Wanted, refresh_token: str | None = None) -> TokenResponse:
        """Put them in the form of an answer. RFC6749-5.1."""
        return TokenResponse(
            access_token=self.access_token,
            expires_in=int((self.expires_at - wanted.now).total_seconds()),
            scope=wanted.scope,
            refresh_token=refresh_token,
            id_token=self.id_token,
            details=wanted.details,
        )


def subject_of(provider: Provider, client: Client, sub: str) -> str:
    """Give the identifier by which this client knows an account. OIDCC-8.1."""
    if client.metadata.subject_type != "pairwise":
        return sub
    return provider.sealer.mac("pairwise", f"{client.sector}\0{sub}".encode())


def hinted_claims(provider: Provider, hint: str) -> Claims | None:
    """Give the claims of an ID token of ours, whatever its times; of nothing else that we sign.

    RFC8725-3.11: a signed UserInfo answer looks like one, but tells of no authentication.
    """
    claims = provider.keys.verify(hint, "JWT")
    if claims is None or claims.get("iss") != provider.issuer or "auth_time" not in claims:
        return None
    return claims


def standing_account(held: Held) -> Account:
    """Give the account of a grant, if it may still be spoken for. RFC6749-6."""
    if held.account is None or held.account.disabled_at is not None:
        raise InvalidGrant(detail=f"account {held.grant.sub} is disabled or gone")
    return held.account


def wanted_of(
    provider: Provider,
    client: Client,
    grant: Grant,
    scope: Scope,
    request: CodeExchange | DeviceExchange | Refresh,
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
    )


def refresh_expiry(provider: Provider, client: Client, now: datetime) -> datetime:
    """Say until when a refresh token minted at this moment may be used."""
    return now + (client.revoke_refresh_after or provider.lifetimes.refresh_token)


async def issue(
    provider: Provider, wanted: Wanted, grant: Grant, account: Account, nonce: str | None
) -> Issued:
    """Make the tokens of a grant. RFC6749-5.1, OIDCC-3.1.3.3."""
    issued = make_access_token(provider, wanted)
    if OPENID not in wanted.scope:
        return issued
    client = wanted.client
    alg = client.metadata.id_token_signed_response_alg
    token = IdToken(
        issuer=provider.issuer,
        sub=wanted.sub,
        client_id=client.client_id,
        authentication=grant.authentication,
        issued_at=wanted.now,
        expires_at=wanted.now + provider.lifetimes.id_token,
        nonce=nonce,
        # A session's name is for those alone who are told when it ends.
        sid=grant.sid if client.wants_logout else None,
        at_hash=half_hash(issued.access_token, alg),
    )
    claims = id_token_claims(token, person_of(account), wanted.scope, grant.claims.id_token)
    id_token = await provider.keys.sign(alg, "JWT", claims)
    return Issued(issued.access_token, issued.expires_at, issued.opaque, id_token)


def make_access_token(provider: Provider, wanted: Wanted) -> Issued:
    """Make an access token: a JWT, or an opaque one for a client that wants it so. RFC9068-2."""
    token = AccessToken(
        issuer=provider.issuer,
        sub=wanted.sub,
        client_id=wanted.client.client_id,
        audience=wanted.audience,
        scope=wanted.scope,
        jti=provider.mint_id(),
        grant_id=wanted.grant_id,
        issued_at=wanted.now,
        expires_at=wanted.now + provider.lifetimes.access_token,
        details=wanted.details,
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
    )
    return Issued(secret, token.expires_at, kept)
