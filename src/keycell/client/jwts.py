"""Reading a JWT that somebody holds: what it says, and whether its issuer signed that.

RFC7519, RFC7515, RFC8725-3. Only signatures by published keys are verified here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from keycell.client.errors import BadUse
from keycell.oauth.rsa_keys import is_fit_rsa

LONGEST = 16_384
_BY_KEY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
           "EdDSA", "Ed25519")  # fmt: skip
_OF_ENCRYPTED = 5


@dataclass(frozen=True, slots=True)
class Jwt:
    """What a JWT says. Nothing is proven of it."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a token's signature is its issuer's, and why that is thought."""

    is_verified: bool
    because: str


def read_jwt(token: str) -> Jwt:
    """Read a JWT, or say why that is none. What is wrong with it is told without quoting it."""
    if not token:
        raise BadUse("no token came on stdin", "keycell oidc jwt < token.txt")
    if len(token) > LONGEST:
        raise BadUse(f"the token is longer than {LONGEST} characters")
    if token.count(".") == _OF_ENCRYPTED - 1:
        raise BadUse("the token is encrypted: whoever it is for can read it")
    try:
        read = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(read.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise BadUse(
            "this is no JWT: three parts with dots between them, of base64url and JSON",
            "what an opaque token is good for, the server's introspection endpoint says",
        )
    return Jwt(read.protected, claims)


def verify_jwt(token: str, keys: Sequence[Mapping[str, Any]], issuer: str) -> Verdict:
    """Tell whether a token was signed by one of its issuer's keys."""
    jwt = read_jwt(token)
    alg, kid = jwt.header.get("alg"), jwt.header.get("kid")
    unread = _why_unread(jwt, issuer)
    if unread:
        return Verdict(is_verified=False, because=unread)
    # Keys need no name; where the token names one, only that may have signed it. RFC7515-4.1.4.
    able = [key for key in keys if key.get("use", "sig") == "sig"]
    named = [key for key in able if kid is None or key.get("kid") == kid]
    if not named:
        return Verdict(is_verified=False, because=f"{issuer} publishes no key {kid!r}")
    for key in named:
        if _is_by(token, key, str(alg)):
            return Verdict(
                is_verified=True,
                because=f"by the key {key.get('kid') or 'without a name'} of {issuer}",
            )
    which = "any key" if kid is None else f"the key {kid!r}"
    return Verdict(is_verified=False, because=f"the signature is not by {which} of {issuer}")


def _why_unread(jwt: Jwt, issuer: str) -> str:
    alg = jwt.header.get("alg")
    if jwt.claims.get("iss") != issuer:
        return f"it is of {jwt.claims.get('iss', 'nobody')!r}, and the keys are those of {issuer}"
    if alg == "none":
        return "it has no signature"
    if isinstance(alg, str) and alg.startswith("HS"):
        return f"{alg} is by a secret that the issuer and the client alone have"
    if alg not in _BY_KEY:
        return f"{alg!r} is no way to sign that is known here"
    if {"crit", "b64"} & set(jwt.header):
        return "its header wants extensions that are not known here"
    return ""


def _is_by(token: str, jwk: Mapping[str, Any], alg: str) -> bool:
    if jwk.get("alg") not in (None, alg):
        return False
    # A shared secret among published keys would be anybody's.
    if jwk.get("kty") not in ("RSA", "EC", "OKP"):
        return False
    if jwk["kty"] == "RSA" and not is_fit_rsa(jwk):
        return False
    try:
        key = JWKRegistry.import_key(dict(jwk))
        jws.deserialize_compact(token, key, algorithms=[alg])
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True
