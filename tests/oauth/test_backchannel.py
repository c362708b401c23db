"""What a client may ask of a person whom it names, and what it may not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keycell.oauth.backchannel import (
    LIFETIME,
    LONGEST,
    check_may_fetch,
    format_auth_req_id,
    pushed_claims,
    pushed_error,
    read_auth_req_id,
    read_backchannel_request,
    read_signed_request,
    sent_object,
)
from keycell.oauth.claims import half_hash
from keycell.oauth.clients import Client, ClientMetadata
from keycell.oauth.errors import (
    AccessDenied,
    InvalidBindingMessage,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnauthorizedClient,
)
from keycell.oauth.registration import read_client_metadata
from keycell.oauth.sectors import check_sector
from keycell.oauth.token import BACKCHANNEL

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HERE = "https://id.example"
ISSUER = f"{HERE}/oidc"
POLLS = Client(
    client_id="app", came_by="rest", created_at=NOW,
    metadata=ClientMetadata(
        grant_types=(BACKCHANNEL, "refresh_token"), backchannel_token_delivery_mode="poll"
    ),
)  # fmt: skip
SIGNS = replace(
    POLLS,
    metadata=replace(
        POLLS.metadata, backchannel_authentication_request_signing_alg="ES256", jwks="{}"
    ),
)
PINGED = replace(POLLS, metadata=replace(POLLS.metadata, backchannel_token_delivery_mode="ping"))
ASKED = {"scope": "openid", "login_hint": "ann"}
DOCUMENT: dict[str, object] = {
    "grant_types": [BACKCHANNEL], "backchannel_token_delivery_mode": "poll",
}  # fmt: skip


def read(client: Client = POLLS, **params: str) -> Any:  # noqa: ANN401
    return read_backchannel_request(list((ASKED | params).items()), client, HERE)


def test_a_request_is_read() -> None:
    """CIBA-7.1."""
    request = read(scope="openid offline_access admin", binding_message=" 1234 ", acr_values="a b")
    assert request.scope == {"openid", "offline_access"}
    assert request.binding_message == "1234"
    assert request.acr_values == ("a", "b")
    assert (request.login_hint, request.lifetime) == ("ann", LIFETIME)
    assert read(client_notification_token="is not read").notification_token == ""


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"login_hint": ""}, InvalidRequest),
        ({"id_token_hint": "x"}, InvalidRequest),
        ({"login_hint": "", "login_hint_token": "x"}, InvalidRequest),
        ({"user_code": "1234"}, InvalidRequest),
        ({"scope": "profile"}, InvalidScope),
        ({"scope": ""}, InvalidScope),
        ({"binding_message": "x" * 101}, InvalidBindingMessage),
        ({"binding_message": "a\u202eb"}, InvalidBindingMessage),
        ({"requested_expiry": "0"}, InvalidRequest),
        ({"requested_expiry": "-1"}, InvalidRequest),
        ({"requested_expiry": "1.5"}, InvalidRequest),
        ({"requested_expiry": "9" * 10}, InvalidRequest),
    ],
)
def test_what_is_refused(params: dict[str, str], error: type[OAuthError]) -> None:
    """CIBA-7.2, CIBA-13."""
    with pytest.raises(error):
        read(POLLS, **params)


def test_how_long_it_waits() -> None:
    """CIBA-7.1: as asked for, within reason."""
    assert read(requested_expiry="90").lifetime == timedelta(seconds=90)
    assert read(requested_expiry="999999999").lifetime == LONGEST


@pytest.mark.parametrize("token", ["", "x" * 1025, "with space", 'a"b', "=x"])
def test_who_is_notified_says_by_which_token(token: str) -> None:
    """CIBA-7.1, CIBA-7.2: which goes into a header."""
    with pytest.raises(InvalidRequest, match="client_notification_token"):
        read(PINGED, client_notification_token=token)
    assert read(PINGED, client_notification_token="a.b~c+/-_=").notification_token


def test_a_client_must_have_registered() -> None:
    """CIBA-4, CIBA-13, CIBA-11."""
    with pytest.raises(UnauthorizedClient):
        read(replace(POLLS, metadata=ClientMetadata()))
    pushed = replace(POLLS.metadata, backchannel_token_delivery_mode="push")
    with pytest.raises(UnauthorizedClient):
        check_may_fetch(replace(POLLS, metadata=pushed))
    check_may_fetch(PINGED)


def test_a_signed_request_stands_alone() -> None:
    """CIBA-7.1.1, CIBA-7.2."""
    pairs = [("client_id", "app"), ("client_assertion", "x"), ("request", "jwt")]
    assert sent_object(pairs, SIGNS) == "jwt"
    for client, sent in (
        (SIGNS, [("login_hint", "ann")]),
        (POLLS, pairs),
        (SIGNS, [*pairs, ("login_hint", "ann")]),
        (SIGNS, [*pairs, ("request", "jwt")]),
    ):
        with pytest.raises(InvalidRequest):
            sent_object(sent, client)
    assert sent_object([("login_hint", "ann")], POLLS) is None


CLAIMS: dict[str, object] = {
    "iss": "app", "aud": ISSUER, "exp": NOW.timestamp() + 60, "iat": NOW.timestamp(),
    "nbf": NOW.timestamp(), "jti": "one", **ASKED, "requested_expiry": 90,
}  # fmt: skip


def test_a_signed_request_is_read() -> None:
    """CIBA-7.1.1: numbers may be numbers there."""
    signed = read_signed_request(CLAIMS | {"state": "x", "client_id": "app"}, SIGNS, ISSUER, NOW)
    assert dict(signed.pairs) == ASKED | {"requested_expiry": "90", "client_id": "app"}
    assert signed.jti == "one"
    assert signed.until > NOW


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "nbf", "jti"])
def test_a_signed_request_says_for_whom_and_when(name: str) -> None:
    """CIBA-7.1.1."""
    for claims in ({k: v for k, v in CLAIMS.items() if k != name}, CLAIMS | {name: None}):
        with pytest.raises(InvalidRequest):
            read_signed_request(claims, SIGNS, ISSUER, NOW)


@pytest.mark.parametrize(
    "said",
    [
        {"iss": "other"}, {"aud": "https://other.example"}, {"exp": 0}, {"sub": "app"},
        {"exp": NOW.timestamp() + 3700}, {"nbf": NOW.timestamp() + 300}, {"jti": 7},
        {"jti": "x" * 257}, {"scope": 7}, {"request": "x"},
    ],
)  # fmt: skip
def test_a_signed_request_for_another_or_another_time_is_none(said: dict[str, object]) -> None:
    """CIBA-7.1.1, CIBA-13: under one error code."""
    with pytest.raises(InvalidRequest):
        read_signed_request(CLAIMS | said, SIGNS, ISSUER, NOW)


@pytest.mark.parametrize("text", ["", "kcb_", "kcd_" + "a" * 22 + "." + "b" * 43])
def test_the_form_of_an_auth_req_id_is_held_to(text: str) -> None:
    """CIBA-10.1, CIBA-7.3."""
    assert read_auth_req_id(format_auth_req_id("a" * 22, "b" * 43)).key == "a" * 22
    with pytest.raises(InvalidGrant):
        read_auth_req_id(text)


def test_what_is_pushed() -> None:
    """CIBA-10.3.1, CIBA-12."""
    told = pushed_claims("id", "token", "ES256")
    assert told == {
        "urn:openid:params:jwt:claim:auth_req_id": "id",
        "urn:openid:params:jwt:claim:rt_hash": half_hash("token", "ES256"),
    }
    assert len(pushed_claims("id", None, "ES256")) == 1
    assert pushed_error(AccessDenied("no")) == {
        "error": "access_denied", "error_description": "no",
    }  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        {"backchannel_token_delivery_mode": None},
        {"backchannel_token_delivery_mode": "pull"},
        {"backchannel_token_delivery_mode": "ping"},
        {"backchannel_user_code_parameter": True},
        {"token_endpoint_auth_method": "none"},
        {"backchannel_authentication_request_signing_alg": "HS256"},
        {"backchannel_authentication_request_signing_alg": "ES256"},
        {"backchannel_token_delivery_mode": "push", "dpop_bound_access_tokens": True,
         "backchannel_client_notification_endpoint": "https://app.example/told"},
        {"backchannel_token_delivery_mode": "push",
         "tls_client_certificate_bound_access_tokens": True,
         "backchannel_client_notification_endpoint": "https://app.example/told"},
        {"backchannel_client_notification_endpoint": "ftp://app.example"},
    ],
)  # fmt: skip
def test_what_may_not_be_registered(said: dict[str, object]) -> None:
    """CIBA-4."""
    with pytest.raises(InvalidClientMetadata):
        read_client_metadata(DOCUMENT | said)


def test_what_is_registered() -> None:
    """CIBA-4, CIBA-5: and of who registers no such grant nothing is kept of it."""
    told = "https://app.example/told"
    push = {"backchannel_token_delivery_mode": "push",
            "backchannel_client_notification_endpoint": told}  # fmt: skip
    metadata = read_client_metadata(DOCUMENT | push)
    assert metadata.backchannel_token_delivery_mode == "push"
    assert metadata.backchannel_client_notification_endpoint == told
    app: dict[str, object] = {"redirect_uris": ["https://app.example/cb"]}
    assert read_client_metadata(app | push).backchannel_token_delivery_mode is None


def test_who_has_no_redirect_uri_is_known_by_where_it_is_told() -> None:
    """CIBA-4, OIDCC-8.1."""
    told = "https://told.example/told"
    pairwise: dict[str, object] = {
        "subject_type": "pairwise", "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": told,
    }  # fmt: skip
    metadata = read_client_metadata(DOCUMENT | pairwise)
    assert replace(POLLS, metadata=metadata).sector == "told.example"
    assert POLLS.sector == "app"
    keys = replace(POLLS.metadata, jwks_uri="https://keys.example/jwks")
    assert replace(POLLS, metadata=keys).sector == "keys.example"
    check_sector(metadata, [told])
    check_sector(POLLS.metadata, [])
    with pytest.raises(InvalidClientMetadata):
        check_sector(metadata, ["https://other.example"])
