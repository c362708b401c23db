"""Proofs: one-time secrets that reach a person by mail, or by an administrator's hand.

Each has a link, whose secret has full entropy, and most a code of eight digits for another
browser. Only digests are kept. A proof is bound to the account as it was: once the password or
the address has changed, those from before open nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from keycell.accounts.errors import ProofRefused
from keycell.accounts.people import Account

CODE_DIGITS = 8
MOST_RESETS = 5
"""So many open resets, or codes, an account has at most; who asks more often gets no more mail."""
REMEMBERED = timedelta(days=30)
"""How long a proof that is over can still be told from one that never was."""

_NO_DIGIT = re.compile(r"[\s-]")


class ProofKind(StrEnum):
    """What a proof opens."""

    RESET = "reset"
    """A new password, asked for by whoever says they are the person."""
    SIGN_IN = "sign-in"
    """A session, by a code alone: no link is made of it."""
    ACCESS = "access"
    """A new password, by a link that an administrator made."""
    INVITATION = "invitation"
    """A new account."""
    ADDRESS = "address"
    """A mail address is the person's."""
    UNDO = "undo"
    """The address that was the person's before a change."""
    LOCKDOWN = "lockdown"
    """Everything is ended at once: it was not the person."""


LIFETIMES: Mapping[ProofKind, timedelta] = {
    ProofKind.RESET: timedelta(minutes=30),
    ProofKind.SIGN_IN: timedelta(minutes=10),
    ProofKind.ACCESS: timedelta(hours=24),
    ProofKind.INVITATION: timedelta(days=7),
    ProofKind.ADDRESS: timedelta(hours=24),
    ProofKind.UNDO: timedelta(days=7),
    ProofKind.LOCKDOWN: timedelta(days=7),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A one-time secret, as it is kept."""

    proof_id: str
    kind: ProofKind
    digest: str
    code_mac: str | None = None
    asked_by: str | None = None
    """The digest of the browser that asked; of an invitation, of the address it is for."""
    sub: str | None = None
    stamp: str = ""
    """What the account was like, as far as the proof is bound to it."""
    details: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime
    created_by: str
    expires_at: datetime
    spent_at: datetime | None = None


def check_proof(proof: Proof | None, kind: ProofKind, now: datetime) -> Proof:
    """Give a proof that was looked for and may still be used; raise ProofRefused."""
    if proof is None:
        raise ProofRefused("unknown", kind)
    if proof.spent_at is not None:
        raise ProofRefused("spent", proof.kind)
    if proof.expires_at <= now:
        raise ProofRefused("expired", proof.kind)
    return proof


def check_account(proof: Proof, account: Account | None) -> Account:
    """Give the account that a proof is bound to; raise ProofRefused."""
    if account is None:
        raise ProofRefused("unknown", proof.kind)
    if proof.stamp and proof.stamp != stamp_of(proof.kind, account):
        raise ProofRefused("spent", proof.kind)
    if account.disabled_at is not None and proof.kind is not ProofKind.UNDO:
        raise ProofRefused("disabled", proof.kind)
    return account


def stamp_of(kind: ProofKind, account: Account) -> str:
    """Give what a proof is bound to: one that changes these makes all others void."""
    match kind:
        case ProofKind.RESET | ProofKind.ACCESS | ProofKind.SIGN_IN:
            bound = f"{account.email or ''}\0{account.password_hash or ''}"
        case ProofKind.ADDRESS:
            bound = account.email or ""
        case ProofKind.INVITATION | ProofKind.UNDO | ProofKind.LOCKDOWN:
            return ""
    return hashlib.sha256(f"{account.sub}\0{bound}".encode()).hexdigest()


def read_code(typed: str) -> str:
    """Give a code as it was made, however it was typed."""
    return _NO_DIGIT.sub("", typed)[: CODE_DIGITS + 1]


def shown_code(code: str) -> str:
    """Give a code as people read it."""
    return f"{code[:4]} {code[4:]}"


def email_key(email: str) -> str:
    """Give what two spellings of one address have in common."""
    return email.strip().casefold()
