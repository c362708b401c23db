"""The web frontend's sessions, in SQL."""

from datetime import datetime

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from keycell.provider.web_sessions import WebSession
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.schema import grants, sessions, web_sessions

_DIGEST: BindParameter[str] = bindparam("b_digest")
_NOW: BindParameter[int] = bindparam("b_now")
_START = Statement(insert(web_sessions))
_FIND = Statement(
    select(web_sessions)
    .join_from(web_sessions, sessions, sessions.c.sid == web_sessions.c.sid)
    .join(grants, grants.c.grant_id == web_sessions.c.grant_id)
    .where(
        web_sessions.c.digest == _DIGEST,
        web_sessions.c.purge_at > _NOW,
        sessions.c.ended_at.is_(None),
        sessions.c.purge_at > _NOW,
        grants.c.revoked_at.is_(None),
    )
)
_AT_VERSION = (web_sessions.c.digest == _DIGEST, web_sessions.c.version == bindparam("b_version"))
_LEASE = Statement(
    update(web_sessions)
    .where(*_AT_VERSION, web_sessions.c.leased_until <= _NOW)
    .values(leased_until=bindparam("b_until"))
)
_KEEP = Statement(
    update(web_sessions)
    .where(*_AT_VERSION)
    .values(
        sealed=bindparam("b_sealed"), version=bindparam("b_next"), leased_until=bindparam("b_free")
    )
)
_END = Statement(delete(web_sessions).where(web_sessions.c.digest == _DIGEST))


class SqlWebSessionStore:
    """The frontend's sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, session: WebSession, replaced: str | None) -> None:
        """Keep a new one, and forget the one it replaces in this browser."""

        def verb() -> Verb[None]:
            if replaced is not None:
                yield _END, {"b_digest": replaced}
            yield _START, _row(session)

        await self._database.write(verb)

    async def find(self, digest: str, now: datetime) -> WebSession | None:
        """Find one, as long as the session at the provider and the grant stand."""
        row = await first(self._database, _FIND, {"b_digest": digest, "b_now": micros(now)})
        return None if row is None else _session(row)

    async def lease(self, digest: str, version: int, now: datetime, until: datetime) -> bool:
        """Begin to refresh: True for one caller at a time."""
        params = {
            "b_digest": digest,
            "b_version": version,
            "b_now": micros(now),
            "b_until": micros(until),
        }

        def verb() -> Verb[bool]:
            return (yield _LEASE, params).touched == 1

        return await self._database.write(verb)

    async def keep(self, digest: str, version: int, sealed: str) -> bool:
        """Put refreshed tokens in the place of that version's, if it is still there."""
        params = {
            "b_digest": digest,
            "b_version": version,
            "b_next": version + 1,
            "b_sealed": sealed,
            "b_free": 0,
        }

        def verb() -> Verb[bool]:
            return (yield _KEEP, params).touched == 1

        return await self._database.write(verb)

    async def end(self, digest: str) -> None:
        """Forget one."""

        def verb() -> Verb[None]:
            yield _END, {"b_digest": digest}

        await self._database.write(verb)


def _row(session: WebSession) -> dict[str, object]:
    return {
        "digest": session.digest,
        "sid": session.sid,
        "grant_id": session.grant_id,
        "sealed": session.sealed,
        "version": session.version,
        "leased_until": micros(session.leased_until),
        "created_at": micros(session.created_at),
        "purge_at": micros(session.expires_at),
    }


def _session(row: Row) -> WebSession:
    return WebSession(
        digest=row.digest,
        sid=row.sid,
        grant_id=row.grant_id,
        sealed=row.sealed,
        version=row.version,
        leased_until=moment(row.leased_until),
        created_at=moment(row.created_at),
        expires_at=moment(row.purge_at),
    )
