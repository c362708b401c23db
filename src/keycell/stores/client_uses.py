"""How much clients are used, in SQL: counted from grants, consents and the trail."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, case, distinct, exists, func, or_, select

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
_WAS_ASKED = exists().where(
    consents.c.sub == grants.c.sub, consents.c.client_id == grants.c.client_id
)
_GRANTS = Statement(
    select(
        grants.c.client_id,
        func.count().label("times"),
        func.max(func.coalesce(grants.c.rotated_at, grants.c.created_at)).label("used_at"),
        # Whom our own applications ask nothing have grants, and no consent.
        func.count(distinct(case((~_WAS_ASKED, grants.c.sub)))).label("others"),
    )
    .where(_STANDS)
    .group_by(grants.c.client_id)
)
_ALLOWED = Statement(
    select(
        consents.c.client_id,
        func.count().label("times"),
        func.max(consents.c.given_at).label("used_at"),
    )
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
        allowed = await read(_ALLOWED, params)
        people = Counter({row.client_id: row.times for row in allowed})
        people.update({row.client_id: row.others for row in standing})
        since = f"{micros(now - LOOKED_BACK):016x}"
        events = await read(_EVENTS, {**params, "since": since})
        misdirected = {row.client_id: row.times for row in events if row.action == _MISDIRECTED}
        started = [row for row in events if row.action == _STARTED]
        used: defaultdict[str, int] = defaultdict(int)
        for row in (*standing, *started, *allowed):
            used[row.client_id] = max(used[row.client_id], cast("int", row.used_at))
        return {
            one: Use(
                people=people[one], grants=grants_of.get(one, 0),
                used_at=moment(used[one]) if one in used else None,
                misdirected=misdirected.get(one, 0),
            )
            for one in {*people, *used, *misdirected}
        }  # fmt: skip
