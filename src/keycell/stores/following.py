"""Reading the trail from where one is in it, in SQL."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update

from keycell.accounts.audit import AuditEvent
from keycell.stores.audit import event_of
from keycell.stores.database import Database, Statement, Verb, first, insert_new
from keycell.stores.schema import audit
from keycell.stores.schema_hooks import trail_positions

_POSITION = Statement(
    select(trail_positions.c.event_id).where(trail_positions.c.name == bindparam("b_name"))
)
_BEGIN = insert_new(trail_positions, "name")
# Of two processes that read the same, the one that is behind takes nobody back.
_MOVE = Statement(
    update(trail_positions)
    .where(
        trail_positions.c.name == bindparam("b_name"),
        trail_positions.c.event_id < bindparam("b_to"),
    )
    .values(event_id=bindparam("b_to"))
)
_BETWEEN = Statement(
    select(audit)
    .where(
        audit.c.event_id > bindparam("b_after"),
        audit.c.event_id <= bindparam("b_until"),
        audit.c.action.not_like(bindparam("b_but")),
    )
    .order_by(audit.c.event_id)
    .limit(bindparam("b_most"))
)
_LAST = Statement(
    select(audit.c.event_id)
    .where(audit.c.event_id <= bindparam("b_until"))
    .order_by(audit.c.event_id.desc())
    .limit(1)
)
_NAMED = Statement(select(audit).where(audit.c.event_id == bindparam("b_event_id")))


class SqlFollowing:
    """Reads the trail from where one is in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def position(self, name: str, otherwise: str) -> str:
        """Give where one is; where nobody was yet, one begins at ``otherwise``."""
        row = await first(self._database, _POSITION, {"b_name": name})
        if row is not None:
            return str(row.event_id)

        def verb() -> Verb[str]:
            yield _BEGIN, {"name": name, "event_id": otherwise}
            return str((yield _POSITION, {"b_name": name}).rows[0].event_id)

        return await self._database.write(verb)

    async def move(self, name: str, to: str) -> None:
        """Go on to an event, never back."""

        def verb() -> Verb[None]:
            yield _MOVE, {"b_name": name, "b_to": to}

        # What a power cut takes back is read again, and told once all the same.
        await self._database.write(verb, is_brief=True, is_lasting=False)

    async def between(
        self, after: str, until: str, most: int, but: str = ""
    ) -> Sequence[tuple[str, AuditEvent]]:
        """List events beyond one and up to another, the oldest first, but for those of a kind."""
        pattern = f"{but}.%" if but else ""
        params = {"b_after": after, "b_until": until, "b_most": most, "b_but": pattern}
        rows = await self._database.read_many(_BETWEEN, params)
        return [(row.event_id, event_of(row)) for row in rows]

    async def last(self, until: str) -> str:
        """Give the last event up to one, of whatever kind."""
        row = await first(self._database, _LAST, {"b_until": until})
        return "" if row is None else str(row.event_id)

    async def named(self, event_id: str) -> AuditEvent | None:
        """Find an event."""
        row = await first(self._database, _NAMED, {"b_event_id": event_id})
        return None if row is None else event_of(row)
