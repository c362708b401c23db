"""Proofs that whoever shows a token holds the key it is bound to. RFC9449.

The key is made at the sign-in and kept where the tokens are. Each request that is sent, and each
time that it is sent again, carries a proof of its own: the server takes none twice.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpx2

from keycell.client.errors import SignInRequired

if TYPE_CHECKING:
    from joserfc.jwk import ECKey

ALGORITHM = "ES256"
PROVER = "keycell.prover"
"""The extension of a request that says by which key each proof of it is made."""
NONCE = "dpop-nonce"
_ASKING = frozenset({400, 401})
"""With which statuses a nonce is asked for: RFC9449-8, RFC9449-9."""


class Prover:
    """A private key, and the nonce that the server last gave for it."""

    def __init__(self, key: "ECKey") -> None:
        self._key = key
        self._head = {
            "typ": "dpop+jwt", "alg": ALGORITHM, "jwk": dict(key.as_dict(private=False)),
        }  # fmt: skip
        self._nonce = ""
        self.clock = time.time
        self.jkt: str = key.thumbprint()

    def sign(self, request: httpx2.Request) -> None:
        """Put a fresh proof on a request, for the token that it shows if it shows one.

        RFC9449-4.2.
        """
        from joserfc import jws  # noqa: PLC0415  (it takes a while, and not every command needs it)

        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": request.method,
            "htu": re.split("[?#]", str(request.url), maxsplit=1)[0],
            "iat": int(self.clock()),
        }
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme == "DPoP":
            claims["ath"] = _base64url(hashlib.sha256(token.encode("ascii")).digest())
        if self._nonce:
            claims["nonce"] = self._nonce
        request.headers["DPoP"] = jws.serialize_compact(
            self._head, json.dumps(claims), self._key, [ALGORITHM]
        )

    def heed(self, response: httpx2.Response) -> bool:
        """Keep the nonce of an answer; tell whether the request was refused for want of it.

        RFC9449-8.2: a nonce that comes with any answer is the one to use from then on.
        """
        nonce = response.headers.get(NONCE, "")
        is_new = bool(nonce) and nonce != self._nonce
        if is_new:
            self._nonce = nonce
        return is_new and response.status_code in _ASKING


def mint_key() -> str:
    """Make a key to bind tokens to, in the form that it is kept in: a private JWK. RFC7517-4."""
    from joserfc.jwk import ECKey  # noqa: PLC0415  (as above)

    return json.dumps(ECKey.generate_key("P-256").as_dict(private=True))


@lru_cache(maxsize=8)
def prover_of(key: str) -> Prover:
    """Give what proves by a kept key; the same for all that is sent, so that nonces last."""
    from joserfc.errors import JoseError  # noqa: PLC0415  (as above)
    from joserfc.jwk import ECKey  # noqa: PLC0415  (as above)

    try:
        return Prover(ECKey.import_key(json.loads(key)))
    except (JoseError, ValueError, TypeError, KeyError):
        raise SignInRequired(
            "the key that the tokens are bound to cannot be read", "keycell login"
        ) from None


def shown(access_token: str, key: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Give the headers and extensions by which a request shows a token. RFC6750-2.1, RFC9449-7.1.

    ``key`` is "" where the token is not bound to any.
    """
    if not key:
        return {"Authorization": f"Bearer {access_token}"}, {}
    return {"Authorization": f"DPoP {access_token}"}, proving(key)


def proving(key: str) -> dict[str, Any]:
    """Give the extensions of a request that is proven by a key, if there is one."""
    return {PROVER: prover_of(key)} if key else {}


def takes_proofs(metadata: Mapping[str, Any]) -> bool:
    """Tell whether a server binds tokens to keys of our kind. RFC9449-5.1."""
    listed = metadata.get("dpop_signing_alg_values_supported")
    return isinstance(listed, list) and ALGORITHM in listed


def _base64url(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")
