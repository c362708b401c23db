"""Devices that wait for a person, in SQL. Of two who decide at once, one finds it undecided."""

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, bindparam, select, update

from keycell.accounts.audit import AuditEvent
from keycell.oauth.device import DeviceAuthorization, next_interval
from keycell.oauth.grants import Grant
from keycell.oauth.interaction import Consent
from keycell.stores import consents
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment, unwords, words
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.grant_rows import details_in, details_text
from keycell.stores.grants import start
from keycell.stores.schema import devices

_KEPT_AFTER = timedelta(hours=1)
"""Who polls late is told that it is over."""
_MICROSECOND = timedelta(microseconds=1)

_ID: BindParameter[str] = bindparam("b_device_id")
_AT: BindParameter[int] = bindparam("b_at")
# By either of its two keys: a user code that is taken is drawn anew.
_START = Statement(lambda make: make(devices).on_conflict_do_nothing())
_FIND = Statement(select(devices).where(devices.c.device_id == _ID))
_LOCKED = Statement(select(devices).where(devices.c.device_id == _ID).with_for_update())
_WAITING = Statement(
    select(devices).where(
        devices.c.user_code == bindparam("b_user_code"),
        devices.c.decided_at.is_(None),
        devices.c.expires_at > _AT,
    )
)
_POLLED = Statement(
    update(devices)
    .where(devices.c.device_id == _ID)
    .values(polled_at=_AT, poll_interval=bindparam("b_interval"))
)
_DECIDE = Statement(
    update(devices)
    .where(devices.c.device_id == _ID, devices.c.decided_at.is_(None), devices.c.expires_at > _AT)
    .values(decided_at=_AT, grant_id=bindparam("b_grant_id"))
)


class SqlDeviceStore:
    """Devices that wait for a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, device: DeviceAuthorization) -> bool:
        """Keep a new one; False if another has its user code."""

        def verb() -> Verb[bool]:
            return (yield _START, _row(device)).touched == 1

        return await self._database.write(verb)

    async def find(self, device_id: str) -> DeviceAuthorization | None:
        """Find one, a decided one too."""
        row = await first(self._database, _FIND, {"b_device_id": device_id})
        return None if row is None else _device(row)

    async def waiting(self, user_code: str, now: datetime) -> DeviceAuthorization | None:
        """Find one by its user code, as long as it waits."""
        params = {"b_user_code": user_code, "b_at": micros(now)}
        row = await first(self._database, _WAITING, params)
        return None if row is None else _device(row)

    async def poll(self, device_id: str, now: datetime) -> timedelta | None:
        """Count a poll; give the interval that it has grown to, None if it stayed."""

        def verb() -> Verb[timedelta | None]:
            rows = (yield _LOCKED, {"b_device_id": device_id}).rows
            if not rows:
                return None
            device = _device(rows[0])
            interval = next_interval(device, now)
            params = {"b_device_id": device_id, "b_at": micros(now)}
            yield _POLLED, params | {"b_interval": interval // _MICROSECOND}
            return interval if interval > device.interval else None

        return await self._database.write(verb)

    async def allow(
        self,
        device_id: str,
        grant: Grant,
        consent: Consent,
        allowed: AuditEvent,
        started: AuditEvent,
    ) -> bool:
        """Let a device have a grant, and remember the consent: True for the call that decided."""
        params = {"b_device_id": device_id, "b_at": micros(allowed.at)}

        def verb() -> Verb[bool]:
            if (yield _DECIDE, params | {"b_grant_id": grant.grant_id}).touched != 1:
                return False
            yield from consents.allow(grant.sub, grant.client_id, consent, allowed)
            yield from start(grant, started)
            return True

        return await self._database.write(verb)

    async def deny(self, device_id: str, at: datetime, event: AuditEvent) -> bool:
        """Let a device have nothing: True for the call that decided."""
        params = {"b_device_id": device_id, "b_at": micros(at), "b_grant_id": None}

        def verb() -> Verb[bool]:
            if (yield _DECIDE, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _row(device: DeviceAuthorization) -> dict[str, object]:
    return {
        "device_id": device.device_id,
        "digest": device.digest,
        "user_code": device.user_code,
        "client_id": device.client_id,
        "scope": words(device.scope),
        "audience": " ".join(device.audience),
        "details": details_text(device.details),
        "code_challenge": device.code_challenge,
        "device_name": device.device_name,
        "ip": device.ip,
        "user_agent": device.user_agent,
        "created_at": micros(device.created_at),
        "expires_at": micros(device.expires_at),
        "poll_interval": device.interval // _MICROSECOND,
        "polled_at": micros(device.polled_at),
        "decided_at": micros(device.decided_at),
        "grant_id": device.grant_id,
        "purge_at": micros(device.expires_at + _KEPT_AFTER),
    }


def _device(row: Row) -> DeviceAuthorization:
    return DeviceAuthorization(
        device_id=row.device_id,
        digest=row.digest,
        user_code=row.user_code,
        client_id=row.client_id,
        scope=unwords(row.scope),
        audience=tuple(row.audience.split(" ")),
        details=details_in(row.details),
        code_challenge=row.code_challenge,
        device_name=row.device_name,
        ip=row.ip,
        user_agent=row.user_agent,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        interval=row.poll_interval * _MICROSECOND,
        polled_at=moment(row.polled_at),
        decided_at=moment(row.decided_at),
        grant_id=row.grant_id,
    )
