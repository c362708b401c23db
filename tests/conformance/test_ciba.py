"""The modules of FAPI-CIBA-ID1, but those of single countries. CIBA, PROTOCOL 3.8."""

import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from ..server import keycell_json
from ..waiting import until
from .ciba import BC, PROFILES, VARIANTS, Cashier, decide, employ
from .fapi import error, public
from .provider import Provider
from .robot import Robot

LONG_AGO, SOON, LATER = -70 * 60, 10 * 60, 70 * 60
"""Seconds."""


@pytest.fixture(scope="module", params=VARIANTS)
def cashier(provider: Provider, request: pytest.FixtureRequest) -> Cashier:
    return employ(provider, VARIANTS[request.param], **PROFILES[request.param])


@pytest.fixture(scope="module")
def other(provider: Provider, cashier: Cashier) -> Cashier:
    name = next(name for name, one in VARIANTS.items() if one == cashier.variant)
    return employ(provider, cashier.variant, **PROFILES[name])


@pytest.fixture(scope="module")
def keyed(provider: Provider) -> Cashier:
    return employ(provider, VARIANTS["key"])


@pytest.fixture(scope="module")
def certified(provider: Provider) -> Cashier:
    return employ(provider, VARIANTS["mtls"])


@pytest.fixture(scope="module")
def pinged(provider: Provider) -> Cashier:
    path = f"{provider.site.url}/ping"
    return employ(
        provider, VARIANTS["key"], backchannel_token_delivery_mode="ping",
        backchannel_client_notification_endpoint=path,
    )  # fmt: skip


def test_ciba_discovery_end_point_verification(provider: Provider) -> None:
    """CIBA-4."""
    told = provider.metadata
    assert told[BC].startswith("https://")
    assert BC in told["mtls_endpoint_aliases"]
    assert {"poll", "ping"} <= set(told["backchannel_token_delivery_modes_supported"])
    assert "urn:openid:params:grant-type:ciba" in told["grant_types_supported"]
    assert told["tls_client_certificate_bound_access_tokens"] is True
    signing = told["backchannel_authentication_request_signing_alg_values_supported"]
    assert {"PS256", "ES256"} <= set(signing)


def test_ciba(cashier: Cashier, robot: Robot) -> None:
    """CIBA-7.3, CIBA-10.1.1: the ID token is the person's, and the tokens the certificate's."""
    auth_req_id = cashier.started()
    assert error(cashier.fetch(auth_req_id)) == "authorization_pending"
    decide(robot)
    found = cashier.fetched(auth_req_id)
    claims = cashier.claims(found["id_token"], access_token=found["access_token"])
    assert claims["auth_time"]
    assert error(cashier.fetch(auth_req_id)) == "invalid_grant"


def test_ciba_user_rejects_authentication(cashier: Cashier, robot: Robot) -> None:
    """CIBA-11."""
    auth_req_id = cashier.started()
    decide(robot, "deny")
    assert error(cashier.fetch(auth_req_id)) == "access_denied"


def test_ciba_multiple_call_to_token_endpoint(cashier: Cashier, robot: Robot) -> None:
    """CIBA-7.3, CIBA-11: who polls too often is told to slow down."""
    auth_req_id = cashier.started()
    said = [error(cashier.fetch(auth_req_id)) for _ in range(3)]
    assert said[0] == "authorization_pending"
    assert set(said) <= {"authorization_pending", "slow_down"}
    decide(robot)
    cashier.fetched(auth_req_id)


def test_ciba_auth_req_id_expired(cashier: Cashier) -> None:
    """CIBA-7.1 (requested_expiry), CIBA-11."""
    response = cashier.begin(requested_expiry=1)
    assert response.json()["expires_in"] == 1
    assert cashier.waited(response.json()["auth_req_id"]) == "expired_token"


MESSAGES = {
    "ensure-authorization-request-with-binding-message-succeeds": "1234",
    "ensure-authorization-request-with-potentially-bad-binding-message":
        "1234 \u2014 \U0001f44d\U0001f3ff and everything else",
}  # fmt: skip


@pytest.mark.parametrize("module", MESSAGES)
def test_ciba_ensure_authorization_request_with_binding_message(
    cashier: Cashier, robot: Robot, module: str
) -> None:
    """CIBA-7.1: shown to the person as it was sent."""
    message = MESSAGES[module]
    auth_req_id = cashier.started(binding_message=message)
    assert message in decide(robot)
    cashier.fetched(auth_req_id)


ALSO = {
    "ensure-other-scope-order-succeeds": {"scope": "profile openid"},
    "ensure-requested-expiry-as-string-succeeds": {"requested_expiry": "300"},
}


@pytest.mark.parametrize("module", ALSO)
def test_ciba_ensure_what_is_said_otherwise_succeeds(
    cashier: Cashier, robot: Robot, module: str
) -> None:
    """CIBA-7.1, CIBA-7.1.1 (requested_expiry as a JSON string or number)."""
    auth_req_id = cashier.started(**ALSO[module])
    decide(robot)
    cashier.fetched(auth_req_id)


REFUSED: dict[str, dict[str, Any]] = {
    "missing-aud": {"aud": None}, "bad-aud": {"aud": "https://other.example"},
    "missing-iss": {"iss": None}, "bad-iss": {"iss": "other"},
    "missing-exp": {"exp": None}, "expired-exp": {"exp": -300},
    "exp-is-70-minutes-in-future": {"exp": LATER},
    "missing-iat": {"iat": None}, "missing-nbf": {"nbf": None},
    "nbf-is-10-minutes-in-future": {"nbf": SOON},
    "nbf-is-70-minutes-in-past": {"nbf": LONG_AGO},
    "missing-jti": {"jti": None},
}  # fmt: skip


@pytest.mark.parametrize("module", REFUSED)
def test_ciba_ensure_request_object_fails(cashier: Cashier, module: str) -> None:
    """FAPI-CIBA-5.2.2, CIBA-7.1.1."""
    changed: dict[str, Any] = {
        name: int(time.time()) + value if isinstance(value, int) else value
        for name, value in REFUSED[module].items()
    }
    assert error(cashier.begin(**changed)) == "invalid_request"


def test_ciba_ensure_request_object_signature_algorithm_fails(cashier: Cashier) -> None:
    """CIBA-7.1.1: none, one that there is not, and RS256 with a key of its own."""
    good = cashier.object({}, **cashier.wanted())
    _, claims, signature = good.split(".")
    for header in ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJiYWQifQ"):
        for end in (signature, ""):
            sent = cashier.send(BC, {"request": f"{header}.{claims}.{end}"})
            assert error(sent) == "invalid_request"
    key = RSAKey.generate_key(2048)
    assert error(cashier.begin(key=key, alg="RS256")) == "invalid_request"


def test_ciba_ensure_rs256_fails(provider: Provider) -> None:
    """FAPI-CIBA-5.2.2, RFC7523-3: whose key would do for RS256 registered PS256."""
    key = RSAKey.generate_key(2048)
    party = employ(
        provider, VARIANTS["key"], jwks=public(key), token_endpoint_auth_signing_alg="PS256",
        backchannel_authentication_request_signing_alg="PS256",
    )  # fmt: skip
    party.key = key
    issuer = provider.issuer
    bad = party.asserted(issuer, "RS256")
    assert error(party.begin(alg="PS256", proven=bad)) == "invalid_client"
    assert error(party.begin(alg="RS256", proven=party.asserted(issuer, "PS256"))) \
        == "invalid_request"  # fmt: skip
    proven = party.asserted(issuer, "RS256")
    assert error(party.fetch("unknown", proven=proven)) == "invalid_client"
    proven = party.asserted(issuer, "PS256")
    assert error(party.fetch("unknown", proven=proven)) == "invalid_grant"


def test_ciba_ensure_request_object_signed_by_other_client_fails(
    cashier: Cashier, other: Cashier
) -> None:
    """CIBA-7.1.1."""
    assert error(cashier.begin(key=other.key)) == "invalid_request"


def test_ciba_ensure_authorization_request_with_multiple_hints_fails(cashier: Cashier) -> None:
    """CIBA-7.1: one hint, and no other."""
    assert error(cashier.begin(id_token_hint="eyJ.x.y")) == "invalid_request"


def test_ciba_ensure_without_request_fails(cashier: Cashier) -> None:
    """FAPI-CIBA-5.2.2: who registered to sign its requests always does."""
    plain = {"scope": "openid", "login_hint": "ann"}
    assert error(cashier.send(BC, plain)) == "invalid_request"


def test_ciba_ensure_wrong_auth_req_id_in_token_endpoint_request(
    cashier: Cashier, other: Cashier, robot: Robot
) -> None:
    """CIBA-11: unknown, or another client's."""
    auth_req_id = cashier.started()
    assert error(cashier.fetch(auth_req_id[:-1])) == "invalid_grant"
    assert error(other.fetch(auth_req_id)) == "invalid_grant"
    decide(robot)
    assert error(other.fetch(auth_req_id)) == "invalid_grant"
    cashier.fetched(auth_req_id)


def test_ciba_ensure_wrong_client_id(certified: Cashier, provider: Provider, robot: Robot) -> None:
    """RFC8705-2: a certificate is no other client's; nor does it sign for another."""
    another = employ(provider, certified.variant)
    elsewhere = {"client_id": another.client_id}
    assert error(certified.begin(proven=elsewhere)) == "invalid_client"
    assert error(certified.begin(iss=another.client_id)) == "invalid_request"
    auth_req_id = certified.started()
    assert error(certified.fetch(auth_req_id, proven=elsewhere)) == "invalid_client"
    decide(robot)
    certified.fetched(auth_req_id)


def test_ciba_ensure_client_assertion(keyed: Cashier, robot: Robot) -> None:
    """RFC7523-3: at both endpoints, and for the issuer."""
    nobody = {"client_id": keyed.client_id}
    assert error(keyed.begin(proven=nobody)) in ("invalid_client", "invalid_request")
    auth_req_id = keyed.started()
    said = error(keyed.fetch(auth_req_id, proven=nobody))
    assert said in ("invalid_client", "invalid_request")
    decide(robot)
    proven = keyed.asserted(keyed.provider.issuer)
    assert keyed.fetch(auth_req_id, proven=proven).status_code == 200


PINGS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "response-has-body": (200, {}, b"a body"),
    "response-401": (401, {}, b""),
    "response-403": (403, {}, b""),
    "return-redirect-request": (302, {"Location": "/elsewhere"}, b""),
}


@pytest.mark.parametrize("module", PINGS)
def test_ciba_ping_backchannel_notification_endpoint(
    pinged: Cashier, robot: Robot, module: str
) -> None:
    """CIBA-10.2: it is pinged once, and nobody follows it elsewhere.

    Whatever it answers, the tokens can be had.
    """
    site = pinged.provider.site
    site.answers["/ping"] = PINGS[module]
    before = len(endings(pinged))
    auth_req_id = pinged.started()
    decide(robot)
    told = pings(pinged, auth_req_id)
    assert told[0]["authorization"] == f"Bearer {pinged.notification_token}"
    assert set(told[0]) == {"auth_req_id", "authorization", "tls"}
    pinged.fetched(auth_req_id)
    assert "/elsewhere" not in {path for path, _ in site.posted}
    until(lambda: len(endings(pinged)) > before)
    how = "ok" if PINGS[module][0] == 200 else "failed"
    assert endings(pinged)[0] == (how, 1), "it is over with the first ping"
    assert len(pings(pinged, auth_req_id)) == 1


def pings(pinged: Cashier, auth_req_id: str) -> list[dict[str, str]]:
    """Give what a client was told of a request, once it was told."""
    found: list[dict[str, str]] = []

    def look() -> bool:
        said = [told for _, told in pinged.provider.site.posted]
        found[:] = [one for one in said if one.get("auth_req_id") == auth_req_id]
        return bool(found)

    until(look)
    return found


def endings(pinged: Cashier) -> list[tuple[str, int]]:
    """List how telling a client ended, and after how many tries, the latest first."""
    found = keycell_json(
        "admin", "audit", "list", "--action", "client.told_of_decision", "--who",
        pinged.client_id, "--data", str(pinged.provider.server.data),
    )  # fmt: skip
    return [(one["result"], one["detail"]["tries"]) for one in found["items"]]


def test_ciba_refresh_token(cashier: Cashier, other: Cashier, robot: Robot) -> None:
    """RFC6749-6, RFC8705-4."""
    auth_req_id = cashier.started(scope="openid offline_access")
    decide(robot)
    token = cashier.fetched(auth_req_id)["refresh_token"]
    response = cashier.renew(token)
    assert response.status_code == 200, response.text
    assert cashier.call(response.json()["access_token"]).status_code == 200
    assert error(other.renew(token)) == "invalid_grant"


def test_ciba_ensure_mtls_holder_of_key_required(cashier: Cashier, robot: Robot) -> None:
    """RFC8705-3, RFC9449-5: without the certificate, or the proof, there is no token."""
    auth_req_id = cashier.started()
    decide(robot)
    said = error(cashier.fetch(auth_req_id, shows=False))
    assert said in ("invalid_client", "invalid_request", "invalid_grant", "invalid_dpop_proof")
