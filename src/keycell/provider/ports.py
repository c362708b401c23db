"""What the authorization server needs of the world, and the `Provider` that holds it.

Every write is one atomic verb that says what happened; the flows decide nothing after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.ports import (
    AccountStore,
    AuditTrail,
    Sealer,
    SeenIds,
    SessionStore,
    ThrottleStore,
)
from keycell.accounts.ports_alerts import AlertStore
from keycell.accounts.ports_factors import FactorStore, WaitingBrowserStore
from keycell.accounts.ports_hooks import Following, HookStore
from keycell.oauth.actors import Act
from keycell.oauth.claims import Authentication, ClaimsRequest
from keycell.oauth.clients import Client
from keycell.oauth.confirmation import Confirmation
from keycell.oauth.details import Details
from keycell.oauth.grants import Grant, RefreshState
from keycell.oauth.interaction import Consent
from keycell.oauth.metadata import Endpoints
from keycell.oauth.mutual_tls import NO_MUTUAL_TLS, MutualTls
from keycell.oauth.scope import Scope
from keycell.provider.client_uses import ClientUses
from keycell.provider.personal import AccessKeyStore, EndingTokens, PersonalTokenStore
from keycell.provider.ports_keys import Certificates, EncryptionKeys, ForeignTokens, Keyring
from keycell.provider.ports_logout import LogoutOutbox
from keycell.provider.ports_requests import (
    Documents,
    IssuerStore,
    Proofs,
    PushedStore,
    RequestObjects,
)
from keycell.provider.ports_waiting import BackchannelStore, DeviceStore
from keycell.values import dataclass

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what we give is good for."""

    code: timedelta = timedelta(seconds=60)
    pushed_request: timedelta = timedelta(seconds=60)
    """How long a client may take to send the browser with what it pushed. RFC9126-2.2."""
    device: timedelta = timedelta(minutes=10)
    """How long a device waits for a person to decide. RFC8628-3.2."""
    signed_answer: timedelta = timedelta(minutes=10)
    """How long an authorization response that is a JWT may be on its way. JARM-2.1."""
    access_token: timedelta = timedelta(minutes=10)
    id_token: timedelta = timedelta(hours=1)
    refresh_token: timedelta = timedelta(days=60)
    """Counted from the last rotation: a grant that is used stays."""
    ticket: timedelta = timedelta(hours=24)
    """How long a login page may stand open before its request is begun anew."""
    unused_client: timedelta = timedelta(days=30)
    """How long a client that anybody may register is kept without being used."""
    assertion: timedelta = timedelta(hours=1)
    """The furthest ahead that a client assertion may expire; its ``jti`` is kept as long."""

    def of_access_token(self, client: Client) -> timedelta:
        """Say how long an access token of a client is good for."""
        return client.access_token_lifetime or self.access_token

    def of_id_token(self, client: Client) -> timedelta:
        """Say how long an ID token of a client is good for."""
        return client.id_token_lifetime or self.id_token


@dataclass(frozen=True, slots=True)
class Held:
    """A grant, and the account that gave it; None if that is gone."""

    grant: Grant
    account: Account | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an access token of a grant stands for, as long as nothing of it was ended."""

    account: Account
    authentication: Authentication
    claims: ClaimsRequest
    ends_at: datetime | None = None
    """When the term of its grant ends, however long the token is good for."""


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """An access token that means nothing to whoever sees it; kept by digest."""

    digest: str
    jti: str
    grant_id: str | None
    client_id: str
    sub: str
    scope: Scope
    audience: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    details: Details = ()
    cnf: Confirmation | None = None
    act: Act = ()


@dataclass(frozen=True, slots=True)
class Won:
    """The credential was spent by this very call, and its successor is kept."""


@dataclass(frozen=True, slots=True)
class SameSuccessor:
    """Another call spent it a moment ago; this is its successor, sealed under the spent one."""

    sealed: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The credential was spent, or its grant ended, in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSpending:
    """What becomes of a grant when its code is exchanged."""

    grant_id: str
    digest: str
    at: datetime
    expires_at: datetime
    refresh: RefreshState | None
    opaque: OpaqueToken | None
    cnf: Confirmation | None
    """The key that its refresh token is bound to from here on."""
    event: AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What becomes of a grant when its refresh token is exchanged."""

    grant_id: str
    digest: str
    at: datetime
    expires_at: datetime
    successor: RefreshState
    opaque: OpaqueToken | None
    event: AuditEvent
    repeat_since: datetime
    """A token spent before this moment buys its successor no more."""


class ClientStore(Protocol):
    """The registered clients."""

    async def find(self, client_id: str) -> Client | None:
        """Find a client, a disabled one too."""
        ...

    async def page(self, after: str, most: int) -> Sequence[Client]:
        """List clients in the order of their identifiers, beyond one of them."""
        ...

    async def over(self, at: datetime, most: int) -> Sequence[Client]:
        """List clients whose test mode is over, with which something is still to be done."""
        ...

    async def add(self, client: Client, event: AuditEvent) -> bool:
        """Keep a new client; False if its identifier is taken."""
        ...

    async def update(
        self, client_id: str, change: Callable[[Client], Client], event: AuditEvent
    ) -> Client | None:
        """Change a client as it is at that moment, whatever was read of it before.

        Gives what is kept, None if it is gone; what ``change`` raises leaves it as it was.
        """
        ...

    async def remove(self, client_id: str, at: datetime, event: AuditEvent) -> bool:
        """Remove a client, with all that was granted to it; False if there is none."""
        ...

    async def is_invited(self, initial_digest: str, now: datetime) -> bool:
        """Tell whether an initial access token is good for another registration."""
        ...

    async def register(
        self, client: Client, initial_digest: str | None, event: AuditEvent
    ) -> bool:
        """Keep a client that registered itself, spending one use of its initial token."""
        ...

    async def keep(self, client: Client) -> bool:
        """Keep for good a client that is used for the first time; False if it is gone."""
        ...

    async def keep_initial_token(
        self, digest: str, label: str, uses: int, until: datetime, event: AuditEvent
    ) -> None:
        """Keep an initial access token, good for so many registrations. RFC7591-3."""
        ...


class GrantStore(Protocol):
    """Grants, and what their tokens still open."""

    async def start(
        self, grant: Grant, event: AuditEvent, opaque: OpaqueToken | None = None
    ) -> bool:
        """Keep a new grant, with the code and the token that it begins with.

        False if its session or its account was ended meanwhile.
        """
        ...

    async def find(self, grant_id: str) -> Grant | None:
        """Find a grant, an ended one too: who replays its credentials must be told from others."""
        ...

    async def of_account(self, sub: str, now: datetime) -> Sequence[Grant]:
        """List the grants of an account that stand, the latest first; at most 500."""
        ...

    async def in_session(self, sid: str, client_id: str, now: datetime) -> Held | None:
        """Find the latest standing grant by which a client may share a session. NSSO-4.3."""
        ...

    async def held(self, grant_id: str) -> Held | None:
        """Find a grant as `find` does, with its account. One point read."""
        ...

    async def exchange_code(self, spending: CodeSpending) -> Won | Lost:
        """Spend a code: `Won` for exactly one caller, however many try at once."""
        ...

    async def rotate(self, rotation: Rotation) -> Won | SameSuccessor | Lost:
        """Spend a refresh token: one caller `Won`, those beside it get the `SameSuccessor`."""
        ...

    async def repeat(
        self, grant_id: str, previous_digest: str, opaque: OpaqueToken | None
    ) -> None:
        """Remember that the answer to the last rotation was asked for again."""
        ...

    async def revoke(self, grant_id: str, at: datetime, event: AuditEvent) -> bool:
        """End a grant and all that descends from it; True for the call that did."""
        ...

    async def keep_opaque(self, token: OpaqueToken) -> None:
        """Keep an opaque access token that no grant stands behind."""
        ...

    async def opaque(self, digest: str) -> OpaqueToken | None:
        """Find an opaque access token."""
        ...

    async def revoke_token(self, jti: str, until: datetime, event: AuditEvent) -> None:
        """End one access token."""
        ...

    async def standing(self, grant_id: str, jti: str) -> Standing | None:
        """Find what an access token stands for: neither it, its grant nor its account was ended.

        One point read.
        """
        ...

    async def is_revoked(self, jti: str) -> bool:
        """Tell whether an access token without a grant was ended."""
        ...


class ConsentStore(Protocol):
    """What people have allowed clients, remembered."""

    async def of_account(self, sub: str, now: datetime) -> Sequence[tuple[str, Consent, datetime]]:
        """List what somebody allowed, to whom and when; not what has ended by now."""
        ...

    async def find(self, sub: str, client_id: str, now: datetime) -> Consent | None:
        """Find what somebody allowed a client, if it has not ended by now."""
        ...

    async def allow(self, sub: str, client_id: str, consent: Consent, event: AuditEvent) -> None:
        """Add to what somebody allowed a client."""
        ...

    async def revoke(self, sub: str, client_id: str, at: datetime, event: AuditEvent) -> None:
        """Forget it, and end every grant that came of it."""
        ...

    async def sign_out(self, sub: str, client_id: str, at: datetime, event: AuditEvent) -> int:
        """End every grant of a client; what was allowed stays. Tell how many there were."""
        ...


class SuccessorSeal(Protocol):
    """Seals a refresh token under the one it replaces. See decisions/0005."""

    def seal(self, secret: str, plaintext: bytes) -> str:
        """Seal under a key that only the secret gives."""
        ...

    def open(self, secret: str, sealed: str) -> bytes:
        """Open what was sealed under the secret."""
        ...


Registration = Literal["closed", "token", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Everything a flow may reach."""

    endpoints: Endpoints
    resource: str
    """The identifier of our own resource server: the public URL."""
    clients: ClientStore
    grants: GrantStore
    consents: ConsentStore
    uses: ClientUses
    devices: DeviceStore
    browsers: WaitingBrowserStore
    backchannel: BackchannelStore
    pushed: PushedStore
    issuers: IssuerStore
    hooks: HookStore
    alerts: AlertStore
    following: Following
    logouts: LogoutOutbox
    throttles: ThrottleStore
    personal: PersonalTokenStore
    access_keys: AccessKeyStore
    ending: EndingTokens
    accounts: AccountStore
    sessions: SessionStore
    factors: FactorStore
    audit: AuditTrail
    keys: Keyring
    encryption: EncryptionKeys
    foreign: ForeignTokens
    request_objects: RequestObjects
    proofs: Proofs
    certificates: Certificates
    seen: SeenIds
    sealer: Sealer
    successors: SuccessorSeal
    clock: Callable[[], datetime]
    mint: Callable[[], str]
    """A fresh secret: 256 bits, base64url."""
    mint_id: Callable[[], str]
    """A fresh identifier: 128 bits, base64url."""
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    mutual_tls: MutualTls = NO_MUTUAL_TLS
    client_documents: Documents | None = None
    """None: a client is registered, or is none."""

    @property
    def issuer(self) -> str:
        """The issuer identifier. OIDCD-3."""
        return self.endpoints.issuer

    @property
    def catalogue(self) -> str:
        """Where every error is explained, at an anchor of its code. RFC6749-4.1.2.1."""
        return f"{self.resource}/oauth2/errors"
