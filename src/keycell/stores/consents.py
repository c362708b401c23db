"""What people have allowed clients, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select

from keycell.accounts.audit import AuditEvent
from keycell.oauth.details import MOST_DETAILS, new_details, unite
from keycell.oauth.interaction import Consent
from keycell.oauth.terms import earliest
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment, unwords, words
from keycell.stores.database import (
    Database,
    Params,
    Row,
    Statement,
    Verb,
    first,
    insert_new,
    upsert,
)
from keycell.stores.grant_ends import REVOKE_OF_BOTH
from keycell.stores.grant_rows import details_in, details_text
from keycell.stores.logouts import END_OF_CLIENT
from keycell.stores.schema import consents

_OF = and_(consents.c.sub == bindparam("b_sub"), consents.c.client_id == bindparam("b_client_id"))
_STANDS = or_(consents.c.ends_at.is_(None), consents.c.ends_at > bindparam("b_now"))
_FIND = Statement(select(consents).where(_OF, _STANDS))
_OF_ACCOUNT = Statement(
    select(consents)
    .where(consents.c.sub == bindparam("b_sub"), _STANDS)
    .order_by(consents.c.given_at.desc())
    .limit(500)
)
_ALLOW = upsert(
    consents,
    (
        "sub",
        "client_id",
    ),
    "scope",
    "claims",
    "given_at",
    "details",
    "ends_at",
)
_MOST_KEPT = 8 * MOST_DETAILS
_BEGIN = insert_new(consents, ("sub", "client_id"))
_NOTHING_YET = {"scope": "", "claims": "", "given_at": 0, "details": None, "ends_at": None}
_LOCKED = Statement(select(consents).where(_OF).with_for_update())
_FORGET = Statement(delete(consents).where(_OF))


class SqlConsentStore:
    """What people have allowed clients, remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, sub: str, client_id: str, now: datetime) -> Consent | None:
        """Find what somebody allowed a client, if its time is not over."""
        params = {"b_sub": sub, "b_client_id": client_id, "b_now": micros(now)}
        row = await first(self._database, _FIND, params)
        return None if row is None else _consent(row)

    async def of_account(self, sub: str, now: datetime) -> Sequence[tuple[str, Consent, datetime]]:
        """List what somebody allowed, to whom and when."""
        params = {"b_sub": sub, "b_now": micros(now)}
        rows = await self._database.read_many(_OF_ACCOUNT, params)
        return [(row.client_id, _consent(row), moment(row.given_at)) for row in rows]

    async def allow(self, sub: str, client_id: str, consent: Consent, event: AuditEvent) -> None:
        """Add to what somebody allowed a client."""
        await self._database.write(lambda: allow(sub, client_id, consent, event))

    async def revoke(self, sub: str, client_id: str, at: datetime, event: AuditEvent) -> None:
        """Forget it, and end every grant that came of it."""
        params = {"b_sub": sub, "b_client_id": client_id, "b_at": micros(at)}

        def verb() -> Verb[None]:
            yield _FORGET, params
            yield from _end(params)
            yield audit_insert(event)

        await self._database.write(verb)

    async def sign_out(self, sub: str, client_id: str, at: datetime, event: AuditEvent) -> int:
        """End every grant of a client; what was allowed stays. Tell how many there were."""
        params = {"b_sub": sub, "b_client_id": client_id, "b_at": micros(at)}

        def verb() -> Verb[int]:
            ended = yield from _end(params)
            yield audit_insert(event)
            return ended

        return await self._database.write(verb)


def _end(params: Params) -> Verb[int]:
    """End what a client holds of somebody, and let it be told in whose sessions it had a part."""
    ended = (yield REVOKE_OF_BOTH, params).touched
    yield END_OF_CLIENT, params
    return ended


def _consent(row: Row) -> Consent:
    return Consent(
        unwords(row.scope), unwords(row.claims), details_in(row.details), moment(row.ends_at)
    )


def _is_within(one: Consent, other: Consent) -> bool:
    beyond = (one.scope - other.scope, one.claims - other.claims)
    return not any(beyond) and not new_details(one.details, other.details)


def allow(sub: str, client_id: str, consent: Consent, event: AuditEvent) -> Verb[None]:
    """Add to what somebody allowed a client, within a transaction; its time is the latest said.

    But nothing lasts longer by a yes to something else: the client chooses what it asks for.
    """
    # The row is there before it is locked, so that two at once add to each other.
    yield _BEGIN, {"sub": sub, "client_id": client_id, **_NOTHING_YET}
    scope, claims, details = consent.scope, consent.claims, consent.details
    ends_at = micros(consent.ends_at)
    for row in (yield _LOCKED, {"b_sub": sub, "b_client_id": client_id}).rows:
        if row.ends_at is not None and row.ends_at <= micros(event.at):
            continue
        if not _is_within(before := _consent(row), consent):
            ends_at = micros(earliest(before.ends_at, consent.ends_at))
        scope, claims = scope | unwords(row.scope), claims | unwords(row.claims)
        merged = unite((*details_in(row.details), *details))
        # So that it cannot grow without bound, much that was allowed is asked anew.
        details = merged if len(merged) <= _MOST_KEPT else details
    yield (
        _ALLOW,
        {
            "sub": sub,
            "client_id": client_id,
            "scope": words(scope),
            "claims": words(claims),
            "given_at": micros(event.at),
            "details": details_text(details),
            "ends_at": ends_at,
        },
    )
    yield audit_insert(event)
