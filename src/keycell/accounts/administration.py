"""What administrators do to accounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from keycell.accounts.addresses import undo_letter
from keycell.accounts.audit import NOWHERE, AuditEvent, Origin, about
from keycell.accounts.changes import account_changes
from keycell.accounts.errors import ChangedMeanwhile, Invalid
from keycell.accounts.groups import ROOT_GROUP, check_group_path, check_role
from keycell.accounts.letters import LetterKind
from keycell.accounts.mailing import notice
from keycell.accounts.passwords import check_password
from keycell.accounts.people import Account, check_claims, check_email, check_login, check_name
from keycell.accounts.ports import People
from keycell.oauth.sentences import phrase

EVERY_SESSION = "*"
"""Kept by who changes their password and wants to stay signed in everywhere; no session's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an administrator says of a new person."""

    login: str
    password: str
    email: str | None = None
    name: str = ""
    group_path: str = "/"
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    claims: Mapping[str, object] = field(default_factory=dict)
    test_of: str | None = None


async def add_account(
    people: People, wanted: NewAccount, actor: str, origin: Origin = NOWHERE
) -> Account:
    """Add an account; raise Invalid, LoginTaken or NoSuchGroup."""
    login = check_login(wanted.login)
    email = check_email(wanted.email) if wanted.email else None
    password = check_password(wanted.password, login, email, people.passwords.is_common)
    now = people.clock()
    account = Account(
        sub=people.mint_id(),
        login=login,
        name=check_name(wanted.name),
        email=email,
        # Whoever administers the server vouches for the address.
        email_verified=email is not None,
        group_path=check_group_path(wanted.group_path),
        roles=await given_roles(people, wanted.roles),
        is_admin=wanted.is_admin,
        password_hash=await people.passwords.hash(password),
        created_at=now,
        updated_at=now,
        claims=check_claims(wanted.claims),
        test_of=wanted.test_of,
    )
    event = _event(people, actor, "account.added", account, origin)
    if account.is_admin:
        event = replace(event, detail={**event.detail, "changes": {"is_admin": [False, True]}})
    await people.accounts.add(account, event)
    return account


async def given_roles(people: People, roles: Iterable[str]) -> tuple[str, ...]:
    """Give roles that somebody may be given; raise Invalid.

    What is a person's own goes by their identifier: with it as a role, others would have it all.
    """
    found = tuple(sorted({check_role(one) for one in roles}))
    for one in found:
        await check_nobodys(people, one)
    return found


async def check_nobodys(people: People, role: str) -> None:
    """Refuse a role that is a person's own, or everybody's; raise Invalid."""
    if role == ROOT_GROUP or await people.accounts.find(role) is not None:
        raise Invalid(
            "role", "role-taken",
            phrase("%(role)s is the role of a group or person already", role=role),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to be different about an account; None leaves a thing as it is."""

    login: str | None = None
    email: str | None = None
    """An empty one takes the address away."""
    name: str | None = None
    group_path: str | None = None
    roles: tuple[str, ...] | None = None
    is_admin: bool | None = None
    claims: Mapping[str, object] = field(default_factory=dict)
    """An empty value takes a claim away."""


async def update_account(
    people: People,
    account: Account,
    changes: Changes,
    actor: str,
    origin: Origin = NOWHERE,
) -> None:
    """Change an account; raise Invalid, LoginTaken, NoSuchGroup, ChangedMeanwhile."""
    changed = _changed_person(account, changes)
    if changes.group_path is not None:
        changed = replace(changed, group_path=check_group_path(changes.group_path))
    if changes.roles is not None:
        changed = replace(changed, roles=await given_roles(people, changes.roles))
    if changes.is_admin is not None:
        _check_own(account, changes)
        changed = replace(changed, is_admin=changes.is_admin)
    if changes.claims:
        changed = replace(changed, claims=_changed_claims(account, changes))
    await change(people, account, changed, "account.changed", actor, origin)


def _check_own(account: Account, changes: Changes) -> None:
    # See decisions/0097.
    if account.is_test and changes.is_admin:
        sentence = phrase(
            "%(login)s is an account for tests: it opens applications in test mode alone",
            login=account.login,
        )
        raise Invalid("is_admin", "office-of-test", sentence)


def _changed_claims(account: Account, changes: Changes) -> dict[str, object]:
    claims = {**account.claims, **changes.claims}
    return check_claims({name: one for name, one in claims.items() if one not in ("", None)})


def _changed_person(account: Account, changes: Changes) -> Account:
    changed = account
    if changes.login is not None:
        changed = replace(changed, login=check_login(changes.login))
    if changes.name is not None:
        changed = replace(changed, name=check_name(changes.name))
    if changes.email is not None:
        email = check_email(changes.email) if changes.email else None
        changed = replace(changed, email=email, email_verified=email is not None)
    return changed


async def change(
    people: People,
    before: Account,
    account: Account,
    action: str,
    actor: str,
    origin: Origin = NOWHERE,
) -> None:
    """Keep what was changed of an account; raise ChangedMeanwhile, LoginTaken, NoSuchGroup."""
    changed = replace(account, updated_at=people.clock())
    event = _event(people, actor, action, account, origin)
    if actor != account.sub and (changes := account_changes(before, changed)):
        event = replace(event, detail={**event.detail, "changes": changes})
    if not await people.accounts.update(before, changed, event):
        raise ChangedMeanwhile


async def change_own(
    people: People,
    account: Account,
    changes: Changes,
    origin: Origin = NOWHERE,
) -> None:
    """Change what a person says of themselves: name, address, claims, and nothing else.

    Nobody vouches for an address that is new; the one before is told, and can undo it. Raises
    Invalid, ChangedMeanwhile.
    """
    changed, email = account, changes.email
    if changes.name is not None:
        changed = replace(changed, name=check_name(changes.name))
    if changes.claims:
        changed = replace(changed, claims=_changed_claims(account, changes))
    if email is not None and email != (account.email or ""):
        checked = check_email(email) if email else None
        changed = replace(changed, email=checked, email_verified=False)
    if changed != account:
        await change(people, account, changed, "account.changed", account.sub, origin)
    if changed.email != account.email:
        told = undo_letter(people, account, changed.email or "-", "en")
        await people.mail.proofs.keep(told)


async def set_password(
    people: People, account: Account, password: str, actor: str, origin: Origin = NOWHERE
) -> None:
    """Set a password, and end every session that was begun with the one before."""
    event = _event(people, actor, "account.password", account, origin)
    await keep_password(people, account, password, None, event)


async def keep_password(
    people: People,
    account: Account,
    password: str,
    kept_sid: str | None,
    event: AuditEvent,
    language: str = "en",
) -> None:
    """Keep a password that may be chosen; every session but one ends with the one before.

    None ends where ``kept_sid`` is EVERY_SESSION. The person is told by mail.

    Raises Invalid, ChangedMeanwhile.
    """
    chosen = check_password(password, account.login, account.email, people.passwords.is_common)
    hashed = await people.passwords.hash(chosen)
    changed = replace(account, password_hash=hashed, updated_at=event.at)
    told = notice(people, changed, LetterKind.PASSWORD_CHANGED, event.origin, language)
    if kept_sid == EVERY_SESSION:
        is_kept = await people.accounts.update(account, changed, event, told)
    else:
        keep = people.accounts.change_password
        is_kept = await keep(account, changed, kept_sid, event, told)
    if not is_kept:
        raise ChangedMeanwhile


async def disable(people: People, account: Account, actor: str, origin: Origin = NOWHERE) -> None:
    """Disable an account; its sessions and grants end at once."""
    event = _event(people, actor, "account.disabled", account, origin)
    await people.accounts.disable(account.sub, people.clock(), event)


async def enable(people: People, account: Account, actor: str, origin: Origin = NOWHERE) -> None:
    """Enable an account again; raise ChangedMeanwhile."""
    enabled = replace(account, disabled_at=None)
    await change(people, account, enabled, "account.enabled", actor, origin)


async def sign_out(people: People, account: Account, actor: str, origin: Origin = NOWHERE) -> int:
    """End every browser session of an account; tell how many there were."""
    event = _event(people, actor, "session.ended", account, origin)
    return await people.sessions.end_others(account.sub, None, people.clock(), event)


async def remove(
    people: People,
    account: Account,
    actor: str,
    files_kept: timedelta,
    origin: Origin = NOWHERE,
) -> None:
    """Remove an account with all that acts in its name; its own files are kept for a while."""
    event = _event(people, actor, "account.removed", account, origin)
    now = people.clock()
    await people.accounts.remove(account.sub, now, now + files_kept, event)


def _event(
    people: People, actor: str, action: str, account: Account, origin: Origin
) -> AuditEvent:
    return AuditEvent(
        at=people.clock(),
        actor=actor,
        action=action,
        target=account.login,
        origin=origin,
        detail=about(account.sub),
    )
