"""JWTs that clients made, read by joserfc alone. RFC7523-3, RFC9101-6, RFC8725-3."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from keycell.oauth.clients import Client
from keycell.oauth.encryption import is_encrypted
from keycell.oauth.errors import (
    InvalidClient,
    InvalidClientMetadata,
    InvalidGrant,
    InvalidRequestObject,
    InvalidRequestUri,
)
from keycell.oauth.fapi2 import ALGORITHMS as FAPI2_ALGORITHMS
from keycell.oauth.jwt_bearer import TrustedIssuer
from keycell.oauth.request_objects import SIGNING_ALGORITHMS as OBJECT_ALGORITHMS
from keycell.oauth.request_objects import TYPES as OBJECT_TYPES
from keycell.outside.client_keys import HasKeys, NoKeys, PublishedKeys, keys_of, read_key
from keycell.outside.encryption import JweKeyring

_LONGEST = 16_384
_NOT_HAD = "the keys of the client cannot be had: {}"
_BY_SECRET = ("HS256", "HS384", "HS512")
_BY_KEY = ("RS256", "PS256", "ES256", "EdDSA")
_FORBIDDEN = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64"})

Claims = Mapping[str, object]


class Documents(Protocol):
    """Small documents at addresses that somebody else named."""

    async def get_if_there(self, url: str) -> bytes | None:
        """Give the body at an address; None where there is none that we may have."""
        ...


class BadJwt(Exception):
    """What came is no JWT signed by its client; the sentence begins with what it is called."""


class ClientJwts:
    """Verifies what clients sign by the keys or the secret they registered."""

    def __init__(
        self, published: PublishedKeys, documents: Documents, encrypted: JweKeyring
    ) -> None:
        self._published = published
        self._documents = documents
        self._encrypted = encrypted

    async def verify_assertion(self, client: Client, assertion: str, secret: str | None) -> Claims:
        """Verify an assertion's signature, or raise InvalidClient. RFC7523-3."""
        is_secret = client.metadata.token_endpoint_auth_method == "client_secret_jwt"
        wanted = client.metadata.token_endpoint_auth_signing_alg
        by_key = FAPI2_ALGORITHMS if client.is_fapi2 else _BY_KEY
        try:
            alg = _allowed_alg(_header(assertion), _BY_SECRET if is_secret else by_key, wanted)
            if is_secret:
                return _verify(assertion, [OctKey.import_key(secret or "")], alg)
            return await self._verify_by_key(client.metadata, assertion, alg, client.is_strangers)
        except BadJwt as error:
            raise InvalidClient(f"the client_assertion {error}") from None
        except InvalidClientMetadata as error:
            raise InvalidClient(_NOT_HAD.format(error.description)) from None

    async def verify_object(self, client: Client, sent: str, wanted: str | None) -> Claims:
        """Open and verify a request object, or raise InvalidRequestObject.

        RFC9101-6.1, RFC9101-6.2.
        """
        try:
            sent = self._opened(sent)
            header = _header(sent)
            _check_type(header, OBJECT_TYPES)
            allowed = FAPI2_ALGORITHMS if client.is_fapi2 else OBJECT_ALGORITHMS
            alg = _allowed_alg(header, allowed, wanted)
            return await self._verify_by_key(client.metadata, sent, alg, client.is_strangers)
        except BadJwt as error:
            raise InvalidRequestObject(f"the request object {error}") from None
        except InvalidClientMetadata as error:
            raise InvalidRequestObject(_NOT_HAD.format(error.description)) from None

    async def verify_statement(self, trusted: TrustedIssuer, assertion: str) -> Claims:
        """Verify a signature by the issuer's keys, or raise InvalidGrant. RFC7523-3."""
        try:
            header = _header(assertion)
            _check_type(header, ("jwt",))
            alg = _allowed_alg(header, _BY_KEY, None)
            return await self._verify_by_key(trusted, assertion, alg, False)  # noqa: FBT003
        except BadJwt as error:
            raise InvalidGrant(f"the assertion {error}") from None
        except InvalidClientMetadata as error:
            raise InvalidGrant(
                f"the keys of the issuer cannot be had: {error.description}"
            ) from None

    async def keys(self, client: Client, *, fresh: bool) -> Mapping[str, object]:
        """Give the keys of a client, or raise InvalidClient."""
        try:
            return await keys_of(
                self._published, client.metadata, is_strangers=client.is_strangers, fresh=fresh
            )
        except NoKeys:
            raise InvalidClient("the client registered no keys") from None
        except InvalidClientMetadata as error:
            raise InvalidClient(_NOT_HAD.format(error.description)) from None

    async def fetch(self, address: str) -> str:
        """Give the request object at an address, or raise InvalidRequestUri. OIDCC-6.2."""
        found = await self._documents.get_if_there(address)
        if found is None or len(found) > _LONGEST:
            raise InvalidRequestUri("there is no request object at the request_uri")
        return found.decode("ascii", "replace").strip()

    async def _verify_by_key(
        self,
        signer: HasKeys,
        token: str,
        alg: str,
        is_strangers: bool,  # noqa: FBT001
    ) -> Claims:
        try:
            jwks = await keys_of(self._published, signer, is_strangers=is_strangers)
        except NoKeys as error:
            raise BadJwt(str(error)) from None
        try:
            return _verify_by_set(token, jwks, alg)
        except BadJwt:
            if signer.jwks_uri is None:
                raise
            # They may have been changed since they were read.
            fresh = await keys_of(self._published, signer, is_strangers=is_strangers, fresh=True)
            return _verify_by_set(token, fresh, alg)

    def _opened(self, sent: str) -> str:
        if not is_encrypted(sent):
            return sent
        opened = self._encrypted.decrypt(sent)
        if opened is None:
            raise BadJwt("is not encrypted to a key of this server, as its metadata says")
        return opened


def _allowed_alg(header: Mapping[str, object], allowed: Sequence[str], wanted: str | None) -> str:
    alg = str(header.get("alg"))
    if alg not in allowed or wanted not in (None, alg):
        raise BadJwt(f"may not be signed by {alg[:20]}")
    return alg


def _check_type(header: Mapping[str, object], known: Collection[str]) -> None:
    # What was signed for another purpose is not taken for this one. RFC8725-3.11.
    typ = header.get("typ")
    if typ is not None and str(typ).lower().removeprefix("application/") not in known:
        raise BadJwt("is a JWT of another type")


def _header(token: str) -> Mapping[str, object]:
    if len(token) > _LONGEST:
        raise BadJwt(f"is longer than {_LONGEST} characters")
    try:
        header = jws.extract_compact(token.encode("ascii")).protected
    except (JoseError, ValueError, UnicodeError):
        raise BadJwt("is no signed JWT") from None
    if _FORBIDDEN & set(header):
        raise BadJwt("names keys or extensions of its own in its header")
    return cast("Mapping[str, object]", header)


def _verify_by_set(token: str, jwks: Mapping[str, object], alg: str) -> Claims:
    kid = _header(token).get("kid")
    try:
        keys = [read_key(jwk) for jwk in _candidates(jwks, alg, kid)]
    except NoKeys as error:
        raise BadJwt(f"cannot be verified: {error}") from None
    return _verify(token, keys, alg)


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


def _verify(token: str, keys: Sequence[Any], alg: str) -> Claims:
    for key in keys:
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[alg]).payload
            claims = json.loads(payload)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        if isinstance(claims, dict):
            return claims
    raise BadJwt("is not signed by a key of its sender")
