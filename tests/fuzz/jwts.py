"""JWTs from bytes: as they come, with any header, and with any claims under a good signature."""

import base64
import contextlib
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from joserfc import jws
from joserfc.jwk import ECKey

from keycell.oauth.authorization import read_authorization_request, read_target
from keycell.oauth.clients import Client, ClientMetadata, resolve_redirect
from keycell.oauth.dpop import LONGEST_PROOF, TYPE, ShownProof, check_proof
from keycell.oauth.errors import InvalidDpopProof, OAuthError, UntrustedRedirect
from keycell.oauth.request_objects import read_object
from keycell.outside.assertions import ClientJwts
from keycell.outside.encryption import DecryptionKey, JweKeyring
from keycell.outside.proofs import JwtProofs

NOW = datetime(2013, 5, 24, tzinfo=UTC)
ISSUER = "https://keycell.example/oidc"
RESOURCE = "https://keycell.example"
URL = f"{ISSUER}/oauth2/token"
KEY = ECKey.import_key(
    {
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }
)  # fmt: skip
"""RFC7515-A.3."""
_PUBLIC = KEY.as_dict(private=False)
_CLIENT = Client(
    client_id="app",
    metadata=ClientMetadata(
        redirect_uris=("https://app.example/callback",),
        jwks=json.dumps({"keys": [_PUBLIC]}),
    ),
    came_by="cli",
    created_at=NOW,
)

Found = TypeVar("Found")


class _Nothing:
    """Nothing is fetched: the client's keys are registered."""

    async def get_if_there(self, url: str) -> bytes | None:
        raise AssertionError(url)

    async def of(
        self, jwks_uri: str, *, is_strangers: bool, fresh: bool = False
    ) -> dict[str, object]:
        raise AssertionError(jwks_uri, is_strangers, fresh)


_OURS = JweKeyring(_Nothing())
_OURS.load([DecryptionKey("ours", "ECDH-ES", dict(KEY.as_dict(private=True)), is_published=True)])
_JWTS = ClientJwts(_Nothing(), _Nothing(), _OURS)
_PROOFS = JwtProofs()


def dpop_proof(sent: bytes) -> None:
    """RFC9449-4.2, RFC9449-4.3: what is taken can be kept, and is of now."""
    with contextlib.suppress(InvalidDpopProof):
        signed = _PROOFS.verify(made(sent, {"typ": TYPE, "alg": "ES256", "jwk": _PUBLIC}))
        shown = ShownProof("", "POST", (URL,))
        for token in (None, "access-token"):
            proof = check_proof(signed, shown, NOW, ("nonce", "the one before"), token)
            assert 1 <= len(proof.jti.encode()) < LONGEST_PROOF
            assert "\0" not in proof.jti
            assert proof.until > NOW


def request_object(sent: bytes) -> None:
    """RFC9101-4, RFC9101-6: what is asked for can be kept, and answered."""
    with contextlib.suppress(OAuthError, UntrustedRedirect):
        sent_object = made(sent, {"alg": "ES256"})
        claims = at_once(_JWTS.verify_object(_CLIENT, sent_object, None))
        pairs = read_object(claims, _CLIENT, ISSUER, NOW)
        named = read_target(pairs)
        assert named.client_id == "app"
        for name, value in pairs:
            assert f"{name}{value}".encode()
        target = resolve_redirect(
            _CLIENT, named.redirect_uri, named.response_mode, named.state, NOW
        )
        read_authorization_request(pairs, _CLIENT, target, RESOURCE)


def made(sent: bytes, header: dict[str, Any]) -> str:
    """Make what would come: the first byte says how much of it the rest is."""
    kind, rest = sent[:1], sent[1:]
    if kind == b"c":
        return jws.serialize_compact(header, rest, KEY)
    if kind in (b"h", b"e"):
        # The header of what is signed, or of what is encrypted to us.
        others = (b"{}", bytes(64)) if kind == b"h" else (b"", bytes(12), b"{}", bytes(16))
        return ".".join(
            base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (rest, *others)
        )
    return rest.decode("latin-1")


def at_once(coroutine: Coroutine[Any, Any, Found]) -> Found:
    """Run what waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        found: Found = done.value
        return found
    raise AssertionError("it waited")
