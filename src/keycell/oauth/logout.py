"""Telling applications that a session ended. OIDCBCL-2, OIDCFCL-2."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

TOKEN_TYP = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TOKEN_LIFETIME = timedelta(minutes=2)
"""As OIDCBCL-2.4 recommends: each try is signed anew."""
TOLD_FOR = timedelta(hours=24)
"""How long an application that does not answer is tried."""

_PAUSES = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900))


def logout_token_claims(
    *, issuer: str, client_id: str, sub: str, sid: str, jti: str, now: datetime
) -> dict[str, object]:
    """Give the claims of a logout token; it never has a nonce. OIDCBCL-2.4."""
    return {
        "iss": issuer,
        "sub": sub,
        "aud": client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + TOKEN_LIFETIME).timestamp()),
        "jti": jti,
        "sid": sid,
        "events": {EVENT: {}},
    }


def next_try(tries: int, now: datetime, until: datetime) -> datetime | None:
    """Say when an application that did not take it is told again; None: never. OIDCBCL-2.5."""
    at = now + _PAUSES[min(tries, len(_PAUSES)) - 1]
    return at if at < until else None


def frame_address(uri: str, issuer: str, sid: str) -> str:
    """Give what the browser loads to tell an application. OIDCFCL-3."""
    params = urlencode({"iss": issuer, "sid": sid})
    return f"{uri}{'&' if '?' in uri else '?'}{params}"
