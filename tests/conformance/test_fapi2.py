"""The modules of FAPI 2.0 that concern the request, and of PAR. PROTOCOL 3.8.

Each is tried by a client that pushes parameters, by one that signs them, and by those that prove
themselves by a certificate, or have their tokens bound to one. RFC8705-2, RFC8705-3.
"""

from typing import Any

import pytest

from ..holder import Holder
from .application import CALLBACK, assert_hard_to_guess
from .fapi import HELD, PAR, REFUSED, VARIANTS, Party, assert_no_request, error, make
from .provider import Provider
from .robot import Answer, Robot, Shown


@pytest.fixture(scope="module", params=VARIANTS)
def party(provider: Provider, request: pytest.FixtureRequest) -> Party:
    return make(provider, VARIANTS[request.param])


@pytest.fixture(scope="module")
def other(provider: Provider, party: Party) -> Party:
    """The suite's second client, whose redirect URI has a query."""
    return make(provider, party.variant, redirect_uris=[f"{CALLBACK}?dummy1=lorem"])


@pytest.fixture(scope="module", params=HELD)
def holding(provider: Provider, request: pytest.FixtureRequest) -> Party:
    """Who proves to hold a key by DPoP."""
    return make(provider, VARIANTS[request.param])


def test_fapi2_discovery_end_point_verification(provider: Provider) -> None:
    """PROTOCOL-P1, PROTOCOL-P2."""
    told = provider.metadata
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told[PAR].startswith("https://")
    assert isinstance(told["require_pushed_authorization_requests"], bool)
    assert "S256" in told["code_challenge_methods_supported"]
    methods = {"private_key_jwt", "self_signed_tls_client_auth"}
    assert methods <= set(told["token_endpoint_auth_methods_supported"])
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert told["mtls_endpoint_aliases"][PAR] != told[PAR]
    assert {"ES256", "PS256"} <= set(told["token_endpoint_auth_signing_alg_values_supported"])
    assert {"ES256", "PS256"} <= set(told["dpop_signing_alg_values_supported"])
    assert {"ES256", "PS256"} <= set(told["request_object_signing_alg_values_supported"])
    with provider.http() as http:
        plain = http.get(f"{provider.url}/.well-known/oauth-authorization-server/oidc")
    assert plain.json()["issuer"] == provider.issuer


def test_fapi2_happy_flow(party: Party, other: Party, robot: Robot) -> None:
    """PROTOCOL-P3, P7, P13, P21, P23."""
    given = []
    for one in (party, other):
        request_uri = one.pushed()
        assert_hard_to_guess(request_uri)
        found = one.open(robot, request_uri)
        assert isinstance(found, Answer)
        assert found.to == one.redirect_uri.split("?")[0]
        given.append(one.redeemed(found))
        claims = one.claims(given[-1]["id_token"])
        assert (claims["nonce"], "sid" in claims) == (one.nonce, False)
        told = one.call(given[-1]["access_token"])
        assert (told.status_code, told.json()["sub"]) == (200, claims["sub"])
        assert "date" in told.headers
    # One's token with another's key.
    assert party.call(given[1]["access_token"]).status_code == 401


def test_fapi2_user_rejects_authentication(party: Party, provider: Provider) -> None:
    """PROTOCOL-P15."""
    with Robot(provider, accepts=False) as robot:
        found = make(provider, party.variant)
        told = found.open(robot, found.pushed())
    assert isinstance(told, Answer)
    assert told.error == "access_denied"
    assert (told.params["state"], told.params["iss"]) == ("a state", provider.issuer)


def test_fapi2_ensure_authorization_request_without_state_success(
    party: Party, robot: Robot
) -> None:
    """PROTOCOL-P13."""
    assert "state" not in party.code(robot, state="").params


@pytest.mark.parametrize("nonce", ["", "n" * 64, "n" * 384])
def test_fapi2_ensure_authorization_request_with_nonce(
    party: Party, robot: Robot, nonce: str
) -> None:
    """...-without-nonce-success, -with-64-char-nonce-success, -with-long-nonce. PROTOCOL-P14."""
    given = party.redeemed(party.code(robot, nonce=nonce))
    assert party.claims(given["id_token"]).get("nonce", "") == nonce


def test_fapi2_ensure_authorization_request_with_long_state(party: Party, robot: Robot) -> None:
    """PROTOCOL-P14."""
    assert party.code(robot, state="s" * 1000).params["state"] == "s" * 1000


def test_fapi2_ensure_other_scope_order_succeeds(party: Party, robot: Robot) -> None:
    """PROTOCOL-A1."""
    party.redeemed(party.code(robot, scope="email openid"))


def test_fapi2_test_claims_parameter_identity_claims(party: Party, robot: Robot) -> None:
    """PROTOCOL-P22."""
    asked = set(party.provider.metadata["claims_supported"]) - {
        "iss", "aud", "exp", "iat", "nonce", "at_hash", "c_hash", "s_hash", "azp", "sid",
    }  # fmt: skip
    wanted = ",".join(f'"{name}":{{"essential":true}}' for name in sorted(asked | {"unknown"}))
    text = f'{{"id_token":{{{wanted}}},"userinfo":{{{wanted}}}}}'
    given = party.redeemed(party.code(robot, claims=text))
    claims = party.claims(given["id_token"], more=frozenset(asked))
    told = party.call(given["access_token"]).json()
    assert asked <= claims.keys() | told.keys()


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_fapi2_ensure_different_inside_and_outside_request_object(
    party: Party, robot: Robot, name: str
) -> None:
    """...-different-state-... and -nonce-...: what is outside is ignored. PROTOCOL-P7."""
    found = party.open(robot, party.pushed(), **{name: "outside"})
    assert isinstance(found, Answer)
    assert found.params["state"] == "a state"
    assert party.claims(party.redeemed(found)["id_token"])["nonce"] == party.nonce


def test_fapi2_state_only_outside_request_object_not_used(party: Party, robot: Robot) -> None:
    """PROTOCOL-P7; fapi2-…-par-without-duplicate-parameters is every flow of these tests."""
    found = party.open(robot, party.pushed(state=""), state="outside")
    assert isinstance(found, Answer)
    assert "state" not in found.params


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"redirect_uri": ""}, {"invalid_request", "invalid_request_object"}),
        ({"redirect_uri": "https://elsewhere.example/"}, {"invalid_request"}),
        ({"response_type": "code id_token"}, {"unsupported_response_type", "unauthorized_client"}),
        ({"response_type": "token"}, {"unsupported_response_type", "unauthorized_client"}),
        ({"code_challenge": "", "code_challenge_method": ""}, {"invalid_request"}),
        ({"code_challenge_method": "plain"}, {"invalid_request"}),
    ],
    ids=["ensure-request-object-without-redirect-uri-fails",
         "plain-fapi-tolerate-unregistered-redirect-uri",
         "ensure-response-type-code-idtoken-fails", "ensure-response-type-token-fails",
         "par-ensure-pkce-required",
         "par-plain-pkce-rejected"],
)  # fmt: skip
def test_fapi2_par_refuses(party: Party, changed: Any, expected: set[str]) -> None:  # noqa: ANN401
    """PROTOCOL-P4, P5, P6; also fapi2-…-ensure-redirect-uri-in-authorization-request."""
    assert error(party.push(**changed)) in expected


def test_fapi2_ensure_unsigned_authorization_request_without_using_par_fails(
    party: Party, robot: Robot
) -> None:
    """PROTOCOL-P9."""
    url = party.provider.metadata["authorization_endpoint"]
    assert robot.visit(url, party.asked).error in ("invalid_request", "a page")


def test_fapi2_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(
    party: Party, robot: Robot, provider: Provider
) -> None:
    """PROTOCOL-P8."""
    uri = party.pushed(prompt="login")
    with Robot(provider) as another:
        assert isinstance(party.open(another, uri, stop_at="login-submit"), Shown)
    found = party.open(robot, uri)
    assert isinstance(found, Answer)
    party.redeemed(found)


def test_fapi2_par_attempt_reuse_request_uri(party: Party, robot: Robot) -> None:
    """PROTOCOL-P8."""
    uri = party.pushed()
    party.open(robot, uri)
    assert_no_request(party.open(robot, uri))


def test_fapi2_par_attempt_to_use_request_uri_for_different_client(
    party: Party, other: Party, robot: Robot
) -> None:
    """PROTOCOL-P8."""
    assert_no_request(other.open(robot, party.pushed()))


def test_fapi2_par_authorization_request_containing_request_uri(party: Party) -> None:
    """...-request_uri-form-param, and within the object. PROTOCOL-P4."""
    uri = "urn:ietf:params:oauth:request_uri:x"
    assert error(party.push(outside={"request_uri": uri})) in REFUSED
    if party.signs:
        assert error(party.push(request_uri=uri)) in REFUSED


def test_fapi2_par_attempt_invalid_http_method(party: Party) -> None:
    """PROTOCOL-P4."""
    with party.provider.http() as http:
        response = http.put(party.provider.metadata[PAR], data=party.asked)
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize(
    ("binding", "mismatch"),
    [("dpop_jkt", False), ("proof", False), ("dpop_jkt", True), ("proof", True), ("both", True)],
    ids=["ensure-dpop-auth-code-binding-success",
         "ensure-dpopproof-at-par-endpoint-binding-success",
         "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
         "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
         "ensure-mismatched-dpop-jkt-fails"],
)  # fmt: skip
def test_fapi2_codes_are_bound_to_a_key(
    holding: Party, robot: Robot, binding: str, *, mismatch: bool
) -> None:
    """PROTOCOL-P18."""
    bound = Holder() if mismatch else holding.holder
    proof = bound.proof(holding.provider.metadata[PAR]) if binding != "dpop_jkt" else ""
    jkt = {"dpop_jkt": bound.jkt, "both": holding.holder.jkt}.get(binding, "")
    if binding == "both":
        said = error(holding.push(proof=proof, dpop_jkt=jkt))
        assert said in ("invalid_request", "invalid_dpop_proof")
        return
    answer = holding.code(robot, proof=proof, dpop_jkt=jkt)
    if mismatch:
        said = error(holding.redeem(answer))
        assert said in ("invalid_grant", "invalid_request", "invalid_dpop_proof")
    else:
        holding.redeemed(answer)
