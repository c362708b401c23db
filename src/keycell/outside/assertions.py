"""JWTs that clients made, read by joserfc alone. RFC7523-3, RFC8725-3."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, OctKey

from keycell.oauth.clients import Client
from keycell.oauth.errors import InvalidClient

_LONGEST = 16_384
_BY_SECRET = ("HS256", "HS384", "HS512")
_BY_KEY = ("RS256", "PS256", "ES256", "EdDSA")
_FORBIDDEN = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})

Claims = Mapping[str, object]


class PublishedKeys(Protocol):
    """Keys that clients publish at an address."""

    async def of(self, jwks_uri: str, *, fresh: bool = False) -> Mapping[str, object]:
        """Give the keys; ``fresh`` reads them anew if the last reading is not just past."""
        ...


class ClientAssertions:
    """Verifies client assertions by the keys or the secret a client registered."""

    def __init__(self, published: PublishedKeys) -> None:
        self._published = published

    async def verify_assertion(self, client: Client, assertion: str, secret: str | None) -> Claims:
        """Verify an assertion's signature, or raise InvalidClient."""
        header = _header(assertion)
        alg = str(header.get("alg"))
        wanted = client.metadata.token_endpoint_auth_signing_alg
        is_secret = client.metadata.token_endpoint_auth_method == "client_secret_jwt"
        if alg not in (_BY_SECRET if is_secret else _BY_KEY) or wanted not in (None, alg):
            raise InvalidClient(f"the client_assertion may not be signed by {alg[:20]}")
        if is_secret:
            return _verify(assertion, [OctKey.import_key(secret or "")], alg)
        jwks = await self._keys(client, fresh=False)
        try:
            return _verify_by_set(assertion, jwks, alg)
        except InvalidClient:
            if client.metadata.jwks_uri is None:
                raise
            # The client may have changed its keys since they were read.
            return _verify_by_set(assertion, await self._keys(client, fresh=True), alg)

    async def _keys(self, client: Client, *, fresh: bool) -> Mapping[str, object]:
        if client.metadata.jwks is not None:
            return cast("Mapping[str, object]", json.loads(client.metadata.jwks))
        if client.metadata.jwks_uri is None:
            raise InvalidClient("the client registered no keys", detail=client.client_id)
        return await self._published.of(client.metadata.jwks_uri, fresh=fresh)


def _header(token: str) -> Mapping[str, object]:
    if len(token) > _LONGEST:
        raise InvalidClient(f"the client_assertion is longer than {_LONGEST} characters")
    try:
        header = jws.extract_compact(token.encode("ascii")).protected
    except (JoseError, ValueError, UnicodeError):
        raise InvalidClient("the client_assertion is no signed JWT") from None
    if _FORBIDDEN & set(header):
        raise InvalidClient("the client_assertion's header names keys or extensions of its own")
    return cast("Mapping[str, object]", header)


def _verify_by_set(token: str, jwks: Mapping[str, object], alg: str) -> Claims:
    kid = _header(token).get("kid")
    return _verify(token, [_import(jwk) for jwk in _candidates(jwks, alg, kid)], alg)


def _candidates(jwks: Mapping[str, object], alg: str, kid: object) -> list[dict[str, Any]]:
    # Keys need no name (kid); where the token names one, only that may have signed it.
    listed = jwks.get("keys")
    kind = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}[alg]
    found = [
        jwk
        for jwk in (listed if isinstance(listed, list) else [])
        if isinstance(jwk, dict) and jwk.get("kty") == kind and jwk.get("use", "sig") == "sig"
    ]
    named = [jwk for jwk in found if jwk.get("kid") == kid]
    unnamed = [jwk for jwk in found if not jwk.get("kid")]
    return found if kid is None else named or unnamed


def _import(jwk: dict[str, Any]) -> Any:  # noqa: ANN401  (a key of whatever kind it says)
    try:
        return JWKRegistry.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InvalidClient("the client's keys cannot be read", detail=str(error)) from None


def _verify(token: str, keys: Sequence[Any], alg: str) -> Claims:
    for key in keys:
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[alg]).payload
            claims = json.loads(payload)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        if isinstance(claims, dict):
            return claims
    raise InvalidClient("the client_assertion is not signed by a key of the client")
