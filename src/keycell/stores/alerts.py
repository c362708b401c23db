"""Alerts, in SQL: the database says which of several processes tells of something."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, delete, func, or_, select, update

from keycell.accounts.alerts import KEPT, Alert, Mark, Rule, defaults
from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports_mail import Mailing
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Step, Verb, first, insert_new
from keycell.stores.mail_rows import mail_verb
from keycell.stores.schema import audit
from keycell.stores.schema_alerts import alert_marks, alerts
from keycell.stores.schema_mail import outbox

_ALL = Statement(select(alerts))
_ADD = insert_new(alerts, "rule")
_THIS = alerts.c.rule == bindparam("b_rule")
_SET = ("is_on", "most", "within", "quiet", "told", "since")
_CHANGE = Statement(
    update(alerts).where(_THIS).values({name: bindparam(f"b_{name}") for name in _SET})
)
_NOTE = Statement(
    update(alerts)
    .where(_THIS, or_(alerts.c.seen_at.is_(None), alerts.c.seen_at < bindparam("b_at")))
    .values(seen_at=bindparam("b_at"))
)
_RAISED = Statement(
    update(alerts)
    .where(_THIS)
    .values(raised_at=bindparam("b_at"), event_id=bindparam("b_event_id"))
)
_OF_RULE = alert_marks.c.rule == bindparam("b_rule")
_STANDING = Statement(select(alert_marks.c.subject).where(_OF_RULE))
# An event that was told is read a second time: that it was told stays.
_FORGET = Statement(delete(alert_marks).where(_OF_RULE, alert_marks.c.due_at.is_not(None)))
_DUE = Statement(
    select(alert_marks)
    .where(alert_marks.c.due_at <= bindparam("b_now"))
    .order_by(alert_marks.c.due_at)
    .limit(bindparam("b_most"))
)
_BEGIN = insert_new(alert_marks, ("rule", "subject"))
# Of two processes that look at once, one finds the time at which it was raised before.
_AS_IT_WAS = (
    _OF_RULE, alert_marks.c.subject == bindparam("b_subject"),
    alert_marks.c.raised_at == bindparam("b_raised_at"),
)  # fmt: skip
_GO_ON = Statement(
    update(alert_marks)
    .where(*_AS_IT_WAS)
    .values(
        raised_at=bindparam("b_at"), due_at=bindparam("b_due_at"), purge_at=bindparam("b_purge_at")
    )
)
_END = Statement(delete(alert_marks).where(*_AS_IT_WAS))
_WAITS = Statement(select(func.min(outbox.c.posted_at).label("posted_at")))
_MOST_ACTIONS = 3
_MOST_DUE = 100
_WHOSE: ColumnElement[str] = case(
    (audit.c.action == "session.refused", audit.c.target), else_=audit.c.actor
).label("whose")


def _failed(*columns: ColumnElement[Any]) -> Select[Any]:
    actions: list[ColumnElement[str]] = [
        bindparam(f"b_action_{number}") for number in range(_MOST_ACTIONS)
    ]
    return select(*columns).where(
        audit.c.event_id > bindparam("b_since"),
        audit.c.action.in_(actions),
        audit.c.result != "done",
    )


_TIMES = func.count().label("times")
_COUNT = Statement(_failed(_TIMES))
_COUNTS = Statement(
    _failed(_WHOSE, _TIMES)
    .group_by(_WHOSE)
    .having(func.count() >= bindparam("b_least"))
    .order_by(_TIMES.desc(), _WHOSE)
    .limit(bindparam("b_most"))
)


class SqlAlertStore:
    """The rules, what they raised, and what is not told again for a while."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, now: datetime) -> Sequence[Alert]:
        """List the rules; those that nobody has set are kept as they are from now on."""
        found = {row.rule: row for row in await self._database.read(_ALL)}
        if missing := [one for one in defaults(now) if one.rule.value not in found]:

            def verb() -> Verb[None]:
                for one in missing:
                    yield _ADD, _row(one)

            await self._database.write(verb)
            found = {row.rule: row for row in await self._database.read(_ALL)}
        return [_alert(found[rule.value]) for rule in Rule]

    async def change(self, alert: Alert, event: AuditEvent, told: Mailing) -> None:
        """Set a rule; what goes on is told again at once."""
        row = _row(alert)
        params = {f"b_{name}": row[name] for name in ("rule", *_SET)}

        def verb() -> Verb[None]:
            yield _CHANGE, params
            yield _FORGET, params
            yield audit_insert(event)
            yield from mail_verb(told)

        await self._database.write(verb)

    async def note(self, rule: Rule, at: datetime) -> None:
        """Keep when what a rule waits for happened, if it is later than what is kept."""

        def verb() -> Verb[None]:
            yield _NOTE, {"b_rule": rule.value, "b_at": micros(at)}

        await self._database.write(verb)

    async def standing(self, rule: Rule) -> Collection[str]:
        """Name what nothing more is told of for a while."""
        rows = await self._database.read_many(_STANDING, {"b_rule": rule.value})
        return {row.subject for row in rows}

    async def due(self, now: datetime) -> Sequence[Mark]:
        """List what one looks at again, for its quiet time is over."""
        rows = await self._database.read(_DUE, {"b_now": micros(now), "b_most": _MOST_DUE})
        return [
            Mark(rule=Rule(row.rule), subject=row.subject, raised_at=moment(row.raised_at),
                 due_at=moment(row.due_at))
            for row in rows
        ]  # fmt: skip

    async def begin(self, mark: Mark, event: AuditEvent | None, told: Mailing) -> bool:
        """Raise an alert; False if it is being told already, by another process perhaps.

        Without an event nothing is told, and nothing more is looked at for a while.
        """
        row = {
            "rule": mark.rule.value, "subject": mark.subject, "raised_at": micros(mark.raised_at),
            "due_at": micros(mark.due_at), "purge_at": _purge_at(mark),
        }  # fmt: skip
        return await self._raise(mark, (_BEGIN, row), event, told)

    async def go_on(self, before: Mark, mark: Mark, event: AuditEvent, told: Mailing) -> bool:
        """Raise an alert again; False if another process did, or found that it is over."""
        params = {
            **_key(before), "b_at": micros(mark.raised_at), "b_due_at": micros(mark.due_at),
            "b_purge_at": _purge_at(mark),
        }  # fmt: skip
        return await self._raise(mark, (_GO_ON, params), event, told)

    async def _raise(
        self, mark: Mark, claim: Step, event: AuditEvent | None, told: Mailing
    ) -> bool:
        kept = None if event is None else audit_insert(event)

        def verb() -> Verb[bool]:
            if (yield claim).touched != 1:
                return False
            if kept is not None:
                yield kept
                at, event_id = kept[1]["at"], kept[1]["event_id"]
                yield _RAISED, {"b_rule": mark.rule.value, "b_at": at, "b_event_id": event_id}
            yield from mail_verb(told)
            return kept is not None

        return await self._database.write(verb)

    async def tell(self, event: AuditEvent, told: Mailing) -> None:
        """Keep an event and letters about it, as if it were an alert."""

        def verb() -> Verb[None]:
            yield audit_insert(event)
            yield from mail_verb(told)

        await self._database.write(verb)

    async def end(self, mark: Mark) -> None:
        """Let the next of it be told at once."""

        def verb() -> Verb[None]:
            yield _END, _key(mark)

        await self._database.write(verb)

    async def count(self, actions: Collection[str], since: str) -> int:
        """Count events of these that were not done, beyond a key."""
        (row,) = await self._database.read_many(_COUNT, _among(actions, since))
        return int(row.times)

    async def counts(
        self, actions: Collection[str], since: str, least: int, most: int
    ) -> Sequence[tuple[str, int]]:
        """Count them by whose sign-in it was, where there are so many; the most frequent first."""
        params = {**_among(actions, since), "b_least": least, "b_most": most}
        rows = await self._database.read_many(_COUNTS, params)
        return [(row.whose, int(row.times)) for row in rows]

    async def waits_since(self) -> datetime | None:
        """Say since when the oldest letter waits."""
        row = await first(self._database, _WAITS, {})
        return None if row is None else moment(row.posted_at)


def _among(actions: Collection[str], since: str) -> dict[str, object]:
    # One named twice stands for those that are left.
    names = (sorted(actions) * _MOST_ACTIONS)[:_MOST_ACTIONS]
    return {"b_since": since, **{f"b_action_{n}": name for n, name in enumerate(names)}}


def _key(mark: Mark) -> dict[str, object]:
    return {
        "b_rule": mark.rule.value, "b_subject": mark.subject,
        "b_raised_at": micros(mark.raised_at),
    }  # fmt: skip


def _purge_at(mark: Mark) -> int:
    return micros((mark.due_at or mark.raised_at) + KEPT)


def _row(alert: Alert) -> dict[str, object]:
    return {
        "rule": alert.rule.value, "is_on": int(alert.is_on), "most": alert.most,
        "within": alert.within, "quiet": alert.quiet, "told": " ".join(alert.told),
        "since": micros(alert.since), "seen_at": micros(alert.seen_at),
        "raised_at": micros(alert.raised_at), "event_id": alert.event_id,
    }  # fmt: skip


def _alert(row: Row) -> Alert:
    return Alert(
        rule=Rule(row.rule), is_on=bool(row.is_on), most=row.most, within=row.within,
        quiet=row.quiet, told=tuple(row.told.split()), since=moment(row.since),
        seen_at=moment(row.seen_at), raised_at=moment(row.raised_at), event_id=row.event_id,
    )  # fmt: skip
