"""Claims: what ID tokens, UserInfo and access tokens say.

A *person* is here a mapping of the standard claims we keep of somebody (OIDCC-5.1) with
``groups``, ``roles``, ``group_path`` and ``auth_source`` beside them. Which of them a client gets
follows from the scope granted (OIDCC-5.4) and from the ``claims`` parameter (OIDCC-5.5).
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from keycell.oauth.actors import Act, act_json
from keycell.oauth.claim_languages import in_languages, is_tagged, read_locales
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.details import Details, details_json
from keycell.oauth.errors import InvalidRequest, quote
from keycell.oauth.scope import Scope, format_scope
from keycell.values import dataclass

Claims = dict[str, object]
Person = Mapping[str, object]

PROFILE = (
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
    "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
)  # fmt: skip
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": PROFILE,
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
    "groups": ("groups",),
    "roles": ("roles",),
}
PERSONAL = frozenset(claim for claims in SCOPE_CLAIMS.values() for claim in claims)
SUPPORTED = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash",
    *sorted(PERSONAL),
)  # fmt: skip
"""What whoever asks for it is told; ``sid`` is for those alone who are told of logouts."""

ACR_MAIL = "urn:keycell:acr:mail-code"
"""By a code in a letter: weaker than a password, and nothing that is asked for is met by it."""
ACR_PASSWORD = "urn:keycell:acr:password"
"""Signed in by what one knows, once in this browser session."""
ACR_MFA = "urn:keycell:acr:mfa"
"""Signed in by two different things: a password and another, or a passkey that knows its user."""
ACR_SUPPORTED = (ACR_PASSWORD, ACR_MFA)
"""From the weakest to the strongest: whoever reached one has reached those before it."""

_MOST_CLAIMS = 100
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims asked for one by one, by where they are to appear. OIDCC-5.5."""

    userinfo: frozenset[str] = frozenset()
    id_token: frozenset[str] = frozenset()
    sub: str | None = None
    essential_acr: tuple[str, ...] = ()
    wished_acr: tuple[str, ...] = ()
    """The same without insisting. OIDCC-5.5.1.1."""
    locales: tuple[str, ...] = ()
    """The languages in which they are wanted too. OIDCC-5.2."""


NO_CLAIMS = ClaimsRequest()


def reaches(acr: str, wished: Iterable[str]) -> bool:
    """Tell whether a sign-in is as strong as one of what is wished for. OIDCC-5.5.1.1."""
    reached = ACR_SUPPORTED[: ACR_SUPPORTED.index(acr) + 1] if acr in ACR_SUPPORTED else (acr,)
    return any(one in reached for one in wished)


def told_acr(acr: str, wished: Sequence[str]) -> str:
    """Give the class to tell: what was reached, or the first wish that lies below it.

    Who asks for one of several values is told one of them. OIDCC-5.5.1.1.
    """
    if acr in wished:
        return acr
    return next((one for one in wished if reaches(acr, (one,))), acr)


def read_claims_request(text: str | None, claims_locales: str | None = None) -> ClaimsRequest:
    """Read ``claims``, claims we do not know are ignored, and ``claims_locales``. OIDCC-5.5."""
    if text is None:
        return ClaimsRequest(locales=read_locales(claims_locales, ()))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest("claims must be a JSON object") from None
    if not isinstance(document, dict):
        raise InvalidRequest("claims must be a JSON object")
    userinfo = _members(document, "userinfo")
    id_token = _members(document, "id_token")
    acr = id_token.get("acr")
    is_essential = isinstance(acr, dict) and bool(acr.get("essential"))
    return ClaimsRequest(
        userinfo=_plain(userinfo),
        id_token=_plain(id_token),
        sub=_one_value(id_token.get("sub")) or _one_value(userinfo.get("sub")),
        essential_acr=_values(acr) if is_essential else (),
        wished_acr=() if is_essential else _values(acr),
        locales=read_locales(claims_locales, (*userinfo, *id_token)),
    )


def _plain(names: Iterable[str]) -> frozenset[str]:
    # A claim in a language is allowed as the claim itself is. OIDCC-5.2.
    return frozenset(one.partition("#")[0] if is_tagged(one) else one for one in names) & PERSONAL


def _members(document: Mapping[str, object], where: str) -> dict[str, object]:
    members = document.get(where)
    if members is None:
        return {}
    if not isinstance(members, dict):
        raise InvalidRequest(f"claims: {where} must be a JSON object")
    if len(members) > _MOST_CLAIMS:
        raise InvalidRequest(f"claims: {where} asks for more than {_MOST_CLAIMS} claims")
    for name, wish in members.items():
        if wish is not None and not isinstance(wish, dict):
            raise InvalidRequest(f"claims: {quote(name)} must be null or a JSON object")
    return cast("dict[str, object]", members)


def _values(wish: object) -> tuple[str, ...]:
    if not isinstance(wish, dict):
        return ()
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    if not isinstance(values, list):
        raise InvalidRequest("claims: values must be a JSON array")
    return tuple(value for value in values if isinstance(value, str))


def _one_value(wish: object) -> str | None:
    values = _values(wish)
    return values[0] if len(values) == 1 else None


def userinfo_claims(
    sub: str,
    person: Person,
    scope: Scope,
    asked: frozenset[str],
    locales: tuple[str, ...] = (),
) -> Claims:
    """Give what UserInfo says of a person. OIDCC-5.3.2, OIDCC-5.4."""
    claims = {"sub": sub, **_known(person, allowed_claims(scope, asked), locales)}
    if "pydio" in scope:
        claims.update(_as_of_old(person))
    return claims


def allowed_claims(scope: Scope, asked: frozenset[str]) -> frozenset[str]:
    """Give the claims that UserInfo may say, whether they have a value or not. OIDCC-5.4."""
    granted = (SCOPE_CLAIMS[value] for value in scope & SCOPE_CLAIMS.keys())
    return asked.union(*granted)


def _known(person: Person, names: set[str] | frozenset[str], locales: tuple[str, ...]) -> Claims:
    if not names:
        return {}
    # A claim without a value is left out rather than sent as null or empty (OIDCC-5.3.2).
    plain = {name: person[name] for name in sorted(names) if person.get(name) not in (None, "")}
    return plain | in_languages(person, names, locales)


def _as_of_old(person: Person) -> Claims:
    # Applications set up by the old guides take the login from `name`. See decisions/0016.
    old = {
        "name": person.get("preferred_username"),
        "email": person.get("email"),
        "authSource": person.get("auth_source"),
        "roles": person.get("roles"),
        "groupPath": person.get("group_path"),
    }
    return {name: value for name, value in old.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """How and when somebody proved who they are. OIDCC-2."""

    auth_time: datetime
    acr: str
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """What one ID token is made from. OIDCC-2."""

    issuer: str
    sub: str
    client_id: str
    authentication: Authentication
    issued_at: datetime
    expires_at: datetime
    nonce: str | None
    sid: str | None
    at_hash: str | None
    c_hash: str | None = None
    """Of the code that comes with it by way of the browser. OIDCC-3.3.2.11."""
    s_hash: str | None = None
    """Of the state that does. FAPI1-ADV-5.1."""
    says_all: bool = False
    """The claims of its scopes stand in it: no UserInfo can be asked, or none will be."""


def id_token_claims(
    token: IdToken,
    person: Callable[[], Person],
    scope: Scope,
    asked: frozenset[str],
    locales: tuple[str, ...] = (),
) -> Claims:
    """Give an ID token's claims; those of a scope are for UserInfo to say. OIDCC-2, OIDCC-5.4.

    Most tell nothing of the person, who is asked for only where something is told.
    """
    claims: Claims = {
        "iss": token.issuer,
        "sub": token.sub,
        "aud": token.client_id,
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "auth_time": int(token.authentication.auth_time.timestamp()),
        "acr": token.authentication.acr,
        "amr": list(token.authentication.amr),
    }
    for name in ("nonce", "sid", "at_hash", "c_hash", "s_hash"):
        if (value := getattr(token, name)) is not None:
            claims[name] = value
    # Applications look for memberships in either place, so they stand in both.
    memberships = scope & {"groups", "roles"}
    told = scope & SCOPE_CLAIMS.keys() if token.says_all else memberships
    names = asked | {name for one in told for name in SCOPE_CLAIMS[one]}
    if names:
        claims.update(_known(person(), names, locales))
    if "pydio" in scope:
        claims.update(_as_of_old(person()))
    return claims


def half_hash(value: str, alg: str) -> str:
    """Give the ``at_hash``, ``c_hash`` or ``s_hash`` of what comes with an ID token.

    By the ID token's algorithm. OIDCC-3.1.3.6, OIDCC-3.3.2.11.
    """
    # EdDSA with Ed25519 hashes by SHA-512; the others carry the size in their name.
    make = hashlib.sha512 if alg == "EdDSA" else _HASHES[alg[-3:]]
    digest = make(value.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What one access token is made from. RFC9068-2.2."""

    issuer: str
    sub: str
    client_id: str
    audience: tuple[str, ...]
    scope: Scope
    jti: str
    grant_id: str | None
    issued_at: datetime
    expires_at: datetime
    details: Details = ()
    cnf: Confirmation | None = None
    """The key that it is bound to. RFC7800-3.1."""
    authentication: Authentication | None = None
    """The sign-in that it comes of. RFC9068-2.2.1."""
    act: Act = ()
    """Who acts by it for its subject. RFC8693-4.1."""
    may_act: str = ""
    """The one application that may. RFC8693-4.4."""


def access_token_claims(token: AccessToken) -> Claims:
    """Give an access token's claims; no groups, no roles: those are asked for. RFC9068-2.2."""
    claims: Claims = {
        "iss": token.issuer,
        "sub": token.sub,
        "aud": token.audience[0] if len(token.audience) == 1 else list(token.audience),
        "client_id": token.client_id,
        "scope": format_scope(token.scope),
        "jti": token.jti,
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
    if token.grant_id is not None:
        claims["gid"] = token.grant_id
    if token.details:
        claims["authorization_details"] = details_json(token.details)
    if token.authentication is not None:
        # Other resource servers judge by these whether the sign-in is enough. RFC9470-6.1.
        claims["auth_time"] = int(token.authentication.auth_time.timestamp())
        claims["acr"] = token.authentication.acr
    if token.cnf is not None:
        claims["cnf"] = token.cnf.to_json()
    if token.act:
        claims["act"] = act_json(token.act)
    if token.may_act:
        claims["may_act"] = {"sub": token.may_act}
    return claims
