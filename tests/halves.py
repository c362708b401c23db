"""What ties an ID token to what came with it, worked out as a client does."""

import base64
import hashlib

_HASHES = {"EdDSA": "sha512"}
"""Ed25519 signs by SHA-512; of the others, those in use here end in 256."""


def left_half(value: str, alg: str) -> str:
    """Hash by the ID token's algorithm, and keep the left half. OIDCC-3.1.3.6, OIDCC-3.3.2.11."""
    hashed = hashlib.new(_HASHES.get(alg, "sha256"), value.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).decode().rstrip("=")
