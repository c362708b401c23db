"""Our keys, in SQL; their private halves sealed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from keycell.accounts.audit import AuditEvent
from keycell.oauth.keys import KeyRecord
from keycell.provider.key_readers import KEPT, MOST, KeyReading
from keycell.provider.keys import KeptKey, KeyChange
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, upsert
from keycell.stores.schema import seen_ids, signing_keys
from keycell.stores.versions import bump

NAME = "keys"

_ALL = Statement(select(signing_keys).order_by(signing_keys.c.created_at, signing_keys.c.kid))
_OF_ALG = Statement(
    select(signing_keys.c.kid, signing_keys.c.state).where(
        signing_keys.c.alg == bindparam("b_alg")
    )
)
_ADD = Statement(insert(signing_keys))
_CHANGE = Statement(
    update(signing_keys)
    .where(signing_keys.c.kid == bindparam("b_kid"))
    .values(
        state=bindparam("b_state"),
        activated_at=bindparam("b_activated_at"),
        retired_at=bindparam("b_retired_at"),
    )
)
_READ = "jwks "
_NOTE = upsert(seen_ids, "key", "purge_at")
_READINGS = Statement(
    select(seen_ids)
    .where(
        seen_ids.c.key >= _READ, seen_ids.c.key < "jwks!", seen_ids.c.purge_at > bindparam("b_now")
    )
    .order_by(seen_ids.c.purge_at.desc())
    .limit(MOST)
)  # fmt: skip
_REMOVE = Statement(delete(signing_keys).where(signing_keys.c.kid == bindparam("b_kid")))


class SqlKeyStore:
    """Our keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[KeptKey]:
        """List the keys, the oldest first."""
        return [_key(row) for row in await self._database.read(_ALL)]

    async def readings(self, now: datetime) -> Sequence[KeyReading]:
        """List the latest looks of applications at our keys, the latest first."""
        rows = await self._database.read(_READINGS, {"b_now": micros(now)})
        return [_reading(row) for row in rows]

    async def note(self, readings: Sequence[KeyReading]) -> None:
        """Keep looks of applications in the place of earlier ones."""

        def verb() -> Verb[None]:
            for one in readings:
                key = f"{_READ}{one.client_id} {one.ip}"
                yield _NOTE, {"key": key, "purge_at": micros(one.at + KEPT)}

        await self._database.write(verb)

    async def change(self, change: KeyChange, event: AuditEvent | None) -> bool:
        """Change the keys of an algorithm; False if another process did meanwhile."""

        def verb() -> Verb[bool]:
            # First, for it makes other processes wait: of two that start at once, one makes keys.
            yield bump(NAME)
            rows = (yield _OF_ALG, {"b_alg": change.alg}).rows
            if {(row.kid, row.state) for row in rows} != change.seen:
                return False
            for record in change.changed:
                yield _CHANGE, _record_params(record)
            for kid in change.gone:
                yield _REMOVE, {"b_kid": kid}
            for key in change.added:
                yield _ADD, _key_row(key)
            if event is not None:
                yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _record_params(record: KeyRecord) -> dict[str, object]:
    return {
        "b_kid": record.kid,
        "b_state": record.state,
        "b_activated_at": micros(record.activated_at),
        "b_retired_at": micros(record.retired_at),
    }


def _key_row(key: KeptKey) -> dict[str, object]:
    record = key.record
    return {
        "kid": record.kid,
        "alg": record.alg,
        "state": record.state,
        "sealed": key.sealed,
        "created_at": micros(record.created_at),
        "activated_at": micros(record.activated_at),
        "retired_at": micros(record.retired_at),
    }


def _key(row: Row) -> KeptKey:
    record = KeyRecord(
        kid=row.kid,
        alg=row.alg,
        state=row.state,
        created_at=moment(row.created_at),
        activated_at=moment(row.activated_at),
        retired_at=moment(row.retired_at),
    )
    return KeptKey(record, row.sealed)


def _reading(row: Row) -> KeyReading:
    client_id, _, ip = row.key.removeprefix(_READ).rpartition(" ")
    return KeyReading(client_id, ip, moment(row.purge_at) - KEPT)
