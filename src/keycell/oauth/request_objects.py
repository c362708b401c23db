"""Authorization requests that come as a signed object, or by a reference to one. RFC9101, RFC9126.

Where an object is sent, what stands beside it counts for nothing but to know who asks, and where
to say that the object is bad. RFC9101-5.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from keycell.oauth.authorization import PARAMS
from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidRequest, InvalidRequestObject, InvalidRequestUri
from keycell.oauth.fapi2 import check_object

SIGNING_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TYPES = frozenset({"jwt", "oauth-authz-req+jwt"})
"""What the header of an object may call it, in lower case; most say nothing. RFC9101-10.8."""
PUSHED = "urn:ietf:params:oauth:request_uri:"
"""How the reference to a pushed request begins. RFC9126-2.2."""

_SKEW = timedelta(seconds=60)
_REPEATED = ("resource",)
_NUMBERS = ("max_age", "requested_expiry")
_TAKEN = (PARAMS - {"request", "request_uri", "registration"}) | set(_REPEATED)

KEPT = (PARAMS - {"request", "request_uri"}) | set(_REPEATED)
"""What of a pushed request is kept: what nobody reads may be as long as the rest. RFC9126-2."""

Pairs = Sequence[tuple[str, str]]


def sent_once(pairs: Pairs, name: str) -> str | None:
    """Give a parameter's value; None if it is not sent. Raises InvalidRequest if it is twice."""
    values = [value for key, value in pairs if key == name and value]
    if len(values) > 1:
        raise InvalidRequest(f"{name} is sent more than once; send it once")
    return values[0] if values else None


def read_object(
    claims: Mapping[str, object],
    client: Client,
    issuer: str,
    now: datetime,
    taken: Collection[str] = _TAKEN,
) -> tuple[tuple[str, str], ...]:
    """Give what a verified request object asks for, as parameters. RFC9101-4, OIDCC-6.1."""
    client_id = client.client_id
    named = (claims.get("iss", client_id), claims.get("client_id", client_id))
    if named != (client_id, client_id):
        raise InvalidRequestObject("iss and client_id of the request object must be the client")
    if "sub" in claims:
        # It could be a client assertion that somebody saw. RFC9101-10.8.
        raise InvalidRequestObject("a request object has no sub")
    _check_audience(claims.get("aud"), issuer)
    _check_times(claims, now)
    if client.is_fapi2:
        check_object(claims, moment_of(claims, "nbf"), moment_of(claims, "exp"), now)
    for name in ("request", "request_uri"):
        if name in claims:
            raise InvalidRequestObject(f"{name} has no place in a request object")
    pairs: list[tuple[str, str]] = []
    for name, value in claims.items():
        if name in taken and name != "client_id":
            pairs += [(name, one) for one in _texts(name, value)]
    return (("client_id", client_id), *pairs)


def _check_audience(aud: object, issuer: str) -> None:
    named = aud if isinstance(aud, list) else [aud]
    if aud is not None and issuer not in named:
        raise InvalidRequestObject("aud of the request object is not this server's issuer")


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    exp, nbf = moment_of(claims, "exp"), moment_of(claims, "nbf")
    if exp is not None and exp <= now - _SKEW:
        raise InvalidRequestObject("the request object has expired")
    for name, moment in (("nbf", nbf), ("iat", moment_of(claims, "iat"))):
        if moment is not None and moment > now + _SKEW:
            raise InvalidRequestObject(f"{name} of the request object is in the future")


def moment_of(claims: Mapping[str, object], name: str) -> datetime | None:
    """Give one of the times that an object says; None where it says none."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequestObject(f"{name} of the request object is no number")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InvalidRequestObject(f"{name} of the request object is no time") from None


def _texts(name: str, value: object) -> list[str]:
    """Give a member as the texts that a query would have carried."""
    texts = _as_texts(name, value)
    if any("\ud800" <= c <= "\udfff" for text in texts for c in text):
        # JSON can write half a character; no query, answer or database can hold one.
        raise InvalidRequestObject(f"{name} of the request object holds half a character")
    return texts


def _as_texts(name: str, value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if name in _REPEATED and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return value
    if name in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    if name in ("claims", "authorization_details") and isinstance(value, dict | list):
        return [json.dumps(value)]
    raise InvalidRequestObject(f"{name} of the request object is of the wrong type")


def registered_reference(client: Client, uri: str) -> str:
    """Give the address of a registered request object, without its fragment. OIDCC-6.2."""
    if uri not in client.metadata.request_uris:
        raise InvalidRequestUri("request_uri is not one this client registered")
    return uri.partition("#")[0]


def check_way(client: Client, *, is_signed: bool, is_pushed: bool) -> None:
    """Hold a client to the way of asking it registered. RFC9126-6, RFC9101-10.5."""
    if client.metadata.require_pushed_authorization_requests and not is_pushed:
        raise InvalidRequest("this client must push its requests; see RFC 9126")
    if client.metadata.require_signed_request_object and not is_signed:
        raise InvalidRequest("this client must sign its requests; see RFC 9101")
