"""The modules of FAPI 2.0 on the client's proof, the tokens and the keys. PROTOCOL 3.8."""

import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from ..holder import Holder
from .fapi import PAR, UNSIGNED, VARIANTS, Party, error, make, public
from .provider import Provider
from .robot import Robot


@pytest.fixture(scope="module", params=UNSIGNED)
def party(provider: Provider, request: pytest.FixtureRequest) -> Party:
    return make(provider, VARIANTS[request.param])


@pytest.fixture(scope="module")
def other(provider: Provider, party: Party) -> Party:
    return make(provider, party.variant)


@pytest.fixture(scope="module")
def keyed(provider: Provider) -> Party:
    """Who proves themself by assertions, and holds a key by DPoP."""
    return make(provider)


def expected_without(party: Party) -> tuple[str, ...]:
    """What it is told that shows neither a certificate nor a proof."""
    if party.variant.proves_by_certificate:
        return ("invalid_client",)
    return ("invalid_request", "invalid_grant", "invalid_dpop_proof")


def in_seconds(seconds: int) -> int:
    return int(time.time()) + seconds


REFUSED: dict[str, dict[str, Any]] = {
    "par-test-array-as-audience-fails": {"audience": "array"},
    "par-test-par-endpoint-url-as-audience-fails": {"audience": PAR},
    "par-test-token-endpoint-url-as-audience-fails": {"audience": "token_endpoint"},
    "ensure-client-assertion-with-wrong-aud-fails": {"audience": "other"},
    "ensure-client-assertion-with-no-sub-fails": {"sub": None},
    "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails": {"exp": -300},
    "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails":
        {"nbf": 70, "iat": 70, "exp": 130},
}  # fmt: skip


@pytest.mark.parametrize("module", REFUSED)
@pytest.mark.parametrize("endpoint", [PAR, "token_endpoint"])
def test_fapi2_assertions_are_refused(
    keyed: Party, robot: Robot, module: str, endpoint: str
) -> None:
    """PROTOCOL-P10, PROTOCOL-P11."""
    told = keyed.provider.metadata
    changed = dict(REFUSED[module])
    audience: object = {
        "array": [keyed.provider.issuer], "other": "https://other.example",
    }.get(name := changed.pop("audience", ""), told.get(name, keyed.provider.issuer))  # fmt: skip
    said: dict[str, Any] = {
        name: value if value is None else in_seconds(value) for name, value in changed.items()
    }
    proven = keyed.asserted(audience, **said)
    if endpoint == PAR:
        response = keyed.push(proven=proven)
    else:
        response = keyed.redeem(keyed.code(robot), proven=proven)
    assert error(response) in ("invalid_client", "invalid_request")


def test_fapi2_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(
    keyed: Party,
) -> None:
    """PROTOCOL-P11."""
    soon = in_seconds(8)
    proven = keyed.asserted(keyed.provider.issuer, nbf=soon, iat=soon)
    assert keyed.push(proven=proven).status_code == 201


def test_fapi2_ensure_signed_client_assertion_with_rs256_fails(
    provider: Provider, robot: Robot
) -> None:
    """fapi2-…-ensure-signed-client-assertion-with-RS256-fails. PROTOCOL-P11."""
    key = RSAKey.generate_key(2048)
    party = make(provider, jwks=public(key))
    party.key = key
    good = party.asserted(provider.issuer, "PS256")
    assert party.push(proven=good).status_code == 201
    bad = party.asserted(provider.issuer, "RS256")
    assert error(party.push(proven=bad)) == "invalid_client"


def test_fapi2_ensure_client_assertion_in_token_endpoint(keyed: Party, robot: Robot) -> None:
    """PROTOCOL-P11."""
    nobody = {"client_id": keyed.client_id}
    said = error(keyed.redeem(keyed.code(robot), proven=nobody))
    assert said in ("invalid_client", "invalid_request")


def test_fapi2_ensure_client_id_in_token_endpoint(
    party: Party, other: Party, robot: Robot
) -> None:
    """PROTOCOL-P12."""
    said = error(party.redeem(party.code(robot), client_id=other.client_id))
    assert said in ("invalid_client", "invalid_grant")


def test_fapi2_ensure_authorization_code_is_bound_to_client(
    party: Party, other: Party, robot: Robot
) -> None:
    """PROTOCOL-P16."""
    assert error(other.redeem(party.code(robot))) == "invalid_grant"


def test_fapi2_attempt_reuse_authorization_code_after_one_second(
    party: Party, robot: Robot
) -> None:
    """PROTOCOL-P16."""
    answer = party.code(robot)
    given = party.redeemed(answer)
    time.sleep(1)
    assert error(party.redeem(answer)) == "invalid_grant"
    assert party.call(given["access_token"]).status_code == 401


@pytest.mark.parametrize("verifier", ["", "w" * 43])
def test_fapi2_pkce_code_verifier(party: Party, robot: Robot, verifier: str) -> None:
    """...-ensure-pkce-code-verifier-required and -incorrect-pkce-code-verifier-rejected. P16."""
    assert error(party.redeem(party.code(robot), code_verifier=verifier)) == "invalid_grant"


def test_fapi2_ensure_holder_of_key_required(party: Party, robot: Robot) -> None:
    """PROTOCOL-P17; the ciphers are in tests/test_tls.py."""
    said = error(party.redeem(party.code(robot), proof="", shows=False))
    assert said in expected_without(party)


def test_fapi2_access_token_type_header_case_sensitivity(party: Party, robot: Robot) -> None:
    """PROTOCOL-P23."""
    token = party.redeemed(party.code(robot))["access_token"]
    odd = {"DPoP": "dpOp", "Bearer": "bEaReR"}[party.scheme]
    assert party.call(token, scheme=odd).status_code == 200


@pytest.mark.parametrize("seconds", [-10, 10])
def test_fapi2_ensure_dpopproof_with_iat_10seconds_succeeds(
    keyed: Party, robot: Robot, seconds: int
) -> None:
    """...-10seconds-before- and -after-succeeds: at PAR, token and resource. PROTOCOL-P19."""
    told = keyed.provider.metadata
    at = in_seconds(seconds)
    answer = keyed.code(robot, proof=keyed.holder.proof(told[PAR], iat=at))
    proof = keyed.holder.proof(told["token_endpoint"], iat=at)
    token = keyed.redeem(answer, proof=proof).json()["access_token"]
    proof = keyed.holder.proof(told["userinfo_endpoint"], "GET", token, iat=at)
    assert keyed.call(token, proof=proof).status_code == 200


def test_fapi2_check_dpop_proof_nbf_exp(keyed: Party, robot: Robot) -> None:
    """PROTOCOL-P19."""
    token = keyed.redeemed(keyed.code(robot))["access_token"]
    url = keyed.provider.metadata["userinfo_endpoint"]
    proof = keyed.holder.proof(url, "GET", token, nbf=in_seconds(0), exp=in_seconds(60))
    assert keyed.call(token, proof=proof).status_code == 200


def test_fapi2_dpop_negative_tests(keyed: Party, robot: Robot) -> None:
    """PROTOCOL-P24; one by one, and many more, in tests/protocol/test_dpop.py."""
    token = keyed.redeemed(keyed.code(robot))["access_token"]
    url = keyed.provider.metadata["userinfo_endpoint"]
    private = keyed.holder.key.as_dict(private=True)
    header: list[dict[str, object]] = [
        {"typ": None}, {"typ": "jwt"}, {"alg": None}, {"jwk": None}, {"alg": "none"},
        {"alg": "RS256"}, {"jwk": private}, {"jwk": Holder().key.as_dict(private=False)},
    ]  # fmt: skip
    claims: list[dict[str, Any]] = [
        {"jti": None}, {"htm": None}, {"htu": None}, {"iat": None}, {"ath": None},
        {"htm": "POST"}, {"htu": "https://other.example/"}, {"iat": in_seconds(-3600)},
        {"iat": in_seconds(3600)}, {"ath": "x" * 43},
    ]  # fmt: skip
    bad = [keyed.holder.proof(url, "GET", token, header=each) for each in header]
    bad += [keyed.holder.proof(url, "GET", token, **each) for each in claims]
    bad += ["not a proof", Holder().proof(url, "GET", token), ""]
    for proof in bad:
        assert keyed.call(token, proof=proof).status_code in (400, 401), proof
    good = keyed.holder.proof(f"{url}?q#f", "GET", token, header={"more": 1}, more=1)
    assert keyed.call(token, proof=good).status_code == 200
    assert keyed.call(token, proof=good).status_code in (400, 401)


def test_fapi2_refresh_token(party: Party, other: Party, robot: Robot) -> None:
    """PROTOCOL-P20."""
    answer = party.code(robot, scope="openid offline_access", prompt="consent")
    token = party.redeemed(answer)["refresh_token"]
    for _ in range(2):
        response = party.renew(token)
        assert response.status_code == 200
        assert party.call(response.json()["access_token"]).status_code == 200
    nobody = {"client_id": party.client_id}
    unproven = error(party.renew(token, proven=nobody, shows=False))
    assert unproven in ("invalid_client", "invalid_request")
    assert error(other.renew(token)) == "invalid_grant"
    form = {"grant_type": "refresh_token", "refresh_token": token}
    unheld = error(party.send("token_endpoint", form, shows=False))
    assert unheld in expected_without(party)
