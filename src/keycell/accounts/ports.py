"""What the flows about people need of the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from keycell.accounts.audit import Asked, AuditEvent, Count, Facet, Search, Totals
from keycell.accounts.groups import Group, Role
from keycell.accounts.lists import Sought
from keycell.accounts.people import Account
from keycell.accounts.ports_branding import BrandingStore
from keycell.accounts.ports_factors import (
    Authenticators,
    FactorStore,
    OneTimeCodes,
    PolicyStore,
    TrustStore,
    WaitingBrowserStore,
)
from keycell.accounts.ports_mail import NO_MAIL, Mail, Mailing
from keycell.accounts.preferences import PreferenceStore
from keycell.accounts.sessions import Session
from keycell.accounts.throttle import Slot
from keycell.accounts.trust import Shortcut, Trust
from keycell.accounts.waiting_browsers import Lent


class StoreUnavailable(Exception):
    """The database is away for the moment; what was asked may have been done or not."""


class NotStorable(Exception):
    """A value that the database cannot hold, so that nothing there has it: a text with NUL."""

    def __init__(self) -> None:
        super().__init__("a value holds a NUL character, or is one that nothing here can have")


class AccountStore(Protocol):
    """The accounts."""

    async def find(self, sub: str) -> Account | None:
        """Find an account, a disabled one too."""
        ...

    async def find_by_login(self, login: str) -> Account | None:
        """Find an account by any spelling of its login."""
        ...

    async def with_address(self, key: str, most: int) -> Sequence[Account]:
        """List accounts whose mail address has this key, and is verified."""
        ...

    async def add(self, account: Account, event: AuditEvent) -> None:
        """Keep a new account; raise LoginTaken, NoSuchGroup."""
        ...

    async def add_all(self, new: Sequence[tuple[Account, AuditEvent]]) -> None:
        """Keep several new accounts, or none of them; raise LoginTaken, NoSuchGroup."""
        ...

    async def update(
        self, before: Account, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Replace an account that is as it was read; False if it is gone or changed meanwhile.

        Raises LoginTaken and NoSuchGroup as `add` does, and LastAdministrator.
        """
        ...

    async def change_password(
        self,
        before: Account,
        account: Account,
        kept_sid: str | None,
        event: AuditEvent,
        mailing: Mailing = NO_MAIL,
    ) -> bool:
        """Replace an account as `update` does, end its sessions save one, and tell by mail."""
        ...

    async def disable(self, sub: str, at: datetime, event: AuditEvent) -> None:
        """Disable an account, and end its sessions and grants with it.

        Raises LastAdministrator.
        """
        ...

    async def remove(
        self, sub: str, at: datetime, kept_until: datetime, event: AuditEvent
    ) -> None:
        """Remove an account with its sessions, grants, consents, tokens, links and rights.

        The spaces that are the person's alone are kept for administrators until a moment.
        Raises LastAdministrator.
        """
        ...

    async def leave(
        self, before: Account, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Let an account leave at its time; what acts in its name ends now. False as `update`.

        Raises LastAdministrator.
        """
        ...

    async def due(self, now: datetime, most: int) -> Sequence[Account]:
        """List accounts whose time to leave has come, the longest ago first."""
        ...

    async def of_test(self, client_id: str) -> Sequence[Account]:
        """List the accounts that were made for an application in test mode."""
        ...

    async def remove_due(
        self, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Remove an account that is due, and let go of its files; False if it stays after all.

        Raises LastAdministrator.
        """
        ...

    async def page(self, after: str, most: int) -> Sequence[Account]:
        """List accounts in the order of their logins' keys, beyond one of them."""
        ...

    async def seek(self, asked: Sought) -> Sequence[Account]:
        """List those that are sought, a part at a time."""
        ...

    async def find_some(self, text: str, most: int) -> Sequence[Account]:
        """List a few people for a text: by their login, their address, their name."""
        ...

    async def count_administrators(self) -> int:
        """Count the administrators who can act."""
        ...

    async def count_without_factor(self) -> int:
        """Count who could sign in by a password alone."""
        ...

    async def is_empty(self) -> bool:
        """Tell whether there is no account at all."""
        ...


class GroupStore(Protocol):
    """The groups and roles."""

    async def groups(self) -> Sequence[Group]:
        """List the groups in the order of their paths."""
        ...

    async def members(self) -> Mapping[str, int]:
        """Count who is in each group itself; of those alone that somebody is in."""
        ...

    async def bearers(self) -> Mapping[str, int]:
        """Count who has each role; of those alone that somebody has."""
        ...

    async def add_group(self, group: Group, event: AuditEvent) -> bool:
        """Keep a group and those it lies in; False if it is there."""
        ...

    async def remove_group(self, path: str, event: AuditEvent) -> bool:
        """Remove a group that nobody and no group is in; False otherwise."""
        ...

    async def roles(self) -> Sequence[Role]:
        """List the roles."""
        ...

    async def put_role(self, role: Role, event: AuditEvent) -> None:
        """Keep a role."""
        ...

    async def remove_role(self, role_id: str, event: AuditEvent) -> bool:
        """Remove a role, from the accounts that have it too; False if there is none."""
        ...


class SessionStore(Protocol):
    """The browser sessions."""

    async def find(self, digest: str) -> tuple[Session, Account] | None:
        """Find a session by its cookie's digest, an ended one too, with its account."""
        ...

    async def start(
        self,
        session: Session,
        replaced: str | None,
        event: AuditEvent,
        password_hash: str | None = None,
        by: Trust | Shortcut | Lent | None = None,
        mailing: Mailing = NO_MAIL,
    ) -> bool:
        """Keep a new session, and end the one whose digest it replaces in this browser.

        A trust is kept with it, if its factor still is one. False if the account was ended
        meanwhile, has another password than was proved, or trusts this browser no longer; or if
        what was lent to it was spent, or ended where it came from.
        """
        ...

    async def touch(self, session: Session, seen_at: datetime) -> None:
        """Remember that a session was used."""
        ...

    async def find_by_sid(self, sid: str) -> Session | None:
        """Find a session by the name that clients know, an ended one too."""
        ...

    async def keep(self, sid: str) -> None:
        """Keep a session as long as one may last, though its browser falls idle. NSSO-4.3."""
        ...

    async def end(self, sid: str, at: datetime, event: AuditEvent) -> bool:
        """End a session and its grants that were not to outlive it; True for one caller."""
        ...

    async def end_others(self, sub: str, kept: str | None, at: datetime, event: AuditEvent) -> int:
        """End all sessions of an account save one; tell how many."""
        ...

    async def of_account(self, sub: str, now: datetime) -> Sequence[Session]:
        """List the sessions of an account that were not ended, the latest first."""
        ...


class ThrottleStore(Protocol):
    """Counts of failed attempts."""

    async def take(self, slots: Sequence[Slot], now: datetime) -> None:
        """Count an attempt under every key, all or none; raise Throttled."""
        ...

    async def count(self, key: str, now: datetime) -> int:
        """Tell how many failures are counted under a key."""
        ...

    async def give_back(self, cleared: Sequence[str], lowered: Sequence[str]) -> None:
        """After a success: forget some keys, take one attempt back from others."""
        ...


class AuditTrail(Protocol):
    """The trail, for events that no other write carries."""

    async def record(self, event: AuditEvent) -> None:
        """Keep an event; it is on the disk when this returns."""
        ...

    def note(self, event: AuditEvent) -> None:
        """Keep an event soon, for what proves something and changes nothing."""
        ...

    async def page(self, before: str | None, most: int) -> Sequence[tuple[str, AuditEvent]]:
        """List events with their keys, the latest first."""
        ...

    async def search(self, wanted: Search) -> tuple[Sequence[tuple[str, AuditEvent]], str | None]:
        """List events that are looked for, the latest first; and where to go on, if at all."""
        ...

    async def facets(
        self, wanted: Search, by: Literal["action", "actor", "client_id", "result"]
    ) -> Sequence[Facet]:
        """Count what is looked for by what stands in a column, the most frequent first."""
        ...

    async def about(self, asked: Asked) -> tuple[Sequence[tuple[str, AuditEvent]], str | None]:
        """List events that may be about somebody, the latest first; and where to go on, if at all.

        Those are among them that tell of their login, whoever had it then.
        """
        ...

    async def counts(self, since: datetime) -> Sequence[Count]:
        """Count what is `COUNTED` and what was refused, by day and client, since a moment."""
        ...

    async def active(self, since: datetime) -> int:
        """Count the people who signed in since a moment."""
        ...

    async def totals(self, now: datetime) -> Totals:
        """Count accounts, sessions that stand, clients, files and their bytes, and what waits."""
        ...


class SetupStore(Protocol):
    """The offer to make the first administrator."""

    async def offer(self, digest: str, expires_at: datetime) -> None:
        """Keep the only valid set-up secret's digest."""
        ...

    async def is_offered(self, digest: str, now: datetime) -> bool:
        """Tell whether this is the secret that was offered, unspent and in time."""
        ...

    async def complete(
        self, digest: str, account: Account, at: datetime, event: AuditEvent
    ) -> bool:
        """Spend the secret and keep the first administrator; True for one caller alone."""
        ...


class SeenIds(Protocol):
    """The ``jti`` values that must not come twice."""

    async def see(self, kind: str, issuer: str, jti: str, until: datetime) -> bool:
        """Remember one; True for the first caller alone."""
        ...


class SealBroken(Exception):
    """What was to be opened is not something we sealed for this purpose."""


class Sealer(Protocol):
    """Sealed and authenticated texts, by purpose."""

    def seal(self, purpose: str, plaintext: bytes, bound_to: bytes = b"") -> str:
        """Seal under the key of a purpose."""
        ...

    def open(self, purpose: str, sealed: str, bound_to: bytes = b"") -> bytes:
        """Open what was sealed for this purpose, or raise SealBroken."""
        ...

    def mac(self, purpose: str, message: bytes) -> str:
        """Authenticate a message."""
        ...


class PasswordHasher(Protocol):
    """Hashes passwords without holding up anybody else."""

    async def hash(self, password: str) -> str:
        """Give the form in which a password is kept."""
        ...

    async def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether this is the password; it takes as long when there is none."""
        ...

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether it was hashed by other settings than today's."""
        ...

    def is_common(self, folded: str) -> bool:
        """Tell whether a password, in lower case, is among those that are tried first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everything a flow about people may reach."""

    accounts: AccountStore
    sessions: SessionStore
    throttles: ThrottleStore
    setup: SetupStore
    groups: GroupStore
    audit: AuditTrail
    passwords: PasswordHasher
    mail: Mail
    factors: FactorStore
    policies: PolicyStore
    branding: BrandingStore
    trusted: TrustStore
    trust_for: timedelta
    """How long a browser may be trusted; not at all if this is nothing."""
    preferences: PreferenceStore
    browsers: WaitingBrowserStore
    another_device: bool
    """Browsers may be signed in from another device."""
    mail_codes: bool
    """People may sign in by a code that is mailed to them."""
    authenticators: Authenticators
    one_time_codes: OneTimeCodes
    sealer: Sealer
    seen: SeenIds
    mac: Callable[[str, bytes], str]
    """Authenticates a message for a purpose, under a key of the server."""
    clock: Callable[[], datetime]
    mint: Callable[[], str]
    mint_id: Callable[[], str]
