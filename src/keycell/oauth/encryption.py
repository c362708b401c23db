"""Encryption: of answers to the keys of a client, and of request objects to ours.

What is signed is signed first and encrypted then, so that whoever opens it can show who said it.
RFC7516, RFC7518-4, RFC7518-5, OIDCC-10.2. See decisions/0059.
"""

import json
from dataclasses import dataclass
from typing import Literal

from keycell.oauth.clients import ClientMetadata
from keycell.oauth.errors import InvalidClientMetadata
from keycell.oauth.members import Document, read_one_of
from keycell.oauth.rsa_keys import is_fit_rsa

KEY_ALGORITHMS = ("RSA-OAEP-256", "RSA-OAEP", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
"""How a content key may be brought to whoever opens it; never by RSA1_5. RFC8725-3.2."""
CONTENT_ALGORITHMS = ("A256GCM", "A128GCM", "A256CBC-HS512", "A128CBC-HS256")
KEY_FAMILIES = ("RSA-OAEP-256", "ECDH-ES")
"""The keys that others encrypt to us by: one for each kind of key."""
DEFAULT_CONTENT = "A128CBC-HS256"
"""What who registers no ``enc`` gets. OIDCR-2, JARM-3, RFC9701-6."""

Encrypted = Literal["id_token", "userinfo", "introspection", "authorization"]
ANSWERS: tuple[Encrypted, ...] = ("id_token", "userinfo", "introspection", "authorization")

_DOTS = 4
_CURVES = {"EC": ("P-256", "P-384", "P-521"), "OKP": ("X25519",)}
_OPERATIONS = frozenset({"encrypt", "wrapKey", "deriveKey", "deriveBits"})


@dataclass(frozen=True, slots=True)
class Encryption:
    """By which algorithms an answer is encrypted: its ``alg`` and its ``enc``. RFC7516-5.1."""

    alg: str
    enc: str


def is_encrypted(token: str) -> bool:
    """Tell what is encrypted from what is signed. RFC7516-9."""
    return token.count(".") == _DOTS


def encryption_of(metadata: ClientMetadata, answer: Encrypted) -> Encryption | None:
    """Say how a client wants an answer encrypted; None: not at all. OIDCR-2."""
    alg = getattr(metadata, f"{answer}_encrypted_response_alg")
    enc = getattr(metadata, f"{answer}_encrypted_response_enc")
    return None if alg is None else Encryption(alg, enc or DEFAULT_CONTENT)


def read_encryption(document: Document, jwks: str | None) -> dict[str, str]:
    """Read what is to be encrypted, and hold the registered keys to it.

    OIDCR-2, JARM-3, RFC9701-6.
    """
    found = _pair(document, "request_object_encryption")
    for answer in ANSWERS:
        name = f"{answer}_encrypted_response"
        pair = _pair(document, name)
        if pair:
            _check_key(document, jwks, f"{name}_alg", pair[f"{name}_alg"])
        found |= pair
    return found


def _pair(document: Document, name: str) -> dict[str, str]:
    alg = read_one_of(document, f"{name}_alg", KEY_ALGORITHMS)
    enc = read_one_of(document, f"{name}_enc", CONTENT_ALGORITHMS)
    if alg is None:
        if enc is not None:
            raise InvalidClientMetadata(f"{name}_enc needs {name}_alg")
        return {}
    return {f"{name}_alg": alg, f"{name}_enc": enc or DEFAULT_CONTENT}


def _check_key(document: Document, jwks: str | None, name: str, alg: str) -> None:
    if jwks is None and document.get("jwks_uri") is None:
        raise InvalidClientMetadata(f"{name} needs jwks or jwks_uri, with a key to encrypt to")
    # What stands at a jwks_uri is known when it is needed.
    if jwks is not None and fitting_key(json.loads(jwks), alg) is None:
        raise InvalidClientMetadata(f"jwks: {lacking(alg)}")


def lacking(alg: str) -> str:
    """Say which key is missed where none fits."""
    if alg.startswith("RSA"):
        return f"no key for {alg}; it takes an RSA key of 2048 bits or more with use enc"
    return f"no key for {alg}; it takes an EC key or one of X25519 with use enc"


def fitting_key(jwks: Document, alg: str) -> Document | None:
    """Choose the key to encrypt to: one that is said to be for it, else one that may be.

    OIDCC-10.2, RFC7517-4.2.
    """
    keys = jwks.get("keys")
    fitting = [key for key in keys if _fits(key, alg)] if isinstance(keys, list) else []
    return min(fitting, key=lambda key: (key.get("use") is None, key.get("alg") is None),
               default=None)  # fmt: skip


def _fits(key: object, alg: str) -> bool:
    if not isinstance(key, dict):
        return False
    if key.get("use") not in (None, "enc") or key.get("alg") not in (None, alg):
        return False
    operations = key.get("key_ops")
    if operations is not None and not (
        isinstance(operations, list) and _OPERATIONS & {str(one) for one in operations}
    ):
        return False
    if alg.startswith("RSA"):
        return is_fit_rsa(key)
    return key.get("crv") in _CURVES.get(str(key.get("kty")), ())
