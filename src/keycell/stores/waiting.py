"""What waits for a person, in SQL: polled, and decided once, whatever table it is kept in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, Column, Table, bindparam, select, update

from keycell.accounts.audit import AuditEvent
from keycell.oauth.grants import Grant
from keycell.oauth.interaction import Consent
from keycell.oauth.waiting import Awaited, next_interval
from keycell.stores import consents
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment, unwords, words
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.grant_rows import details_in, details_text
from keycell.stores.grants import stands, start

_KEPT_AFTER = timedelta(hours=1)
"""Who polls late is told that it is over."""
_MICROSECOND = timedelta(microseconds=1)
_AT: BindParameter[int] = bindparam("b_at")
_KEY: BindParameter[str] = bindparam("b_key")

A = TypeVar("A", bound=Awaited)


class WaitingRows(Generic[A]):
    """The statements of a table whose rows wait, and what is done by them."""

    def __init__(self, table: Table, key: "Column[str]", read: Callable[[Row], A]) -> None:
        self._read = read
        self._find = Statement(select(table).where(key == _KEY))
        self._locked = Statement(select(table).where(key == _KEY).with_for_update())
        self._polled = Statement(
            update(table)
            .where(key == _KEY)
            .values(polled_at=_AT, poll_interval=bindparam("b_interval"))
        )
        is_open = (key == _KEY, table.c.decided_at.is_(None), table.c.expires_at > _AT)
        self._decide = Statement(
            update(table)
            .where(*is_open)
            .values(decided_at=_AT, grant_id=bindparam("b_grant_id"))
        )  # fmt: skip

    async def find(self, database: Database, key: str) -> A | None:
        """Find one, a decided one too."""
        row = await first(database, self._find, {"b_key": key})
        return None if row is None else self._read(row)

    def poll(self, key: str, now: datetime) -> Verb[timedelta | None]:
        """Count a poll; give the interval that it has grown to, None if it stayed."""
        rows = (yield self._locked, {"b_key": key}).rows
        if not rows:
            return None
        awaited = self._read(rows[0])
        interval = next_interval(awaited, now)
        params = {"b_key": key, "b_at": micros(now)}
        yield self._polled, params | {"b_interval": interval // _MICROSECOND}
        return interval if interval > awaited.interval else None

    def allow(
        self,
        key: str,
        grant: Grant,
        consent: Consent | None,
        allowed: AuditEvent,
        started: AuditEvent,
    ) -> Verb[bool]:
        """Let a client have a grant, and remember the consent: True for who decided.

        Without one, there is nothing to remember: the person is asked again the next time.
        """
        params = {"b_key": key, "b_at": micros(allowed.at), "b_grant_id": grant.grant_id}
        if not (yield from stands(grant)) or (yield self._decide, params).touched != 1:
            return False
        if consent is None:
            yield audit_insert(allowed)
        else:
            yield from consents.allow(grant.sub, grant.client_id, consent, allowed)
        yield from start(grant, started)
        return True

    def deny(self, key: str, at: datetime, event: AuditEvent) -> Verb[bool]:
        """Let a client have nothing: True for who decided."""
        params = {"b_key": key, "b_at": micros(at), "b_grant_id": None}
        if (yield self._decide, params).touched != 1:
            return False
        yield audit_insert(event)
        return True


def awaited_row(awaited: Awaited) -> dict[str, object]:
    """Give the columns that every table of these has."""
    return {
        "digest": awaited.digest,
        "client_id": awaited.client_id,
        "scope": words(awaited.scope),
        "audience": " ".join(awaited.audience),
        "details": details_text(awaited.details),
        "ip": awaited.ip,
        "user_agent": awaited.user_agent,
        "created_at": micros(awaited.created_at),
        "expires_at": micros(awaited.expires_at),
        "poll_interval": awaited.interval // _MICROSECOND,
        "polled_at": micros(awaited.polled_at),
        "decided_at": micros(awaited.decided_at),
        "grant_id": awaited.grant_id,
        "purge_at": micros(awaited.expires_at + _KEPT_AFTER),
    }


def awaited_of(row: Row) -> dict[str, Any]:
    """Give what those columns keep."""
    return {
        "digest": row.digest,
        "client_id": row.client_id,
        "scope": unwords(row.scope),
        "audience": tuple(row.audience.split(" ")),
        "details": details_in(row.details),
        "ip": row.ip,
        "user_agent": row.user_agent,
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "interval": row.poll_interval * _MICROSECOND,
        "polled_at": moment(row.polled_at),
        "decided_at": moment(row.decided_at),
        "grant_id": row.grant_id,
    }
