"""RSA keys of others: only of sizes that are safe, and cheap enough."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.registration import read_client_metadata
from keycell.oauth.rsa_keys import is_fit_rsa


def rsa(bits: int, *, zeros: int = 0, e: object = "AQAB") -> dict[str, object]:
    """Write a modulus of so many bits, after so many bytes that say nothing."""
    modulus = (1 << bits) - 1
    written = bytes(zeros) + modulus.to_bytes(-(-bits // 8))
    return {"kty": "RSA", "n": urlsafe_b64encode(written).decode().rstrip("="), "e": e}


@pytest.mark.parametrize("bits", [2048, 3072, 4096, 8192])
def test_keys_of_usual_sizes_are_fit(bits: int) -> None:
    """RFC7518-3.3."""
    assert is_fit_rsa(rsa(bits))
    assert is_fit_rsa(rsa(bits, zeros=1)), "one zero before is what many write"


@pytest.mark.parametrize(
    "key",
    [
        rsa(1024), rsa(2047), rsa(8193), rsa(16_384), rsa(1024, zeros=128), rsa(1, zeros=300),
        rsa(2048, e="A" * 7), rsa(2048, e=65537), rsa(2048, e=None),
        {"kty": "RSA", "e": "AQAB"}, {"kty": "RSA", "n": 7, "e": "AQAB"},
        {"kty": "RSA", "n": "é" * 342, "e": "AQAB"}, {"kty": "RSA", "n": "A" * 345, "e": "AQAB"},
        {**rsa(2048), "kty": "EC"}, {**rsa(2048), "kty": None},
    ],
)  # fmt: skip
def test_others_are_not(key: dict[str, object]) -> None:
    """RFC7518-3.3, RFC7518-6.3.1: zeros before a small number make no large one."""
    assert not is_fit_rsa(key)


@given(st.fixed_dictionaries({"kty": st.just("RSA"), "n": st.text(), "e": st.text()}))
def test_whatever_is_said_there_is_an_answer(key: dict[str, object]) -> None:
    """RFC7518-6.3.1: nothing raises."""
    assert is_fit_rsa(key) in (True, False)


@pytest.mark.parametrize("key", [rsa(1024), rsa(1024, zeros=128), rsa(8193)])
def test_no_client_registers_another(key: dict[str, object]) -> None:
    """RFC7518-3.3: whoever registers it hears so, and not each application later."""
    with pytest.raises(InvalidClientMetadata, match="RSA key has 2048 to 8192 bits"):
        read_client_metadata(
            {"redirect_uris": ["https://app.example/cb"], "jwks": {"keys": [key]}}
        )
