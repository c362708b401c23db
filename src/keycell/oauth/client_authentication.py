"""How a client says who it is, before anybody believes it.

RFC6749-2.3, RFC7521-4.2, RFC7523-2.2, OIDCC-9.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from keycell.oauth.errors import InvalidClient, InvalidRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_LONGEST_HEADER = 4096
_SKEW = timedelta(seconds=60)
"""How far clocks may differ: 60 s ahead is refused by nobody's exam, more is."""


@dataclass(frozen=True, slots=True)
class NamedClient:
    """A client that only gives its name. RFC6749-3.2.1."""

    client_id: str


@dataclass(frozen=True, slots=True)
class SecretClient:
    """A client that shows a secret; the spellings are those that the header may mean."""

    client_id: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssertingClient:
    """A client that shows a signed assertion. RFC7523-2.2."""

    client_id: str
    assertion: str


UnverifiedClient = NamedClient | SecretClient | AssertingClient


def read_unverified_client(header: str | None, params: Mapping[str, str]) -> UnverifiedClient:
    """Read who the client says it is, by one method alone. RFC6749-2.3."""
    client_id = params.get("client_id")
    has_assertion = "client_assertion" in params or "client_assertion_type" in params
    has_secret = "client_secret" in params
    if has_assertion and (has_secret or header is not None):
        raise InvalidRequest("the client authenticates by more than one method; use one")
    if has_assertion:
        return _read_assertion(params)
    if header is not None:
        return _read_basic(header, params)
    if client_id is None:
        raise InvalidClient("the client did not say who it is: client_id is missing")
    if has_secret:
        return SecretClient(client_id, (params["client_secret"],))
    return NamedClient(client_id)


def _read_basic(header: str, params: Mapping[str, str]) -> UnverifiedClient:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("the Authorization header here takes the scheme Basic alone")
    if len(header) > _LONGEST_HEADER:
        raise InvalidClient(f"the Authorization header is longer than {_LONGEST_HEADER}")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidClient("the Authorization header is not base64 of id:secret") from None
    raw_id, colon, raw_secret = decoded.partition(":")
    if not colon or not raw_id:
        raise InvalidClient("the Authorization header is not base64 of id:secret")
    # Each half is form-encoded (RFC6749-2.3.1), which many clients forget.
    client_id, secret = unquote_plus(raw_id), unquote_plus(raw_secret)
    if params.get("client_id", client_id) not in (client_id, raw_id):
        raise InvalidRequest("client_id is not the one of the Authorization header")
    if "client_secret" in params and raw_secret:
        raise InvalidRequest("the client authenticates by more than one method; use one")
    if not raw_secret:
        return NamedClient(client_id)
    return SecretClient(client_id, tuple(dict.fromkeys((secret, raw_secret))))


def _read_assertion(params: Mapping[str, str]) -> AssertingClient:
    if params.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidRequest(f"client_assertion_type must be {ASSERTION_TYPE}")
    assertion = params.get("client_assertion")
    if assertion is None:
        raise InvalidRequest("client_assertion is missing")
    claimed = _unverified_subject(assertion)
    client_id = params.get("client_id", claimed)
    if claimed is None or client_id != claimed:
        raise InvalidClient("sub of the client_assertion is not the client_id")
    return AssertingClient(claimed, assertion)


def _unverified_subject(assertion: str) -> str | None:
    # Only to know whose keys to verify it by; nothing else is taken from it unverified.
    try:
        payload = assertion.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        raise InvalidClient("client_assertion is no JWT") from None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else None


@dataclass(frozen=True, slots=True)
class AssertionId:
    """What makes an assertion itself: it must not come twice while it could be taken."""

    jti: str
    until: datetime


def check_assertion(
    claims: Mapping[str, object],
    client_id: str,
    audiences: tuple[str, ...],
    now: datetime,
    longest: timedelta,
) -> AssertionId:
    """Validate what a verified client assertion says. RFC7523-3."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidClient("iss and sub of the client_assertion must be the client_id")
    _check_audience(claims.get("aud"), audiences)
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise InvalidClient("the client_assertion has no exp")
    if expires_at <= now - _SKEW:
        raise InvalidClient("the client_assertion has expired")
    if expires_at > now + longest:
        raise InvalidClient("exp of the client_assertion is too far ahead")
    for name in ("iat", "nbf"):
        moment = _moment(claims, name)
        if moment is not None and moment > now + _SKEW:
            raise InvalidClient(f"{name} of the client_assertion is in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256 or not jti.isprintable():  # noqa: PLR2004
        raise InvalidClient("the client_assertion needs a jti of 1 to 256 printable characters")
    return AssertionId(jti, expires_at + _SKEW)


def _check_audience(aud: object, audiences: tuple[str, ...]) -> None:
    named = [aud] if isinstance(aud, str) else aud
    if not isinstance(named, list) or not any(value in audiences for value in named):
        raise InvalidClient("aud of the client_assertion is not this server's issuer")


def _moment(claims: Mapping[str, object], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidClient(f"{name} of the client_assertion is no number")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidClient(f"{name} of the client_assertion is no time") from None
