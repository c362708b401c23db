"""Browsers that wait to be signed in from another device, in SQL.

Of many who find, decide or spend one at once, one does.
"""

from datetime import datetime

from sqlalchemy import bindparam, exists, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.waiting_browsers import Lent, WaitingBrowser, fetched_until
from keycell.oauth.waiting import FETCHED_WITHIN
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.mail_rows import mail_verb
from keycell.stores.schema import sessions
from keycell.stores.schema_factors import waiting_browsers as table

_ONE = table.c.wait_id == bindparam("b_wait_id")
_SUB = table.c.found_by == bindparam("b_sub")
_OPEN = (table.c.decided_at.is_(None), table.c.expires_at > bindparam("b_at"))
_OF_CODE = table.c.user_code == bindparam("b_user_code")

_START = Statement(lambda make: make(table).on_conflict_do_nothing())
_BY_ID = Statement(select(table).where(_ONE))
_CLAIM = Statement(
    update(table)
    .where(_OF_CODE, table.c.found_by.is_(None), *_OPEN)
    .values(found_by=bindparam("b_sub"), number=bindparam("b_number"))
)
_CLAIMED = Statement(select(table).where(_OF_CODE, _SUB, *_OPEN))
_FOUND_BY = Statement(
    select(table).where(_SUB, *_OPEN).order_by(table.c.created_at.desc()).limit(1)
)
_DECIDE = Statement(
    update(table)
    .where(_ONE, _SUB, *_OPEN)
    .values(decided_at=bindparam("b_at"), sid=bindparam("b_sid"))
)
# Whoever allowed it is signed in there still: what ends their sessions ends this too.
_SPEND = Statement(
    update(table)
    .where(
        _ONE,
        table.c.sid == bindparam("b_sid"),
        table.c.spent_at.is_(None),
        table.c.expires_at > bindparam("b_since"),
        exists().where(sessions.c.sid == bindparam("b_sid"), sessions.c.ended_at.is_(None)),
    )
    .values(spent_at=bindparam("b_at"))
)


class SqlWaitingBrowserStore:
    """Browsers that wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, waiting: WaitingBrowser) -> bool:
        """Keep a new one; False if another has its code."""

        def verb() -> Verb[bool]:
            return (yield _START, _row(waiting)).touched == 1

        return await self._database.write(verb)

    async def find(self, wait_id: str) -> WaitingBrowser | None:
        """Find one, a decided one too."""
        return _maybe(await first(self._database, _BY_ID, {"b_wait_id": wait_id}))

    async def claim(
        self, user_code: str, sub: str, number: str, now: datetime
    ) -> WaitingBrowser | None:
        """Find one by its code, for this account alone from then on; the first number stays."""
        params = {"b_user_code": user_code, "b_sub": sub, "b_at": micros(now)}

        def verb() -> Verb[WaitingBrowser | None]:
            yield _CLAIM, params | {"b_number": number}
            rows = (yield _CLAIMED, params).rows
            return _maybe(rows[0] if rows else None)

        return await self._database.write(verb)

    async def found_by(self, sub: str, now: datetime) -> WaitingBrowser | None:
        """Find the last one that somebody found and has not decided."""
        params = {"b_sub": sub, "b_at": micros(now)}
        return _maybe(await first(self._database, _FOUND_BY, params))

    async def decide(self, wait_id: str, sub: str, sid: str | None, event: AuditEvent) -> bool:
        """Say yes by a session, or no: True for the call that decided."""
        params = {"b_wait_id": wait_id, "b_sub": sub, "b_sid": sid, "b_at": micros(event.at)}

        def verb() -> Verb[bool]:
            if (yield _DECIDE, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def spend(lent: Lent, at: datetime) -> Verb[bool]:
    """Spend what was allowed, and tell of it; False if it was spent or is over."""
    params = {
        "b_wait_id": lent.wait_id,
        "b_sid": lent.sid,
        "b_since": micros(at - FETCHED_WITHIN),
        "b_at": micros(at),
    }
    if (yield _SPEND, params).touched != 1:
        return False
    yield from mail_verb(lent.mailing)
    return True


def _row(waiting: WaitingBrowser) -> dict[str, object]:
    return {
        "wait_id": waiting.wait_id,
        "digest": waiting.digest,
        "user_code": waiting.user_code,
        "client_id": waiting.client_id,
        "ip": waiting.ip,
        "user_agent": waiting.user_agent,
        "created_at": micros(waiting.created_at),
        "expires_at": micros(waiting.expires_at),
        "found_by": waiting.found_by,
        "number": waiting.number,
        "decided_at": micros(waiting.decided_at),
        "sid": waiting.sid,
        "spent_at": micros(waiting.spent_at),
        "purge_at": micros(fetched_until(waiting)),
    }


def _maybe(row: Row | None) -> WaitingBrowser | None:
    if row is None:
        return None
    return WaitingBrowser(
        wait_id=row.wait_id,
        digest=row.digest,
        user_code=row.user_code,
        client_id=row.client_id,
        ip=row.ip,
        user_agent=row.user_agent,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        found_by=row.found_by,
        number=row.number,
        decided_at=moment(row.decided_at),
        sid=row.sid,
        spent_at=moment(row.spent_at),
    )
