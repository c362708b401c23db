"""Native SSO: what one application of a publisher was signed in by signs in another. NSSO.

A *suite* is the set of a publisher's applications that an administrator lets share sign-ins. Two
of them on one device pass an ID token and a *device secret* between them. decisions/0063.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from keycell.oauth.claims import Authentication
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.errors import InvalidGrant, InvalidRequest, quote
from keycell.oauth.params import required
from keycell.oauth.scope import (
    DEVICE_SSO,
    FIRST_PARTY_ONLY,
    KNOWN,
    OFFLINE,
    OPENID,
    Scope,
    narrow,
    parse_scope,
)
from keycell.oauth.step_up import AHEAD

ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
DEVICE_SECRET = "urn:openid:params:token-type:device-secret"
_SECRET = re.compile(r"kcd_([A-Za-z0-9_-]{22,64})\.([A-Za-z0-9_-]{43})")
_SUITE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSso:
    """Tokens for what signed in another application on this device. NSSO-4.2."""

    id_token: str
    device_secret: str
    scope: Scope | None
    asked: tuple[str, ...] = ()
    """Where the tokens shall be of use; the issuer may stand among them. NSSO-4.2."""
    cnf: Confirmation | None = None
    grant_type = "urn:ietf:params:oauth:grant-type:token-exchange"
    resources = ()
    details = None
    redirect_uri = None
    code_verifier = None


def read_native_sso(params: dict[str, str], resources: tuple[str, ...]) -> NativeSso:
    """Read an ID token and the device secret beside it. NSSO-4.2."""
    scope = params.get("scope")
    return NativeSso(
        id_token=required(params, "subject_token"),
        device_secret=required(params, "actor_token"),
        scope=None if scope is None else parse_scope(scope),
        asked=resources,
    )


def format_device_secret(sid: str, proof: str) -> str:
    """Make a device secret. NSSO-3.2."""
    return f"kcd_{sid}.{proof}"


def secret_sid(secret: str) -> str | None:
    """Give the session that a device secret names; None where it is no device secret."""
    parts = _SECRET.fullmatch(secret)
    return None if parts is None else parts[1]


def ds_hash(secret: str) -> str:
    """Bind an ID token to the device secret it is given with. NSSO-3.4."""
    hashed = hashlib.sha256(secret.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def check_pair(claims: Mapping[str, object], secret: str, sid: str) -> None:
    """Refuse an ID token that was not given with this device secret. NSSO-4.3."""
    bound = str(claims.get("ds_hash", ""))
    if claims.get("sid") != sid or not hmac.compare_digest(bound, ds_hash(secret)):
        raise InvalidRequest("subject_token and actor_token were not given together")


def check_recent(authentication: Authentication, now: float, max_age: int | None) -> None:
    """Refuse an application whose people must have signed in more recently. OIDCR-2."""
    age = now - authentication.auth_time.timestamp()
    if max_age is not None and not -AHEAD.total_seconds() <= age <= max_age:
        raise InvalidGrant("the sign-in is older than this client's default_max_age: sign in anew")


def shared_scope(granted: Scope, registered: Scope | None, requested: Scope | None) -> Scope:
    """Give what is asked of what the first application was granted. NSSO-4.3.

    Nobody is asked: what the person did not allow the one, the other has not either.
    """
    allowed = granted & (KNOWN if registered is None else registered)
    return narrow(allowed - FIRST_PARTY_ONLY, requested)


def keepable(scope: Scope, grant_types: tuple[str, ...]) -> Scope:
    """Leave out what an application cannot be given: refresh tokens it did not register for."""
    return scope if "refresh_token" in grant_types else scope - OFFLINE


def sets_up(scope: Scope) -> bool:
    """Tell whether tokens of this scope come with a device secret. NSSO-3.1."""
    return DEVICE_SSO | {OPENID} <= scope


def read_suite(text: str) -> str:
    """Read the name of a suite; empty where an application is in none."""
    if text and not _SUITE.fullmatch(text):
        raise InvalidRequest(
            f"suite {quote(text)}: expected at most 64 of a-z, 0-9, dot, dash and underscore"
        )
    return text
