"""The audit trail, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    distinct,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from keycell.accounts.audit import (
    COUNTED,
    KEPT,
    MOST_NAMES,
    Asked,
    AuditEvent,
    Count,
    Facet,
    Origin,
    Reasoned,
    Search,
    Totals,
)
from keycell.randomness import random_bytes
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Database, Result, Row, Statement, Step, Verb
from keycell.stores.node_reads import like_pattern
from keycell.stores.schema import accounts, audit, clients, session_clients, sessions
from keycell.stores.schema_files import blobs, jobs
from keycell.stores.schema_mail import outbox

_INSERT = Statement(insert(audit))
_PAGE = Statement(
    select(audit)
    .where(audit.c.event_id < bindparam("before"))
    .order_by(audit.c.event_id.desc())
    .limit(bindparam("most"))
)
_EARLIER = audit.c.event_id < bindparam("before")
_LAST_AMONG = Statement(
    select(audit.c.event_id)
    .where(_EARLIER)
    .order_by(audit.c.event_id.desc())
    .offset(bindparam("among"))
    .limit(1)
)
_ABOUT = Statement(
    select(audit)
    .where(
        _EARLIER,
        audit.c.event_id >= bindparam("since"),
        or_(
            audit.c.actor == bindparam("sub"),
            audit.c.target == bindparam("sub"),
            audit.c.target == bindparam("login"),
            audit.c.detail.like(bindparam("like"), escape="\\"),
        ),
    )
    .order_by(audit.c.event_id.desc())
    .limit(bindparam("most"))
)
_NAMES = tuple(f"who_{number}" for number in range(MOST_NAMES))


def _is(name: str, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether a column is what is looked for, if anything is."""
    wanted = bindparam(name, type_=Text)
    return or_(wanted == "", *(column == wanted for column in columns))


_WANTED = (
    _EARLIER,
    audit.c.event_id >= bindparam("since"),
    audit.c.event_id > bindparam("beyond"),
    _is("client_id", audit.c.client_id),
    _is("result", audit.c.result),
    _is("ip", audit.c.ip),
    or_(
        _is("action", audit.c.action),
        # "/" is the character after ".": the range holds what begins with the kind.
        and_(audit.c.action >= bindparam("kind"), audit.c.action < bindparam("kind_end")),
    ),
    or_(
        bindparam("who_0", type_=Text) == "",
        *(
            column.in_([bindparam(name, type_=Text) for name in _NAMES])
            for column in (
                audit.c.actor, audit.c.target, audit.c.client_id, audit.c.ip, audit.c.request_id,
            )
        ),
    ),
)  # fmt: skip
_FOUND = Statement(
    select(audit).where(*_WANTED).order_by(audit.c.event_id.desc()).limit(bindparam("most"))
)


def _counting(column: ColumnElement[str]) -> Statement:
    """Count what stands in a column of the events that are looked for."""
    times = func.count().label("times")
    counted = select(column.label("value"), times).where(*_WANTED).group_by(column)
    return Statement(counted.order_by(times.desc(), column).limit(bindparam("most")))


_FACETS = {
    "action": _counting(audit.c.action), "actor": _counting(audit.c.actor),
    "client_id": _counting(audit.c.client_id), "result": _counting(audit.c.result),
}  # fmt: skip
_DAY = 86_400_000_000
# Written out: PostgreSQL does not know that two parameters are the same.
_BY_DAY = (audit.c.at // literal_column(str(_DAY), BigInteger)).label("day")
_COUNTED_BY = (audit.c.action, audit.c.client_id, audit.c.result)
_COUNTS = Statement(
    select(_BY_DAY, *_COUNTED_BY, func.count().label("times"))
    .where(
        audit.c.event_id >= bindparam("since"),
        or_(audit.c.result != "done", *(audit.c.action == one for one in COUNTED)),
    )
    .group_by(_BY_DAY, *_COUNTED_BY)
)
_TOTALS = Statement(
    select(
        select(func.count()).select_from(accounts).scalar_subquery().label("accounts"),
        select(func.count())
        .select_from(sessions)
        .where(sessions.c.ended_at.is_(None), sessions.c.purge_at > bindparam("now"))
        .scalar_subquery()
        .label("sessions"),
        select(func.count()).select_from(clients).scalar_subquery().label("clients"),
        select(func.count()).select_from(blobs).scalar_subquery().label("files"),
        select(func.coalesce(func.sum(blobs.c.size), 0))
        .select_from(blobs)
        .scalar_subquery()
        .label("size"),
        select(func.count()).select_from(outbox).scalar_subquery().label("letters"),
        select(func.count())
        .select_from(jobs)
        .where(jobs.c.ended_at.is_(None))
        .scalar_subquery()
        .label("jobs"),
        select(func.count())
        .select_from(session_clients)
        .where(session_clients.c.due_at.is_not(None))
        .scalar_subquery()
        .label("logouts"),
    )
)
_ACTIVE = Statement(
    select(func.count(distinct(audit.c.actor)).label("people")).where(
        audit.c.event_id >= bindparam("since"), audit.c.action == "session.started"
    )
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
        "detail": _detail(event),
        "purge_at": micros(event.at + KEPT),
    }


def _detail(event: AuditEvent) -> str:
    detail = dict(event.detail)
    # One's own reason is kept beside all that an act does, whoever makes its events.
    if isinstance(event.origin, Reasoned):
        detail["reason"] = event.origin.reason
    return document(detail) if detail else ""


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
        return [(row.event_id, event_of(row)) for row in rows]

    async def search(self, wanted: Search) -> tuple[Sequence[tuple[str, AuditEvent]], str | None]:
        """List events that are looked for, the latest first; and where to go on, if at all.

        Between two keys, of which the earlier is so many events away at most.
        """
        since = await self._last_among(_before(wanted), wanted.among)
        params = _params(wanted, since)
        rows = await self._database.read_many(_FOUND, params)
        onward = rows[-1].event_id if len(rows) == wanted.most else since
        is_over = onward is not None and onward <= _beyond(wanted)
        if is_over or (onward is not None and not await self.page(onward, 1)):
            onward = None
        return [(row.event_id, event_of(row)) for row in rows], onward

    async def facets(
        self, wanted: Search, by: Literal["action", "actor", "client_id", "result"]
    ) -> Sequence[Facet]:
        """Count what is looked for by what stands in a column, the most frequent first."""
        since = await self._last_among(_before(wanted), wanted.among)
        rows = await self._database.read_many(_FACETS[by], _params(wanted, since))
        return [Facet(row.value, row.times) for row in rows]

    async def _last_among(self, before: str | None, among: int) -> str | None:
        """Give the key that is so many events away; None where there are fewer."""
        params = {"before": before or _LAST, "among": among - 1}
        last = await self._database.read_many(_LAST_AMONG, params)
        return str(last[0].event_id) if last else None

    async def about(self, asked: Asked) -> tuple[Sequence[tuple[str, AuditEvent]], str | None]:
        """List events that may be about somebody, the latest first; and where to go on, if at all.

        So many rows are looked at, here and not by whoever asks; their key leads there.
        """
        since = await self._last_among(asked.before, asked.among)
        params: dict[str, object] = {
            "before": asked.before or _LAST, "since": since or "", "sub": asked.sub,
            "login": asked.login, "most": asked.most,
            "like": like_pattern(document({"sub": asked.sub})[1:-1]),
        }  # fmt: skip
        rows = await self._database.read_many(_ABOUT, params)
        onward = rows[-1].event_id if len(rows) == asked.most else since
        return [(row.event_id, event_of(row)) for row in rows], onward

    async def counts(self, since: datetime) -> Sequence[Count]:
        """Count events by day and client, since a moment."""
        rows = await self._database.read_many(_COUNTS, {"since": f"{micros(since):016x}"})
        return [
            Count(
                moment(cast("int", row.day) * _DAY),
                row.action,
                row.client_id,
                row.result,
                row.times,
            )
            for row in rows
        ]

    async def active(self, since: datetime) -> int:
        """Count the people who signed in since a moment."""
        (row,) = await self._database.read_many(_ACTIVE, {"since": f"{micros(since):016x}"})
        return int(row.people)

    async def totals(self, now: datetime) -> Totals:
        """Count what there is."""
        (row,) = await self._database.read_many(_TOTALS, {"now": micros(now)})
        return Totals(
            row.accounts, row.sessions, row.clients, row.files, int(row.size), row.letters,
            row.jobs, row.logouts,
        )  # fmt: skip


def _before(wanted: Search) -> str:
    """Give the key that all that is looked for is earlier than: keys begin with their moment."""
    until = _LAST if wanted.until_at is None else f"{micros(wanted.until_at):016x}"
    return min(wanted.before or _LAST, until)


def _beyond(wanted: Search) -> str:
    since = "" if wanted.from_at is None else f"{micros(wanted.from_at):016x}"
    return max(wanted.beyond, since)


def _params(wanted: Search, since: str | None) -> dict[str, object]:
    # One name that there is none of stands for those that are left.
    who = (sorted(wanted.who) + sorted(wanted.who)[:1] * MOST_NAMES)[:MOST_NAMES]
    return {
        "before": _before(wanted), "since": since or "", "beyond": _beyond(wanted),
        "client_id": wanted.client_id, "result": wanted.result, "action": wanted.action,
        "kind": f"{wanted.action}.", "kind_end": f"{wanted.action}/", "most": wanted.most,
        "ip": wanted.ip, **dict(zip(_NAMES, who or [""] * MOST_NAMES, strict=True)),
    }  # fmt: skip


def _one(step: Step) -> Verb[Result]:
    return (yield step)


def event_of(row: Row) -> AuditEvent:
    """Give the event that a row keeps."""
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
