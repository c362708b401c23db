"""DPoP proofs for a round, made before it begins: none is taken twice. RFC9449-4.2."""

import base64
import hashlib
import itertools
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_KEY = ec.generate_private_key(ec.SECP256R1())
_HALF = 32
_NUMBERS = itertools.count(time.time_ns())


def _text(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _head() -> str:
    point = _KEY.public_key().public_numbers()
    x, y = (_text(number.to_bytes(_HALF, "big")) for number in (point.x, point.y))
    jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    return _text(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}).encode())


_HEAD = _head()


def proof(url: str) -> str:
    """Make a proof for a POST to this address, by one key for all."""
    jti = _text(hashlib.sha256(str(next(_NUMBERS)).encode()).digest()[:16])
    claims = {"jti": jti, "htm": "POST", "htu": url, "iat": int(time.time())}
    signed = f"{_HEAD}.{_text(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(_KEY.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_text(r.to_bytes(_HALF, 'big') + s.to_bytes(_HALF, 'big'))}"
