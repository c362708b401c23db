"""DPoP proofs, read and made by joserfc: a JWT whose key is in its own header. RFC9449-4.2."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from keycell.oauth.dpop import ALGORITHMS, LONGEST_PROOF, TYPE, SignedProof
from keycell.oauth.errors import InvalidDpopProof
from keycell.oauth.rsa_keys import LARGEST_RSA, SMALLEST_RSA, is_fit_rsa

_KINDS = {"ES256": ("EC", "P-256"), "PS256": ("RSA", None), "EdDSA": ("OKP", "Ed25519")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OWN = "ES256"
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
_Key = RSAKey | ECKey | OKPKey


class _Registry(jws.JWSRegistry):
    max_header_length = LONGEST_PROOF


# What else its sender writes in a header is theirs; ``crit`` alone would make it ours.
_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


class JwtProofs:
    """Verifies proofs by the keys they bring along; whose keys those are is not said here."""

    def verify(self, proof: str) -> SignedProof:
        """Verify a proof's signature, or raise InvalidDpopProof. RFC9449-4.3."""
        if len(proof) > LONGEST_PROOF:
            raise InvalidDpopProof(f"the proof is longer than {LONGEST_PROOF} characters")
        try:
            header = jws.extract_compact(proof.encode("ascii"), registry=_REGISTRY).headers()
            key, jkt = _key(header)
            token = jws.deserialize_compact(proof, key, registry=_REGISTRY)
            claims = json.loads(token.payload)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise InvalidDpopProof("the proof is no JWT signed by the key in its header") from None
        if not isinstance(claims, dict):
            raise InvalidDpopProof("the proof is no JWT")
        return SignedProof(claims, jkt)

    def mint_key(self) -> str:
        """Make a key of our own, as a private JWK."""
        return json.dumps(ECKey.generate_key("P-256").as_dict(private=True))

    def prove(self, key: str, claims: Mapping[str, object]) -> str:
        """Make a proof by a key of our own."""
        own, head = _own(key)
        return jws.serialize_compact(head, json.dumps(claims), own, [_OWN], registry=_REGISTRY)


@lru_cache(maxsize=1024)
def _own(key: str) -> tuple[ECKey, dict[str, Any]]:
    read = ECKey.import_key(json.loads(key))
    return read, {"typ": TYPE, "alg": _OWN, "jwk": dict(read.as_dict(private=False))}


def _key(header: Mapping[str, Any]) -> tuple[_Key, str]:
    alg, jwk = header.get("alg"), header.get("jwk")
    if header.get("typ") != TYPE:
        raise InvalidDpopProof(f"typ of the proof is not {TYPE}")
    if alg not in ALGORITHMS:
        raise InvalidDpopProof(f"alg of the proof is none of {', '.join(ALGORITHMS)}")
    if "crit" in header:
        raise InvalidDpopProof("the proof has a crit header, and none is understood")
    if not isinstance(jwk, dict):
        raise InvalidDpopProof("the proof has no jwk")
    if not _PRIVATE.isdisjoint(jwk):
        raise InvalidDpopProof(
            "jwk of the proof has private parts; the key must not be used again"
        )
    kind, curve = _KINDS[alg]
    if jwk.get("kty") != kind or (curve is not None and jwk.get("crv") != curve):
        raise InvalidDpopProof(f"jwk of the proof is no key for {alg}")
    if kind == "RSA" and not is_fit_rsa(jwk):
        raise InvalidDpopProof(
            f"jwk of the proof is not an RSA key of {SMALLEST_RSA} to {LARGEST_RSA} bits"
        )
    return _imported(tuple((name, jwk[name]) for name in _PUBLIC if name in jwk))


@lru_cache(maxsize=1024)
def _imported(members: tuple[tuple[str, str], ...]) -> tuple[_Key, str]:
    """Read a public key, and give its thumbprint: the same one comes with each request."""
    key = cast("_Key", JWKRegistry.import_key(dict(members)))
    return key, key.thumbprint()
