"""Accounts and their browser sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from keycell.accounts import administration as flows
from keycell.accounts.administration import Changes, NewAccount
from keycell.accounts.people import Account
from keycell.accounts.sessions import browser_label
from keycell.administration.office import PAGE, Document, Nothing, Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An account, by its login."""

    login: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A new password."""

    login: str
    password: str


def view(account: Account) -> dict[str, object]:
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
        "claims": dict(account.claims),
    }


async def listed(office: Office, _asked: Nothing) -> Document:
    """List the accounts."""
    found: list[Account] = []
    while page := await office.people.accounts.page(found[-1].key if found else "", PAGE):
        found.extend(page)
    return {"items": [view(one) for one in found]}


async def shown(office: Office, asked: Named) -> Document:
    """Show an account."""
    return view(await office.account(asked.login))


async def added(office: Office, asked: Adding) -> Document:
    """Add an account."""
    wanted = NewAccount(
        login=asked.login, password=asked.password, email=asked.email, name=asked.name,
        group_path=asked.group, roles=asked.roles, is_admin=asked.is_admin, claims=asked.claims,
    )  # fmt: skip
    by = office.by
    return view(await flows.add_account(office.people, wanted, by.actor, by.origin))


async def changed(office: Office, asked: Changing) -> Document:
    """Change an account."""
    account = await office.account(asked.login)
    if asked.is_admin is False:
        office.check_other(account, "demoted")
    changes = Changes(
        login=asked.new_login, email=asked.email, name=asked.name, group_path=asked.group,
        roles=asked.roles, is_admin=asked.is_admin, claims=asked.claims,
    )  # fmt: skip
    await flows.update_account(office.people, account, changes, office.by.actor, office.by.origin)
    return view(await office.account(asked.new_login or asked.login))


async def removed(office: Office, asked: Removing) -> Document:
    """Remove an account with its sessions, tokens and links, and later its own files."""
    account = await office.account(asked.login)
    office.check_other(account, "removed")
    kept = timedelta(0) if asked.files == "now" else office.files_kept
    await flows.remove(office.people, account, office.by.actor, kept, office.by.origin)
    return {"login": account.login}


async def given_password(office: Office, asked: Password) -> Document:
    """Set a password; the person's browser sessions end."""
    account, by = await office.account(asked.login), office.by
    await flows.set_password(office.people, account, asked.password, by.actor, by.origin)
    return {"login": account.login}


async def disabled(office: Office, asked: Named) -> Document:
    """Disable an account; its sessions and grants end at once."""
    account = await office.account(asked.login)
    office.check_other(account, "disabled")
    await flows.disable(office.people, account, office.by.actor, office.by.origin)
    return view(await office.account(asked.login))


async def enabled(office: Office, asked: Named) -> Document:
    """Enable an account again."""
    account = await office.account(asked.login)
    await flows.enable(office.people, account, office.by.actor, office.by.origin)
    return view(await office.account(asked.login))


async def sessions(office: Office, asked: Named) -> Document:
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


async def signed_out(office: Office, asked: Named) -> Document:
    """End every browser session of somebody."""
    account, by = await office.account(asked.login), office.by
    return {"ended": await flows.sign_out(office.people, account, by.actor, by.origin)}
