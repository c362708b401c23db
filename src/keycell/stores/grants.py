"""Grants and what descends from them, in SQL. The database arbitrates who wins."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    exists,
    insert,
    null,
    select,
    update,
)

from keycell.accounts.audit import AuditEvent
from keycell.oauth.confirmation import kept_confirmation
from keycell.oauth.grants import Grant
from keycell.provider.ports import (
    CodeSpending,
    Held,
    Lost,
    OpaqueToken,
    Rotation,
    SameSuccessor,
    Standing,
    Won,
)
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb, first, insert_new
from keycell.stores.grant_rows import (
    grant_of,
    grant_row,
    held_of,
    opaque_of,
    opaque_row,
    refresh_row,
    standing_of,
    used_from,
)
from keycell.stores.schema import accounts, grants, opaque_tokens, revoked_tokens, sessions

_MARGIN = 300_000_000
"""Rows stay so long beyond their time, for clocks that differ. Microseconds."""
_HOUR = 3_600_000_000

_ID: BindParameter[str] = bindparam("b_grant_id")
_AT: BindParameter[int] = bindparam("b_at")
_STANDS = and_(grants.c.grant_id == _ID, grants.c.revoked_at.is_(None))

_START = Statement(insert(grants).values({name: bindparam(name) for name in (
    "grant_id", "client_id", "sub", "sid", "scope", "audience", "auth_time", "acr", "amr",
    "claims", "created_at", "expires_at", "purge_at", "code_digest", "code_expires_at",
    "redirect_uri", "redirect_uri_was_sent", "code_challenge", "nonce", "was_repeated",
    "shadow_run", "details", "jkt", "ip", "user_agent", "ends_at",
)}))  # fmt: skip
# Locked, the account before the session as by what ends them: it waits, and ends this grant too.
_ACCOUNT = Statement(
    select(accounts.c.disabled_at, accounts.c.leaves_at, null().label("ended_at"))
    .where(accounts.c.sub == bindparam("b_sub"))
    .with_for_update(read=True)
)
_SESSION = Statement(
    select(accounts.c.disabled_at, accounts.c.leaves_at, sessions.c.ended_at)
    .join_from(accounts, sessions, sessions.c.sid == bindparam("b_sid"))
    .where(accounts.c.sub == bindparam("b_sub"))
    .with_for_update(read=True)
)
_FIND = Statement(select(grants).where(grants.c.grant_id == _ID))
_HELD = Statement(
    select(grants, accounts)
    .join_from(grants, accounts, accounts.c.sub == grants.c.sub, isouter=True)
    .where(grants.c.grant_id == _ID)
)
_IN_SESSION = Statement(
    select(grants, accounts)
    .join_from(grants, accounts, accounts.c.sub == grants.c.sub, isouter=True)
    .where(
        grants.c.sid == bindparam("b_sid"),
        grants.c.client_id == bindparam("b_client_id"),
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > bindparam("b_now"),
        grants.c.scope.contains("device_sso", autoescape=True),
    )
    .order_by(grants.c.created_at.desc())
    .limit(1)
)
_OF_ACCOUNT = Statement(
    select(grants)
    .where(
        grants.c.sub == bindparam("b_sub"),
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > bindparam("b_now"),
    )
    .order_by(grants.c.created_at.desc())
    .limit(500)
)
_REFRESHED = {
    "family_digest": bindparam("b_family_digest"),
    "refresh_digest": bindparam("b_refresh_digest"),
    "refresh_expires_at": bindparam("b_refresh_expires_at"),
    "previous_digest": bindparam("b_previous_digest"),
    "rotated_at": bindparam("b_rotated_at"),
    "sealed": bindparam("b_sealed"),
    "shadow_run": bindparam("b_shadow_run"),
    "was_repeated": 0,
    "expires_at": bindparam("b_expires_at"),
    "purge_at": bindparam("b_purge_at"),
    "ip": bindparam("b_ip"),
    "user_agent": bindparam("b_user_agent"),
}
_SPEND_CODE = Statement(
    update(grants)
    .where(
        _STANDS,
        grants.c.code_digest == bindparam("b_digest"),
        grants.c.code_spent_at.is_(None),
    )
    .values(code_spent_at=_AT, jkt=bindparam("b_jkt"), **_REFRESHED)
)
_ROTATE = Statement(
    update(grants)
    .where(_STANDS, grants.c.refresh_digest == bindparam("b_digest"))
    .values(**_REFRESHED)
)
_SAME = Statement(
    select(grants.c.sealed).where(
        _STANDS,
        grants.c.previous_digest == bindparam("b_digest"),
        grants.c.rotated_at >= bindparam("b_since"),
    )
)
_REPEAT = Statement(
    update(grants)
    .where(
        _STANDS,
        grants.c.previous_digest == bindparam("b_digest"),
        grants.c.was_repeated == 0,
    )
    .values(was_repeated=1)
)
_REPRIEVE = Statement(
    update(grants)
    .where(
        _STANDS,
        grants.c.previous_digest == bindparam("b_digest"),
        grants.c.refresh_digest == bindparam("b_refresh_digest"),
    )
    .values(rotated_at=_AT)
)
_UNSPEND = Statement(
    update(grants)
    .where(
        _STANDS,
        grants.c.code_digest == bindparam("b_digest"),
        grants.c.code_spent_at == bindparam("b_spent_at"),
        grants.c.refresh_digest.is_not_distinct_from(bindparam("b_refresh_digest")),
        grants.c.previous_digest.is_(None),
    )
    .values(
        code_spent_at=null(),
        family_digest=null(),
        refresh_digest=null(),
        refresh_expires_at=null(),
    )
)
_REVOKE = Statement(update(grants).where(_STANDS).values(revoked_at=_AT))
_KEEP_OPAQUE = Statement(insert(opaque_tokens))
_OPAQUE = Statement(select(opaque_tokens).where(opaque_tokens.c.digest == bindparam("b_digest")))
_IS_REVOKED: ColumnElement[bool] = exists().where(revoked_tokens.c.jti == bindparam("b_jti"))
_STANDING = Statement(
    select(
        grants.c.auth_time, grants.c.acr, grants.c.amr, grants.c.claims, grants.c.ends_at, accounts
    )
    .join_from(grants, accounts, accounts.c.sub == grants.c.sub)
    .where(
        _STANDS, ~_IS_REVOKED, accounts.c.disabled_at.is_(None), accounts.c.leaves_at.is_(None)
    ),
    recurs=True,
)
_REVOKED = Statement(
    select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == bindparam("b_jti"))
)
_REVOKE_TOKEN = insert_new(revoked_tokens, "jti")


class SqlGrantStore:
    """Grants, and what their tokens still open."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(
        self, grant: Grant, event: AuditEvent, opaque: OpaqueToken | None = None
    ) -> bool:
        """Keep a new grant with its code, and the token that came with it."""

        def verb() -> "Verb[bool]":
            if not (yield from stands(grant)):
                return False
            yield from start(grant, event, opaque)
            return True

        return await self._database.write(verb, is_brief=True)

    async def find(self, grant_id: str) -> Grant | None:
        """Find a grant, an ended one too."""
        row = await first(self._database, _FIND, {"b_grant_id": grant_id})
        return None if row is None else grant_of(row)

    async def of_account(self, sub: str, now: datetime) -> Sequence[Grant]:
        """List the grants of an account that stand, the latest first."""
        rows = await self._database.read_many(_OF_ACCOUNT, {"b_sub": sub, "b_now": micros(now)})
        return [grant_of(row) for row in rows]

    async def in_session(self, sid: str, client_id: str, now: datetime) -> Held | None:
        """Find the latest standing grant by which a client may share a session."""
        params = {"b_sid": sid, "b_client_id": client_id, "b_now": micros(now)}
        row = await first(self._database, _IN_SESSION, params)
        return None if row is None else held_of(row)

    async def held(self, grant_id: str) -> Held | None:
        """Find a grant with its account."""
        row = await first(self._database, _HELD, {"b_grant_id": grant_id})
        return None if row is None else held_of(row)

    async def exchange_code(self, spending: CodeSpending) -> Won | Lost:
        """Spend a code: of two requests, one finds it unspent."""
        params = _spending(spending)

        # Quoted: annotations of an inner function are made anew at each call.
        def verb() -> "Verb[Won | Lost]":
            return (yield from _spend(params, spending))

        def unspend(_now: int) -> "Verb[None]":
            # Its tokens were told to nobody, so the code may be exchanged again.
            yield _UNSPEND, params | {"b_spent_at": params["b_at"]}

        return await self._database.write(verb, unspend, is_brief=True)

    async def rotate(self, rotation: Rotation) -> Won | SameSuccessor | Lost:
        """Spend a refresh token, or give what another call made of it a moment ago."""
        params = (
            refresh_row(rotation.successor)
            | _spent(rotation.grant_id, rotation.digest, rotation.at, rotation.expires_at)
            | used_from(rotation.event.origin)
        )
        same = {
            "b_grant_id": rotation.grant_id,
            "b_digest": rotation.digest,
            "b_since": micros(rotation.repeat_since),
        }

        def verb() -> "Verb[Won | SameSuccessor | Lost]":
            outcome: Won | SameSuccessor = Won()
            if (yield _ROTATE, params).touched != 1:
                rows = (yield _SAME, same).rows
                if not rows:
                    return Lost()
                outcome = SameSuccessor(cast("str", rows[0].sealed))
                yield _REPEAT, same
            if rotation.opaque is not None:
                yield _KEEP_OPAQUE, opaque_row(rotation.opaque)
            if isinstance(outcome, Won):
                yield audit_insert(rotation.event)
            return outcome

        def reprieve(now: int) -> "Verb[None]":
            # Its successor was told to nobody: it may be asked for from here on.
            yield _REPRIEVE, params | {"b_at": now}

        return await self._database.write(verb, reprieve, is_brief=True)

    async def repeat(
        self, grant_id: str, previous_digest: str, opaque: OpaqueToken | None
    ) -> None:
        """Remember that the answer to the last rotation was asked for again."""
        params = {"b_grant_id": grant_id, "b_digest": previous_digest}

        def verb() -> Verb[None]:
            yield _REPEAT, params
            if opaque is not None:
                yield _KEEP_OPAQUE, opaque_row(opaque)

        await self._database.write(verb)

    async def revoke(self, grant_id: str, at: datetime, event: AuditEvent) -> bool:
        """End a grant and all that descends from it."""

        def verb() -> Verb[bool]:
            if (yield _REVOKE, {"b_grant_id": grant_id, "b_at": micros(at)}).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def keep_opaque(self, token: OpaqueToken) -> None:
        """Keep an opaque access token that no grant stands behind."""

        def verb() -> Verb[None]:
            yield _KEEP_OPAQUE, opaque_row(token)

        await self._database.write(verb)

    async def opaque(self, digest: str) -> OpaqueToken | None:
        """Find an opaque access token."""
        row = await first(self._database, _OPAQUE, {"b_digest": digest})
        return None if row is None else opaque_of(row)

    async def revoke_token(self, jti: str, until: datetime, event: AuditEvent) -> None:
        """End one access token; it is remembered for as long as it could be shown."""
        params = {"jti": jti, "purge_at": micros(until) + _MARGIN}

        def verb() -> Verb[None]:
            if (yield _REVOKE_TOKEN, params).touched == 1:
                yield audit_insert(event)

        await self._database.write(verb)

    async def standing(self, grant_id: str, jti: str) -> Standing | None:
        """Find what an access token stands for, if nothing of it was ended."""
        row = await first(self._database, _STANDING, {"b_grant_id": grant_id, "b_jti": jti})
        return None if row is None else standing_of(row)

    async def is_revoked(self, jti: str) -> bool:
        """Tell whether an access token without a grant was ended."""
        return await first(self._database, _REVOKED, {"b_jti": jti}) is not None


def stands(grant: Grant) -> Verb[bool]:
    """Tell whether neither the session nor the account of a new grant was ended by now.

    What is not there at all has ended nothing: no token of it opens anything.
    """
    statement = _ACCOUNT if grant.sid is None else _SESSION
    found = (yield statement, {"b_sub": grant.sub, "b_sid": grant.sid}).rows
    ends = [(row.disabled_at, row.leaves_at, row.ended_at) for row in found]
    return all(one == (None, None, None) for one in ends)


def start(grant: Grant, event: AuditEvent, opaque: OpaqueToken | None = None) -> Verb[None]:
    """Keep a new grant with its code, within a transaction."""
    yield _START, grant_row(grant, event.origin)
    if opaque is not None:
        yield _KEEP_OPAQUE, opaque_row(opaque)
    yield audit_insert(event)


def spend_code(spending: CodeSpending) -> "Verb[Won | Lost]":
    """Spend a code, within a transaction."""
    return _spend(_spending(spending), spending)


def _spend(params: dict[str, object], spending: CodeSpending) -> "Verb[Won | Lost]":
    if (yield _SPEND_CODE, params).touched != 1:
        return Lost()
    if spending.opaque is not None:
        yield _KEEP_OPAQUE, opaque_row(spending.opaque)
    yield audit_insert(spending.event)
    return Won()


def _spending(spending: CodeSpending) -> dict[str, object]:
    spent = _spent(spending.grant_id, spending.digest, spending.at, spending.expires_at)
    used = used_from(spending.event.origin)
    return (
        refresh_row(spending.refresh) | spent | used | {"b_jkt": kept_confirmation(spending.cnf)}
    )


def _spent(grant_id: str, digest: str, at: datetime, expires_at: datetime) -> dict[str, object]:
    until = micros(expires_at)
    return {
        "b_grant_id": grant_id,
        "b_digest": digest,
        "b_at": micros(at),
        "b_expires_at": until,
        "b_purge_at": _coarse(until + _MARGIN),
    }


def _coarse(micros_: int) -> int:
    # Whole hours, so that the rotations of a grant seldom move it in the index.
    return (micros_ // _HOUR + 1) * _HOUR
