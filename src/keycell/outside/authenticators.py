"""Passkeys: what browsers are asked for, and what they send back. WebAuthn Level 3.

The library is loaded at its first use: it takes a quarter of a second and eight megabytes.
"""

import base64
import ipaddress
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from keycell.accounts.factors import Passkey
from keycell.accounts.people import Account
from keycell.accounts.ports_factors import KeyUse, NewKey, PasskeyRefused

RP_NAME = "Keycell"
TIMEOUT_MS = 300_000
LONGEST_ID = 1400
"""An identifier has at most 1023 bytes. WebAuthn-7.1."""
LONGEST_KEY = 4096
_ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256. RFC9053-2, RFC8812-2."""
_TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


class WebAuthn:
    """Authenticators, as browsers speak for them."""

    def __init__(self, base_url: str, origins: Sequence[str]) -> None:
        """Bind passkeys to the host of our public address; an IP address can have none."""
        self.rp_id = _domain(base_url)
        self._origins = [one for one in origins if _lies_in(one, self.rp_id)]

    def creation_options(
        self, challenge: bytes, account: Account, known: Sequence[Passkey]
    ) -> str:
        """Give what a browser is asked for a new key pair by. WebAuthn-5.4."""
        options = {
            "rp": {"id": self.rp_id, "name": RP_NAME},
            "user": {
                "id": _encode(account.sub.encode()),
                "name": account.login,
                "displayName": account.display_name,
            },
            "challenge": _encode(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in _ALGORITHMS],
            "timeout": TIMEOUT_MS,
            "excludeCredentials": _descriptors(known),
            "authenticatorSelection": {
                "residentKey": "preferred", "userVerification": "preferred",
            },
            "attestation": "none",
        }  # fmt: skip
        return json.dumps(options)

    def request_options(self, challenge: bytes, known: Sequence[Passkey]) -> str:
        """Give what a browser is asked for a signature by. WebAuthn-5.5."""
        options = {
            "challenge": _encode(challenge),
            "rpId": self.rp_id,
            "timeout": TIMEOUT_MS,
            "allowCredentials": _descriptors(known),
            # As a second factor a key that knows nobody will do; alone it must know its user.
            "userVerification": "preferred" if known else "required",
        }
        return json.dumps(options)

    def read_new(self, credential: str, challenge: bytes) -> NewKey:
        """Verify what a browser sent of a new key pair; raise PasskeyRefused. WebAuthn-7.1."""
        from webauthn import verify_registration_response  # noqa: PLC0415
        from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415

        document = _read(credential)
        with _refusing():
            made = verify_registration_response(
                credential=document,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self._origins,
                supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in _ALGORITHMS],
            )
        new = NewKey(
            credential_id=_encode(made.credential_id),
            public_key=_encode(made.credential_public_key),
            sign_count=made.sign_count,
            aaguid=made.aaguid,
            transports=_transports(document),
            is_synced=made.credential_device_type == "multi_device",
        )
        if len(new.credential_id) > LONGEST_ID or len(new.public_key) > LONGEST_KEY:
            raise PasskeyRefused("identifier or key is too long")
        return new

    def read_id(self, credential: str) -> tuple[str, str | None]:
        """Give the unverified identifier of the key pair, and whose it says it is."""
        document = _read(credential)
        with _refusing():
            handle = document["response"].get("userHandle")
            if not isinstance(document["id"], str) or not isinstance(handle, str | None):
                raise PasskeyRefused("id and userHandle must be texts")
            sub = _decode(handle).decode() if handle else None
            return document["id"][:LONGEST_ID], sub

    def read_use(self, credential: str, challenge: bytes, passkey: Passkey) -> KeyUse:
        """Verify a signature of our challenge; raise PasskeyRefused. WebAuthn-7.2."""
        from webauthn import verify_authentication_response  # noqa: PLC0415

        document = _read(credential)
        with _refusing():
            used = verify_authentication_response(
                credential=document,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self._origins,
                credential_public_key=_decode(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
            )
        if _encode(used.credential_id) != passkey.credential_id:
            raise PasskeyRefused("signed by another passkey")
        return KeyUse(used.new_sign_count, used.user_verified)


@contextmanager
def _refusing() -> Iterator[None]:
    """Make a refusal of whatever a form of no authenticator leads to."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        yield
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise PasskeyRefused(f"{type(error).__name__}: {error}") from error


def _read(credential: str) -> dict[str, Any]:
    try:
        document = json.loads(credential)
    except (ValueError, RecursionError):
        raise PasskeyRefused("the credential is no JSON") from None
    if not isinstance(document, dict):
        raise PasskeyRefused("the credential is no JSON object")
    return document


def _descriptors(known: Sequence[Passkey]) -> list[dict[str, object]]:
    return [
        {"type": "public-key", "id": one.credential_id, "transports": list(one.transports)}
        for one in known
    ]


def _transports(document: dict[str, Any]) -> tuple[str, ...]:
    told = document["response"].get("transports")
    said = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    return tuple(sorted(_TRANSPORTS.intersection(said)))


def _domain(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return ""


def _lies_in(origin: str, domain: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _encode(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
