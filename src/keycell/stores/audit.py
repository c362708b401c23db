"""The audit trail, in SQL."""

from collections.abc import Sequence
from typing import cast

import msgspec
from sqlalchemy import bindparam, insert, select

from keycell.accounts.audit import KEPT, AuditEvent, Origin
from keycell.randomness import random_bytes
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Database, Result, Row, Statement, Step, Verb
from keycell.stores.schema import audit

_INSERT = Statement(insert(audit))
_PAGE = Statement(
    select(audit)
    .where(audit.c.event_id < bindparam("before"))
    .order_by(audit.c.event_id.desc())
    .limit(bindparam("most"))
)
_LAST = "g"
"""Beyond every key, which is hexadecimal."""


def audit_insert(event: AuditEvent) -> Step:
    """Give the statement that keeps an event, to stand in the transaction of what it tells."""
    at = micros(event.at)
    return _INSERT, {
        "event_id": f"{at:016x}{random_bytes(6).hex()}",
        "at": at,
        "actor": event.actor,
        "action": event.action,
        "target": event.target,
        "client_id": event.client_id,
        "ip": event.origin.ip,
        "user_agent": event.origin.user_agent,
        "request_id": event.origin.request_id,
        "result": event.result,
        "detail": document(event.detail) if event.detail else "",
        "purge_at": micros(event.at + KEPT),
    }


class SqlAuditTrail:
    """Keeps events that no other write carries, and lists them all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, event: AuditEvent) -> None:
        """Keep an event; it is on the disk when this returns."""
        step = audit_insert(event)
        await self._database.write(lambda: _one(step))

    def note(self, event: AuditEvent) -> None:
        """Keep an event soon."""
        step = audit_insert(event)
        self._database.note(lambda: _one(step))

    async def page(self, before: str | None, most: int) -> Sequence[tuple[str, AuditEvent]]:
        """List events with their keys, the latest first."""
        rows = await self._database.read_many(_PAGE, {"before": before or _LAST, "most": most})
        return [(row.event_id, _event(row)) for row in rows]


def _one(step: Step) -> Verb[Result]:
    return (yield step)


def _event(row: Row) -> AuditEvent:
    return AuditEvent(
        at=moment(cast("int", row.at)),
        actor=row.actor,
        action=row.action,
        target=row.target,
        client_id=row.client_id,
        origin=Origin(row.ip, row.user_agent, row.request_id),
        result=row.result,
        detail=msgspec.json.decode(row.detail) if row.detail else {},
    )
