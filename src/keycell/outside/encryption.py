"""JWEs, written and read by joserfc alone. RFC7516-5.1, RFC7516-5.2. See decisions/0059.

Whatever is wrong with what others encrypted, one answer says so: which step failed would tell of
the key. RFC7516-11.5.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError

from keycell.oauth.clients import Client
from keycell.oauth.encryption import (
    CONTENT_ALGORITHMS,
    KEY_ALGORITHMS,
    Encryption,
    fitting_key,
    lacking,
)
from keycell.oauth.errors import InvalidClientMetadata
from keycell.outside.client_keys import NoKeys, PublishedKeys, keys_of, read_key
from keycell.outside.jose import public_part

_ALGORITHMS = (*KEY_ALGORITHMS, *CONTENT_ALGORITHMS)
_HEADER = frozenset({"alg", "enc", "kid", "typ", "cty", "epk", "apu", "apv"})
"""No ``zip``, which makes much of little; no ``p2c``, which makes work; no keys, no ``crit``."""
_LONGEST = 24_576


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A key pair that others encrypt to us by; old ones open still, and are published no more."""

    kid: str
    alg: str
    private_jwk: Mapping[str, object]
    is_published: bool

    @property
    def public_jwk(self) -> dict[str, object]:
        """Give what is published of it; its kind says which algorithms it is for. RFC7517-4."""
        return {**public_part(self.private_jwk), "kid": self.kid, "use": "enc"}


class JweKeyring:
    """Opens what is encrypted to our keys, and encrypts to the keys of clients."""

    def __init__(self, published: PublishedKeys) -> None:
        self._published = published
        self._keys: dict[str, DecryptionKey] = {}
        self._read: dict[str, Any] = {}

    def load(self, keys: Sequence[DecryptionKey]) -> Sequence[Mapping[str, object]]:
        """Take these keys in the place of those before; give what is published of them."""
        self._keys = {key.kid: key for key in keys}
        self._read = {kid: key for kid, key in self._read.items() if kid in self._keys}
        return [key.public_jwk for key in keys if key.is_published]

    def decrypt(self, token: str) -> str | None:
        """Give what was encrypted to us; None for all else. RFC7516-5.2, RFC8725-3.2."""
        header = _read_header(token)
        if header is None:
            return None
        for key in self._candidates(str(header.get("alg")), header.get("kid")):
            try:
                opened = jwe.decrypt_compact(token, self._private(key), algorithms=_ALGORITHMS)
                return (opened.plaintext or b"").decode("ascii")
            except (JoseError, AssertionError, KeyError, TypeError, ValueError):
                continue
        return None

    def _candidates(self, alg: str, kid: object) -> list[DecryptionKey]:
        kty = "RSA" if alg.startswith("RSA") else "EC"
        return [
            key
            for key in self._keys.values()
            if key.private_jwk["kty"] == kty and kid in (None, key.kid)
        ]

    def _private(self, key: DecryptionKey) -> Any:  # noqa: ANN401  (an RSAKey or an ECKey)
        # To check a private RSA key takes 40 ms: it is read when it is needed first.
        if key.kid not in self._read:
            self._read[key.kid] = read_key(key.private_jwk)
        return self._read[key.kid]

    async def check(self, client: Client, how: Encryption) -> None:
        """Make sure that there is a key to encrypt to, or raise InvalidClientMetadata."""
        await self._key_of(client, how)

    async def encrypt(
        self, client: Client, how: Encryption, content: bytes, cty: str | None
    ) -> str:
        """Encrypt to a client, or raise InvalidClientMetadata. RFC7516-5.1, RFC7519-5.2."""
        found = await self._key_of(client, how)
        header = {"alg": how.alg, "enc": how.enc}
        header |= {"cty": cty} if cty else {}
        header |= {"kid": str(found["kid"])} if found.get("kid") else {}
        try:
            return jwe.encrypt_compact(header, content, read_key(found), algorithms=_ALGORITHMS)
        except (NoKeys, JoseError, ValueError, TypeError):
            raise InvalidClientMetadata("nothing can be encrypted to the client's key") from None

    async def _key_of(self, client: Client, how: Encryption) -> Mapping[str, object]:
        try:
            # The client may have changed its keys since they were read.
            for fresh in (False, True):
                jwks = await keys_of(
                    self._published, client.metadata, is_strangers=client.is_strangers, fresh=fresh
                )
                found = fitting_key(jwks, how.alg)
                if found is not None:
                    return found
        except NoKeys:
            raise InvalidClientMetadata("the client registered no keys to encrypt to") from None
        raise InvalidClientMetadata(f"the client publishes {lacking(how.alg)}")


def _read_header(token: str) -> Mapping[str, object] | None:
    """Give the header if there is nothing in it but what we take."""
    if len(token) > _LONGEST:
        return None
    try:
        head = token.partition(".")[0].encode("ascii")
        header = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) and set(header) <= _HEADER else None
