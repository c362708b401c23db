"""Webhooks, and what they are to be told, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, insert, null, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.hooks import KEPT, MOST_KEPT, MOST_WAITING, TRIED_FOR, Hook, HookCall
from keycell.accounts.ports_hooks import Found
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new
from keycell.stores.due import DueRows
from keycell.stores.schema_hooks import hook_calls, hooks
from keycell.stores.versions import bump

NAME = "hooks"

_THIS = hooks.c.hook_id == bindparam("b_hook_id")
_OF_HOOK = hook_calls.c.hook_id == bindparam("b_hook_id")
_ONE = (_OF_HOOK, hook_calls.c.event_id == bindparam("b_event_id"))
_IS_OVER = hook_calls.c.ended_at.is_not(None)

_ALL = Statement(select(hooks).order_by(hooks.c.created_at, hooks.c.hook_id))
_FIND = Statement(select(hooks).where(_THIS))
_ADD = Statement(insert(hooks))
_CHANGED = (
    "label", "url", "actions", "sealed", "former", "former_until", "since", "paused_at",
)  # fmt: skip
_CHANGE = Statement(
    update(hooks).where(_THIS).values({name: bindparam(f"b_{name}") for name in _CHANGED})
)
_REMOVE = Statement(delete(hooks).where(_THIS))
_REMOVE_CALLS = Statement(delete(hook_calls).where(_OF_HOOK))
_READY = Statement(
    select(hooks.c.hook_id).where(
        hooks.c.paused_at.is_(None),
        exists().where(
            hook_calls.c.hook_id == hooks.c.hook_id, hook_calls.c.due_at <= bindparam("b_now")
        ),
    )
)
_WAITING = Statement(
    select(func.count().label("calls"))
    .select_from(hook_calls)
    .where(_OF_HOOK, hook_calls.c.due_at.is_not(None))
)
_QUEUE = insert_new(hook_calls, ("hook_id", "event_id"))
_FAILS = Statement(
    update(hooks)
    .where(_THIS, hooks.c.failing_at.is_(None))
    .values(failing_at=bindparam("b_at"), failing_why=bindparam("b_why"))
)
_WORKS = Statement(
    update(hooks)
    .where(_THIS, hooks.c.failing_at.is_not(None))
    .values(failing_at=null(), failing_why="")
)
_TRIED = Statement(
    update(hook_calls)
    .where(*_ONE)
    .values(
        tried_at=bindparam("b_at"), status=bindparam("b_status"), answer=bindparam("b_answer"),
        why=bindparam("b_why"),
    )
)  # fmt: skip
_END = Statement(
    update(hook_calls)
    .where(*_ONE, hook_calls.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"), due_at=null(), purge_at=bindparam("b_purge_at"))
)
_AGAIN = Statement(
    update(hook_calls)
    .where(*_ONE, _IS_OVER)
    .values(
        ended_at=null(), due_at=bindparam("b_at"), queued_at=bindparam("b_at"), tries=0,
        purge_at=bindparam("b_purge_at"),
    )
)  # fmt: skip
_FORGET = Statement(delete(hook_calls).where(*_ONE, hook_calls.c.ended_at.is_(None)))
_CALLS = Statement(
    select(hook_calls)
    .where(_OF_HOOK, hook_calls.c.event_id < bindparam("b_before"))
    .order_by(hook_calls.c.event_id.desc())
    .limit(bindparam("b_most"))
)
_TRIM = Statement(
    delete(hook_calls).where(
        _OF_HOOK, _IS_OVER, hook_calls.c.event_id < bindparam("b_before"),
        hook_calls.c.event_id <= select(hook_calls.c.event_id)
        .where(_OF_HOOK, _IS_OVER)
        .order_by(hook_calls.c.event_id.desc())
        .offset(MOST_KEPT)
        .limit(1)
        .scalar_subquery(),
    )
)  # fmt: skip
_DUE = DueRows(hook_calls, (hook_calls.c.hook_id, hook_calls.c.event_id), hook_calls.c.hook_id)
_LEFT_OUT = f"more than {MOST_WAITING} events wait for it; what followed was left out"


class SqlHookStore:
    """The hooks, and what they are to be told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[Hook]:
        """List them, the oldest first."""
        return [_hook(row) for row in await self._database.read(_ALL)]

    async def find(self, hook_id: str) -> Hook | None:
        """Find one."""
        row = await first(self._database, _FIND, {"b_hook_id": hook_id})
        return None if row is None else _hook(row)

    async def add(self, hook: Hook, most: int, event: AuditEvent) -> bool:
        """Keep a new one; False if there are so many already."""

        def verb() -> Verb[bool]:
            # Of many that are added at once, none is one too many: they wait for this row.
            yield bump(NAME)
            if len((yield _ALL, {}).rows) >= most:
                return False
            yield _ADD, _row(hook)
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def change(self, hook: Hook, event: AuditEvent) -> bool:
        """Change what an administrator says of one; False if it is gone."""
        row = _row(hook)
        params = {f"b_{name}": row[name] for name in ("hook_id", *_CHANGED)}

        def verb() -> Verb[bool]:
            if (yield _CHANGE, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def remove(self, hook_id: str, event: AuditEvent) -> bool:
        """Forget one and all that it was to be told; False if it is gone."""
        params = {"b_hook_id": hook_id}

        def verb() -> Verb[bool]:
            if (yield _REMOVE, params).touched != 1:
                return False
            yield _REMOVE_CALLS, params
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def test(self, hook_id: str, event: AuditEvent) -> str:
        """Keep an event, and let this hook be told of it alone; give the event's key."""
        step = audit_insert(event)
        event_id = str(step[1]["event_id"])

        def verb() -> Verb[None]:
            yield step
            yield _QUEUE, _queued(hook_id, event_id, event.action, event.at)

        await self._database.write(verb)
        return event_id

    async def queue(self, hooks: Sequence[Hook], found: Found, now: datetime) -> int:
        """Let hooks be told of what they want of these events, each once; give how many."""
        wanted = [
            (hook.hook_id, [_queued(hook.hook_id, key, event.action, now)
                            for key, event in found if hook.wants(event.action, event.at)])
            for hook in hooks
        ]  # fmt: skip
        if not any(rows for _, rows in wanted):
            return 0

        def verb() -> Verb[int]:
            done = 0
            for hook_id, rows in wanted:
                done += yield from _queue(hook_id, rows, now)
            return done

        return await self._database.write(verb)

    async def trim(self, hook_id: str, before: str) -> None:
        """Forget the oldest that are over, where more are kept than may be."""

        def verb() -> Verb[None]:
            yield _TRIM, {"b_hook_id": hook_id, "b_before": before}

        await self._database.write(verb, is_lasting=False)

    async def ready(self, now: datetime) -> Sequence[str]:
        """Name the hooks for which something is due."""
        rows = await self._database.read(_READY, {"b_now": micros(now)})
        return [row.hook_id for row in rows]

    async def waiting(self, hook_id: str) -> int:
        """Count what a hook is still to be told."""
        row = await first(self._database, _WAITING, {"b_hook_id": hook_id})
        return 0 if row is None else int(row.calls)

    def outbox(self, hook_id: str) -> "SqlHookOutbox":
        """Give what a hook is to be told."""
        return SqlHookOutbox(self._database, hook_id)

    async def tried(self, call: HookCall) -> None:
        """Keep what came of an attempt."""
        params = {
            **_key(call), "b_at": micros(call.tried_at), "b_status": call.status,
            "b_answer": call.answer, "b_why": call.why,
        }  # fmt: skip

        def verb() -> Verb[None]:
            yield _TRIED, params

        await self._database.write(verb)

    async def ended(self, call: HookCall, at: datetime, event: AuditEvent) -> None:
        """Keep that one is over.

        With the event, where it was given up and nothing was taken since the last that was.
        """
        params: dict[str, object] = {
            **_key(call), "b_at": micros(at), "b_why": call.why, "b_purge_at": micros(at + KEPT),
        }  # fmt: skip

        def verb() -> Verb[None]:
            if (yield _END, params).touched != 1:
                return
            if not call.why:
                yield _WORKS, params
            elif (yield _FAILS, params).touched == 1:
                yield audit_insert(event)

        await self._database.write(verb)

    async def calls(self, hook_id: str, before: str, most: int) -> Sequence[HookCall]:
        """List what a hook was told or is to be, the latest event first."""
        params = {"b_hook_id": hook_id, "b_before": before, "b_most": most}
        return [_call(row) for row in await self._database.read_many(_CALLS, params)]

    async def replay(self, hook_id: str, event_id: str, event: AuditEvent) -> bool:
        """Tell one again that is over; False if it is not there, or waits."""
        params = {
            "b_hook_id": hook_id, "b_event_id": event_id, "b_at": micros(event.at),
            "b_purge_at": micros(event.at + TRIED_FOR + KEPT),
        }  # fmt: skip

        def verb() -> Verb[bool]:
            if (yield _AGAIN, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


class SqlHookOutbox:
    """What one hook is to be told."""

    def __init__(self, database: Database, hook_id: str) -> None:
        self._database = database
        self._hook_id = hook_id

    async def take(self, now: datetime, until: datetime, most: int) -> Sequence[HookCall]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        rows = await _DUE.take(self._database, now, until, most, self._hook_id)
        return [_call(row, tried=1) for row in rows]

    async def put_off(self, due: HookCall, at: datetime) -> None:
        """Try one again at a moment."""
        key = {"hook_id": due.hook_id, "event_id": due.event_id}
        await _DUE.put_off(self._database, key, at)

    async def done(self, due: HookCall) -> None:
        """Forget one that nobody wants; one that is over stays to be read."""

        def verb() -> Verb[None]:
            yield _FORGET, _key(due)

        await self._database.write(verb)


def _queue(hook_id: str, rows: Sequence[dict[str, object]], now: datetime) -> Verb[int]:
    if not rows:
        return 0
    room = MOST_WAITING - (yield _WAITING, {"b_hook_id": hook_id}).rows[0].calls
    if room < len(rows):
        yield _FAILS, {"b_hook_id": hook_id, "b_at": micros(now), "b_why": _LEFT_OUT}
    done = 0
    for row in rows[: max(room, 0)]:
        done += (yield _QUEUE, row).touched
    return done


def _queued(hook_id: str, event_id: str, action: str, at: datetime) -> dict[str, object]:
    return {
        "hook_id": hook_id, "event_id": event_id, "action": action, "queued_at": micros(at),
        "tries": 0, "due_at": micros(at), "tried_at": None, "ended_at": None, "status": 0,
        "answer": "", "why": "", "purge_at": micros(at + TRIED_FOR + KEPT),
    }  # fmt: skip


def _key(call: HookCall) -> dict[str, object]:
    return {"b_hook_id": call.hook_id, "b_event_id": call.event_id}


def _call(row: Row, tried: int = 0) -> HookCall:
    return HookCall(
        hook_id=row.hook_id, event_id=row.event_id, action=row.action,
        queued_at=moment(row.queued_at), tries=row.tries + tried, due_at=moment(row.due_at),
        tried_at=moment(row.tried_at), ended_at=moment(row.ended_at), status=row.status,
        answer=row.answer, why=row.why,
    )  # fmt: skip


def _row(hook: Hook) -> dict[str, object]:
    return {
        "hook_id": hook.hook_id, "label": hook.label, "url": hook.url,
        "actions": " ".join(hook.actions), "sealed": hook.sealed, "former": hook.former,
        "former_until": micros(hook.former_until), "since": micros(hook.since),
        "paused_at": micros(hook.paused_at), "failing_at": micros(hook.failing_at),
        "failing_why": hook.failing_why, "created_at": micros(hook.created_at),
    }  # fmt: skip


def _hook(row: Row) -> Hook:
    return Hook(
        hook_id=row.hook_id, label=row.label, url=row.url, actions=tuple(row.actions.split()),
        sealed=row.sealed, former=row.former, former_until=moment(row.former_until),
        since=moment(row.since), paused_at=moment(row.paused_at),
        failing_at=moment(row.failing_at), failing_why=row.failing_why,
        created_at=moment(row.created_at),
    )  # fmt: skip
