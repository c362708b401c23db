"""What requests need that are more than plain parameters: objects, pushed ones, and proofs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.oauth.clients import Client
from keycell.oauth.dpop import SignedProof
from keycell.oauth.jwt_bearer import TrustedIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRequest:
    """An authorization request that a client pushed. RFC9126-2."""

    digest: str
    """Of what stands in its ``request_uri``."""
    client_id: str
    pairs: tuple[tuple[str, str], ...]
    is_signed: bool
    expires_at: datetime


class IssuerStore(Protocol):
    """The issuers whose assertions are taken. RFC7523-2.1."""

    async def find(self, issuer: str) -> TrustedIssuer | None:
        """Find one by its name."""
        ...

    async def all(self) -> Sequence[TrustedIssuer]:
        """List them."""
        ...

    async def put(self, trusted: TrustedIssuer, most: int, event: AuditEvent) -> bool:
        """Keep one, or replace it; False if there are so many already."""
        ...

    async def remove(self, issuer: str, event: AuditEvent) -> bool:
        """Trust one no longer; False if it was not."""
        ...


class PushedStore(Protocol):
    """The requests that clients pushed."""

    async def push(self, request: PushedRequest) -> None:
        """Keep one."""
        ...

    async def find(self, digest: str, now: datetime) -> PushedRequest | None:
        """Find one whose time is not over."""
        ...


class RequestObjects(Protocol):
    """Request objects: fetched where a client registered them, verified by its keys."""

    async def fetch(self, address: str) -> str:
        """Give the object at a registered address; raise InvalidRequestUri."""
        ...

    async def verify_object(
        self, client: Client, sent: str, wanted: str | None
    ) -> Mapping[str, object]:
        """Give what an object says, signed by the wanted algorithm; raise InvalidRequestObject."""
        ...


class Documents(Protocol):
    """The documents by which clients describe themselves at their own address. CIMD-4."""

    async def document(self, address: str) -> object:
        """Give one, fetched or kept; raise InvalidClientMetadata."""
        ...

    def forget(self, address: str) -> None:
        """Keep nothing of one that was no good."""
        ...


class Proofs(Protocol):
    """DPoP proofs, signed by the keys that they bring along."""

    def verify(self, proof: str) -> SignedProof:
        """Verify a proof's signature; raise InvalidDpopProof."""
        ...

    def mint_key(self) -> str:
        """Make a key for a client of our own, in the form in which it is kept."""
        ...

    def prove(self, key: str, claims: Mapping[str, object]) -> str:
        """Make a proof by such a key."""
        ...
