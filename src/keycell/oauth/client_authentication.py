"""How a client says who it is, before anybody believes it.

RFC6749-2.3, RFC7521-4.2, RFC7523-2.2, OIDCC-9.
"""

import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from keycell.oauth.assertions import AssertionId, Kind, check_statement, unverified_claim
from keycell.oauth.errors import InvalidClient, InvalidRequest
from keycell.values import dataclass

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_LONGEST_HEADER = 4096
_KIND = Kind("client_assertion", InvalidClient)


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
        decoded = binascii.a2b_base64(encoded.strip(), strict_mode=True).decode()
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
    claimed = unverified_claim(assertion, "sub", _KIND)
    client_id = params.get("client_id", claimed)
    if claimed is None or client_id != claimed:
        raise InvalidClient("sub of the client_assertion is not the client_id")
    return AssertingClient(claimed, assertion)


def check_assertion(
    claims: Mapping[str, object],
    client_id: str,
    audiences: tuple[str, ...],
    now: datetime,
    longest: timedelta,
    *,
    is_strict: bool = False,
) -> AssertionId:
    """Validate what a verified client assertion says. RFC7523-3.

    Strictly, its audience is one text: of several, another could use it here. FAPI2-SP-5.3.2.1.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidClient("iss and sub of the client_assertion must be the client_id")
    if is_strict and not isinstance(claims.get("aud"), str):
        raise InvalidClient("aud of the client_assertion must be the issuer alone, as a string")
    return check_statement(claims, _KIND, audiences, now, longest)
