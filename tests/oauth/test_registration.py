"""What may not be said of a client, and how it is told."""

import pytest

from keycell.oauth.client_keys import LONGEST_JWKS
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.members import MOST_ITEMS
from keycell.oauth.registration import (
    Policy,
    read_client_metadata,
)

APP: dict[str, object] = {"redirect_uris": ["https://app.example/cb"]}
KEY = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]},
         "a public client cannot use client_credentials"),
        ({"response_types": ["other"]}, "other.* is none of code, id_token"),
        ({"response_types": ["token"]}, "token.* is none of code, id_token"),
        ({"response_types": ["id_token"]}, "id_token needs grant_type implicit"),
        ({"grant_types": ["implicit"], "response_types": ["code id_token"]},
         "code id_token needs grant_type authorization_code"),
        ({"grant_types": ["implicit"], "redirect_uris": []}, "redirect_uris is missing"),
        ({f"client_name#x{n}": "App" for n in range(MOST_ITEMS + 1)}, "in other languages"),
        ({"client_uri#fr": "mailto:ann@example.org"}, "client_uri .* must be a URL"),
        ({"client_uri": "https://[::1"}, "client_uri .* must be a URL"),
        ({"jwks": {"keys": [KEY]}, "jwks_uri": "https://app.example/jwks"}, "both sent"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "needs jwks or jwks_uri"),
        ({"jwks": {"keys": []}}, "with 1 to"),
        ({"jwks": {"keys": [{"kty": "oct"}]}}, "RSA, EC or OKP"),
        ({"jwks": {"keys": [KEY | {"d": "d"}]}}, "private key"),
        ({"jwks": {"keys": [KEY | {"x": "x" * LONGEST_JWKS}]}}, "is longer than"),
        ({"token_endpoint_auth_signing_alg": "HS256"}, "does not go with"),
        ({"audience": ["https://a b/"]}, "audience: resource"),
        ({"allowed_cors_origins": ["https://app.example/"]}, "is no origin"),
        ({"allowed_cors_origins": ["https://[::1"]}, "is no origin"),
        ({"allowed_cors_origins": ["https://"]}, "is no origin"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(said: dict[str, object], told: str) -> None:
    """RFC7591-2, RFC7591-3.2.2, OIDCR-2."""
    with pytest.raises(InvalidClientMetadata, match=told):
        read_client_metadata(APP | said)


def test_names_in_other_languages_are_kept() -> None:
    """RFC7591-2.2, OIDCR-2.1."""
    said = {"client_name#fr": "Appli", "client_uri#fr": "https://app.example/fr"}
    kept = read_client_metadata(APP | said, Policy(allows_http=True))
    assert dict(kept.localized) == said


def test_origins_of_scripts_are_kept() -> None:
    origins = ["https://app.example", "http://localhost:3000"]
    kept = read_client_metadata(APP | {"allowed_cors_origins": origins})
    assert list(kept.allowed_cors_origins) == origins
