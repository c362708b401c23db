"""What administration works with, who does it and from where, and what cannot be done.

AccountError
├── NotThere    nothing is there under this name
├── Clash       something else is in the way
└── NotAllowed  it is not for anybody to do, or not for this administrator
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import AccountError, Invalid
from keycell.accounts.people import Account
from keycell.accounts.ports import People
from keycell.administration.storage_ports import Stockroom
from keycell.oauth.clients import Client
from keycell.oauth.sentences import Words, in_english, phrase
from keycell.oauth.step_up import check_office
from keycell.provider.keys import KeyKeeping
from keycell.provider.personal_tokens import By, Limits
from keycell.provider.ports import Provider

PAGE = 500
"""So many of a list at once, at most and where nothing is said."""
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A part of a long list: those that a text is found in, beyond the cursor of the last part."""

    search: str = ""
    after: str = ""
    most: int = PAGE

    def check(self) -> None:
        """Raise Invalid for what no part can be."""
        if not 1 <= self.most <= PAGE:
            raise Invalid("most", "most", f"expected 1 to {PAGE} at once, and go on by next")
        if len(self.search) > LONGEST_SEARCH:
            raise Invalid("search", "search", f"expected at most {LONGEST_SEARCH} characters")


class NotThere(AccountError):
    """Nothing is there under this name."""


class Clash(AccountError):
    """Something else is in the way."""


class NotAllowed(AccountError):
    """It is not for anybody to do, or not for this administrator."""


def check_foreign(client: Client) -> None:
    """Refuse what nobody may do to Keycell's own clients; raise NotAllowed."""
    if client.is_first_party:
        raise NotAllowed(
            phrase("%(client_id)s is one of Keycell's own clients", client_id=client.client_id)
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """How much somebody's own files take up, in bytes; None is no bound."""

    used: int
    quota: int | None
    nodes: int


@dataclass(frozen=True, slots=True)
class Right:
    """What a role may, or may not, do with a space or a folder in it."""

    role_id: str
    label: str
    """Where it is: the name of the space, and of the folder."""
    may: str


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
    registration: str = "closed"
    """Who may register applications: open, token or closed."""
    fetch_networks: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    limits: Limits | None = None
    """What tokens that are made may open at most: a personal token's; None is no limit."""
    words: Words = in_english
    """What is told is told by these."""
    storage: Callable[[str], Awaitable[Stored]] | None = None
    """How much a person's own files take up, where that is known."""
    rights: Callable[[Sequence[str]], Awaitable[Sequence[Right]]] | None = None
    """What roles may do with files, where that is known."""
    stockroom: Stockroom | None = None
    """What all spaces hold, where that is known."""
    told: Callable[[Collection[str]], Sequence[str]] = sorted
    """What a scope lets be done, in words where there are any."""
    certificate: Callable[[], Awaitable[datetime | None]] | None = None
    """When the certificate ends by which the server speaks https, where it does so itself."""

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
            raise NotThere(phrase("there is no account %(login)s", login=login[:100]))
        return account

    async def account_to_change(self, login: str, *, to_admin: bool = False) -> Account:
        """Find somebody whom this administrator may change gravely.

        Raises NotThere, InsufficientUserAuthentication.
        """
        account = await self.account(login)
        self.check_office(concerns_office=to_admin or account.is_admin)
        return account

    def check_office(self, *, concerns_office: bool) -> None:
        """Refuse what concerns administrators to a personal token."""
        check_office(is_personal=self.limits is not None, concerns_office=concerns_office)

    async def client(self, client_id: str) -> Client:
        """Find an application; raise NotThere."""
        client = await self.provider.clients.find(client_id)
        if client is None:
            raise NotThere(phrase("there is no client %(client_id)s", client_id=client_id[:100]))
        return client

    async def foreign_client(self, client_id: str) -> Client:
        """Find an application that is not one of Keycell's own; raise NotThere, NotAllowed."""
        client = await self.client(client_id)
        check_foreign(client)
        return client

    async def clients(self) -> list[Client]:
        """Give every application, in the order of their identifiers."""
        found: list[Client] = []
        while True:
            page = await self.provider.clients.page(found[-1].client_id if found else "", PAGE)
            found += page
            if len(page) < PAGE:
                return found

    def check_other(self, account: Account, what: str) -> None:
        """Refuse what would shut the last door: an administrator does it to another one."""
        if account.sub == self.by.actor:
            raise NotAllowed(f"an administrator is {what} by another one")
