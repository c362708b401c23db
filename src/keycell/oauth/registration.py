"""Client metadata: from the wire to one checked value, in which all ways of registering meet.

Unknown members are ignored; a member that is known is of its type, of bounded size, and offered
here, or the registration is refused by a sentence that names it. RFC7591-2, OIDCR-2.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, cast
from urllib.parse import urlsplit

from keycell.oauth.authorization import RESPONSE_TYPES
from keycell.oauth.clients import ClientMetadata
from keycell.oauth.details import TYPES
from keycell.oauth.errors import InvalidClientMetadata, OAuthError, quote
from keycell.oauth.metadata import (
    ASSERTION_ALGORITHMS,
    AUTHENTICATION_METHODS,
    SIGNING_ALGORITHMS,
)
from keycell.oauth.redirect_uris import LONGEST_URI, check_redirect_uris
from keycell.oauth.resources import read_resource
from keycell.oauth.scope import Scope, format_scope, parse_scope
from keycell.oauth.token import GRANT_TYPES

LONGEST_TEXT = 500
MOST_ITEMS = 50
LONGEST_JWKS = 50_000

_LOCALIZABLE = ("client_name", "logo_uri", "client_uri", "policy_uri", "tos_uri")
_TAGGED = re.compile(r"(client_name|logo_uri|client_uri|policy_uri|tos_uri)#[A-Za-z0-9-]{2,35}")
_KNOWN_GRANT_TYPES = (*GRANT_TYPES, "implicit")
_KNOWN_RESPONSE_TYPES = frozenset(
    {"code", "id_token", "token", "id_token token", "code id_token", "code token",
     "code id_token token"}
)  # fmt: skip
_ENCRYPTED = (
    "id_token_encrypted_response_alg", "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc",
    "introspection_encrypted_response_alg", "introspection_encrypted_response_enc",
    "request_object_encryption_alg", "request_object_encryption_enc",
)  # fmt: skip
_SYMMETRIC = ("HS256", "HS384", "HS512")

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a way of registering allows."""

    allows_http: bool = False
    """Redirect URIs of plain http beyond this machine, as old configurations have them."""


STRICT = Policy()


def read_client_metadata(document: Document, policy: Policy = STRICT) -> ClientMetadata:
    """Check client metadata. RFC7591-3.2.2 names the errors."""
    for name in _ENCRYPTED:
        if document.get(name) is not None:
            raise InvalidClientMetadata(f"{name}: encrypted answers are not offered")
    method = _one_of(document, "token_endpoint_auth_method", AUTHENTICATION_METHODS)
    method = method or "client_secret_basic"
    grant_types = _types(document, "grant_types", _KNOWN_GRANT_TYPES, ("authorization_code",))
    response_types = _response_types(document, grant_types)
    redirect_uris = check_redirect_uris(
        _texts(document, "redirect_uris", longest=LONGEST_URI),
        is_public=method == "none" or document.get("application_type") == "native",
        allows_http=policy.allows_http,
    )
    if "authorization_code" in grant_types and not redirect_uris:
        raise InvalidClientMetadata("redirect_uris is missing; it must name at least one")
    if method == "none" and "client_credentials" in grant_types:
        raise InvalidClientMetadata("grant_types: a public client cannot use client_credentials")
    return ClientMetadata(
        redirect_uris=redirect_uris,
        response_types=response_types,
        grant_types=grant_types,
        token_endpoint_auth_method=method,
        scope=_scope(document),
        **_names(document),
        **_keys(document, method),
        **_subject(document),
        **_algorithms(document),
        **_defaults(document),
        **_logout(document, redirect_uris),
        **_extras(document),
    )


def _scope(document: Document) -> Scope | None:
    text = _text(document, "scope", longest=4000)
    try:
        return parse_scope(text) if text else None
    except OAuthError as error:
        raise InvalidClientMetadata(f"scope: {error.description}") from None


def _response_types(document: Document, grant_types: tuple[str, ...]) -> tuple[str, ...]:
    default = RESPONSE_TYPES if "authorization_code" in grant_types else ()
    values = _texts(document, "response_types") or default
    for value in values:
        if " ".join(sorted(value.split())) not in _KNOWN_RESPONSE_TYPES:
            raise InvalidClientMetadata(f"response_types: {quote(value)} is unknown")
    # Others than code are kept nowhere: they are not offered, and asking for one says so.
    kept = tuple(value for value in values if value in RESPONSE_TYPES)
    if values and not kept:
        raise InvalidClientMetadata(f"response_types: only {RESPONSE_TYPES[0]} is offered")
    return kept


def _names(document: Document) -> dict[str, Any]:
    tagged = []
    for name, value in document.items():
        if _TAGGED.fullmatch(name):
            _check_localized(name, value)
            tagged.append((name, str(value)))
    if len(tagged) > MOST_ITEMS:
        raise InvalidClientMetadata(f"more than {MOST_ITEMS} names in other languages")
    return {
        "client_name": _text(document, "client_name") or "",
        "application_type": _one_of(document, "application_type", ("web", "native")) or "web",
        "contacts": _texts(document, "contacts"),
        "logo_uri": _url(document, "logo_uri"),
        "client_uri": _url(document, "client_uri"),
        "policy_uri": _url(document, "policy_uri"),
        "tos_uri": _url(document, "tos_uri"),
        "localized": tuple(sorted(tagged)),
        "software_id": _text(document, "software_id"),
        "software_version": _text(document, "software_version"),
    }


def _check_localized(name: str, value: object) -> None:
    plain = name.partition("#")[0]
    alone = {plain: value}
    if plain == "client_name":
        _text(alone, plain)
    else:
        _url(alone, plain)


def _keys(document: Document, method: str) -> dict[str, Any]:
    jwks, jwks_uri = document.get("jwks"), _url(document, "jwks_uri", https=True)
    if jwks is not None and jwks_uri is not None:
        raise InvalidClientMetadata("jwks and jwks_uri are both sent; send one of them")
    if method == "private_key_jwt" and jwks is None and jwks_uri is None:
        raise InvalidClientMetadata("private_key_jwt needs jwks or jwks_uri")
    return {"jwks_uri": jwks_uri, "jwks": None if jwks is None else _check_jwks(jwks)}


def _check_jwks(jwks: object) -> str:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_ITEMS:
        raise InvalidClientMetadata(f"jwks must be an object with 1 to {MOST_ITEMS} keys")
    for key in keys:
        if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC", "OKP"):
            raise InvalidClientMetadata("jwks: each key must have the kty RSA, EC or OKP")
        if {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key):
            raise InvalidClientMetadata("jwks holds a private key; send the public half alone")
    text = json.dumps(jwks)
    if len(text) > LONGEST_JWKS:
        raise InvalidClientMetadata(f"jwks is longer than {LONGEST_JWKS} characters")
    return text


def _subject(document: Document) -> dict[str, Any]:
    return {
        "subject_type": _one_of(document, "subject_type", ("public", "pairwise")) or "public",
        "sector_identifier_uri": _url(document, "sector_identifier_uri", https=True),
    }


def check_sector(metadata: ClientMetadata, listed: object) -> None:
    """Hold the redirect URIs against the document at ``sector_identifier_uri``. OIDCR-5."""
    names = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    if not set(metadata.redirect_uris) <= names:
        raise InvalidClientMetadata(
            "sector_identifier_uri does not list every one of the redirect_uris"
        )


def check_pairwise(metadata: ClientMetadata) -> None:
    """Check that a pairwise client has one host, or a document that lists its hosts. OIDCC-8.1."""
    hosts = {urlsplit(uri).hostname for uri in metadata.redirect_uris}
    is_pairwise = metadata.subject_type == "pairwise"
    if is_pairwise and metadata.sector_identifier_uri is None and len(hosts) > 1:
        raise InvalidClientMetadata(
            "redirect_uris of several hosts with subject_type pairwise need sector_identifier_uri"
        )


def _algorithms(document: Document) -> dict[str, Any]:
    signing, assertion = SIGNING_ALGORITHMS, ASSERTION_ALGORITHMS
    found = {
        "id_token_signed_response_alg": _one_of(
            document, "id_token_signed_response_alg", signing
        ) or "RS256",
        "introspection_signed_response_alg": _one_of(
            document, "introspection_signed_response_alg", signing
        ) or "RS256",
        "userinfo_signed_response_alg": _one_of(
            document, "userinfo_signed_response_alg", signing
        ),
        "request_object_signing_alg": _one_of(
            document, "request_object_signing_alg", (*assertion, "none")
        ),
        "token_endpoint_auth_signing_alg": _one_of(
            document, "token_endpoint_auth_signing_alg", assertion
        ),
    }  # fmt: skip
    method = document.get("token_endpoint_auth_method")
    alg = found["token_endpoint_auth_signing_alg"]
    if alg is not None and (alg in _SYMMETRIC) != (method == "client_secret_jwt"):
        raise InvalidClientMetadata(
            f"token_endpoint_auth_signing_alg {alg} does not go with {method}"
        )
    return dict(found)


def _defaults(document: Document) -> dict[str, Any]:
    max_age = document.get("default_max_age")
    if max_age is not None and (
        isinstance(max_age, bool) or not isinstance(max_age, int) or not 0 <= max_age < 2**31
    ):
        raise InvalidClientMetadata("default_max_age must be a number of seconds")
    return {
        "default_max_age": max_age,
        "require_auth_time": _flag(document, "require_auth_time"),
        "default_acr_values": _texts(document, "default_acr_values"),
        "initiate_login_uri": _url(document, "initiate_login_uri", https=True),
        "request_uris": _urls(document, "request_uris"),
    }


def _logout(document: Document, redirect_uris: Sequence[str]) -> dict[str, Any]:
    # Where a client may be answered over http, it may be sent back to over http as well.
    allows_http = any(uri.startswith("http://") for uri in redirect_uris)
    is_native = document.get("token_endpoint_auth_method") == "none"
    uris = _texts(document, "post_logout_redirect_uris", longest=LONGEST_URI)
    try:
        back = check_redirect_uris(uris, is_public=is_native, allows_http=allows_http)
    except OAuthError as error:
        sentence = error.description.replace("redirect_uri", "post_logout_redirect_uri")
        raise InvalidClientMetadata(sentence) from None
    return {
        "post_logout_redirect_uris": back,
        "backchannel_logout_uri": _url(document, "backchannel_logout_uri"),
        "backchannel_logout_session_required": _flag(
            document, "backchannel_logout_session_required"
        ),
        "frontchannel_logout_uri": _url(document, "frontchannel_logout_uri"),
        "frontchannel_logout_session_required": _flag(
            document, "frontchannel_logout_session_required"
        ),
    }


def _extras(document: Document) -> dict[str, Any]:
    audience = _texts(document, "audience", longest=LONGEST_URI)
    for resource in audience:
        if ":" in resource:
            _check_resource(resource)
    return {
        "audience": audience,
        "authorization_details_types": _types(document, "authorization_details_types", TYPES, ()),
        "allowed_cors_origins": tuple(
            _check_origin(origin) for origin in _texts(document, "allowed_cors_origins")
        ),
    }


def _check_resource(resource: str) -> None:
    try:
        read_resource(resource)
    except OAuthError as error:
        raise InvalidClientMetadata(f"audience: {error.description}") from None


def _check_origin(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        is_good = parts.scheme in ("http", "https") and bool(parts.netloc)
    except ValueError:
        is_good = False
    if not is_good or f"{parts.scheme}://{parts.netloc}" != origin:
        raise InvalidClientMetadata(f"allowed_cors_origins: {quote(origin)} is no origin")
    return origin


def _text(document: Document, name: str, longest: int = LONGEST_TEXT) -> str | None:
    value = document.get(name)
    if value is None or value == "":
        return None
    if not _is_text(value) or len(value) > longest:
        raise InvalidClientMetadata(f"{name} must be a text of at most {longest} characters")
    return value


def _texts(document: Document, name: str, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
    values = document.get(name)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > 2 * MOST_ITEMS:
        raise InvalidClientMetadata(f"{name} must be an array of at most {2 * MOST_ITEMS} texts")
    if any(not _is_text(value) or not 1 <= len(value) <= longest for value in values):
        raise InvalidClientMetadata(f"{name} must hold texts of 1 to {longest} characters")
    return tuple(cast("list[str]", values))


def _is_text(value: object) -> TypeGuard[str]:
    # No control characters, nor halves of characters, which not every database can hold.
    return isinstance(value, str) and value.isprintable()


def _types(
    document: Document, name: str, known: Sequence[str], default: tuple[str, ...]
) -> tuple[str, ...]:
    values = _texts(document, name) or default
    for value in values:
        if value not in known:
            raise InvalidClientMetadata(f"{name}: {quote(value)} is none of {', '.join(known)}")
    return tuple(dict.fromkeys(values))


def _one_of(document: Document, name: str, known: Sequence[str]) -> str | None:
    value = document.get(name)
    if value is None:
        return None
    if value not in known:
        raise InvalidClientMetadata(
            f"{name} {quote(str(value))} is not offered; there are {', '.join(known)}"
        )
    return str(value)


def _flag(document: Document, name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidClientMetadata(f"{name} must be true or false")
    return value


def _url(document: Document, name: str, *, https: bool = False) -> str | None:
    value = _text(document, name, LONGEST_URI)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_good = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_good = False
    schemes = ("https",) if https else ("https", "http")
    if not is_good or parts.scheme not in schemes or any(c.isspace() for c in value):
        raise InvalidClientMetadata(f"{name} {quote(value)} must be a URL of {schemes[0]}")
    return value


def _urls(document: Document, name: str) -> tuple[str, ...]:
    values = _texts(document, name, LONGEST_URI)
    for value in values:
        _url({name: value}, name)
    return values


def to_document(metadata: ClientMetadata) -> dict[str, Any]:
    """Give metadata as it goes back over the wire. RFC7591-3.2.1."""
    document: dict[str, object] = {}
    for name in ClientMetadata.__dataclass_fields__:
        value = getattr(metadata, name)
        if value in (None, "", ()) or name == "localized":
            continue
        document[name] = list(value) if isinstance(value, tuple) else value
    document.update(metadata.localized)
    if metadata.scope is not None:
        document["scope"] = format_scope(metadata.scope)
    if metadata.jwks is not None:
        document["jwks"] = json.loads(metadata.jwks)
    return document
