"""The public keys that a client registers by value. RFC7591-2."""

import json

from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.rsa_keys import LARGEST_RSA, SMALLEST_RSA, is_fit_rsa

MOST_KEYS = 50
LONGEST_JWKS = 50_000


def check_jwks(jwks: object) -> str:
    """Give the text of a JWK set of public keys alone. RFC7517-5."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise InvalidClientMetadata(f"jwks must be an object with 1 to {MOST_KEYS} keys")
    for key in keys:
        if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC", "OKP"):
            raise InvalidClientMetadata("jwks: each key must have the kty RSA, EC or OKP")
        if {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key):
            raise InvalidClientMetadata("jwks holds a private key; send the public half alone")
        if key["kty"] == "RSA" and not is_fit_rsa(key):
            raise InvalidClientMetadata(
                f"jwks: an RSA key has {SMALLEST_RSA} to {LARGEST_RSA} bits"
            )
    text = json.dumps(jwks)
    if len(text) > LONGEST_JWKS:
        raise InvalidClientMetadata(f"jwks is longer than {LONGEST_JWKS} characters")
    return text
