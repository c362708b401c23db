"""How large an RSA key of somebody else is, before anything is computed with it. RFC7518-3.3."""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping

SMALLEST_RSA = 2048
LARGEST_RSA = 8192
"""Bits of the modulus; what is larger is work that a stranger makes for us."""
_LONGEST_MODULUS = 2 * LARGEST_RSA // 6
_LONGEST_EXPONENT = 6
"""Characters of base64url, of up to 32 bits: a large one of a large key takes seconds."""


def is_fit_rsa(jwk: Mapping[str, object]) -> bool:
    """Whether an RSA key has 2,048 to 8,192 bits, leading zeros aside. RFC7518-3.3, RFC7518-6.3.1.

    Keys of other kinds are not.
    """
    n, e = jwk.get("n"), jwk.get("e")
    if jwk.get("kty") != "RSA" or not isinstance(n, str) or not isinstance(e, str):
        return False
    if len(n) > _LONGEST_MODULUS or len(e) > _LONGEST_EXPONENT:
        return False
    try:
        modulus = int.from_bytes(urlsafe_b64decode(n + "=" * (-len(n) % 4)))
    except (binascii.Error, ValueError):
        return False
    return SMALLEST_RSA <= modulus.bit_length() <= LARGEST_RSA
