"""A few people for what somebody types, in SQL.

Whose login or mail address begins so is found by an index, however many people there are. Only
where these are too few are the accounts gone through for it, in the order in which they lie.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, select

from keycell.accounts.people import Account, login_key
from keycell.accounts.proofs import email_key
from keycell.stores.account_lists import literally
from keycell.stores.account_rows import account_of
from keycell.stores.database import Database, Statement
from keycell.stores.schema import accounts

_BEYOND = "\U0010ffff"
"""Follows whatever a login or an address may go on with."""


def _beginning(column: ColumnElement[str]) -> Statement:
    return Statement(
        select(accounts)
        .where(column >= bindparam("b_from"), column < bindparam("b_to"))
        .order_by(column)
        .limit(bindparam("b_most"))
    )


_BY_LOGIN = _beginning(accounts.c.login_key)
_BY_EMAIL = _beginning(accounts.c.email_key)
_HOLDING = Statement(
    select(accounts)
    .where(accounts.c.search_key.like(bindparam("b_like"), escape="\\"))
    .limit(bindparam("b_most"))
)


async def find_some(database: Database, text: str, most: int) -> Sequence[Account]:
    """List a few people: whose login begins so, whose address does, who is called so."""
    key = login_key(text)
    asked = (
        (_BY_LOGIN, _range(key)),
        (_BY_EMAIL, _range(email_key(text))),
        (_HOLDING, {"b_like": f"%{literally(key)}%"}),
    )
    found: dict[str, Account] = {}
    for statement, params in asked:
        for row in await database.read_many(statement, {**params, "b_most": most}):
            found.setdefault(row.sub, account_of(row))
        if len(found) >= most:
            break
    return list(found.values())[:most]


def _range(key: str) -> dict[str, object]:
    return {"b_from": key, "b_to": key + _BEYOND}
