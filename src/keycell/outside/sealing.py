"""Secrets at rest: sealed by AES-256-GCM, each purpose under a key of its own."""

import base64
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keycell.accounts.ports import SealBroken
from keycell.randomness import random_bytes, random_text

KEY_BYTES = 32
_NONCE_BYTES = 12
_LONGEST_SEALED = 262_144
_UNSALTED = hmac.new(bytes(KEY_BYTES), digestmod="sha256")


class SealingKeyUnusable(Exception):
    """The sealing key is missing, malformed, or open to others."""


class Sealer:
    """Seals and authenticates under keys derived from one sealing key."""

    def __init__(self, key: bytes) -> None:
        self._key = b""
        self._ciphers: dict[str, AESGCM] = {}
        self._macs: dict[str, hmac.HMAC] = {}
        self.replace_key(key)

    def replace_key(self, key: bytes) -> None:
        """Use another sealing key from here on: that of a backup which was restored."""
        if len(key) != KEY_BYTES:
            raise SealingKeyUnusable(f"the sealing key has {len(key)} bytes; it must have 32")
        if key != self._key:
            self._key = key
            self._ciphers.clear()
            self._macs.clear()

    def seal(self, purpose: str, plaintext: bytes, bound_to: bytes = b"") -> str:
        """Seal for one purpose, bound to what must be known again when it is opened."""
        nonce = random_bytes(_NONCE_BYTES)
        return _encode(nonce + self._cipher(purpose).encrypt(nonce, plaintext, bound_to))

    def open(self, purpose: str, sealed: str, bound_to: bytes = b"") -> bytes:
        """Open what was sealed for this purpose, or raise SealBroken."""
        packed = _decode(sealed)
        try:
            return self._cipher(purpose).decrypt(
                packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], bound_to
            )
        except (InvalidTag, ValueError):
            raise SealBroken(purpose) from None

    def mac(self, purpose: str, message: bytes) -> str:
        """Authenticate a message by HMAC-SHA256."""
        keyed = self._macs.get(purpose)
        if keyed is None:
            key = derive(self._key, f"mac:{purpose}")
            keyed = self._macs[purpose] = hmac.new(key, digestmod="sha256")
        return _encode(_digest(keyed, message))

    def _cipher(self, purpose: str) -> AESGCM:
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            cipher = self._ciphers[purpose] = AESGCM(derive(self._key, f"seal:{purpose}"))
        return cipher


class SuccessorSeal:
    """Seals a refresh token under the token it replaces, which has full entropy."""

    def seal(self, secret: str, plaintext: bytes) -> str:
        """Seal under a key that only the secret gives."""
        nonce = random_bytes(_NONCE_BYTES)
        key = derive(secret.encode(), "successor")
        return _encode(nonce + AESGCM(key).encrypt(nonce, plaintext, None))

    def open(self, secret: str, sealed: str) -> bytes:
        """Open what was sealed under the secret, or raise SealBroken."""
        packed = _decode(sealed)
        try:
            key = derive(secret.encode(), "successor")
            return AESGCM(key).decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            raise SealBroken("successor") from None


def derive(key: bytes, info: str) -> bytes:
    """Derive a key for one use by HKDF, with no salt. RFC5869-2.2, RFC5869-2.3.

    As long as one digest, it is two steps; the library's own takes three times as long for them,
    and each refresh token has a key of its own.
    """
    extracted = _digest(_UNSALTED, key)
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def _digest(keyed: hmac.HMAC, message: bytes) -> bytes:
    # What the key comes to is worked out once: a copy takes half of what the whole does.
    copy = keyed.copy()
    copy.update(message)
    return copy.digest()


def load_or_make_key(path: Path) -> bytes:
    """Give the sealing key kept in a file of mode 600, made at first start.

    Of two processes that start at once, one makes it and both use it.
    """
    if not path.exists():
        _keep_key(path, os.urandom(KEY_BYTES))
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise SealingKeyUnusable(
            f"{path} is open to others (mode {mode:o}); make it private: chmod 600 {path}"
        )
    return read_key(path.read_text().strip())


def read_key(text: str) -> bytes:
    """Read a sealing key: 32 bytes in base64url."""
    try:
        key = _decode(text)
    except SealBroken:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealingKeyUnusable(
            "the sealing key must be 32 bytes in base64url (43 characters), as "
            "keycell admin keys sealing-key makes one"
        )
    return key


def _keep_key(path: Path, key: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{random_text(8)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, _encode(key).encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write_key(key: bytes) -> str:
    """Write a sealing key as `read_key` reads it."""
    return _encode(key)


def replace_key_file(path: Path, key: bytes) -> None:
    """Put another key in the place of a kept one, which stays beside it under another name."""
    if path.exists() and load_or_make_key(path) != key:
        path.rename(path.with_name(f"{path.name}.before-restore"))
    if not path.exists():
        _keep_key(path, key)


def _encode(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    if len(text) > _LONGEST_SEALED:
        raise SealBroken("too long")
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise SealBroken("not base64url") from None
