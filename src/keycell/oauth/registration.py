"""Client metadata: from the wire to one checked value, in which all ways of registering meet.

Unknown members are ignored; a member that is known is of its type, of bounded size, and offered
here, or the registration is refused by a sentence that names it. RFC7591-2, OIDCR-2.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from keycell.oauth.client_keys import check_jwks
from keycell.oauth.clients import ClientMetadata
from keycell.oauth.confirmation import BINDING
from keycell.oauth.details import TYPES
from keycell.oauth.encryption import read_encryption
from keycell.oauth.errors import InvalidClientMetadata, OAuthError, quote
from keycell.oauth.exchange import TOKEN_EXCHANGE
from keycell.oauth.fapi2 import PROFILES, completed
from keycell.oauth.jwt_bearer import JWT_BEARER
from keycell.oauth.members import (
    MOST_ITEMS,
    Document,
    read_flag,
    read_one_of,
    read_text,
    read_texts,
    read_types,
    read_url,
    read_urls,
)
from keycell.oauth.metadata import (
    ASSERTION_ALGORITHMS,
    AUTHENTICATION_METHODS,
    SIGNING_ALGORITHMS,
)
from keycell.oauth.mutual_tls import METHODS as MUTUAL_TLS_METHODS
from keycell.oauth.mutual_tls import SELF_SIGNED, check_certificates, check_names
from keycell.oauth.redirect_uris import LONGEST_URI, check_redirect_uris, check_web_uris
from keycell.oauth.registration_backchannel import read_backchannel
from keycell.oauth.request_objects import SIGNING_ALGORITHMS as OBJECT_ALGORITHMS
from keycell.oauth.resources import read_resource
from keycell.oauth.response_types import IMPLICIT, RESPONSE_TYPES, grants_of, same_type
from keycell.oauth.scope import Scope, format_scope, parse_scope
from keycell.oauth.session_state import origin_of_uri
from keycell.oauth.token import AUTHORIZATION_CODE, GRANT_TYPES

_TAGGED = re.compile(r"(client_name|logo_uri|client_uri|policy_uri|tos_uri)#[A-Za-z0-9-]{2,35}")
_KNOWN_GRANT_TYPES = (*GRANT_TYPES, IMPLICIT)
_SYMMETRIC = ("HS256", "HS384", "HS512")
_METHODS = (*AUTHENTICATION_METHODS, *MUTUAL_TLS_METHODS)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a way of registering allows."""

    allows_http: bool = False
    """Redirect URIs of plain http beyond this machine, as old configurations have them."""
    leaves_out: bool = False
    """Response types that go with none of its grant types, as old configurations list them."""


STRICT = Policy()


def read_client_metadata(document: Document, policy: Policy = STRICT) -> ClientMetadata:
    """Check client metadata. RFC7591-3.2.2 names the errors."""
    document = completed(document)
    method = read_one_of(document, "token_endpoint_auth_method", _METHODS)
    method = method or "client_secret_basic"
    grant_types = read_types(document, "grant_types", _KNOWN_GRANT_TYPES, ("authorization_code",))
    response_types = _response_types(document, grant_types, policy)
    redirect_uris = check_redirect_uris(
        read_texts(document, "redirect_uris", longest=LONGEST_URI),
        is_public=method == "none" or document.get("application_type") == "native",
        allows_http=policy.allows_http,
    )
    is_answered = {AUTHORIZATION_CODE, IMPLICIT} & set(grant_types) or response_types
    if is_answered and not redirect_uris:
        raise InvalidClientMetadata("redirect_uris is missing; it must name at least one")
    is_web = document.get("application_type") != "native"
    if is_web and any(IMPLICIT in grants_of(value) for value in response_types):
        check_web_uris(redirect_uris)
    _check_bound(document, response_types)
    for value in ("client_credentials", TOKEN_EXCHANGE, JWT_BEARER):
        if method == "none" and value in grant_types:
            raise InvalidClientMetadata(f"grant_types: a public client cannot use {value}")
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
        **read_backchannel(document, grant_types, is_public=method == "none"),
        **_extras(document),
    )


def _check_bound(document: Document, response_types: tuple[str, ...]) -> None:
    has_token = any("token" in value.split() for value in response_types)
    has_id_token = any("id_token" in value.split() for value in response_types)
    bound = [name for name in BINDING if document.get(name) is True]
    if has_token and bound:
        # What comes by the browser is bound to nothing.
        raise InvalidClientMetadata(f"{bound[0]}: not with a response type of token")
    if has_id_token and document.get("id_token_scope_claims") is True:
        # Names and addresses would stand in the browser's history and the way there. OIDCC-16.11.
        raise InvalidClientMetadata("id_token_scope_claims: not with a response type of id_token")
    if len(bound) > 1:
        raise InvalidClientMetadata(f"{' and '.join(bound)}: tokens are bound to one key")


def _scope(document: Document) -> Scope | None:
    text = read_text(document, "scope", longest=4000)
    try:
        return parse_scope(text) if text else None
    except OAuthError as error:
        raise InvalidClientMetadata(f"scope: {error.description}") from None


def _response_types(
    document: Document, grant_types: tuple[str, ...], policy: Policy
) -> tuple[str, ...]:
    default = (RESPONSE_TYPES[0],) if AUTHORIZATION_CODE in grant_types else ()
    kept = []
    for sent in read_texts(document, "response_types") or default:
        value = same_type(sent)
        missing = sorted(set(grants_of(value)) - set(grant_types))
        if policy.leaves_out and (missing or value == "token"):
            continue
        if value not in RESPONSE_TYPES:
            offered = ", ".join(RESPONSE_TYPES)
            raise InvalidClientMetadata(f"response_types: {quote(sent)} is none of {offered}")
        if missing:
            raise InvalidClientMetadata(f"response_types: {value} needs grant_type {missing[0]}")
        kept.append(value)
    return tuple(dict.fromkeys(kept)) or default


def _names(document: Document) -> dict[str, Any]:
    tagged = []
    for name, value in document.items():
        if _TAGGED.fullmatch(name):
            _check_localized(name, value)
            tagged.append((name, str(value)))
    if len(tagged) > MOST_ITEMS:
        raise InvalidClientMetadata(f"more than {MOST_ITEMS} names in other languages")
    return {
        "client_name": read_text(document, "client_name") or "",
        "application_type": read_one_of(document, "application_type", ("web", "native")) or "web",
        "contacts": read_texts(document, "contacts"),
        "logo_uri": read_url(document, "logo_uri"),
        "client_uri": read_url(document, "client_uri"),
        "policy_uri": read_url(document, "policy_uri"),
        "tos_uri": read_url(document, "tos_uri"),
        "localized": tuple(sorted(tagged)),
        "software_id": read_text(document, "software_id"),
        "software_version": read_text(document, "software_version"),
    }


def _check_localized(name: str, value: object) -> None:
    plain = name.partition("#")[0]
    alone = {plain: value}
    if plain == "client_name":
        read_text(alone, plain)
    else:
        read_url(alone, plain)


def _keys(document: Document, method: str) -> dict[str, Any]:
    jwks, jwks_uri = document.get("jwks"), read_url(document, "jwks_uri", https=True)
    if jwks is not None and jwks_uri is not None:
        raise InvalidClientMetadata("jwks and jwks_uri are both sent; send one of them")
    if method in ("private_key_jwt", SELF_SIGNED) and jwks is None and jwks_uri is None:
        raise InvalidClientMetadata(f"{method} needs jwks or jwks_uri")
    check_certificates(jwks, method)
    kept = None if jwks is None else check_jwks(jwks)
    return {
        "jwks_uri": jwks_uri,
        "jwks": kept,
        **read_encryption(document, kept),
        **check_names(document, method),
    }


def _subject(document: Document) -> dict[str, Any]:
    return {
        "subject_type": read_one_of(document, "subject_type", ("public", "pairwise")) or "public",
        "sector_identifier_uri": read_url(document, "sector_identifier_uri", https=True),
    }


def _algorithms(document: Document) -> dict[str, Any]:
    signing, assertion = SIGNING_ALGORITHMS, ASSERTION_ALGORITHMS
    found = {
        "id_token_signed_response_alg": read_one_of(
            document, "id_token_signed_response_alg", signing
        ) or "RS256",
        "authorization_signed_response_alg": read_one_of(
            document, "authorization_signed_response_alg", signing
        ) or "RS256",
        "introspection_signed_response_alg": read_one_of(
            document, "introspection_signed_response_alg", signing
        ) or "RS256",
        "userinfo_signed_response_alg": read_one_of(
            document, "userinfo_signed_response_alg", signing
        ),
        "request_object_signing_alg": read_one_of(
            document, "request_object_signing_alg", OBJECT_ALGORITHMS
        ),
        "token_endpoint_auth_signing_alg": read_one_of(
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
        "profile": read_one_of(document, "profile", PROFILES),
        "require_auth_time": read_flag(document, "require_auth_time"),
        "default_acr_values": read_texts(document, "default_acr_values"),
        "initiate_login_uri": read_url(document, "initiate_login_uri", https=True),
        "request_uris": read_urls(document, "request_uris"),
        "require_signed_request_object": read_flag(document, "require_signed_request_object"),
        **{name: read_flag(document, name) for name in BINDING},
        "require_pushed_authorization_requests": read_flag(
            document, "require_pushed_authorization_requests"
        ),
        "id_token_scope_claims": read_flag(document, "id_token_scope_claims"),
    }


def _logout(document: Document, redirect_uris: Sequence[str]) -> dict[str, Any]:
    # Where a client may be answered over http, it may be sent back to over http as well.
    allows_http = any(uri.startswith("http://") for uri in redirect_uris)
    is_native = document.get("token_endpoint_auth_method") == "none"
    uris = read_texts(document, "post_logout_redirect_uris", longest=LONGEST_URI)
    try:
        back = check_redirect_uris(uris, is_public=is_native, allows_http=allows_http)
    except OAuthError as error:
        sentence = error.description.replace("redirect_uri", "post_logout_redirect_uri")
        raise InvalidClientMetadata(sentence) from None
    return {
        "post_logout_redirect_uris": back,
        "backchannel_logout_uri": _told_at(document, "backchannel_logout_uri"),
        "backchannel_logout_session_required": read_flag(
            document, "backchannel_logout_session_required"
        ),
        "frontchannel_logout_uri": _front(document, redirect_uris),
        "frontchannel_logout_session_required": read_flag(
            document, "frontchannel_logout_session_required"
        ),
    }


def _told_at(document: Document, name: str) -> str | None:
    """Read where a client is told of logouts. OIDCBCL-2.2, OIDCFCL-2."""
    uri = read_url(document, name)
    if uri is not None and "#" in uri:
        raise InvalidClientMetadata(f"{name} {quote(uri)} has a fragment; leave it out")
    return uri


def _front(document: Document, redirect_uris: Sequence[str]) -> str | None:
    """Read what a browser is to load, which is a page of where it is answered. OIDCFCL-2."""
    uri = _told_at(document, "frontchannel_logout_uri")
    if uri is not None and origin_of_uri(uri) not in map(origin_of_uri, redirect_uris):
        raise InvalidClientMetadata(
            f"frontchannel_logout_uri {quote(uri)}: scheme, host and port must be those of one of "
            "the redirect_uris"
        )
    return uri


def _extras(document: Document) -> dict[str, Any]:
    audience = read_texts(document, "audience", longest=LONGEST_URI)
    for resource in audience:
        if ":" in resource:
            _check_resource(resource)
    return {
        "audience": audience,
        "authorization_details_types": read_types(
            document, "authorization_details_types", TYPES, ()
        ),
        "allowed_cors_origins": tuple(
            _check_origin(origin) for origin in read_texts(document, "allowed_cors_origins")
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
