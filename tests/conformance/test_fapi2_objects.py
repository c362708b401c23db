"""The modules of FAPI 2.0 Message Signing that concern the signed request. PROTOCOL 3.8."""

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from .fapi import PAR, SIGNED, Party, error, make, public
from .provider import Provider
from .robot import Answer, Robot

ERRORS = ("invalid_request", "invalid_request_object")


@pytest.fixture(scope="module")
def party(provider: Provider) -> Party:
    return make(provider, SIGNED)


def sent(party: Party, signed: str) -> int | str:
    """Push an object; give the error, or the status where there is none."""
    response = party.send(PAR, {"client_id": party.client_id, "request": signed})
    return response.status_code if response.status_code == 201 else error(response)


def test_fapi2_ensure_request_object_with_multiple_aud_succeeds(party: Party) -> None:
    """FAPI2-MS-5.3.1."""
    audience = ["https://other.example", party.provider.issuer]
    assert sent(party, party.object(party.asked, aud=audience)) == 201


def test_fapi2_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted(
    party: Party,
) -> None:
    """FAPI2-MS-5.3.1."""
    assert sent(party, party.object(party.asked, nbf=int(time.time()) + 8)) == 201


@pytest.mark.parametrize(
    "said",
    [
        {"exp": None}, {"nbf": None}, {"exp": -60}, {"aud": "https://other.example"},
        {"exp": 3700}, {"nbf": -3700, "exp": -110},
    ],
    ids=["without-exp-fails", "without-nbf-fails", "expired", "bad-aud-fails",
         "exp-over-60-fails", "nbf-over-60-fails"],
)  # fmt: skip
def test_fapi2_ensure_request_object_with(party: Party, said: dict[str, object]) -> None:
    """...-without-exp-fails and so on; …-ensure-expired-request-object-fails. FAPI2-MS-5.3.1."""
    now = int(time.time())
    at: dict[str, Any] = {
        name: now + value if isinstance(value, int) else value for name, value in said.items()
    }
    assert sent(party, party.object(party.asked, **at)) in ERRORS


def test_fapi2_ensure_signed_request_object_with_rs256_fails(provider: Provider) -> None:
    """fapi2-…-ensure-signed-request-object-with-RS256-fails. FAPI2-SP-5.4.1."""
    key = RSAKey.generate_key(2048)
    assertion = ECKey.generate_key("P-256")
    party = make(provider, SIGNED, jwks=public(assertion, key),
                 request_object_signing_alg="PS256")  # fmt: skip
    party.key = assertion
    assert sent(party, party.object(party.asked, key, "PS256")) == 201
    assert sent(party, party.object(party.asked, key, "RS256")) in ERRORS


def test_fapi2_ensure_request_object_signature_algorithm_is_not_none(party: Party) -> None:
    """RFC9101-10.5."""
    head = "eyJhbGciOiJub25lIn0"
    payload = party.object(party.asked).split(".")[1]
    assert sent(party, f"{head}.{payload}.") in ERRORS


def test_fapi2_ensure_request_object_with_invalid_signature_fails(party: Party) -> None:
    """RFC9101-6.2."""
    head, payload, signature = party.object(party.asked).split(".")
    assert sent(party, f"{head}.{payload}.{signature[::-1]}") in ERRORS


def test_fapi2_ensure_matching_key_in_authorization_request(
    party: Party, provider: Provider
) -> None:
    """RFC9101-6.2: the object is the first client's, and the key the second's."""
    foreign = make(provider, SIGNED).key
    assert sent(party, party.object(party.asked, foreign)) in ERRORS


def test_fapi2_ensure_unsigned_request_at_par_endpoint_fails(party: Party) -> None:
    """RFC9101-10.5."""
    assert error(party.send(PAR, party.asked)) == "invalid_request"


def test_fapi2_answers_are_signed_where_it_is_asked(party: Party, robot: Robot) -> None:
    """JARM-2.3.1: the plan of Message Signing by response_mode=jwt."""
    found = party.open(robot, party.pushed(response_mode="jwt"))
    assert isinstance(found, Answer)
    assert found.params.keys() == {"response"}
    keys = KeySet.import_key_set(party.provider.jwks())  # type: ignore[arg-type]
    told = jwt.decode(found.params["response"], keys, algorithms=["ES256"]).claims
    assert (told["iss"], told["aud"]) == (party.provider.issuer, party.client_id)
    assert told["exp"] > time.time()
    party.redeemed(Answer(found.to, found.mode, {"code": str(told["code"])}))
