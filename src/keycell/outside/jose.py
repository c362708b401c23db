"""JWTs of our own: signed by prepared headers, verified strictly as we make them.

Foreign JWTs are read in assertions.py, by joserfc alone. Here stands only what is of our own fixed
form, where a general library would cost more than the signature does (STACK: some 60 lines); the
tests hold it against joserfc in both directions.
"""

import asyncio
import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, cast

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey, OKPKey, RSAKey

from keycell.outside.cores import cores

ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
RSA_BITS = 2048
_HALF = 32
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_LONGEST_TOKEN = 16_384
_MOST_READ = 20_000
_PUBLIC = frozenset({"kty", "n", "e", "crv", "x", "y"})

T = TypeVar("T")
Claims = Mapping[str, object]
Reading = Callable[[Claims], T]
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair with its name and its one algorithm."""

    kid: str
    alg: str
    private_jwk: Mapping[str, object]
    signs: bool

    @property
    def public_jwk(self) -> dict[str, object]:
        """Give what is published of it. RFC7517-4."""
        return {**public_part(self.private_jwk), "kid": self.kid, "use": "sig", "alg": self.alg}


def public_part(private_jwk: Mapping[str, object]) -> dict[str, object]:
    """Give what tells nothing of the private part. RFC7518-6."""
    return {name: value for name, value in private_jwk.items() if name in _PUBLIC}


def generate_key(alg: str) -> SigningKey:
    """Make a key pair for an algorithm; its name is its thumbprint. RFC7638-3."""
    key: RSAKey | ECKey | OKPKey
    if alg in ("ES256", "ECDH-ES"):
        key = ECKey.generate_key("P-256")
    elif alg == "EdDSA":
        key = OKPKey.generate_key("Ed25519")
    else:
        key = RSAKey.generate_key(RSA_BITS)
    private = dict(key.as_dict(private=True))
    private.pop("kid", None)
    return SigningKey(f"{alg}-{key.thumbprint()[:22]}", alg, private, signs=False)


def _import(jwk: Mapping[str, object]) -> "RSAKey | ECKey | OKPKey":
    kinds: dict[str, type[RSAKey | ECKey | OKPKey]] = {
        "RSA": RSAKey, "EC": ECKey, "OKP": OKPKey,
    }  # fmt: skip
    return kinds[str(jwk["kty"])].import_key(cast("dict[str, str | list[str]]", dict(jwk)))


class JwtKeyring:
    """The keys of this moment: the current ones sign, all verify."""

    def __init__(self) -> None:
        self._signers: dict[str, tuple[str, Callable[[bytes], bytes]]] = {}
        self._headers: dict[tuple[str, str], bytes] = {}
        self._verifiers: dict[str, tuple[str, Callable[[bytes, bytes], None]]] = {}
        self._jwks: Mapping[str, object] = {"keys": []}
        self._read: OrderedDict[bytes, tuple[str, Reading[object], object]] = OrderedDict()
        # An RSA signature takes a quarter of a millisecond, without the interpreter's lock: worth
        # a thread where another core can do it meanwhile, and dearer by it where there is none.
        count = cores()
        self._pool = ThreadPoolExecutor(count, "signing") if count > 1 else None

    def load(
        self, keys: Sequence[SigningKey], beside: Sequence[Mapping[str, object]] = ()
    ) -> None:
        """Take these keys in the place of those before; publish others beside them."""
        self._headers.clear()
        self._read.clear()
        self._jwks = {"keys": [*(key.public_jwk for key in keys), *beside]}
        self._verifiers = {key.kid: (key.alg, _verifier(key)) for key in keys}
        self._signers = {key.alg: (key.kid, _signer(key)) for key in keys if key.signs}

    def public_jwks(self) -> Mapping[str, object]:
        """Give the document of the JWKS endpoint. RFC7517-5."""
        return self._jwks

    async def sign(self, alg: str, typ: str, claims: Claims) -> str:
        """Sign by the current key of an algorithm; RSA on another core, if there is one."""
        if self._pool is None or alg in ("ES256", "EdDSA"):
            return self.sign_now(alg, typ, claims)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self.sign_now, alg, typ, claims)

    def sign_now(self, alg: str, typ: str, claims: Claims) -> str:
        """Sign at once. RFC7515-5.1."""
        kid, sign = self._signers[alg]
        header = self._headers.get((alg, typ))
        if header is None:
            header = _encode(msgspec.json.encode({"alg": alg, "typ": typ, "kid": kid}))
            self._headers[alg, typ] = header
        message = header + b"." + _encode(msgspec.json.encode(claims))
        return (message + b"." + _encode(sign(message))).decode("ascii")

    def verify(self, token: str, typ: str) -> Claims | None:
        """Give the claims of a token of ours, whatever its times, or None. RFC8725-3."""
        return self.read(token, typ, _as_it_is)

    def read(self, token: str, typ: str, reading: "Reading[T]") -> T | None:
        """Give what is made of the claims of a token of ours; of one known already, the same."""
        if len(token) > _LONGEST_TOKEN:
            return None
        name = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._read.get(name)
        if known is not None:
            known_typ, known_reading, made = known
            if known_typ != typ:
                return None
            if known_reading is reading:
                self._read.move_to_end(name)
                return cast("T", made)
        claims = self._verify(token, typ)
        if claims is None:
            return None
        read = reading(claims)
        self._read[name] = (typ, reading, read)
        if len(self._read) > _MOST_READ:
            self._read.popitem(last=False)
        return read

    def _verify(self, token: str, typ: str) -> Claims | None:
        try:
            message, _, signature = token.encode("ascii").rpartition(b".")
            head, _, payload = message.partition(b".")
            header = msgspec.json.decode(_decode(head))
            # Exactly what we write: no crit, no jwk, no other algorithm than the key's own.
            if not isinstance(header, dict) or set(header) != {"alg", "typ", "kid"}:
                return None
            alg, verify = self._verifiers[header["kid"]]
            if header["alg"] != alg or header["typ"] != typ:
                return None
            verify(_decode(signature), message)
            claims = msgspec.json.decode(_decode(payload))
        except (
            ValueError, TypeError, KeyError, InvalidSignature, msgspec.DecodeError, RecursionError,
        ):  # fmt: skip
            return None
        return claims if isinstance(claims, dict) else None


def _as_it_is(claims: Claims) -> Claims:
    return claims


def _private(jwk: Mapping[str, object]) -> object:
    if jwk["kty"] != "RSA":
        return _import(jwk).private_key
    # To check an RSA key for being one takes 100 ms; ours was sealed as we made it.
    n, e, d, p, q, dp, dq, qi = (
        int.from_bytes(_decode(str(jwk[name]).encode()))
        for name in ("n", "e", "d", "p", "q", "dp", "dq", "qi")
    )
    numbers = rsa.RSAPrivateNumbers(
        p=p, q=q, d=d, dmp1=dp, dmq1=dq, iqmp=qi, public_numbers=rsa.RSAPublicNumbers(e, n)
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _signer(key: SigningKey) -> Callable[[bytes], bytes]:
    private = _private(key.private_jwk)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        scheme = ec.ECDSA(hashes.SHA256())
        return lambda message: _raw_signature(private.sign(message, scheme))
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError(key.alg)
    padded = _PSS if key.alg == "PS256" else padding.PKCS1v15()
    return lambda message: private.sign(message, padded, hashes.SHA256())


def _verifier(key: SigningKey) -> Callable[[bytes, bytes], None]:
    public = _import(public_part(key.private_jwk)).public_key
    if isinstance(public, ec.EllipticCurvePublicKey):
        scheme = ec.ECDSA(hashes.SHA256())
        return lambda raw, message: public.verify(_dss_signature(raw), message, scheme)
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public.verify
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError(key.alg)
    padded = _PSS if key.alg == "PS256" else padding.PKCS1v15()
    return lambda raw, message: public.verify(raw, message, padded, hashes.SHA256())


def _raw_signature(signature: bytes) -> bytes:
    """Give the two numbers of a signature in DER, each in 32 bytes. RFC7518-3.4.

    A sequence of two integers, each of at most 33 bytes: every length is one byte.
    """
    end = 4 + signature[3]
    r, s = signature[4:end], signature[end + 2 :]
    return r[-_HALF:].rjust(_HALF, b"\0") + s[-_HALF:].rjust(_HALF, b"\0")


def _dss_signature(raw: bytes) -> bytes:
    if len(raw) != 2 * _HALF:
        raise ValueError("an ES256 signature has 64 bytes")
    return encode_dss_signature(
        int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big")
    )


def _encode(part: bytes) -> bytes:
    # The library's own of this name calls two more functions, and a token needs it three times.
    return binascii.b2a_base64(part, newline=False).translate(_URL_SAFE, b"=")


def _decode(part: bytes) -> bytes:
    packed = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    # One spelling alone: else a token could be written in several, and ended in one of them.
    if _encode(packed) != part:
        raise binascii.Error("not canonical base64url")
    return packed
