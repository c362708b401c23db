"""Accounts and their browser sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, TypedDict

from keycell.accounts import administration as flows
from keycell.accounts import leaving
from keycell.accounts.administration import Changes, NewAccount
from keycell.accounts.audit import about
from keycell.accounts.errors import Invalid
from keycell.accounts.groups import check_group_path, check_role
from keycell.accounts.lists import Order, Sought, State, cursor_of
from keycell.accounts.people import Account
from keycell.accounts.sessions import browser_label
from keycell.administration.call import Items, Moment, Page
from keycell.administration.office import Listing, Office

MOST_GRACE_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An account, by its login."""

    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking(Listing):
    """A part of the people, by state, in the order of something."""

    state: State = ""
    group: str = ""
    """Who is in this group, or in one below."""
    role: str = ""
    sort: Order = "login"
    is_backwards: bool = False

    def check(self) -> None:
        """Raise Invalid for what no part can be: before a file of them has begun."""
        Listing.check(self)
        if self.group:
            check_group_path(self.group)
        if self.role:
            check_role(self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """A new account."""

    login: str
    password: str
    email: str | None = None
    name: str = ""
    group: str = "/"
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """What is to be different; what is left out or null stays."""

    login: str
    new_login: str | None = None
    email: str | None = None
    name: str | None = None
    group: str | None = None
    roles: tuple[str, ...] | None = None
    is_admin: bool | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removing:
    """Whom to remove, and what becomes of their own files."""

    login: str
    files: Literal["keep", "now"] = "keep"
    grace_days: int | None = None
    """Days in which the person may still keep the account, by signing in; none at all if None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOut:
    """Out of every browser; and, if that is said, out of every program and application too."""

    login: str
    with_grants: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A new password."""

    login: str
    password: str


class AccountView(TypedDict):
    """An account. ``sub`` stays whatever else changes; ``leaves_at`` is the end of its grace."""

    sub: str
    login: str
    name: str
    email: str | None
    group: str
    roles: list[str]
    is_admin: bool
    is_disabled: bool
    created_at: Moment
    leaves_at: Moment | None
    test_of: str | None
    """The application in test mode that it was made for; it opens none that is real."""
    claims: dict[str, Any]


class LoginNamed(TypedDict):
    """Whom it was done to."""

    login: str


class BrowserView(TypedDict):
    """A browser that somebody is signed in with."""

    sid: str
    browser: str
    ip: str
    created_at: Moment
    seen_at: Moment


class SignedOut(TypedDict):
    """How many browser sessions ended, and how many grants of applications."""

    ended: int
    grants: int


def view(account: Account) -> AccountView:
    """Give what is shown of an account."""
    return {
        "sub": account.sub,
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "group": account.group_path,
        "roles": list(account.roles),
        "is_admin": account.is_admin,
        "is_disabled": account.disabled_at is not None,
        "created_at": account.created_at.isoformat(),
        "leaves_at": account.leaves_at.isoformat() if account.leaves_at else None,
        "test_of": account.test_of,
        "claims": dict(account.claims),
    }


async def listed(office: Office, asked: Seeking) -> Page[AccountView]:
    """List accounts; ``next`` is the cursor to go on by, null at the end."""
    asked.check()
    wanted = Sought(
        after=asked.after, most=asked.most + 1, search=asked.search.strip(), state=asked.state,
        group="" if asked.group in ("", "/") else check_group_path(asked.group), role=asked.role,
        sort=asked.sort, is_backwards=asked.is_backwards,
    )  # fmt: skip
    found = await office.people.accounts.seek(wanted)
    shown = found[: asked.most]
    return {
        "items": [view(one) for one in shown],
        "next": cursor_of(shown[-1], asked.sort) if len(found) > asked.most else None,
    }


async def shown(office: Office, asked: Named) -> AccountView:
    """Show an account."""
    return view(await office.account(asked.login))


async def added(office: Office, asked: Adding) -> AccountView:
    """Add an account."""
    office.check_office(concerns_office=asked.is_admin)
    wanted = NewAccount(
        login=asked.login, password=asked.password, email=asked.email, name=asked.name,
        group_path=asked.group, roles=asked.roles, is_admin=asked.is_admin, claims=asked.claims,
    )  # fmt: skip
    by = office.by
    return view(await flows.add_account(office.people, wanted, by.actor, by.origin))


async def changed(office: Office, asked: Changing) -> AccountView:
    """Change an account."""
    account = await office.account_to_change(asked.login, to_admin=asked.is_admin is True)
    if asked.is_admin is False:
        office.check_other(account, "demoted")
    changes = Changes(
        login=asked.new_login, email=asked.email, name=asked.name, group_path=asked.group,
        roles=asked.roles, is_admin=asked.is_admin, claims=asked.claims,
    )  # fmt: skip
    await flows.update_account(office.people, account, changes, office.by.actor, office.by.origin)
    return view(await office.account(asked.new_login or asked.login))


async def removed(office: Office, asked: Removing) -> AccountView | LoginNamed:
    """Remove an account with its sessions, tokens and links, and later its own files."""
    account = await office.account_to_change(asked.login)
    office.check_other(account, "removed")
    if asked.grace_days is not None:
        return await _left(office, account, asked)
    kept = timedelta(0) if asked.files == "now" else office.files_kept
    await flows.remove(office.people, account, office.by.actor, kept, office.by.origin)
    return {"login": account.login}


async def _left(office: Office, account: Account, asked: Removing) -> AccountView:
    if asked.grace_days is None or not 0 <= asked.grace_days <= MOST_GRACE_DAYS:
        raise Invalid("grace_days", "grace", f"expected 0 to {MOST_GRACE_DAYS} days")
    if asked.files == "now":
        raise Invalid("files", "grace", "after a grace, files always go with the account")
    event = replace(office.event("account.leaving", account.login), detail=about(account.sub))
    grace = timedelta(days=asked.grace_days)
    return view(await leaving.ask_to_leave(office.people, account, grace, event))


async def kept(office: Office, asked: Named) -> AccountView:
    """Keep an account that was to be removed."""
    account, by = await office.account_to_change(asked.login), office.by
    return view(await leaving.stay(office.people, account, by.actor, by.origin))


async def given_password(office: Office, asked: Password) -> LoginNamed:
    """Set a password; the person's browser sessions end."""
    account, by = await office.account_to_change(asked.login), office.by
    await flows.set_password(office.people, account, asked.password, by.actor, by.origin)
    return {"login": account.login}


async def disabled(office: Office, asked: Named) -> AccountView:
    """Disable an account; its sessions and grants end at once."""
    account = await office.account_to_change(asked.login)
    office.check_other(account, "disabled")
    await flows.disable(office.people, account, office.by.actor, office.by.origin)
    return view(await office.account(asked.login))


async def enabled(office: Office, asked: Named) -> AccountView:
    """Enable an account again."""
    account = await office.account_to_change(asked.login)
    await flows.enable(office.people, account, office.by.actor, office.by.origin)
    return view(await office.account(asked.login))


async def sessions(office: Office, asked: Named) -> Items[BrowserView]:
    """List the browsers somebody is signed in with."""
    account = await office.account(asked.login)
    kept = await office.people.sessions.of_account(account.sub, office.people.clock())
    return {
        "items": [
            {
                "sid": one.sid,
                "browser": browser_label(one.user_agent),
                "ip": one.ip,
                "created_at": one.created_at.isoformat(),
                "seen_at": one.seen_at.isoformat(),
            }
            for one in kept
        ]
    }


async def signed_out(office: Office, asked: SigningOut) -> SignedOut:
    """End every browser session of somebody, and what applications hold for them if so asked.

    What they allowed stays allowed: they sign in anew, and are asked nothing.
    """
    account, by = await office.account(asked.login), office.by
    ended = await flows.sign_out(office.people, account, by.actor, by.origin)
    return {"ended": ended, "grants": await _end(office, account) if asked.with_grants else 0}


async def _end(office: Office, account: Account) -> int:
    now = office.people.clock()
    standing = await office.provider.grants.of_account(account.sub, now)
    count = 0
    for client_id in sorted({one.client_id for one in standing}):
        event = office.event("grant.revoked", account.sub, client_id)
        told = replace(event, detail={"which": "all"})
        count += await office.provider.consents.sign_out(account.sub, client_id, now, told)
    return count
