"""How much clients are used, in SQL: counted from grants, consents and the trail."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, union

from keycell.provider.client_uses import LOOKED_AT, LOOKED_BACK, Use
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Params, Statement
from keycell.stores.schema import audit, consents, grants

_STARTED, _MISDIRECTED = "grant.started", "client.misdirected"


def _is_among(client_id: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(client_id >= bindparam("first"), client_id <= bindparam("last"))


_STANDS = and_(
    _is_among(grants.c.client_id),
    grants.c.revoked_at.is_(None),
    grants.c.expires_at > bindparam("now"),
)
_GRANTS = Statement(
    select(
        grants.c.client_id,
        func.count().label("times"),
        func.max(func.coalesce(grants.c.rotated_at, grants.c.created_at)).label("used_at"),
    )
    .where(_STANDS)
    .group_by(grants.c.client_id)
)
_SOMEBODY = union(
    select(consents.c.client_id, consents.c.sub).where(_is_among(consents.c.client_id)),
    select(grants.c.client_id, grants.c.sub).where(_STANDS),
).subquery()
_PEOPLE = Statement(
    select(
        _SOMEBODY.c.client_id, func.count().label("times")
    ).group_by(_SOMEBODY.c.client_id)
)  # fmt: skip
_ALLOWED = Statement(
    select(consents.c.client_id, func.max(consents.c.given_at).label("used_at"))
    .where(_is_among(consents.c.client_id))
    .group_by(consents.c.client_id)
)
# The trail is in the order of its keys, which begin with the moment.
_LATEST = (
    select(audit.c.client_id, audit.c.action, audit.c.at)
    .where(audit.c.event_id >= bindparam("since"))
    .order_by(audit.c.event_id.desc())
    .limit(LOOKED_AT)
    .subquery()
)
_EVENTS = Statement(
    select(
        _LATEST.c.client_id,
        _LATEST.c.action,
        func.count().label("times"),
        func.max(_LATEST.c.at).label("used_at"),
    )
    .where(
        _is_among(_LATEST.c.client_id),
        or_(_LATEST.c.action == _STARTED, _LATEST.c.action == _MISDIRECTED),
    )
    .group_by(_LATEST.c.client_id, _LATEST.c.action)
)


class SqlClientUses:
    """What is known of how clients are used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, first: str, last: str, now: datetime) -> Mapping[str, Use]:
        """Tell of the clients from one identifier to another."""
        params: Params = {"first": first, "last": last, "now": micros(now)}
        read = self._database.read_many
        standing = await read(_GRANTS, params)
        grants_of = {row.client_id: row.times for row in standing}
        people = {row.client_id: row.times for row in await read(_PEOPLE, params)}
        since = f"{micros(now - LOOKED_BACK):016x}"
        events = await read(_EVENTS, {**params, "since": since})
        misdirected = {row.client_id: row.times for row in events if row.action == _MISDIRECTED}
        started = [row for row in events if row.action == _STARTED]
        used: defaultdict[str, int] = defaultdict(int)
        for row in (*standing, *started, *await read(_ALLOWED, params)):
            used[row.client_id] = max(used[row.client_id], cast("int", row.used_at))
        return {
            one: Use(
                people=people.get(one, 0), grants=grants_of.get(one, 0),
                used_at=moment(used[one]) if one in used else None,
                misdirected=misdirected.get(one, 0),
            )
            for one in {*people, *used, *misdirected}
        }  # fmt: skip
