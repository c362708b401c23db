"""Accounts as rows, and rows as accounts."""

from collections import namedtuple
from functools import lru_cache

import msgspec

from keycell.accounts.people import Account
from keycell.accounts.proofs import email_key
from keycell.stores.columns import document, micros, moment, unwords, words
from keycell.stores.database import Row
from keycell.stores.schema import accounts

_KEPT = 1_000

_Account = namedtuple("_Account", [column.name for column in accounts.c])  # type: ignore[misc]  # noqa: PYI024


def account_row(account: Account) -> dict[str, object]:
    """Give the columns of an account."""
    return {
        "sub": account.sub,
        "login": account.login,
        "login_key": account.key,
        "name": account.name,
        "email": account.email,
        "email_key": None if account.email is None else email_key(account.email),
        "email_verified": int(account.email_verified),
        "group_path": account.group_path,
        "roles": words(account.roles),
        "is_admin": int(account.is_admin),
        "password_hash": account.password_hash,
        "disabled_at": micros(account.disabled_at),
        "created_at": micros(account.created_at),
        "updated_at": micros(account.updated_at),
        "claims": document(dict(account.claims)) if account.claims else "",
        "leaves_at": micros(account.leaves_at),
        "search_key": account.search_key,
        "test_of": account.test_of,
    }


def account_of(row: Row) -> Account:
    """Give the account that a row keeps."""
    return Account(
        sub=row.sub,
        login=row.login,
        name=row.name,
        email=row.email,
        email_verified=bool(row.email_verified),
        group_path=row.group_path,
        roles=tuple(sorted(unwords(row.roles))),
        is_admin=bool(row.is_admin),
        password_hash=row.password_hash,
        disabled_at=moment(row.disabled_at),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        claims=msgspec.json.decode(row.claims) if row.claims else {},
        leaves_at=moment(row.leaves_at),
        test_of=row.test_of,
    )


@lru_cache(maxsize=_KEPT)
def joined_account(columns: tuple[object, ...]) -> Account:
    """Give the account of the columns that a join has after another table's.

    As long as they are the same, so is the account. See decisions/0041.
    """
    return account_of(_Account._make(columns))
