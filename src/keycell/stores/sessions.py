"""Browser sessions, in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, insert, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.sessions import LONGEST, Session, expires_at
from keycell.accounts.trust import Shortcut, Trust
from keycell.accounts.waiting_browsers import Lent
from keycell.stores.account_rows import joined_account
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.grant_ends import REVOKE_OF_SESSION
from keycell.stores.logouts import note_end
from keycell.stores.mail_rows import mail_verb
from keycell.stores.schema import accounts, grants, sessions, web_sessions
from keycell.stores.trusted import FORGET_TRUST, begin_trust, use_trust
from keycell.stores.waiting_browsers import spend

_FIND = Statement(select(sessions).where(sessions.c.digest == bindparam("b_digest")))
_WITH_ACCOUNT = Statement(
    select(sessions, accounts)
    .join_from(sessions, accounts, accounts.c.sub == sessions.c.sub)
    .where(sessions.c.digest == bindparam("b_digest"))
)
# What the join gives is cut where the second table begins.
_CUT = len(sessions.c)
_BY_SID = Statement(select(sessions).where(sessions.c.sid == bindparam("b_sid")))
# Locked: what ends the sessions of an account waits for a new one, and ends it too.
_WHOSE = Statement(
    select(accounts.c.password_hash, accounts.c.disabled_at, accounts.c.leaves_at)
    .where(accounts.c.sub == bindparam("b_sub"))
    .with_for_update(read=True)
)
_START = Statement(insert(sessions))
_TOUCH = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("b_sid"), sessions.c.ended_at.is_(None))
    .values(
        seen_at=bindparam("b_seen_at"),
        # One that is kept for more than its browser is kept still. NSSO-4.3.
        purge_at=case(
            (sessions.c.purge_at > bindparam("b_purge_at"), sessions.c.purge_at),
            else_=bindparam("b_purge_at"),
        ),
    )
)
_KEEP = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("b_sid"), sessions.c.ended_at.is_(None))
    .values(purge_at=sessions.c.created_at + bindparam("b_longest"))
)
_END = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("b_sid"), sessions.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"))
)
_OF_ACCOUNT = Statement(
    select(sessions)
    .where(
        sessions.c.sub == bindparam("b_sub"),
        sessions.c.ended_at.is_(None),
        sessions.c.purge_at > bindparam("b_now"),
    )
    .order_by(sessions.c.seen_at.desc())
    .limit(200)
)

_SIDS = Statement(
    select(sessions.c.sid).where(
        sessions.c.sub == bindparam("b_sub"),
        sessions.c.ended_at.is_(None),
        sessions.c.purge_at > bindparam("b_now"),
    )
)
# The frontend's grant has a refresh token, but the frontend is this very browser.
_REVOKE_OF_FRONTEND = Statement(
    update(grants)
    .where(
        grants.c.revoked_at.is_(None),
        grants.c.grant_id.in_(
            select(web_sessions.c.grant_id).where(web_sessions.c.sid == bindparam("b_sid"))
        ),
    )
    .values(revoked_at=bindparam("b_at"))
)


class SqlSessionStore:
    """The browser sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, digest: str) -> tuple[Session, Account] | None:
        """Find a session by its cookie's digest, an ended one too, with its account."""
        row = await first(self._database, _WITH_ACCOUNT, {"b_digest": digest})
        return None if row is None else (_session(row), joined_account(row[_CUT:]))

    async def start(
        self,
        session: Session,
        replaced: str | None,
        event: AuditEvent,
        password_hash: str | None = None,
        by: Trust | Shortcut | Lent | None = None,
        mailing: Mailing = NO_MAIL,
    ) -> bool:
        """Keep a new session, and end the one it replaces in this browser."""

        def verb() -> Verb[bool]:
            found = (yield _WHOSE, {"b_sub": session.sub}).rows
            for one in found:
                is_same = password_hash in (None, one.password_hash)
                if not is_same or one.disabled_at is not None or one.leaves_at is not None:
                    return False
            if by is not None and not (yield from _begins_by(session, by, is_there=bool(found))):
                return False
            if replaced is not None:
                for row in (yield _FIND, {"b_digest": replaced}).rows:
                    yield from _end(row.sid, session.created_at)
            yield _START, _row(session)
            yield audit_insert(event)
            yield from mail_verb(mailing)
            return True

        # One that is replaced may have many grants to end.
        is_brief = replaced is None and by is None and mailing is NO_MAIL
        return await self._database.write(verb, is_brief=is_brief)

    async def touch(self, session: Session, seen_at: datetime) -> None:
        """Remember that a session was used."""
        until = expires_at(replace(session, seen_at=seen_at))
        params = {
            "b_sid": session.sid,
            "b_seen_at": micros(seen_at),
            "b_purge_at": micros(until),
        }

        def verb() -> Verb[None]:
            yield _TOUCH, params

        await self._database.write(verb)

    async def find_by_sid(self, sid: str) -> Session | None:
        """Find a session by the name that clients know, an ended one too."""
        row = await first(self._database, _BY_SID, {"b_sid": sid})
        return None if row is None else _session(row)

    async def keep(self, sid: str) -> None:
        """Keep a session as long as one may last, though its browser falls idle."""

        def verb() -> Verb[None]:
            yield _KEEP, {"b_sid": sid, "b_longest": LONGEST // timedelta(microseconds=1)}

        await self._database.write(verb)

    async def end(self, sid: str, at: datetime, event: AuditEvent) -> bool:
        """End a session, and its grants that were not to outlive it."""

        def verb() -> Verb[bool]:
            if not (yield from _end(sid, at)):
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def end_others(self, sub: str, kept: str | None, at: datetime, event: AuditEvent) -> int:
        """End all sessions of an account save one; tell how many."""

        def verb() -> Verb[int]:
            ended = yield from end_sessions(sub, kept, at)
            if ended:
                yield audit_insert(event)
            return ended

        return await self._database.write(verb)

    async def of_account(self, sub: str, now: datetime) -> Sequence[Session]:
        """List the sessions of an account that were not ended, the latest first."""
        rows = await self._database.read_many(_OF_ACCOUNT, {"b_sub": sub, "b_now": micros(now)})
        return [_session(row) for row in rows]


def _begins_by(session: Session, by: Trust | Shortcut | Lent, *, is_there: bool) -> Verb[bool]:
    """Do what comes with a session; False if it may not begin by this."""
    match by:
        case Shortcut():
            return (yield from use_trust(session.sub, by))
        case Lent():
            return is_there and (yield from spend(by, session.created_at))
        case Trust() if is_there:
            yield from begin_trust(by)
    return True


def end_sessions(sub: str, kept: str | None, at: datetime) -> Verb[int]:
    """End all sessions of an account save one, and the grants that were not to outlive them.

    With them goes the trust in every browser: what is signed out everywhere comes back nowhere
    by a password alone.
    """
    yield FORGET_TRUST, {"b_sub": sub}
    found = (yield _SIDS, {"b_sub": sub, "b_now": micros(at)}).rows
    others = [row.sid for row in found if row.sid != kept]
    for sid in others:
        yield from _end(sid, at)
    return len(others)


def _end(sid: str, at: datetime) -> Verb[bool]:
    params = {"b_sid": sid, "b_at": micros(at)}
    if (yield _END, params).touched != 1:
        return False
    yield REVOKE_OF_SESSION, params
    yield _REVOKE_OF_FRONTEND, params
    yield from note_end(sid, at)
    return True


def _row(session: Session) -> dict[str, object]:
    return {
        "digest": session.digest,
        "sid": session.sid,
        "sub": session.sub,
        "auth_time": micros(session.auth_time),
        "amr": " ".join(session.amr),
        "acr": session.acr,
        "created_at": micros(session.created_at),
        "seen_at": micros(session.seen_at),
        "ip": session.ip,
        "user_agent": session.user_agent,
        "ended_at": micros(session.ended_at),
        "purge_at": micros(expires_at(session)),
        "skipped_at": micros(session.skipped_at),
    }


def _session(row: Row) -> Session:
    return Session(
        sid=row.sid,
        digest=row.digest,
        sub=row.sub,
        auth_time=moment(row.auth_time),
        amr=tuple(row.amr.split(" ")),
        acr=row.acr,
        created_at=moment(row.created_at),
        seen_at=moment(row.seen_at),
        ip=row.ip,
        user_agent=row.user_agent,
        ended_at=moment(row.ended_at),
        skipped_at=moment(row.skipped_at),
    )
