"""What the flows about mail need of the world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.branding import Branding
from keycell.accounts.letters import Letter, Posted, Taken
from keycell.accounts.people import Account
from keycell.accounts.proofs import Proof, ProofKind


class NotSent(Exception):
    """A letter did not go; ``is_final`` if it never will."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Ends(Enum):
    """What a change of an account ends."""

    NOTHING = auto()
    SIGN_INS = auto()
    """Sessions and grants: every browser and every application."""
    EVERYTHING = auto()
    """Personal access tokens and access keys too."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Letters, and the proofs that are in them."""

    letters: tuple[Posted, ...] = ()
    proofs: tuple[Proof, ...] = ()


NO_MAIL = Mailing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a proof buys: an account that is different, or new."""

    account: Account
    before: Account | None
    """None where the account is new."""
    event: AuditEvent
    ends: Ends = Ends.NOTHING
    mailing: Mailing = NO_MAIL


class ProofStore(Protocol):
    """The one-time secrets."""

    async def find(self, kind: ProofKind, digest: str) -> Proof | None:
        """Find a proof by its link's digest, a spent or late one too."""
        ...

    async def named(self, proof_id: str) -> Proof | None:
        """Find a proof by its name."""
        ...

    async def of_browser(self, kind: ProofKind, asked_by: str, now: datetime) -> Sequence[Proof]:
        """List the open proofs that a browser asked for, the latest first."""
        ...

    async def of_account(self, kind: ProofKind, sub: str, now: datetime) -> Sequence[Proof]:
        """List the open proofs of an account, the latest first."""
        ...

    async def invitations_to(self, address: str, now: datetime) -> Sequence[Proof]:
        """List the open invitations that may be for an address, by the digest kept of it."""
        ...

    async def open_of(self, kind: ProofKind, now: datetime) -> Sequence[Proof]:
        """List all open proofs of a kind, the latest first."""
        ...

    async def exchange(self, proof: Proof, change: Change) -> bool:
        """Spend a proof and change the account, both or neither; True for one caller alone.

        Raises ChangedMeanwhile, LoginTaken, NoSuchGroup.
        """
        ...

    async def revoke(self, proof: Proof, at: datetime, event: AuditEvent) -> bool:
        """Spend a proof that buys nothing; True for one caller alone."""
        ...

    async def keep(self, mailing: Mailing, event: AuditEvent | None = None) -> None:
        """Keep proofs and the letters they are in."""
        ...


class Outbox(Protocol):
    """The letters that wait. A lease says in whose hand one is; the database arbitrates."""

    async def put(self, posted: Posted, most: int) -> bool:
        """Keep a letter; False if so many wait already."""
        ...

    async def take(self, worker: str, now: datetime, until: datetime) -> Taken | None:
        """Lease a letter whose time has come; one worker gets it."""
        ...

    async def settle(self, mail_id: str, worker: str, mailing: Mailing = NO_MAIL) -> bool:
        """Be done with a letter, and keep those it became; False if the lease was lost."""
        ...

    async def put_off(self, mail_id: str, worker: str, until: datetime) -> None:
        """Let a letter wait until it is tried again."""
        ...


class Mailer(Protocol):
    """Sends mail."""

    @property
    def is_set(self) -> bool:
        """There is a mail server to send by."""
        ...

    async def send(self, mail_id: str, letter: Letter) -> None:
        """Send a letter; raise NotSent."""
        ...

    def page(self, letter: Letter, branding: Branding, logo_at: str) -> str:
        """Give a letter as a page, in a branding that is not published yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Everything the flows need to write to people."""

    proofs: ProofStore
    outbox: Outbox
    mailer: Mailer
    seal: Callable[[bytes], str]
    open: Callable[[str], bytes | None]
    """None for what was sealed under another key."""
    mint_code: Callable[[], str]
