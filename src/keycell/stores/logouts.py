"""Clients in browser sessions, in SQL: who is to be told when one ends, kept until they were.

A row is made when a client that wants to be told first gets a grant in a session, and is due from
the transaction on that ends the session. Grants themselves are forgotten much earlier.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, bindparam, delete, select, update

from keycell.accounts.sessions import LONGEST
from keycell.oauth.logout import TOLD_FOR
from keycell.provider.ports_logout import Ended
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.due import DueRows
from keycell.stores.schema import session_clients

_TABLE = session_clients
_KEPT = LONGEST + TOLD_FOR + timedelta(hours=1)
_SID: BindParameter[str] = bindparam("b_sid")
_CLIENT: BindParameter[str] = bindparam("b_client_id")

_JOIN = Statement(lambda make: make(_TABLE).on_conflict_do_nothing())
_CLIENTS = Statement(select(_TABLE.c.client_id).where(_TABLE.c.sid == _SID).limit(500))
_END = Statement(
    update(_TABLE)
    .where(_TABLE.c.sid == _SID, _TABLE.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"), due_at=bindparam("b_at"))
)
END_OF_ACCOUNT = Statement(
    update(_TABLE)
    .where(_TABLE.c.sub == bindparam("b_sub"), _TABLE.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"), due_at=bindparam("b_at"))
)
"""The same for all sessions of an account that is disabled or removed."""
END_OF_CLIENT = Statement(
    update(_TABLE)
    .where(
        _TABLE.c.sub == bindparam("b_sub"),
        _TABLE.c.client_id == _CLIENT,
        _TABLE.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("b_at"), due_at=bindparam("b_at"))
)
"""The same for one client, which somebody signs out of, or whose access they take back."""
_DONE = Statement(delete(_TABLE).where(_TABLE.c.sid == _SID, _TABLE.c.client_id == _CLIENT))
_DUE = DueRows(_TABLE, (_TABLE.c.sid, _TABLE.c.client_id))


def note_end(sid: str, at: datetime) -> Verb[None]:
    """Let those who are to be told be told, from the transaction on that ends the session."""
    yield _END, {"b_sid": sid, "b_at": micros(at)}


class SqlLogoutOutbox:
    """Whom to tell of the end of sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(self, sid: str, client_id: str, sub: str, at: datetime) -> None:
        """Remember that a client has a part in a session; once for each."""
        row = {
            "sid": sid, "client_id": client_id, "sub": sub, "tries": 0, "ended_at": None,
            "due_at": None, "purge_at": micros(at + _KEPT),
        }  # fmt: skip

        def verb() -> Verb[None]:
            yield _JOIN, row

        await self._database.write(verb)

    async def clients_of(self, sid: str) -> Sequence[str]:
        """List the clients that have a part in a session."""
        rows = await self._database.read_many(_CLIENTS, {"b_sid": sid})
        return [row.client_id for row in rows]

    async def take(self, now: datetime, until: datetime, most: int) -> Sequence[Ended]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        return [_ended(row) for row in await _DUE.take(self._database, now, until, most)]

    async def put_off(self, ended: Ended, at: datetime) -> None:
        """Try one again at a moment."""
        key = {"sid": ended.sid, "client_id": ended.client_id}
        await _DUE.put_off(self._database, key, at)

    async def done(self, ended: Ended) -> None:
        """Forget one."""
        params = {"b_sid": ended.sid, "b_client_id": ended.client_id}

        def verb() -> Verb[None]:
            yield _DONE, params

        await self._database.write(verb)


def _ended(row: Row) -> Ended:
    return Ended(
        sid=row.sid,
        client_id=row.client_id,
        sub=row.sub,
        ended_at=moment(row.ended_at),
        tries=row.tries + 1,
    )
