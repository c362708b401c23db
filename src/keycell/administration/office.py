"""What administration works with, who does it and from where, and what cannot be done.

AccountError
├── NotThere    nothing is there under this name
├── Clash       something else is in the way
└── NotAllowed  it is not for anybody to do, or not for this administrator
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import AccountError
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.oauth.clients import Client
from keycell.provider.keys import KeyKeeping
from keycell.provider.personal_tokens import By, Limits
from keycell.provider.ports import Provider

Document = Mapping[str, Any]
PAGE = 500


class NotThere(AccountError):
    """Nothing is there under this name."""


class Clash(AccountError):
    """Something else is in the way."""


class NotAllowed(AccountError):
    """It is not for anybody to do, or not for this administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What administration works with, and who does it."""

    provider: Provider
    people: People
    keys: KeyKeeping
    by: By
    files_kept: timedelta
    """How long the own files of a person who is removed are kept."""
    origins: tuple[str, ...]
    allows_http: bool
    """Redirect URIs of plain http beyond this machine may be registered."""
    limits: Limits | None = None
    """What tokens that are made may open at most; None is no limit."""

    def event(self, action: str, target: str, client_id: str = "") -> AuditEvent:
        """Tell of something that is done."""
        return AuditEvent(
            at=self.people.clock(), actor=self.by.actor, action=action, target=target,
            client_id=client_id, origin=self.by.origin,
        )  # fmt: skip

    async def account(self, login: str) -> Account:
        """Find somebody; raise NotThere."""
        account = await self.people.accounts.find_by_login(login)
        if account is None:
            raise NotThere(f"there is no account {login[:100]}")
        return account

    async def client(self, client_id: str) -> Client:
        """Find an application; raise NotThere."""
        client = await self.provider.clients.find(client_id)
        if client is None:
            raise NotThere(f"there is no client {client_id[:100]}")
        return client

    def check_other(self, account: Account, what: str) -> None:
        """Refuse what would shut the last door: an administrator does it to another one."""
        if account.sub == self.by.actor:
            raise NotAllowed(f"an administrator is {what} by another one")


@dataclass(frozen=True, slots=True)
class Nothing:
    """A call that asks for nothing in particular."""
