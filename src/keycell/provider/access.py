"""What an access token of ours opens: its signature, its times, and that it still stands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from keycell.accounts.people import Account
from keycell.oauth.actors import Act, read_act
from keycell.oauth.claims import NO_CLAIMS, Authentication
from keycell.oauth.clients import Client
from keycell.oauth.confirmation import Confirmation, dpop_key, read_confirmation
from keycell.oauth.details import (
    ALL_FILES,
    READ_SCOPE,
    READING,
    WRITE_SCOPE,
    Details,
    FilesDetail,
    details_of,
    unite,
)
from keycell.oauth.errors import (
    HolderUnproven,
    InvalidDpopProof,
    InvalidToken,
    ProofNonceWanted,
    ProofRefused,
    UseDpopNonce,
)
from keycell.oauth.grants import digest
from keycell.oauth.mutual_tls import ShownCertificate
from keycell.oauth.scope import Scope, parse_scope
from keycell.provider.holding import Shown, prove
from keycell.provider.issue import ACCESS_TOKEN_TYP
from keycell.provider.personal import (
    PREFIX,
    AccessKey,
    PersonalToken,
    Use,
    first_use,
    is_noted,
    used,
)
from keycell.provider.ports import OpaqueToken, Provider, Standing

_REFUSED = "the access token is unknown, expired or revoked"
_LONGEST = 16_384
PERSONAL = ""
"""The client of a person's own tokens and keys: no application has this identifier."""
ACR_PERSONAL = "urn:keycell:acr:personal-token"


class Access(NamedTuple):
    """A verified access token. Having one is the proof that it stands."""

    client_id: str
    sub: str
    scope: Scope
    audience: tuple[str, ...]
    jti: str
    issued_at: datetime
    expires_at: datetime
    standing: Standing | None
    """None where the client speaks for itself."""
    grant_id: str | None = None
    details: Details = ()
    """The places it opens, beyond what its scope says. RFC9396-9.1."""
    cnf: Confirmation | None = None
    """The key that it is bound to. RFC9449-6, RFC8705-3."""
    act: Act = ()
    """Who acts by it for ``sub``. RFC8693-4.1."""


async def open_token(
    provider: Provider, token: str, *, is_use: bool = True, ip: str = ""
) -> Access:
    """Give what an access token opens, or raise InvalidToken. RFC6750-3.1, RFC9068-4.

    Whoever only looks at a token does not use it: one that ends unused goes on to its end.
    """
    if len(token) > _LONGEST:
        raise InvalidToken(_REFUSED, detail="too long")
    if token.startswith(PREFIX):
        return await _open_personal(provider, token, ip, is_use=is_use)
    if token.startswith("kca_"):
        kept = await provider.grants.opaque(digest(token))
        if kept is None:
            raise InvalidToken(_REFUSED, detail="no such opaque token")
        access = _of_opaque(kept)
    else:
        said = provider.keys.read(token, ACCESS_TOKEN_TYP, _of_claims)
        if said is None:
            raise InvalidToken(_REFUSED, detail="not signed by us as an access token")
        access = said
    if access.expires_at <= provider.clock():
        raise InvalidToken("the access token has expired")
    return await _standing(provider, access)


def is_signed(provider: Provider, token: str) -> bool:
    """Tell whether a key that stands signed an access token; what it opens is not looked at."""
    return provider.keys.read(token, ACCESS_TOKEN_TYP, _of_claims) is not None


async def _open_personal(provider: Provider, token: str, ip: str, *, is_use: bool) -> Access:
    held = await provider.personal.find(digest(token))
    if held is None:
        raise InvalidToken(_REFUSED, detail="no such personal access token")
    kept, now = held.token, provider.clock()
    if kept.expires_at <= now:
        raise InvalidToken("the personal access token has expired")
    if is_use and is_noted(kept.last_used_at, now):
        use = Use(now, ip)
        provider.personal.note_use(kept, use, used(kept, now), first_use(kept, now))
    return personal_access(provider, kept, held.account)


def personal_access(
    provider: Provider, kept: PersonalToken | AccessKey, account: Account
) -> Access:
    """Give what a person's own token or access key opens."""
    how = Authentication(auth_time=kept.created_at, acr=ACR_PERSONAL, amr=())
    return Access(
        client_id=PERSONAL,
        sub=kept.sub,
        scope=kept.scope,
        audience=(provider.resource,),
        jti=kept.token_id,
        issued_at=kept.created_at,
        expires_at=kept.expires_at,
        standing=Standing(account, how, NO_CLAIMS),
        details=kept.details,
    )


async def check_held(provider: Provider, access: Access, token: str, shown: Shown) -> None:
    """Refuse a bound token to whoever does not hold its key; raise InvalidToken.

    There is no proof where the token came as a bare one: as Bearer, or in another's place.
    RFC9449-7.1, RFC8705-3.
    """
    cnf = access.cnf
    if cnf is not None and not cnf.is_dpop:
        _check_certificate(cnf, shown.certificate)
    if shown.proof is None:
        if cnf is not None and cnf.is_dpop:
            raise HolderUnproven("the access token is bound to a key: send it by DPoP, with proof")
        return
    try:
        jkt = await prove(provider, shown.proof, token)
    except UseDpopNonce as error:
        raise ProofNonceWanted(error.description, error.nonce) from None
    except InvalidDpopProof as error:
        raise ProofRefused(error.description) from None
    if cnf != dpop_key(jkt):
        raise HolderUnproven("the access token is not bound to the key of this proof")


def _check_certificate(cnf: Confirmation, certificate: ShownCertificate | None) -> None:
    if certificate is None:
        raise InvalidToken("the access token is bound to a certificate: send it by mutual TLS")
    if certificate.confirmation != cnf:
        raise InvalidToken("the access token is bound to another certificate")


def check_audience(provider: Provider, access: Access, wire: str = "") -> None:
    """Refuse a token that is meant for somebody else, or for another wire of ours. RFC9068-4."""
    meant_for = {provider.resource, f"{provider.resource}/{wire}"}
    if meant_for.isdisjoint(access.audience):
        raise InvalidToken(
            "the access token is for another resource", detail=" ".join(access.audience)
        )


def opened(access: Access, client: Client | None) -> Details:
    """Give what a token opens of its person's files; empty is nothing.

    A first-party client's token opens all of them, unless it asked for certain places alone.
    """
    found: list[FilesDetail] = list(access.details)
    if WRITE_SCOPE in access.scope:
        return ALL_FILES
    if READ_SCOPE in access.scope:
        found.append(FilesDetail(READING))
    if not found and client is not None and client.is_first_party and not client.disabled:
        return ALL_FILES
    return unite(found)


async def _standing(provider: Provider, access: Access) -> Access:
    grant_id = access.grant_id
    if grant_id is None:
        client = await provider.clients.find(access.client_id)
        if client is None or client.disabled or await provider.grants.is_revoked(access.jti):
            raise InvalidToken(_REFUSED, detail="revoked, or its client is gone")
        return access
    standing = await provider.grants.standing(grant_id, access.jti)
    if standing is None:
        raise InvalidToken(_REFUSED, detail=f"grant {grant_id} was ended, or the token was")
    if standing.ends_at is None:
        return access._replace(standing=standing)
    if standing.ends_at <= provider.clock():
        raise InvalidToken(_REFUSED, detail=f"the term of grant {grant_id} is over")
    until = min(access.expires_at, standing.ends_at)
    return access._replace(standing=standing, expires_at=until)


def _of_claims(claims: Mapping[str, object]) -> Access:
    audience, gid = claims["aud"], claims.get("gid")
    return Access(
        client_id=str(claims["client_id"]),
        sub=str(claims["sub"]),
        scope=parse_scope(str(claims["scope"])),
        audience=(audience,) if isinstance(audience, str) else _texts(audience),
        jti=str(claims["jti"]),
        issued_at=_moment(claims["iat"]),
        expires_at=_moment(claims["exp"]),
        standing=None,
        grant_id=None if gid is None else str(gid),
        details=details_of(claims.get("authorization_details")),
        cnf=read_confirmation(claims.get("cnf")),
        act=read_act(claims.get("act")),
    )


def _of_opaque(kept: OpaqueToken) -> Access:
    return Access(
        client_id=kept.client_id,
        sub=kept.sub,
        scope=kept.scope,
        audience=kept.audience,
        jti=kept.jti,
        issued_at=kept.issued_at,
        expires_at=kept.expires_at,
        standing=None,
        grant_id=kept.grant_id,
        details=kept.details,
        cnf=kept.cnf,
        act=kept.act,
    )


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


def _moment(seconds: object) -> datetime:
    # Times are whole seconds in tokens of ours.
    return datetime.fromtimestamp(seconds if isinstance(seconds, int) else 0, tz=UTC)
