"""What every signed assertion must say of for whom and when it was made, whoever made it.

A client that proves itself by one, and a trusted issuer that speaks for a person, are held to the
same sentences. RFC7523-3.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from keycell.oauth.errors import OAuthError

SKEW = timedelta(seconds=60)
"""How far clocks may differ: 60 s ahead is refused by nobody's exam, more is."""
LONGEST_JTI = 256

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an assertion is called where it is sent, and how it is refused there."""

    name: str
    error: type[OAuthError]


@dataclass(frozen=True, slots=True)
class AssertionId:
    """What makes an assertion itself: it must not come twice while it could be taken."""

    jti: str
    until: datetime


def unverified_claim(assertion: str, name: str, kind: Kind) -> str | None:
    """Give one text of a JWT, only to know by whose keys to verify it; raise where it is none."""
    try:
        payload = assertion.split(".")[1]
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (IndexError, ValueError, RecursionError):
        raise kind.error(f"{kind.name} is no JWT") from None
    value = claims.get(name) if isinstance(claims, dict) else None
    return value if isinstance(value, str) else None


def check_statement(
    claims: Claims, kind: Kind, audiences: tuple[str, ...], now: datetime, longest: timedelta
) -> AssertionId:
    """Validate for whom and when a verified assertion was made. RFC7523-3."""
    _check_audience(claims.get("aud"), kind, audiences)
    expires_at = _moment(claims, "exp", kind)
    if expires_at is None:
        raise kind.error(f"the {kind.name} has no exp")
    if expires_at <= now - SKEW:
        raise kind.error(f"the {kind.name} has expired")
    if expires_at > now + longest:
        raise kind.error(f"exp of the {kind.name} is too far ahead")
    for name in ("iat", "nbf"):
        moment = _moment(claims, name, kind)
        if moment is not None and moment > now + SKEW:
            raise kind.error(f"{name} of the {kind.name} is in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI or not jti.isprintable():
        raise kind.error(f"the {kind.name} needs a jti of 1 to {LONGEST_JTI} printable characters")
    return AssertionId(jti, expires_at + SKEW)


def _check_audience(aud: object, kind: Kind, audiences: tuple[str, ...]) -> None:
    named = [aud] if isinstance(aud, str) else aud
    if not isinstance(named, list) or not any(value in audiences for value in named):
        raise kind.error(f"aud of the {kind.name} is not this server's issuer")


def _moment(claims: Claims, name: str, kind: Kind) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise kind.error(f"{name} of the {kind.name} is no number")
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise kind.error(f"{name} of the {kind.name} is no time") from None
