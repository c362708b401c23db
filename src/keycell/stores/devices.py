"""Devices that wait for a person, in SQL. Of two who decide at once, one finds it undecided."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from keycell.accounts.audit import AuditEvent
from keycell.oauth.device import DeviceAuthorization
from keycell.oauth.grants import Grant
from keycell.oauth.interaction import Consent
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.schema import devices
from keycell.stores.waiting import WaitingRows, awaited_of, awaited_row

# By either of its two keys: a user code that is taken is drawn anew.
_START = Statement(lambda make: make(devices).on_conflict_do_nothing())
_WAITING = Statement(
    select(devices).where(
        devices.c.user_code == bindparam("b_user_code"),
        devices.c.decided_at.is_(None),
        devices.c.expires_at > bindparam("b_at"),
    )
)


def _device(row: Row) -> DeviceAuthorization:
    return DeviceAuthorization(
        **awaited_of(row),
        device_id=row.device_id,
        user_code=row.user_code,
        code_challenge=row.code_challenge,
        device_name=row.device_name,
    )


_ROWS = WaitingRows(devices, devices.c.device_id, _device)


class SqlDeviceStore:
    """Devices that wait for a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, device: DeviceAuthorization) -> bool:
        """Keep a new one; False if another has its user code."""
        row = {
            **awaited_row(device),
            "device_id": device.device_id,
            "user_code": device.user_code,
            "code_challenge": device.code_challenge,
            "device_name": device.device_name,
        }

        def verb() -> Verb[bool]:
            return (yield _START, row).touched == 1

        return await self._database.write(verb)

    async def find(self, key: str) -> DeviceAuthorization | None:
        """Find one, a decided one too."""
        return await _ROWS.find(self._database, key)

    async def waiting(self, user_code: str, now: datetime) -> DeviceAuthorization | None:
        """Find one by its user code, as long as it waits."""
        params = {"b_user_code": user_code, "b_at": micros(now)}
        row = await first(self._database, _WAITING, params)
        return None if row is None else _device(row)

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
    ) -> bool:
        """Let a device have a grant, and remember the consent: True for the call that decided."""
        return await self._database.write(
            lambda: _ROWS.allow(key, grant, consent, allowed, started)
        )

    async def deny(self, key: str, at: datetime, event: AuditEvent) -> bool:
        """Let a device have nothing: True for the call that decided."""
        return await self._database.write(lambda: _ROWS.deny(key, at, event))
