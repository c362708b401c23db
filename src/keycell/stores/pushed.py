"""Authorization requests that clients pushed, in SQL. RFC9126-2."""

import json
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from keycell.provider.ports_requests import PushedRequest
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Statement, Verb, first
from keycell.stores.schema import pushed_requests

_PUSH = Statement(insert(pushed_requests))
_FIND = Statement(
    select(pushed_requests).where(
        pushed_requests.c.digest == bindparam("b_digest"),
        pushed_requests.c.purge_at > bindparam("b_now"),
    )
)


class SqlPushedStore:
    """The requests that clients pushed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def push(self, request: PushedRequest) -> None:
        """Keep one."""
        row = {
            "digest": request.digest,
            "client_id": request.client_id,
            "pairs": json.dumps(request.pairs),
            "is_signed": request.is_signed,
            "purge_at": micros(request.expires_at),
        }

        def verb() -> Verb[None]:
            yield _PUSH, row

        await self._database.write(verb)

    async def find(self, digest: str, now: datetime) -> PushedRequest | None:
        """Find one whose time is not over."""
        row = await first(self._database, _FIND, {"b_digest": digest, "b_now": micros(now)})
        if row is None:
            return None
        return PushedRequest(
            digest=row.digest,
            client_id=row.client_id,
            pairs=tuple((name, value) for name, value in json.loads(row.pairs)),
            is_signed=bool(row.is_signed),
            expires_at=moment(row.purge_at),
        )
