"""The issuers whose assertions are taken, in SQL: one JSON document each."""

from collections.abc import Sequence
from dataclasses import asdict

import msgspec
from sqlalchemy import bindparam, delete, func, select

from keycell.accounts.audit import AuditEvent
from keycell.oauth.jwt_bearer import TrustedIssuer
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb, first, upsert
from keycell.stores.schema import trusted_issuers

_TABLE = trusted_issuers
_FIND = Statement(select(_TABLE).where(_TABLE.c.issuer == bindparam("b_issuer")))
_ALL = Statement(select(_TABLE).order_by(_TABLE.c.issuer))
_COUNT = Statement(
    select(func.count().label("issuers"))
    .select_from(_TABLE)
    .where(_TABLE.c.issuer != bindparam("b_issuer"))
)
_PUT = upsert(_TABLE, ("issuer",), "document")
_REMOVE = Statement(delete(_TABLE).where(_TABLE.c.issuer == bindparam("b_issuer")))


class SqlIssuerStore:
    """The issuers whose assertions are taken."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, issuer: str) -> TrustedIssuer | None:
        """Find one by its name."""
        row = await first(self._database, _FIND, {"b_issuer": issuer})
        return None if row is None else _issuer(row)

    async def all(self) -> Sequence[TrustedIssuer]:
        """List them."""
        return [_issuer(row) for row in await self._database.read_many(_ALL)]

    async def put(self, trusted: TrustedIssuer, most: int, event: AuditEvent) -> bool:
        """Keep one, or replace it; False if there are so many already."""
        row = {
            "issuer": trusted.issuer,
            "document": msgspec.json.encode(asdict(trusted)).decode(),
            "created_at": micros(event.at),
        }

        def verb() -> Verb[bool]:
            if (yield _COUNT, {"b_issuer": trusted.issuer}).rows[0].issuers >= most:
                return False
            yield _PUT, row
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def remove(self, issuer: str, event: AuditEvent) -> bool:
        """Trust one no longer; False if it was not."""

        def verb() -> Verb[bool]:
            if (yield _REMOVE, {"b_issuer": issuer}).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _issuer(row: Row) -> TrustedIssuer:
    return msgspec.json.decode(row.document, type=TrustedIssuer)
