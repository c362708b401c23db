"""Somebody who holds a key and proves it. RFC9449-4."""

import base64
import hashlib
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

_KEYS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
    "PS256": lambda: RSAKey.generate_key(2048),
}
_numbers = itertools.count(time.time_ns())


@dataclass
class Holder:
    """A key pair, and the proofs made with it."""

    alg: str = "ES256"
    key: Any = field(init=False)

    def __post_init__(self) -> None:
        self.key = _KEYS[self.alg]()

    @property
    def jkt(self) -> str:
        found: str = self.key.thumbprint()
        return found

    def proof(
        self,
        url: str,
        method: str = "POST",
        token: str | None = None,
        header: dict[str, object] | None = None,
        **claims: object,
    ) -> str:
        """Make a proof; what is None is left out."""
        said: dict[str, object] = {
            "jti": f"proof-{next(_numbers)}", "htm": method, "htu": url, "iat": int(time.time()),
        }  # fmt: skip
        if token is not None:
            said["ath"] = ath(token)
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False)}
        return self.sign(_kept(head | (header or {})), _kept(said | claims))

    def sign(self, header: dict[str, object], claims: dict[str, object]) -> str:
        """Sign anything at all, as header and claims say."""
        if header.get("alg") != self.alg:
            parts = [_part(json.dumps(one).encode()) for one in (header, claims)]
            return ".".join((*parts, _part(b"x" * 64)))
        registry = jws.JWSRegistry(algorithms=[self.alg], strict_check_header=False)
        registry.max_header_length = 8192
        payload = json.dumps(claims)
        return jws.serialize_compact(header, payload, self.key, [self.alg], registry=registry)


def ath(token: str) -> str:
    return _part(hashlib.sha256(token.encode()).digest())


def _part(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _kept(said: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in said.items() if value is not None}
