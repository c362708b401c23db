"""What the flows about second factors, and what stands in for them, need of the world."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.factors import Factor, Factors, Passkey
from keycell.accounts.people import Account
from keycell.accounts.policies import FactorPolicy, Kind
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.trust import TrustedBrowser
from keycell.accounts.waiting_browsers import WaitingBrowser


class FactorStore(Protocol):
    """Passkeys, authenticator apps and recovery codes.

    The letters that tell of a change are kept in its transaction.
    """

    async def of_account(self, sub: str) -> Factors:
        """Give everything that an account has beside its password."""
        ...

    async def passkey(self, credential_id: str) -> Passkey | None:
        """Find a passkey."""
        ...

    async def add(
        self, factor: Factor, codes: Sequence[str], event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Keep a factor, and with it new recovery codes if there are any here.

        False if its account is gone or has as many as it may, or the factor is there already.
        """
        ...

    async def rename(self, sub: str, key: str, name: str, event: AuditEvent) -> bool:
        """Give a factor another name; False if the account has none of this key."""
        ...

    async def remove(
        self, sub: str, key: str, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Remove a factor, and with the last one the recovery codes; False if there is none.

        Raises LastWayIn where the account would be left without any way to sign in.
        """
        ...

    async def put_codes(
        self, sub: str, codes: Sequence[str], event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Put new recovery codes in the place of the old; False without any factor."""
        ...

    async def spend_step(self, app_id: str, step: int, event: AuditEvent) -> bool:
        """Spend a time step of an app and those before it; True for exactly one caller."""
        ...

    async def spend_code(self, sub: str, code: str, event: AuditEvent) -> bool:
        """Spend a recovery code; True for exactly one caller."""
        ...

    async def use_passkey(self, before: Passkey, sign_count: int, event: AuditEvent) -> bool:
        """Keep how often a passkey signed; False if it was used otherwise meanwhile."""
        ...

    async def reset(self, sub: str, event: AuditEvent, mailing: Mailing = NO_MAIL) -> int:
        """Remove every factor and code of an account; tell how many factors there were."""
        ...


class TrustStore(Protocol):
    """The browsers that people trust; a trust begins with its session."""

    async def of_account(self, sub: str) -> Sequence[TrustedBrowser]:
        """List the browsers of an account, the latest first; some may be over."""
        ...

    async def end(self, sub: str, trust_id: str | None, event: AuditEvent) -> int:
        """End the trust in a browser, or in every one of an account; tell in how many."""
        ...


class PolicyStore(Protocol):
    """Who must have a second factor, and how often it was put off."""

    async def all(self) -> Sequence[FactorPolicy]:
        """List the policies."""
        ...

    async def put(self, policy: FactorPolicy, event: AuditEvent) -> bool:
        """Keep a policy in the place of the one for the same people; False for one too many."""
        ...

    async def remove(self, kind: Kind, name: str, event: AuditEvent) -> bool:
        """Remove a policy; False if there is none."""
        ...

    async def used(self, sub: str, mark: str) -> int:
        """Tell how often somebody has put off what a policy wants."""
        ...

    async def skip(self, sid: str, sub: str, mark: str, most: int, event: AuditEvent) -> bool:
        """Put it off in a session: counted once for each, and no more often than may be."""
        ...


class WaitingBrowserStore(Protocol):
    """The browsers that wait to be signed in from another device."""

    async def start(self, waiting: WaitingBrowser) -> bool:
        """Keep a new one; False if another has its code."""
        ...

    async def find(self, wait_id: str) -> WaitingBrowser | None:
        """Find one, a decided one too."""
        ...

    async def claim(
        self, user_code: str, sub: str, number: str, now: datetime
    ) -> WaitingBrowser | None:
        """Find one by its code, for this account alone from then on; the first number stays."""
        ...

    async def found_by(self, sub: str, now: datetime) -> WaitingBrowser | None:
        """Find the last one that somebody found and has not decided."""
        ...

    async def decide(self, wait_id: str, sub: str, sid: str | None, event: AuditEvent) -> bool:
        """Say yes by a session, or no: True for the call that decided."""
        ...


class PasskeyRefused(Exception):
    """What an authenticator sent does not hold; the reason is for our log."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """What an authenticator said of a key pair it made."""

    credential_id: str
    public_key: str
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class KeyUse:
    """That a key pair signed our challenge."""

    sign_count: int
    is_verified: bool
    """The authenticator made sure of who used it."""


class Authenticators(Protocol):
    """Authenticators, as browsers speak for them. WebAuthn-7."""

    @property
    def rp_id(self) -> str:
        """The domain that passkeys are bound to; empty where there can be none."""
        ...

    def creation_options(
        self, challenge: bytes, account: Account, known: Sequence[Passkey]
    ) -> str:
        """Give what a browser is asked for a new key pair by, as JSON."""
        ...

    def request_options(self, challenge: bytes, known: Sequence[Passkey]) -> str:
        """Give what a browser is asked for a signature by; of any passkey where none is known."""
        ...

    def read_new(self, credential: str, challenge: bytes) -> NewKey:
        """Verify what a browser sent of a new key pair; raise PasskeyRefused. WebAuthn-7.1."""
        ...

    def read_id(self, credential: str) -> tuple[str, str | None]:
        """Give the unverified identifier of the key pair, and whose it says it is."""
        ...

    def read_use(self, credential: str, challenge: bytes, passkey: Passkey) -> KeyUse:
        """Verify a signature of our challenge; raise PasskeyRefused. WebAuthn-7.2."""
        ...


class OneTimeCodes(Protocol):
    """The codes of authenticator apps. RFC6238-4."""

    def steps_of(self, secret: bytes, code: str, now: datetime, reach: int) -> Sequence[int]:
        """Give the time steps around now, so far at most, whose code this is."""
        ...

    def address(self, secret: bytes, account: Account) -> str:
        """Give what an app reads from a QR code."""
        ...

    def typed(self, secret: bytes) -> str:
        """Give a secret as it is typed into an app. RFC4648-6."""
        ...
