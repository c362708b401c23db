"""DPoP: proof that who sends a request holds a private key. RFC9449.

A proof is a JWT that its sender signs for one request by a key that stands in its own header.
Its signature is verified elsewhere (outside/proofs.py); what it says is judged here.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

from keycell.oauth.errors import InvalidDpopProof, InvalidRequest, UseDpopNonce
from keycell.values import dataclass

ALGORITHMS = ("ES256", "PS256", "EdDSA")
TYPE = "dpop+jwt"
LONGEST_PROOF = 8192
FRESH_FOR = timedelta(seconds=60)
"""How far a proof's time may be from ours, either way. RFC9449-11.1."""
NONCE_FOR = timedelta(minutes=5)
"""How long a nonce is the current one; it is good as long again. RFC9449-8."""
_JTI_LONGEST = 256
_JKT = re.compile(r"[A-Za-z0-9_-]{43}")
_PORTS = {"http": 80, "https": 443}
_UNRESERVED = "-._~"


@dataclass(frozen=True, slots=True)
class ShownProof:
    """A proof as it came, and the request it came with. RFC9449-4.1."""

    proof: str
    method: str
    urls: tuple[str, ...]
    """The address of the request, at each origin that we are reached at."""


@dataclass(frozen=True, slots=True)
class SignedProof:
    """What a proof says, and the thumbprint of the key that signed it. RFC9449-4.2, RFC7638-3."""

    claims: Mapping[str, object]
    jkt: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that fits its request; ``jti`` must not come again before ``until``."""

    jkt: str
    jti: str
    until: datetime


def read_jkt(text: str | None) -> str | None:
    """Read the thumbprint that a code is to be bound to. RFC9449-10."""
    if text is not None and _JKT.fullmatch(text) is None:
        raise InvalidRequest("dpop_jkt is no SHA-256 thumbprint of a key in base64url")
    return text


def check_proof(
    signed: SignedProof,
    shown: ShownProof,
    now: datetime,
    nonces: Collection[str],
    access_token: str | None = None,
) -> Proof:
    """Judge a proof: for this request, at this time, with this token. RFC9449-4.3.

    ``nonces`` are ours, the current one first. With one of them a proof is fresh whatever its
    sender's clock says; whose clock is off is given one.
    """
    claims = signed.claims
    jti, issued_at = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 1 <= len(jti) <= _JTI_LONGEST or not jti.isprintable():
        raise InvalidDpopProof(f"jti of the proof is not 1 to {_JTI_LONGEST} printable characters")
    if claims.get("htm") != shown.method:
        raise InvalidDpopProof(f"htm of the proof is not {shown.method}")
    target = claims.get("htu")
    if not isinstance(target, str) or _plain(target) not in {_plain(url) for url in shown.urls}:
        raise InvalidDpopProof("htu of the proof is not the address of this request")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float):
        raise InvalidDpopProof("iat of the proof is no time")
    _check_token(claims.get("ath"), access_token)
    return Proof(signed.jkt, jti, _check_fresh(claims, issued_at, now, nonces))


def proof_claims(
    jti: str, method: str, url: str, now: datetime, access_token: str | None
) -> dict[str, object]:
    """Give what a proof of our own says. RFC9449-4.2."""
    claims: dict[str, object] = {
        "jti": jti, "htm": method, "htu": url, "iat": int(now.timestamp()),
    }  # fmt: skip
    if access_token is not None:
        claims["ath"] = _hash(access_token)
    return claims


def _hash(access_token: str) -> str:
    hashed = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def _check_token(shown: object, access_token: str | None) -> None:
    if access_token is None:
        return
    wanted = _hash(access_token)
    if not isinstance(shown, str) or not shown.isascii() or not hmac.compare_digest(shown, wanted):
        raise InvalidDpopProof("ath of the proof is not the hash of the access token")


def _check_fresh(
    claims: Mapping[str, object], issued_at: float, now: datetime, nonces: Collection[str]
) -> datetime:
    if "nonce" in claims:
        if claims["nonce"] not in nonces:
            raise UseDpopNonce("the nonce of the proof is not one of now", next(iter(nonces)))
        return now + 2 * NONCE_FOR
    earliest, latest = (now - FRESH_FOR).timestamp(), (now + FRESH_FOR).timestamp()
    # Compared, not subtracted: JSON has NaN, and whole numbers that no float can hold.
    if not earliest <= issued_at <= latest:
        raise UseDpopNonce(
            f"iat of the proof is more than {FRESH_FOR.seconds} s from this server's time; send "
            "the nonce in the place of a right clock",
            next(iter(nonces)),
        )
    return datetime.fromtimestamp(issued_at, UTC) + 2 * FRESH_FOR


def nonce_turns(now: datetime) -> tuple[str, str]:
    """Give what the current nonce and the one before are made of. RFC9449-8."""
    turn = int(now.timestamp() // NONCE_FOR.total_seconds())
    return str(turn), str(turn - 1)


def _plain(url: str) -> str | None:
    """Write an address in one way, without query and fragment. RFC9449-4.3, RFC3986-6.2.2."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if not parts.hostname or "@" in parts.netloc:
        return None
    written = "" if port in (None, _PORTS.get(scheme)) else f":{port}"
    path = re.sub(r"%[0-9A-Fa-f]{2}", _one_way, parts.path) or "/"
    return f"{scheme}://{parts.hostname.lower()}{written}{path}"


def _one_way(escape: re.Match[str]) -> str:
    return quote(unquote(escape[0], "latin-1"), safe=_UNRESERVED, encoding="latin-1")
