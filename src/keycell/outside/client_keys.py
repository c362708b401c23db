"""The public keys of clients: those they registered, or publish at an address. RFC7591-2."""

import json
from collections.abc import Mapping
from typing import Any, Protocol, cast

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from keycell.oauth.rsa_keys import LARGEST_RSA, SMALLEST_RSA, is_fit_rsa

Jwks = Mapping[str, object]


class PublishedKeys(Protocol):
    """Keys that clients publish at an address."""

    async def of(self, jwks_uri: str, *, is_strangers: bool, fresh: bool = False) -> Jwks:
        """Give the keys; ``fresh`` reads them anew if the last reading is not just past."""
        ...


class HasKeys(Protocol):
    """Whoever signs or is encrypted to, and how its public keys are had."""

    @property
    def jwks(self) -> str | None:
        """The keys themselves, as JSON text."""
        ...

    @property
    def jwks_uri(self) -> str | None:
        """Where they are published."""
        ...


class NoKeys(Exception):
    """The client registered no keys, or one of them cannot be read."""


async def keys_of(
    published: PublishedKeys, owner: HasKeys, *, is_strangers: bool, fresh: bool = False
) -> Jwks:
    """Give somebody's keys; raise NoKeys, or InvalidClientMetadata if the address has none."""
    if owner.jwks is not None:
        return cast("Jwks", json.loads(owner.jwks))
    if owner.jwks_uri is None:
        raise NoKeys("needs keys, and the client registered none")
    return await published.of(owner.jwks_uri, is_strangers=is_strangers, fresh=fresh)


def read_key(jwk: Mapping[str, object]) -> Any:  # noqa: ANN401  (a key of whatever kind it says)
    """Read one key, or raise NoKeys; an RSA key of no fit size is none. RFC7518-3.3."""
    if jwk.get("kty") == "RSA" and not is_fit_rsa(jwk):
        raise NoKeys(f"an RSA key of its sender has not {SMALLEST_RSA} to {LARGEST_RSA} bits")
    try:
        return JWKRegistry.import_key(cast("dict[str, Any]", jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise NoKeys("a key of its sender cannot be read") from None
