"""Client-initiated backchannel authentication: a client names a person, who decides elsewhere.

    kcb_<request_id>.<secret>    auth_req_id, for the client alone; kept by digest

No browser is sent anywhere: the client asks us, the person is told, says yes or no where they are
signed in, and the client polls, is pinged, or has its tokens pushed. CIBA-5, CIBA-7.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from keycell.oauth.authorization import Pairs, allowed_scope, read_audience, read_details_asked
from keycell.oauth.claims import half_hash
from keycell.oauth.clients import Client
from keycell.oauth.details import Details
from keycell.oauth.errors import (
    InvalidBindingMessage,
    InvalidGrant,
    InvalidRequest,
    InvalidRequestObject,
    InvalidScope,
    OAuthError,
    UnauthorizedClient,
    quote,
)
from keycell.oauth.grants import digest
from keycell.oauth.params import read_params, required
from keycell.oauth.request_objects import moment_of, read_object, sent_once
from keycell.oauth.scope import DEVICE_SSO, OPENID, Scope, parse_scope
from keycell.oauth.token import BACKCHANNEL
from keycell.oauth.waiting import Awaited, Presented

POLL, PING, PUSH = "poll", "ping", "push"
MODES = (POLL, PING, PUSH)
"""How a client learns what was decided. CIBA-5."""

_HINTS = ("login_hint", "id_token_hint", "login_hint_token")
_ASKED = frozenset(
    {
        "scope", "client_notification_token", "acr_values", "binding_message", "user_code",
        "requested_expiry", "authorization_details", *_HINTS,
    }
)  # fmt: skip
_OF_THE_CLIENT = frozenset(
    {"client_id", "client_secret", "client_assertion", "client_assertion_type"}
)

LIFETIME = timedelta(minutes=10)
"""How long a request waits where nothing else is asked for. CIBA-7.1."""
LONGEST = timedelta(hours=1)
"""The most that is granted to ``requested_expiry``: a person may have to read their mail first."""
LONGEST_MESSAGE = 100
_LONGEST_TOKEN = 1024
_OBJECT_LIVES = timedelta(minutes=60)
_SKEW = timedelta(seconds=60)

_BEARER = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_PART = r"[A-Za-z0-9_-]{22,64}"
_AUTH_REQ_ID = re.compile(rf"kcb_({_PART})\.({_PART})")
_CLAIM = "urn:openid:params:jwt:claim:"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackchannelRequest:
    """What a client asks of a person whom it names, checked. CIBA-7.1."""

    client: Client
    scope: Scope
    audience: tuple[str, ...]
    details: Details
    login_hint: str | None
    id_token_hint: str | None
    binding_message: str
    acr_values: tuple[str, ...]
    lifetime: timedelta
    notification_token: str
    """Empty for a client that polls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackchannelAuthentication(Awaited):
    """A request that waits for the person it names, and what became of it. CIBA-7.3."""

    request_id: str
    sub: str
    mode: str
    binding_message: str
    acr_values: tuple[str, ...]
    sealed: str | None
    """What the client is told, and by which token, as long as it is to be told. CIBA-10."""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The parameters of a signed request, and what makes it itself. CIBA-7.1.1."""

    pairs: tuple[tuple[str, str], ...]
    jti: str
    until: datetime


def check_may_ask(client: Client) -> None:
    """Refuse a client that did not register for this. CIBA-4, CIBA-13."""
    if BACKCHANNEL not in client.metadata.grant_types:
        raise UnauthorizedClient(f"this client did not register grant_type {BACKCHANNEL}")


def sent_object(pairs: Pairs, client: Client) -> str | None:
    """Give the signed request that was sent, alone; None for a plain one. CIBA-7.1.1, CIBA-7.2."""
    sent = sent_once(pairs, "request")
    wanted = client.metadata.backchannel_authentication_request_signing_alg
    if sent is None:
        if wanted is not None:
            raise InvalidRequest("this client registered to sign its requests; send request")
        return None
    if wanted is None:
        raise InvalidRequest(
            "a signed request needs backchannel_authentication_request_signing_alg registered"
        )
    beside = sorted({name for name, value in pairs if value} - _OF_THE_CLIENT - {"request"})
    if beside:
        raise InvalidRequest(f"{quote(beside[0])} stands beside request; put it into it")
    return sent


def read_signed_request(
    claims: Mapping[str, object], client: Client, issuer: str, now: datetime
) -> SignedRequest:
    """Validate what a verified request says; all of its times must be there. CIBA-7.1.1."""
    try:
        pairs = read_object(claims, client, issuer, now, taken=_ASKED | {"resource"})
        exp, nbf = moment_of(claims, "exp"), moment_of(claims, "nbf")
        for name in ("iss", "aud", "exp", "iat", "nbf", "jti"):
            if claims.get(name) is None:
                raise InvalidRequest(f"the request has no {name}")
    except InvalidRequestObject as error:
        # The registered code of this endpoint for all of it. CIBA-13.
        raise InvalidRequest(error.description, detail=error.detail) from None
    assert exp is not None  # noqa: S101  (it is there, or was refused)
    assert nbf is not None  # noqa: S101
    if exp - nbf > _OBJECT_LIVES:
        raise InvalidRequest("exp of the request is more than 60 minutes after its nbf")
    jti = claims["jti"]
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256 or not jti.isprintable():  # noqa: PLR2004
        raise InvalidRequest("the request needs a jti of 1 to 256 printable characters")
    return SignedRequest(pairs, jti, exp + _SKEW)


def read_backchannel_request(
    pairs: Pairs, client: Client, own_resource: str
) -> BackchannelRequest:
    """Check what a client asks. CIBA-7.1, CIBA-7.2, RFC9396-4, RFC8707-2."""
    params = read_params(pairs, _ASKED)
    check_may_ask(client)
    for name in ("login_hint_token", "user_code"):
        if name in params:
            raise InvalidRequest(f"{name} is not taken here; see the metadata and leave it out")
    hints = [name for name in _HINTS if name in params]
    if len(hints) != 1:
        raise InvalidRequest("send one of login_hint and id_token_hint, and only one")
    scope = allowed_scope(parse_scope(params.get("scope")), client) - DEVICE_SSO
    if OPENID not in scope:
        raise InvalidScope("scope lacks openid, which every such request asks for")
    return BackchannelRequest(
        client=client,
        scope=scope,
        audience=read_audience(pairs, client, own_resource),
        details=read_details_asked(params.get("authorization_details"), client, own_resource),
        login_hint=params.get("login_hint"),
        id_token_hint=params.get("id_token_hint"),
        binding_message=_read_message(params.get("binding_message", "")),
        acr_values=tuple(params.get("acr_values", "").split())
        or client.metadata.default_acr_values,
        lifetime=_read_lifetime(params.get("requested_expiry")),
        notification_token=_read_notification_token(params, client),
    )


def _read_message(text: str) -> str:
    if len(text) > LONGEST_MESSAGE or not text.isprintable():
        raise InvalidBindingMessage(
            f"binding_message must be a text of at most {LONGEST_MESSAGE} characters"
        )
    return text.strip()


def _read_lifetime(text: str | None) -> timedelta:
    if text is None:
        return LIFETIME
    if not (text.isascii() and text.isdigit() and len(text) <= len("999999999")) or int(text) == 0:
        raise InvalidRequest(f"requested_expiry {quote(text)} is no number of seconds above zero")
    return min(timedelta(seconds=int(text)), LONGEST)


def _read_notification_token(params: dict[str, str], client: Client) -> str:
    if client.metadata.backchannel_token_delivery_mode == POLL:
        return ""
    token = required(params, "client_notification_token")
    if len(token) > _LONGEST_TOKEN or _BEARER.fullmatch(token) is None:
        raise InvalidRequest(
            f"client_notification_token must be a bearer token of at most {_LONGEST_TOKEN} "
            "characters"
        )
    return token


def format_auth_req_id(request_id: str, secret: str) -> str:
    """Make the handle by which a client knows its request. CIBA-7.3."""
    return f"kcb_{request_id}.{secret}"


def read_auth_req_id(auth_req_id: str) -> Presented:
    """Read the handle that a client presents. CIBA-10.1."""
    parts = _AUTH_REQ_ID.fullmatch(auth_req_id)
    if parts is None:
        raise InvalidGrant(detail="not the form of an auth_req_id")
    return Presented(parts[1], digest(auth_req_id))


def check_may_fetch(client: Client) -> None:
    """Refuse a client whose tokens are pushed to it: they are nowhere else. CIBA-11."""
    if client.metadata.backchannel_token_delivery_mode == PUSH:
        raise UnauthorizedClient("this client registered to have its tokens pushed to it")


def pushed_claims(auth_req_id: str, refresh_token: str | None, alg: str) -> dict[str, object]:
    """Give what an ID token says that is pushed: to which request it belongs. CIBA-10.3.1."""
    claims: dict[str, object] = {f"{_CLAIM}auth_req_id": auth_req_id}
    if refresh_token is not None:
        claims[f"{_CLAIM}rt_hash"] = half_hash(refresh_token, alg)
    return claims


def pushed_error(error: OAuthError) -> dict[str, object]:
    """Give what is pushed where there are no tokens. CIBA-12."""
    return {"error": error.error, "error_description": error.description}
