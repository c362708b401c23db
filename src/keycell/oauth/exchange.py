"""Token exchange: a narrower access token for one that stands. decisions/0053.

What comes out is never more than what went in: no scope value, no audience and no minute more.
"""

from collections.abc import Collection
from dataclasses import dataclass

from keycell.oauth.confirmation import Confirmation
from keycell.oauth.errors import InvalidRequest, InvalidScope, quote
from keycell.oauth.native_sso import DEVICE_SECRET, ID_TOKEN, NativeSso, read_native_sso
from keycell.oauth.params import required
from keycell.oauth.scope import (
    DEVICE_SSO,
    FIRST_PARTY_ONLY,
    KNOWN,
    OFFLINE,
    Scope,
    format_scope,
    narrow,
    parse_scope,
)

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
PARAMS = frozenset(
    {
        "subject_token", "subject_token_type", "actor_token", "actor_token_type",
        "requested_token_type",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExchange:
    """An access token for a subject token. RFC8693-2.1."""

    subject_token: str
    scope: Scope | None
    resources: tuple[str, ...] = ()
    """Those of ``resource`` and of ``audience``: where the token shall be of use."""
    actor_token: str | None = None
    """Of who shall act for the subject."""
    cnf: Confirmation | None = None
    grant_type = TOKEN_EXCHANGE


def read_token_exchange(
    params: dict[str, str], resources: tuple[str, ...]
) -> TokenExchange | NativeSso:
    """Read what is asked; whatever would be left out of account is refused. RFC8693-2.1."""
    subject_token = required(params, "subject_token")
    subject_type = required(params, "subject_token_type")
    _check_type("requested_token_type", params.get("requested_token_type", ACCESS_TOKEN))
    if "authorization_details" in params:
        raise InvalidRequest("authorization_details are those of subject_token; leave them out")
    if (subject_type, params.get("actor_token_type")) == (ID_TOKEN, DEVICE_SECRET):
        return read_native_sso(params, resources)
    _check_type("subject_token_type", subject_type)
    if "actor_token" in params:
        _check_type("actor_token_type", required(params, "actor_token_type"))
    elif "actor_token_type" in params:
        raise InvalidRequest("actor_token_type goes with an actor_token, and there is none")
    scope = params.get("scope")
    return TokenExchange(
        subject_token=subject_token,
        scope=None if scope is None else parse_scope(scope),
        resources=resources,
        actor_token=params.get("actor_token"),
    )


def check_no_subject(params: dict[str, str], grant_type: str) -> None:
    """Refuse a token that another grant type would silently drop. RFC8693-2.1."""
    for name in sorted(PARAMS & params.keys()):
        raise InvalidRequest(f"{name} goes with {TOKEN_EXCHANGE}, not with {quote(grant_type)}")


def refused(name: str) -> str:
    """Say that a token is not taken; which of the reasons it is, no stranger learns."""
    return f"{name} is unknown, expired, revoked, or not for this client"


def check_concerned(name: str, client_id: str, resources: Collection[str], issued_to: str,
                    audience: Collection[str]) -> None:  # fmt: skip
    """Refuse a token to whom it was neither issued nor meant for. RFC8693-2.2.2."""
    if issued_to != client_id and {client_id, *resources}.isdisjoint(audience):
        raise InvalidRequest(
            refused(name),
            detail=f"issued to {issued_to} for {' '.join(audience)}",
        )


def exchanged_scope(held: Scope, registered: Scope | None, requested: Scope | None) -> Scope:
    """Give what is asked of what the subject token has and the client may have. RFC8693-2.1.

    Administration is never handed on, and nothing that outlives the subject token.
    """
    allowed = held & (KNOWN if registered is None else registered)
    allowed = allowed - FIRST_PARTY_ONLY - OFFLINE - DEVICE_SSO
    scope = narrow(allowed, requested)
    if requested and not scope:
        raise InvalidScope(f"{quote(format_scope(requested))} was not granted")
    return scope


def _check_type(name: str, value: str) -> None:
    if value != ACCESS_TOKEN:
        raise InvalidRequest(f"{name} {quote(value)} is not taken; send {ACCESS_TOKEN}")
