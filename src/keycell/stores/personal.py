"""Personal access tokens and access keys, in SQL. What was revoked is deleted."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from keycell.accounts.audit import MACHINE, AuditEvent
from keycell.provider.personal import (
    MOST_DOCUMENTS,
    MOST_OF_ACCOUNT,
    AccessKey,
    HeldKey,
    HeldToken,
    PersonalToken,
    Use,
    kept_until,
    next_telling,
)
from keycell.stores.account_rows import joined_account
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.personal_rows import key_of, key_row, token_of, token_row
from keycell.stores.schema import access_keys, accounts, personal_tokens

_KEPT = 512

# Locked, so that of many made at once none is one too many, or outlives the account.
_STANDS = Statement(
    select(accounts.c.sub)
    .where(
        accounts.c.sub == bindparam("b_sub"),
        accounts.c.disabled_at.is_(None),
        accounts.c.leaves_at.is_(None),
    )
    .with_for_update()
)


def _held(table: Table, key: str) -> Statement:
    maker = accounts.alias("maker")
    # What was made for somebody else lasts no longer than its maker's office.
    in_office = exists().where(
        maker.c.sub == table.c.created_by,
        maker.c.is_admin == 1,
        maker.c.disabled_at.is_(None),
        maker.c.leaves_at.is_(None),
    )
    by_whom = or_(
        table.c.created_by == table.c.sub, table.c.created_by == literal(MACHINE), in_office
    )
    return Statement(
        select(table, accounts)
        .join_from(table, accounts, accounts.c.sub == table.c.sub)
        .where(
            table.c[key] == bindparam("b_key"),
            by_whom,
            accounts.c.disabled_at.is_(None),
            accounts.c.leaves_at.is_(None),
        ),
        recurs=True,
    )


def _of_account(table: Table) -> Statement:
    return Statement(
        select(table)
        .where(table.c.sub == bindparam("b_sub"), table.c.expires_at > bindparam("b_now"))
        .order_by(table.c.created_at.desc())
        .limit(10 * MOST_OF_ACCOUNT)
    )


def _revoke(table: Table, key: str) -> Statement:
    its = and_(table.c[key] == bindparam("b_key"), table.c.sub == bindparam("b_sub"))
    return Statement(delete(table).where(its))


_ADD_TOKEN, _ADD_KEY = Statement(insert(personal_tokens)), Statement(insert(access_keys))
_TOKEN, _KEY = _held(personal_tokens, "digest"), _held(access_keys, "access_key_id")
_GET = Statement(select(personal_tokens).where(personal_tokens.c.token_id == bindparam("b_key")))
_TOKENS, _KEYS = _of_account(personal_tokens), _of_account(access_keys)
_TOKEN_COUNT = Statement(
    select(func.count().label("kept"))
    .select_from(personal_tokens)
    .where(
        personal_tokens.c.sub == bindparam("b_sub"),
        personal_tokens.c.kind == bindparam("b_kind"),
        personal_tokens.c.expires_at > bindparam("b_now"),
        personal_tokens.c.token_id != bindparam("b_key"),
    )
)
_KEY_COUNT = Statement(
    select(func.count().label("kept"))
    .select_from(access_keys)
    .where(
        access_keys.c.sub == bindparam("b_sub"),
        access_keys.c.expires_at > bindparam("b_now"),
        access_keys.c.access_key_id != bindparam("b_key"),
    )
)
_REVOKE_TOKEN = _revoke(personal_tokens, "token_id")
_REVOKE_KEY = _revoke(access_keys, "access_key_id")
_USE: dict[str, object] = {"last_used_at": bindparam("b_at"), "last_used_ip": bindparam("b_ip")}
_USED_TOKEN = Statement(
    update(personal_tokens).where(personal_tokens.c.token_id == bindparam("b_key")).values(**_USE)
)
_PUT_OFF = Statement(
    update(personal_tokens)
    # A use that was noted before it was renewed puts nothing off.
    .where(
        personal_tokens.c.token_id == bindparam("b_key"),
        personal_tokens.c.digest == bindparam("b_secret"),
    )
    .values(
        **_USE,
        expires_at=bindparam("b_until"),
        tell_at=bindparam("b_tell_at"),
        purge_at=bindparam("b_purge_at"),
    )
)
_USED_KEY = Statement(
    update(access_keys).where(access_keys.c.access_key_id == bindparam("b_key")).values(**_USE)
)
END_TOKENS_OF_ACCOUNT = (
    Statement(delete(personal_tokens).where(personal_tokens.c.sub == bindparam("b_sub"))),
    Statement(delete(access_keys).where(access_keys.c.sub == bindparam("b_sub"))),
)


def _keep(table: Table, key: str) -> Statement:
    its = and_(table.c[key] == bindparam("b_key"), table.c.sub == bindparam("b_sub"))
    return Statement(update(table).where(its).values(created_by=bindparam("b_by")))


def _renewal(table: Table, key: str, secret: str) -> Statement:
    is_as_read = and_(table.c[key] == bindparam("b_key"), table.c[secret] == bindparam("b_former"))
    renewed = (secret, "created_at", "created_by", "expires_at", "tell_at", "purge_at")
    values: dict[str, object] = {name: bindparam(f"b_new_{name}") for name in renewed}
    return Statement(update(table).where(is_as_read).values(**values))


_RENEW_TOKEN = _renewal(personal_tokens, "token_id", "digest")
_RENEW_KEY = _renewal(access_keys, "access_key_id", "sealed")
_KEEP_TOKEN, _KEEP_KEY = _keep(personal_tokens, "token_id"), _keep(access_keys, "access_key_id")


def _add(
    statement: Statement, count: Statement, row: dict[str, object], event: AuditEvent
) -> Callable[[], Verb[bool]]:
    def verb() -> Verb[bool]:
        if not (yield from _has_room(count, row, event)):
            return False
        yield statement, row
        yield audit_insert(event)
        return True

    return verb


def _has_room(count: Statement, row: dict[str, object], event: AuditEvent) -> Verb[bool]:
    seen = {
        "b_sub": row["sub"], "b_kind": row.get("kind"), "b_now": micros(event.at),
        "b_key": row.get("token_id") or row.get("access_key_id"),
    }  # fmt: skip
    if not (yield _STANDS, seen).rows:
        return False
    most = MOST_DOCUMENTS if row.get("kind") == "document" else MOST_OF_ACCOUNT
    return bool((yield count, seen).rows[0].kept < most)


def _renew(
    statement: Statement,
    count: Statement,
    former: str,
    row: dict[str, object],
    event: AuditEvent,
) -> Callable[[], Verb[bool]]:
    key = row.get("token_id") or row.get("access_key_id")
    params = {"b_key": key, "b_former": former} | {
        f"b_new_{name}": value for name, value in row.items()
    }

    def verb() -> Verb[bool]:
        if not (yield from _has_room(count, row, event)):
            return False
        if (yield statement, params).touched != 1:
            return False
        yield audit_insert(event)
        return True

    return verb


def _change(
    statement: Statement, key: str, sub: str, event: AuditEvent
) -> Callable[[], Verb[bool]]:
    params = {"b_key": key, "b_sub": sub, "b_by": event.actor}

    def verb() -> Verb[bool]:
        if (yield statement, params).touched != 1:
            return False
        yield audit_insert(event)
        return True

    return verb


def _note(
    statement: Statement, params: dict[str, object], event: AuditEvent | None
) -> Callable[[], Verb[None]]:
    def verb() -> Verb[None]:
        touched = (yield statement, params).touched
        if event is not None and touched == 1:
            yield audit_insert(event)

    return verb


class SqlPersonalTokenStore:
    """The personal access tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: PersonalToken, event: AuditEvent) -> bool:
        """Keep a new token; False if its account is gone, disabled, or has as many as it may."""
        return await self._database.write(_add(_ADD_TOKEN, _TOKEN_COUNT, token_row(token), event))

    async def find(self, digest: str) -> HeldToken | None:
        """Find a token whose account stands."""
        row = await first(self._database, _TOKEN, {"b_key": digest})
        return None if row is None else _heldtoken_of(row)

    async def of_account(self, sub: str, now: datetime) -> Sequence[PersonalToken]:
        """List somebody's tokens that have not expired, the latest first."""
        params = {"b_sub": sub, "b_now": micros(now)}
        return [token_of(row) for row in await self._database.read_many(_TOKENS, params)]

    async def get(self, token_id: str) -> PersonalToken | None:
        """Find a token by its identifier."""
        row = await first(self._database, _GET, {"b_key": token_id})
        return None if row is None else token_of(row)

    async def revoke(self, token_id: str, sub: str, event: AuditEvent) -> bool:
        """End somebody's token; True for the call that did."""
        return await self._database.write(_change(_REVOKE_TOKEN, token_id, sub, event))

    async def keep(self, token_id: str, sub: str, event: AuditEvent) -> bool:
        """Have somebody's token stand by whoever does this; True if there is one."""
        return await self._database.write(_change(_KEEP_TOKEN, token_id, sub, event))

    async def renew(
        self, before: PersonalToken, renewed: PersonalToken, event: AuditEvent
    ) -> bool:
        """Give a token a new secret and a new end, once; False as `add`, or if it changed."""
        row = token_row(renewed)
        verb = _renew(_RENEW_TOKEN, _TOKEN_COUNT, before.digest, row, event)
        return await self._database.write(verb)

    def note_use(
        self, token: PersonalToken, use: Use, until: datetime, event: AuditEvent | None
    ) -> None:
        """Write down soon that a token was used, and until when it is good now."""
        params = _use(token.token_id, use)
        if token.auto_refresh is None:
            self._database.note(_note(_USED_TOKEN, params, event))
            return
        begun = until - token.auto_refresh
        params |= {
            "b_secret": token.digest,
            "b_until": micros(until),
            "b_tell_at": micros(next_telling(begun, until, use.at)),
            "b_purge_at": micros(kept_until(begun, until)),
        }
        self._database.note(_note(_PUT_OFF, params, event))


class SqlAccessKeyStore:
    """The access keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: AccessKey, event: AuditEvent) -> bool:
        """Keep a new key; False if its account is gone, disabled, or has as many as it may."""
        return await self._database.write(_add(_ADD_KEY, _KEY_COUNT, key_row(key), event))

    async def find(self, access_key_id: str) -> HeldKey | None:
        """Find a key whose account stands."""
        row = await first(self._database, _KEY, {"b_key": access_key_id})
        return None if row is None else _heldkey_of(row)

    async def of_account(self, sub: str, now: datetime) -> Sequence[AccessKey]:
        """List somebody's keys that have not expired, the latest first."""
        params = {"b_sub": sub, "b_now": micros(now)}
        return [key_of(row) for row in await self._database.read_many(_KEYS, params)]

    async def revoke(self, access_key_id: str, sub: str, event: AuditEvent) -> bool:
        """End somebody's key; True for the call that did."""
        return await self._database.write(_change(_REVOKE_KEY, access_key_id, sub, event))

    async def keep(self, access_key_id: str, sub: str, event: AuditEvent) -> bool:
        """Have somebody's key stand by whoever does this; True if there is one."""
        return await self._database.write(_change(_KEEP_KEY, access_key_id, sub, event))

    async def renew(self, before: AccessKey, renewed: AccessKey, event: AuditEvent) -> bool:
        """Give a key a new secret and a new end, once; False as `add`, or if it changed."""
        verb = _renew(_RENEW_KEY, _KEY_COUNT, before.sealed, key_row(renewed), event)
        return await self._database.write(verb)

    def note_use(self, key: AccessKey, use: Use, event: AuditEvent | None) -> None:
        """Write down soon that a key was used."""
        self._database.note(_note(_USED_KEY, _use(key.token_id, use), event))


def _use(key: str, use: Use) -> dict[str, object]:
    return {"b_key": key, "b_at": micros(use.at), "b_ip": use.ip or None}


# The rows are read with each request, as what a person ended is ended at once; as long as they are
# the same, they need not be made into the same values anew. See decisions/0041. Both tables of a
# join have columns of one name: it is cut where the second begins.
@lru_cache(maxsize=_KEPT)
def _heldtoken_of(row: Row) -> HeldToken:
    return HeldToken(token_of(row), joined_account(row[len(personal_tokens.c) :]))


@lru_cache(maxsize=_KEPT)
def _heldkey_of(row: Row) -> HeldKey:
    return HeldKey(key_of(row), joined_account(row[len(access_keys.c) :]))
