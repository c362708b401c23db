"""Our keys, and what the authorization server needs to know of others' and their certificates."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from keycell.oauth.clients import Client
from keycell.oauth.encryption import Encryption
from keycell.oauth.jwt_bearer import TrustedIssuer
from keycell.oauth.mutual_tls import ShownCertificate, Subject

T = TypeVar("T")
Claims = Mapping[str, object]


class Keyring(Protocol):
    """The signing keys: the current one of each algorithm signs, every published one verifies."""

    def public_jwks(self) -> Mapping[str, object]:
        """Give the document of the JWKS endpoint."""
        ...

    async def sign(self, alg: str, typ: str, claims: Claims) -> str:
        """Sign a token by the current key of an algorithm."""
        ...

    def sign_now(self, alg: str, typ: str, claims: Claims) -> str:
        """Sign without leaving the caller; for the cheap algorithms ES256 and EdDSA alone."""
        ...

    def verify(self, token: str, typ: str) -> Claims | None:
        """Give the claims of a token of ours, whatever its times, or None."""
        ...

    def read(self, token: str, typ: str, reading: Callable[[Claims], T]) -> T | None:
        """Give what is made of the claims of a token of ours, whatever its times, or None.

        Of a token that is shown again, it is what was made of it before: it must not change.
        """
        ...


class EncryptionKeys(Protocol):
    """The keys that are encrypted to: ours, which open, and those of clients."""

    def decrypt(self, token: str) -> str | None:
        """Give what was encrypted to us; None for all else."""
        ...

    async def check(self, client: Client, how: Encryption) -> None:
        """Make sure that a client has a key to encrypt to; raise InvalidClientMetadata."""
        ...

    async def encrypt(
        self, client: Client, how: Encryption, content: bytes, cty: str | None
    ) -> str:
        """Encrypt to a client; raise InvalidClientMetadata."""
        ...


class ForeignTokens(Protocol):
    """JWTs that others made, and the keys they published."""

    async def verify_assertion(self, client: Client, assertion: str, secret: str | None) -> Claims:
        """Verify a client assertion's signature by the client's own keys; raise InvalidClient."""
        ...

    async def verify_statement(self, trusted: TrustedIssuer, assertion: str) -> Claims:
        """Verify an assertion's signature by its issuer's keys; raise InvalidGrant."""
        ...

    async def keys(self, client: Client, *, fresh: bool) -> Mapping[str, object]:
        """Give a client's keys; ``fresh`` reads published ones anew. Raises InvalidClient."""
        ...


class Certificates(Protocol):
    """Certificates that clients show, and the authorities whose word on them counts."""

    def check_times(self, shown: ShownCertificate, now: datetime) -> None:
        """Refuse a certificate that cannot be read or is not of now; raise InvalidClient."""
        ...

    def issued_to(self, shown: ShownCertificate, now: datetime) -> Subject:
        """Give whom an authority issued it to; raise InvalidClient where none did."""
        ...
