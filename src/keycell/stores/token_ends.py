"""Tokens and keys whose person is told that they end, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam, select, update

from keycell.accounts.ports_mail import Mailing
from keycell.provider.personal import AccessKey, PersonalToken
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.mail_rows import mail_verb
from keycell.stores.personal_rows import key_of, token_of
from keycell.stores.schema import access_keys, personal_tokens


def _due(table: Table) -> Statement:
    its_time = table.c.tell_at <= bindparam("b_now")
    return Statement(
        select(table).where(its_time).order_by(table.c.tell_at).limit(bindparam("b_most"))
    )


def _told(table: Table, key: str) -> Statement:
    is_due = table.c.tell_at <= bindparam("b_now")
    return Statement(
        update(table)
        .where(table.c[key] == bindparam("b_key"), is_due)
        .values(tell_at=bindparam("b_next"))
    )


_DUE_TOKENS, _DUE_KEYS = _due(personal_tokens), _due(access_keys)
_TOLD_TOKEN, _TOLD_KEY = _told(personal_tokens, "token_id"), _told(access_keys, "access_key_id")


class SqlEndingTokens:
    """The personal access tokens and access keys that end soon."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, most: int) -> Sequence[PersonalToken | AccessKey]:
        """List those whose person is to be told by now."""
        params = {"b_now": micros(now), "b_most": most}
        return [
            *map(token_of, await self._database.read(_DUE_TOKENS, params)),
            *map(key_of, await self._database.read(_DUE_KEYS, params)),
        ]

    async def told(
        self,
        one: PersonalToken | AccessKey,
        now: datetime,
        again: datetime | None,
        mailing: Mailing,
    ) -> bool:
        """Tell somebody by mail, and note when next; True for the call that did."""
        statement = _TOLD_TOKEN if isinstance(one, PersonalToken) else _TOLD_KEY
        params = {"b_key": one.token_id, "b_now": micros(now), "b_next": micros(again)}

        def verb() -> Verb[bool]:
            if (yield statement, params).touched != 1:
                return False
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)
