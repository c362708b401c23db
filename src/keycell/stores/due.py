"""What is due to be told to a client, in SQL: leased to one process, put off, told.

A row is due from the moment its ``due_at`` says; while one process has it in hand, that is when
the lease ends. Of many that are due, those come first whose person and whose client had the fewest
turns before: who has a thousand clients that answer slowly keeps nobody else waiting.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    update,
)

from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb


class DueRows:
    """The statements of a table whose rows are told, and what is done by them."""

    def __init__(
        self, table: Table, keys: Sequence["Column[str]"], of: "Column[str] | None" = None
    ) -> None:
        """Take a table, and its keys; ``of`` is whose rows are taken, where they have a queue."""
        which = [key == bindparam(f"b_{key.name}") for key in keys]
        self._keys = [key.name for key in keys]
        is_due = table.c.due_at <= bindparam("b_now")
        turn: ColumnElement[int] = literal(0)
        if of is None:
            turn = _rank(table, table.c.sub) + _rank(table, table.c.client_id)
        else:
            is_due = and_(of == bindparam("b_of"), is_due)
        self._look = Statement(select(keys[0]).where(is_due).limit(1))
        ranked = select(*keys, table.c.due_at, turn.label("turn")).where(is_due).subquery()
        first = (
            select(*(ranked.c[key.name] for key in keys))
            .order_by(ranked.c.turn, ranked.c.due_at)
            .limit(bindparam("b_most"))
        )
        # Looked at again once it is locked: another process may have had it in hand.
        chosen = select(table).where(is_due, tuple_(*keys).in_(first))
        self._due = Statement(chosen.order_by(table.c.due_at).with_for_update())
        self._take = Statement(
            update(table)
            .where(*which)
            .values(due_at=bindparam("b_until"), tries=table.c.tries + literal(1))
        )
        self._put_off = Statement(update(table).where(*which).values(due_at=bindparam("b_at")))

    async def take(
        self, database: Database, now: datetime, until: datetime, most: int, of: str = ""
    ) -> Sequence[Row]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        params = {"b_now": micros(now), "b_most": most, "b_of": of}
        # Most looks find nothing, and those write nothing.
        if not await database.read(self._look, params):
            return []

        def verb() -> Verb[list[Row]]:
            rows = (yield self._due, params).rows
            for row in rows:
                where = {f"b_{name}": getattr(row, name) for name in self._keys}
                yield self._take, where | {"b_until": micros(until)}
            return list(rows)

        return await database.write(verb)

    async def put_off(self, database: Database, key: Mapping[str, str], at: datetime) -> None:
        """Try one again at a moment."""
        params: dict[str, object] = {f"b_{name}": value for name, value in key.items()}

        def verb() -> Verb[None]:
            yield self._put_off, params | {"b_at": micros(at)}

        await database.write(verb)


def _rank(table: Table, whose: "Column[str]") -> ColumnElement[int]:
    return func.row_number().over(partition_by=whose, order_by=table.c.due_at)
