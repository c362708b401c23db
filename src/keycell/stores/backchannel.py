"""Requests from the back, in SQL: they wait for a person, and then for their client to be told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, null, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.ports_mail import Mailing
from keycell.oauth.backchannel import BackchannelAuthentication
from keycell.oauth.grants import Grant
from keycell.oauth.interaction import Consent
from keycell.provider.ports_waiting import Notice
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.due import DueRows
from keycell.stores.grants import spend_code
from keycell.stores.mail_rows import mail_verb
from keycell.stores.schema import backchannel_requests
from keycell.stores.waiting import WaitingRows, awaited_of, awaited_row

_TABLE = backchannel_requests
_KEY = _TABLE.c.request_id

_START = Statement(insert(_TABLE))
_OPEN = Statement(
    select(_TABLE)
    .where(
        _TABLE.c.sub == bindparam("b_sub"),
        _TABLE.c.decided_at.is_(None),
        _TABLE.c.expires_at > bindparam("b_at"),
    )
    .order_by(_TABLE.c.created_at.desc())
    .limit(bindparam("b_most"))
)
_TELL = Statement(
    update(_TABLE)
    .where(bindparam("b_key") == _KEY)
    .values(sealed=bindparam("b_sealed"), due_at=bindparam("b_at"))
)
_TOLD = Statement(
    update(_TABLE)
    .where(bindparam("b_request_id") == _KEY)
    .values(sealed=null(), due_at=null())
)  # fmt: skip


def _request(row: Row) -> BackchannelAuthentication:
    return BackchannelAuthentication(
        **awaited_of(row),
        request_id=row.request_id,
        sub=row.sub,
        mode=row.mode,
        binding_message=row.binding_message,
        acr_values=tuple(row.acr_values.split()),
        sealed=row.sealed,
        tries=row.tries,
    )


_ROWS = WaitingRows(_TABLE, _KEY, _request)
_DUE = DueRows(_TABLE, (_KEY,))


class SqlBackchannelStore:
    """Requests from the back, and what their clients are to be told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(
        self, request: BackchannelAuthentication, event: AuditEvent, mailing: Mailing
    ) -> None:
        """Keep a new one, with the letter that tells its person."""
        row = {
            **awaited_row(request),
            "request_id": request.request_id,
            "sub": request.sub,
            "mode": request.mode,
            "binding_message": request.binding_message,
            "acr_values": " ".join(request.acr_values),
            "sealed": request.sealed,
            "tries": request.tries,
            "due_at": None,
        }

        def verb() -> Verb[None]:
            yield _START, row
            yield from mail_verb(mailing)
            yield audit_insert(event)

        await self._database.write(verb)

    async def find(self, key: str) -> BackchannelAuthentication | None:
        """Find one, a decided one too."""
        return await _ROWS.find(self._database, key)

    async def of_account(
        self, sub: str, now: datetime, most: int
    ) -> Sequence[BackchannelAuthentication]:
        """List those that wait for somebody, the latest first."""
        params = {"b_sub": sub, "b_at": micros(now), "b_most": most}
        return [_request(row) for row in await self._database.read_many(_OPEN, params)]

    async def poll(self, key: str, now: datetime) -> timedelta | None:
        """Count a poll; give the interval that it has grown to, None if it stayed."""
        return await self._database.write(lambda: _ROWS.poll(key, now))

    async def allow(
        self,
        key: str,
        grant: Grant,
        consent: Consent | None,
        allowed: AuditEvent,
        started: AuditEvent,
        notice: Notice | None = None,
    ) -> bool:
        """Let a client have a grant, and tell it: True for the call that decided.

        Where its tokens are in what it is told, the code of the grant is spent by that.
        """

        def verb() -> Verb[bool]:
            if not (yield from _ROWS.allow(key, grant, consent, allowed, started)):
                return False
            if notice is not None and notice.spending is not None:
                yield from spend_code(notice.spending)
            yield from _tell(key, allowed.at, notice)
            return True

        return await self._database.write(verb)

    async def deny(
        self, key: str, at: datetime, event: AuditEvent, notice: Notice | None = None
    ) -> bool:
        """Let a client have nothing, and tell it: True for the call that decided."""

        def verb() -> Verb[bool]:
            if not (yield from _ROWS.deny(key, at, event)):
                return False
            yield from _tell(key, at, notice)
            return True

        return await self._database.write(verb)

    async def take(
        self, now: datetime, until: datetime, most: int
    ) -> Sequence[BackchannelAuthentication]:
        """Take some that are due, for nobody else until a moment; a try is counted."""
        return [_taken(row) for row in await _DUE.take(self._database, now, until, most)]

    async def put_off(self, told: BackchannelAuthentication, at: datetime) -> None:
        """Try one again at a moment."""
        await _DUE.put_off(self._database, {"request_id": told.request_id}, at)

    async def done(self, told: BackchannelAuthentication) -> None:
        """Forget what was to be told; who polls is still answered."""

        def verb() -> Verb[None]:
            yield _TOLD, {"b_request_id": told.request_id}

        await self._database.write(verb)


def _tell(key: str, at: datetime, notice: Notice | None) -> Verb[None]:
    if notice is not None:
        yield _TELL, {"b_key": key, "b_sealed": notice.sealed, "b_at": micros(at)}


def _taken(row: Row) -> BackchannelAuthentication:
    request = _request(row)
    return replace(request, tries=request.tries + 1)
