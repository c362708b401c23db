"""Accounts, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import LastAdministrator, LoginTaken, NoSuchGroup
from keycell.accounts.lists import Sought
from keycell.accounts.people import Account, login_key
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.stores.account_finds import find_some
from keycell.stores.account_lists import COUNT_ADMINISTRATORS, COUNT_WITHOUT_FACTOR, sought
from keycell.stores.account_rows import account_of, account_row
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb, first, insert_new
from keycell.stores.endings import end_everything
from keycell.stores.factors import FORGET_FACTORS
from keycell.stores.leaving import leave
from keycell.stores.mail_rows import mail_verb
from keycell.stores.policies import FORGET_SKIPS
from keycell.stores.preferences import FORGET_PREFERENCES
from keycell.stores.schema import accounts, consents, groups
from keycell.stores.sessions import end_sessions

_FIND = Statement(select(accounts).where(accounts.c.sub == bindparam("b_sub")))
_BY_KEY = Statement(select(accounts).where(accounts.c.login_key == bindparam("b_key")))
_ANY = Statement(select(accounts.c.sub).limit(1))
_WITH_ADDRESS = Statement(
    select(accounts)
    .where(accounts.c.email_key == bindparam("b_email_key"), accounts.c.email_verified == 1)
    .order_by(accounts.c.login_key)
    .limit(bindparam("b_most"))
)
_ADD = insert_new(accounts, "login_key")
_OF_KEY = Statement(select(accounts.c.sub).where(accounts.c.login_key == bindparam("b_key")))
_CHANGED = tuple(column.name for column in accounts.c if column.name not in ("sub", "created_at"))
_UPDATE = Statement(
    update(accounts)
    .where(
        accounts.c.sub == bindparam("b_sub"),
        accounts.c.updated_at == bindparam("b_read_at"),
    )
    .values({name: bindparam(f"b_{name}") for name in _CHANGED})
)
# Locked, so that it is not removed before its new member is there.
_GROUP = Statement(
    select(groups.c.path).where(groups.c.path == bindparam("b_path")).with_for_update(read=True)
)
_DISABLE = Statement(
    update(accounts)
    .where(accounts.c.sub == bindparam("b_sub"))
    .values(disabled_at=bindparam("b_at"), updated_at=bindparam("b_at"))
)
# Whoever makes a space for the person waits here, and then finds nobody.
_LOCK = Statement(select(accounts).where(accounts.c.sub == bindparam("b_sub")).with_for_update())
_REMOVE = Statement(delete(accounts).where(accounts.c.sub == bindparam("b_sub")))
_DUE = Statement(
    select(accounts)
    .where(accounts.c.leaves_at <= bindparam("b_at"))
    .order_by(accounts.c.leaves_at)
    .limit(bindparam("b_most"))
)
_OF_TEST = Statement(
    select(accounts)
    .where(accounts.c.test_of == bindparam("b_client_id"))
    .order_by(accounts.c.login_key)
)
# Locked in one order, so that of two who leave at once the second sees the first gone.
_ADMINISTRATORS = Statement(
    select(accounts.c.sub)
    .where(
        accounts.c.is_admin == 1, accounts.c.disabled_at.is_(None), accounts.c.leaves_at.is_(None)
    )
    .order_by(accounts.c.sub)
    .with_for_update()
)
_FORGET_CONSENTS = Statement(delete(consents).where(consents.c.sub == bindparam("b_sub")))


class SqlAccountStore:
    """The accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, sub: str) -> Account | None:
        """Find an account, a disabled one too."""
        row = await first(self._database, _FIND, {"b_sub": sub})
        return None if row is None else account_of(row)

    async def find_by_login(self, login: str) -> Account | None:
        """Find an account by any spelling of its login."""
        row = await first(self._database, _BY_KEY, {"b_key": login_key(login)})
        return None if row is None else account_of(row)

    async def is_empty(self) -> bool:
        """Tell whether there is no account at all."""
        return await first(self._database, _ANY) is None

    async def page(self, after: str, most: int) -> Sequence[Account]:
        """List accounts in the order of their logins' keys."""
        return await self.seek(Sought(after=after, most=most))

    async def seek(self, asked: Sought) -> Sequence[Account]:
        """List those that are sought, a part at a time."""
        statement, params = sought(asked)
        return [account_of(row) for row in await self._database.read_many(statement, params)]

    async def find_some(self, text: str, most: int) -> Sequence[Account]:
        """List a few people for a text: by their login, their address, their name."""
        return await find_some(self._database, text, most)

    async def count_administrators(self) -> int:
        """Count the administrators who can act."""
        row = await first(self._database, COUNT_ADMINISTRATORS)
        return 0 if row is None else int(row.found)

    async def count_without_factor(self) -> int:
        """Count who could sign in by a password alone."""
        rows = await self._database.read_many(COUNT_WITHOUT_FACTOR)
        return int(rows[0].found)

    async def add(self, account: Account, event: AuditEvent) -> None:
        """Keep a new account; raise LoginTaken, NoSuchGroup."""
        await self._database.write(lambda: add_verb(account, event))

    async def add_all(self, new: Sequence[tuple[Account, AuditEvent]]) -> None:
        """Keep several new accounts, or none of them; raise LoginTaken, NoSuchGroup."""

        def verb() -> Verb[None]:
            for account, event in new:
                yield from add_verb(account, event)

        await self._database.write(verb)

    async def update(
        self, before: Account, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Replace an account that is as it was read; False if it is gone or changed meanwhile.

        Raises LoginTaken, NoSuchGroup, LastAdministrator.
        """

        def verb() -> Verb[bool]:
            if _administers(before) and not _administers(account):
                yield from _check_not_last(account.sub)
            if not (yield from update_verb(before, account, event)):
                return False
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def with_address(self, key: str, most: int) -> Sequence[Account]:
        """List accounts whose mail address has this key, and is verified."""
        params = {"b_email_key": key, "b_most": most}
        rows = await self._database.read_many(_WITH_ADDRESS, params)
        return [account_of(row) for row in rows]

    async def change_password(
        self,
        before: Account,
        account: Account,
        kept_sid: str | None,
        event: AuditEvent,
        mailing: Mailing = NO_MAIL,
    ) -> bool:
        """Replace an account as `update` does, end its sessions save one, and tell by mail."""

        def verb() -> Verb[bool]:
            if not (yield from update_verb(before, account, event)):
                return False
            yield from end_sessions(account.sub, kept_sid, event.at)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def disable(self, sub: str, at: datetime, event: AuditEvent) -> None:
        """Disable an account, and end its sessions, grants and tokens with it.

        Raises LastAdministrator.
        """

        def verb() -> Verb[None]:
            yield from _check_not_last(sub)
            yield _DISABLE, {"b_sub": sub, "b_at": micros(at)}
            yield from end_everything(sub, at)
            yield audit_insert(event)

        await self._database.write(verb)

    async def remove(
        self, sub: str, at: datetime, kept_until: datetime, event: AuditEvent
    ) -> None:
        """Remove an account with all that is its person's alone, files a while later.

        Raises LastAdministrator.
        """

        def verb() -> Verb[None]:
            yield from _check_not_last(sub)
            rows = (yield _LOCK, {"b_sub": sub}).rows
            if rows:
                yield from _remove(account_of(rows[0]), at, kept_until)
                yield audit_insert(event)

        await self._database.write(verb)

    async def leave(
        self, before: Account, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Let an account leave at its time; what acts in its name ends now. False as `update`.

        Raises LastAdministrator.
        """

        def verb() -> Verb[bool]:
            yield from _check_administered(account)
            if not (yield from update_verb(before, account, event)):
                return False
            yield from end_everything(account.sub, event.at)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def due(self, now: datetime, most: int) -> Sequence[Account]:
        """List accounts whose time to leave has come, the longest ago first."""
        rows = await self._database.read_many(_DUE, {"b_at": micros(now), "b_most": most})
        return [account_of(row) for row in rows]

    async def of_test(self, client_id: str) -> Sequence[Account]:
        """List the accounts that were made for an application in test mode."""
        rows = await self._database.read_many(_OF_TEST, {"b_client_id": client_id})
        return [account_of(row) for row in rows]

    async def remove_due(
        self, account: Account, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Remove an account that is due, and let go of its files; False if it stays after all.

        Raises LastAdministrator.
        """

        def verb() -> Verb[bool]:
            yield from _check_administered(account)
            rows = (yield _LOCK, {"b_sub": account.sub}).rows
            # Read once more: its person may have signed in meanwhile.
            if not rows or not _is_due(account_of(rows[0]), event.at):
                return False
            yield from _remove(account_of(rows[0]), event.at, event.at)
            yield audit_insert(event)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)


def _is_due(account: Account, now: datetime) -> bool:
    return account.leaves_at is not None and account.leaves_at <= now


def _check_administered(account: Account) -> Verb[None]:
    """Raise LastAdministrator if nobody else administers."""
    if account.is_admin:
        administrators = (yield _ADMINISTRATORS, {}).rows
        if all(one.sub == account.sub for one in administrators):
            raise LastAdministrator


def _administers(account: Account) -> bool:
    return account.is_admin and account.stands


def _check_not_last(sub: str) -> Verb[None]:
    """Raise LastAdministrator if this is the one who still administers.

    Asked before anything else is locked: of administrators who end one another at once each
    waits for the one before, whoever it was that looked first.
    """
    administrators = (yield _ADMINISTRATORS, {}).rows
    if [one.sub for one in administrators] == [sub]:
        raise LastAdministrator


def _remove(account: Account, at: datetime, kept_until: datetime) -> Verb[None]:
    params = {"b_sub": account.sub}
    yield from leave(account.sub, account.login, at, kept_until)
    yield from end_everything(account.sub, at)
    for statement in (*FORGET_FACTORS, FORGET_SKIPS):
        yield statement, params
    yield _FORGET_CONSENTS, params
    yield FORGET_PREFERENCES, params
    yield _REMOVE, params


def add_verb(account: Account, event: AuditEvent) -> Verb[None]:
    """Keep a new account; raise LoginTaken, NoSuchGroup."""
    yield from _check_group(account.group_path)
    if (yield _ADD, account_row(account)).touched != 1:
        raise LoginTaken(account.login)
    yield audit_insert(event)


def update_verb(before: Account, account: Account, event: AuditEvent) -> Verb[bool]:
    """Replace an account that is as it was read."""
    row = account_row(account)
    params = {f"b_{name}": row[name] for name in _CHANGED}
    yield from _check_group(account.group_path)
    owners = (yield _OF_KEY, {"b_key": account.key}).rows
    if owners and owners[0].sub != account.sub:
        raise LoginTaken(account.login)
    seen = {"b_sub": account.sub, "b_read_at": micros(before.updated_at)}
    if (yield _UPDATE, params | seen).touched != 1:
        return False
    yield audit_insert(event)
    return True


def _check_group(path: str) -> Verb[None]:
    if path != "/" and not (yield _GROUP, {"b_path": path}).rows:
        raise NoSuchGroup(path)
