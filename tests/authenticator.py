"""An authenticator without a browser: makes key pairs and signs challenges. WebAuthn-6."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, MAY_BE_COPIED, COPIED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def encode(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One key pair, and what its owner and its maker are like; a test may bend each."""

    origin: str
    rp_id: str = "localhost"
    verifies: bool = True
    is_synced: bool = False
    counts: bool = True
    count: int = 0
    aaguid: bytes = bytes(16)
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    key_id: bytes = b""
    owner: str | None = None

    def create(self, options: str) -> str:
        """Answer a request for a new key pair."""
        asked = json.loads(options)
        self.owner = asked["user"]["id"]
        self.key_id = hashlib.sha256(
            repr(id(self)).encode() + asked["challenge"].encode()
        ).digest()
        length = struct.pack(">H", len(self.key_id))
        attested = self.aaguid + length + self.key_id + cbor2.dumps(self._public())
        told = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        client = self._client("webauthn.create", asked["challenge"])
        return self._credential(clientDataJSON=client, attestationObject=cbor2.dumps(told))

    def get(self, options: str, *, handle: bool = True) -> str:
        """Answer a request for a signature."""
        asked = json.loads(options)
        self.count += 1 if self.counts else 0
        client, data = self._client("webauthn.get", asked["challenge"]), self._data(0)
        signed = data + hashlib.sha256(client).digest()
        parts = {"clientDataJSON": client, "authenticatorData": data,
                 "signature": self.key.sign(signed, ec.ECDSA(hashes.SHA256()))}  # fmt: skip
        if handle and self.owner is not None:
            parts["userHandle"] = decode(self.owner)
        return self._credential(**parts)

    def _credential(self, **parts: bytes) -> str:
        response = {name: encode(part) for name, part in parts.items()}
        named = encode(self.key_id)
        document = {"id": named, "rawId": named, "type": "public-key", "response": response}
        return json.dumps(document)

    def _client(self, kind: str, challenge: str) -> bytes:
        document = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(document).encode()

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        flags |= MAY_BE_COPIED | COPIED if self.is_synced else 0
        rp_id = hashlib.sha256(self.rp_id.encode()).digest()
        return rp_id + bytes([flags]) + struct.pack(">I", self.count)

    def _public(self) -> dict[int, Any]:
        point = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
