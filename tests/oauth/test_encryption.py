"""What clients may have encrypted, and to which of their keys."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.encryption import (
    ANSWERS,
    CONTENT_ALGORITHMS,
    KEY_ALGORITHMS,
    Encrypted,
    Encryption,
    encryption_of,
    fitting_key,
    is_encrypted,
)
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.registration import read_client_metadata, to_document

RSA: Any = RSAKey.generate_key(2048).as_dict(private=False)
EC: Any = ECKey.generate_key("P-256").as_dict(private=False)
X25519: Any = OKPKey.generate_key("X25519").as_dict(private=False)
ED25519: Any = OKPKey.generate_key("Ed25519").as_dict(private=False)
BOTH = {"keys": [RSA, EC]}


def read(**members: object) -> ClientMetadata:
    return read_client_metadata({"redirect_uris": ["https://app.example/cb"], **members})


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_encrypted_as_registered(answer: Encrypted) -> None:
    """OIDCR-2, JARM-3, RFC9701-6: the enc that nobody names is A128CBC-HS256."""
    name = f"{answer}_encrypted_response"
    for alg in KEY_ALGORITHMS:
        read_so = read(jwks=BOTH, **{f"{name}_alg": alg})
        assert encryption_of(read_so, answer) == Encryption(alg, "A128CBC-HS256")
        assert to_document(read_so)[f"{name}_enc"] == "A128CBC-HS256"
        for enc in CONTENT_ALGORITHMS:
            both = {f"{name}_alg": alg, f"{name}_enc": enc}
            assert encryption_of(read(jwks=BOTH, **both), answer) == Encryption(alg, enc)
    assert encryption_of(read(), answer) is None
    by_address = read(jwks_uri="https://app.example/jwks", **{f"{name}_alg": "ECDH-ES"})
    assert encryption_of(by_address, answer) == Encryption("ECDH-ES", "A128CBC-HS256")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"id_token_encrypted_response_enc": "A256GCM"}, "needs id_token_encrypted_response_alg"),
        ({"id_token_encrypted_response_alg": "ECDH-ES"}, "needs jwks or jwks_uri"),
        ({"userinfo_encrypted_response_alg": "dir", "jwks": BOTH}, "'dir' is not offered"),
        ({"userinfo_encrypted_response_alg": ["ECDH-ES"], "jwks": BOTH}, "is not offered"),
        ({"introspection_encrypted_response_alg": "RSA1_5", "jwks": BOTH}, "there are RSA-OAEP"),
        ({"authorization_encrypted_response_alg": "PBES2-HS256+A128KW", "jwks": BOTH}, "not off"),
        ({"id_token_encrypted_response_alg": "ECDH-ES", "jwks": BOTH,
          "id_token_encrypted_response_enc": "A192GCM"}, "there are A256GCM"),
        ({"id_token_encrypted_response_alg": "ECDH-ES", "jwks": {"keys": [RSA, ED25519]}},
         "jwks: no key for ECDH-ES; it takes an EC key"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": {"keys": [EC]}},
         "jwks: no key for RSA-OAEP; it takes an RSA key of 2048 bits"),
        ({"request_object_encryption_alg": "RSA1_5"}, "is not offered"),
        ({"request_object_encryption_enc": "A256GCM"}, "needs request_object_encryption_alg"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_not_registered(members: dict[str, object], said: str) -> None:
    """OIDCR-2, RFC8725-3.2: each refusal says what there is."""
    with pytest.raises(InvalidClientMetadata) as refused:
        read(**members)
    assert said in refused.value.description


def test_how_request_objects_are_encrypted_needs_no_keys_of_the_client() -> None:
    """OIDCR-2: they are encrypted to ours."""
    kept = read(request_object_encryption_alg="ECDH-ES", request_object_encryption_enc="A128GCM")
    assert kept.request_object_encryption_alg == "ECDH-ES"
    assert kept.request_object_encryption_enc == "A128GCM"


def test_the_key_that_is_for_it_comes_first() -> None:
    """OIDCC-10.2, RFC7517-4.2, RFC7517-4.4."""
    plain, enc = dict(EC), {**EC, "use": "enc"}
    exact = {**EC, "use": "enc", "alg": "ECDH-ES"}
    assert fitting_key({"keys": [plain, enc, exact]}, "ECDH-ES") is exact
    assert fitting_key({"keys": [plain, enc, exact]}, "ECDH-ES+A256KW") is enc
    assert fitting_key({"keys": [RSA, plain]}, "ECDH-ES") is plain
    assert fitting_key({"keys": [ED25519, X25519]}, "ECDH-ES") is X25519
    wrapping = {**RSA, "key_ops": ["wrapKey"]}
    assert fitting_key({"keys": [wrapping]}, "RSA-OAEP-256") is wrapping


@pytest.mark.parametrize(
    "key",
    [
        {**EC, "use": "sig"}, {**EC, "alg": "ES256"}, {**EC, "key_ops": ["verify"]},
        {**EC, "key_ops": "deriveKey"}, {**EC, "crv": "secp256k1"}, ED25519, RSA, {}, "x", None,
    ],
)  # fmt: skip
def test_a_key_for_something_else_is_left_alone(key: object) -> None:
    """RFC7517-4.2, RFC7517-4.3: nor one of a kind that is not taken."""
    assert fitting_key({"keys": [key]}, "ECDH-ES") is None


def test_a_short_key_is_none() -> None:
    """RFC7518-4.3: and no document without keys has one."""
    short = {**RSA, "n": RSA["n"][:300]}
    assert fitting_key({"keys": [short]}, "RSA-OAEP-256") is None
    assert fitting_key({"keys": "x"}, "RSA-OAEP") is None
    assert fitting_key({}, "RSA-OAEP") is None


def test_what_is_encrypted_has_five_parts() -> None:
    """RFC7516-9."""
    assert is_encrypted("a.b.c.d.e")
    assert not is_encrypted("a.b.c")
