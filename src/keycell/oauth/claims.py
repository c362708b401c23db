"""Claims: what ID tokens, UserInfo and access tokens say.

A *person* is here a mapping of the standard claims we keep of somebody (OIDCC-5.1) with
``groups``, ``roles``, ``group_path`` and ``auth_source`` beside them. Which of them a client gets
follows from the scope granted (OIDCC-5.4) and from the ``claims`` parameter (OIDCC-5.5).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from keycell.oauth.details import Details, details_json
from keycell.oauth.errors import InvalidRequest, quote
from keycell.oauth.scope import Scope, format_scope

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
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
    *sorted(PERSONAL),
)  # fmt: skip

ACR_PASSWORD = "urn:keycell:acr:password"
"""Signed in by what one knows, once in this browser session."""
ACR_SUPPORTED = (ACR_PASSWORD,)

_MOST_CLAIMS = 100
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """The claims asked for one by one, by where they are to appear. OIDCC-5.5."""

    userinfo: frozenset[str] = frozenset()
    id_token: frozenset[str] = frozenset()
    sub: str | None = None
    essential_acr: tuple[str, ...] = ()
    wants_auth_time: bool = False


NO_CLAIMS = ClaimsRequest()


def read_claims_request(text: str | None) -> ClaimsRequest:
    """Read the ``claims`` parameter; claims we do not know are ignored. OIDCC-5.5."""
    if text is None:
        return NO_CLAIMS
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidRequest("claims must be a JSON object") from None
    if not isinstance(document, dict):
        raise InvalidRequest("claims must be a JSON object")
    userinfo = _members(document, "userinfo")
    id_token = _members(document, "id_token")
    acr = id_token.get("acr")
    return ClaimsRequest(
        userinfo=frozenset(userinfo) & PERSONAL,
        id_token=frozenset(id_token) & PERSONAL,
        sub=_one_value(id_token.get("sub")) or _one_value(userinfo.get("sub")),
        essential_acr=_values(acr) if isinstance(acr, dict) and acr.get("essential") else (),
        wants_auth_time="auth_time" in id_token,
    )


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


def userinfo_claims(sub: str, person: Person, scope: Scope, asked: frozenset[str]) -> Claims:
    """Give what UserInfo says of a person. OIDCC-5.3.2, OIDCC-5.4."""
    names = set(asked)
    for value in scope & SCOPE_CLAIMS.keys():
        names.update(SCOPE_CLAIMS[value])
    claims = {"sub": sub, **_known(person, names)}
    if "pydio" in scope:
        claims.update(_as_of_old(person))
    return claims


def _known(person: Person, names: set[str] | frozenset[str]) -> Claims:
    # A claim without a value is left out rather than sent as null or empty (OIDCC-5.3.2).
    return {name: person[name] for name in sorted(names) if person.get(name) not in (None, "")}


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


def id_token_claims(token: IdToken, person: Person, scope: Scope, asked: frozenset[str]) -> Claims:
    """Give an ID token's claims; those of a scope are for UserInfo to say. OIDCC-2, OIDCC-5.4."""
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
    optional = {"nonce": token.nonce, "sid": token.sid, "at_hash": token.at_hash}
    claims.update({name: value for name, value in optional.items() if value is not None})
    # Applications look for memberships in either place, so they stand in both.
    memberships = scope & {"groups", "roles"}
    claims.update(_known(person, asked | memberships))
    if "pydio" in scope:
        claims.update(_as_of_old(person))
    return claims


def half_hash(value: str, alg: str) -> str:
    """Give the ``at_hash`` of an access token, by the ID token's algorithm. OIDCC-3.1.3.6."""
    # EdDSA with Ed25519 hashes by SHA-512; the others carry the size in their name.
    make = hashlib.sha512 if alg == "EdDSA" else _HASHES[alg[-3:]]
    digest = make(value.encode("ascii")).digest()
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
    return claims
