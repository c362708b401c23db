"""Second factors, in SQL. What is spent is spent by one statement, whoever else tries."""

from collections.abc import Sequence

from sqlalchemy import Label, Table, bindparam, delete, func, insert, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import LastWayIn
from keycell.accounts.factors import MOST_APPS, MOST_PASSKEYS, App, Factor, Factors, Passkey
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new
from keycell.stores.mail_rows import mail_verb
from keycell.stores.schema import accounts
from keycell.stores.schema_factors import apps, passkeys, recovery_codes
from keycell.stores.trusted import FORGET_TRUST

# Locked, so that of changes made at once none is one too many, or takes the last way in.
_ACCOUNT = Statement(
    select(accounts.c.password_hash)
    .where(accounts.c.sub == bindparam("b_sub"), accounts.c.disabled_at.is_(None))
    .with_for_update()
)


def _of_account(table: Table) -> Statement:
    return Statement(
        select(table)
        .where(table.c.sub == bindparam("b_sub"))
        .order_by(table.c.created_at, table.primary_key.columns[0])
    )


def _rename(table: Table) -> Statement:
    key = table.primary_key.columns[0]
    return Statement(
        update(table)
        .where(key == bindparam("b_key"), table.c.sub == bindparam("b_sub"))
        .values(name=bindparam("b_name"))
    )


def _remove(table: Table) -> Statement:
    key = table.primary_key.columns[0]
    return Statement(
        delete(table).where(key == bindparam("b_key"), table.c.sub == bindparam("b_sub"))
    )


def _forget(table: Table) -> Statement:
    return Statement(delete(table).where(table.c.sub == bindparam("b_sub")))


def _number(table: Table) -> Label[int]:
    counted = select(func.count()).select_from(table).where(table.c.sub == bindparam("b_sub"))
    return counted.scalar_subquery().label(table.name)


_PASSKEYS, _APPS = _of_account(passkeys), _of_account(apps)
_NUMBERS = Statement(select(_number(passkeys), _number(apps), _number(recovery_codes)))
_PASSKEY = Statement(select(passkeys).where(passkeys.c.credential_id == bindparam("b_key")))
_ADD_PASSKEY, _ADD_APP = insert_new(passkeys, "credential_id"), insert_new(apps, "app_id")
_ADD_CODE = Statement(insert(recovery_codes))
_RENAME = (_rename(passkeys), _rename(apps))
_REMOVE = (_remove(passkeys), _remove(apps))
_FORGET_PASSKEYS, _FORGET_APPS = _forget(passkeys), _forget(apps)
_FORGET_CODES = _forget(recovery_codes)
FORGET_FACTORS = (_FORGET_PASSKEYS, _FORGET_APPS, _FORGET_CODES, FORGET_TRUST)
_SPEND_STEP = Statement(
    update(apps)
    .where(apps.c.app_id == bindparam("b_key"), apps.c.last_step < bindparam("b_step"))
    .values(last_step=bindparam("b_step"), last_used_at=bindparam("b_at"))
)
_SPEND_CODE = Statement(
    delete(recovery_codes).where(
        recovery_codes.c.digest == bindparam("b_digest"),
        recovery_codes.c.sub == bindparam("b_sub"),
    )
)
_USE_PASSKEY = Statement(
    update(passkeys)
    .where(
        passkeys.c.credential_id == bindparam("b_key"),
        passkeys.c.sign_count == bindparam("b_before"),
    )
    .values(sign_count=bindparam("b_count"), last_used_at=bindparam("b_at"))
)


class SqlFactorStore:
    """Passkeys, authenticator apps and recovery codes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, sub: str) -> Factors:
        """Give everything that an account has beside its password."""
        params = {"b_sub": sub}
        (numbers,) = await self._database.read(_NUMBERS, params)
        # Most have none, and are asked for them at each sign-in.
        keys = await self._database.read(_PASSKEYS, params) if numbers.passkeys else ()
        those = await self._database.read(_APPS, params) if numbers.apps else ()
        return Factors(
            tuple(_passkey(row) for row in keys),
            tuple(_app(row) for row in those),
            numbers.recovery_codes,
        )

    async def passkey(self, credential_id: str) -> Passkey | None:
        """Find a passkey."""
        row = await first(self._database, _PASSKEY, {"b_key": credential_id})
        return None if row is None else _passkey(row)

    async def add(
        self, factor: Factor, codes: Sequence[str], event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Keep a factor, and with it new recovery codes if there are any here.

        False for one too many, and for one that is there: of two apps with one secret each would
        take the same code once. RFC6238-5.2.
        """
        params = {"b_sub": factor.sub}
        is_passkey = isinstance(factor, Passkey)

        def verb() -> Verb[bool]:
            if not (yield _ACCOUNT, params).rows:
                return False
            kept = (yield _PASSKEYS if is_passkey else _APPS, params).rows
            if len(kept) >= (MOST_PASSKEYS if is_passkey else MOST_APPS):
                return False
            if isinstance(factor, App) and any(row.sealed == factor.sealed for row in kept):
                return False
            statement = _ADD_PASSKEY if is_passkey else _ADD_APP
            if (yield statement, _row(factor)).touched != 1:
                return False
            if codes:
                yield from _put_codes(factor.sub, codes)
            yield FORGET_TRUST, params
            yield audit_insert(event)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def rename(self, sub: str, key: str, name: str, event: AuditEvent) -> bool:
        """Give a factor another name; False if the account has none of this key."""
        params = {"b_sub": sub, "b_key": key, "b_name": name}

        def verb() -> Verb[bool]:
            for statement in _RENAME:
                if (yield statement, params).touched == 1:
                    yield audit_insert(event)
                    return True
            return False

        return await self._database.write(verb)

    async def remove(
        self, sub: str, key: str, event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Remove a factor, and with the last one the recovery codes; raise LastWayIn."""
        params = {"b_sub": sub, "b_key": key}

        def verb() -> Verb[bool]:
            found = (yield _ACCOUNT, params).rows
            keys = (yield _PASSKEYS, params).rows
            others = (yield _APPS, params).rows
            if (
                found
                and found[0].password_hash is None
                and [k.credential_id for k in keys] == [key]
            ):
                raise LastWayIn
            touched = 0
            for statement in _REMOVE:
                touched += (yield statement, params).touched
            if not touched:
                return False
            if len(keys) + len(others) == 1:
                yield _FORGET_CODES, params
            yield FORGET_TRUST, params
            yield audit_insert(event)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def put_codes(
        self, sub: str, codes: Sequence[str], event: AuditEvent, mailing: Mailing = NO_MAIL
    ) -> bool:
        """Put new recovery codes in the place of the old; False without any factor."""
        params = {"b_sub": sub}

        def verb() -> Verb[bool]:
            if not (yield _ACCOUNT, params).rows:
                return False
            if not (yield _PASSKEYS, params).rows and not (yield _APPS, params).rows:
                return False
            yield from _put_codes(sub, codes)
            yield FORGET_TRUST, params
            yield audit_insert(event)
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def spend_step(self, app_id: str, step: int, event: AuditEvent) -> bool:
        """Spend a time step of an app and those before it; True for exactly one caller."""
        params = {"b_key": app_id, "b_step": step, "b_at": micros(event.at)}
        return await self._spend(_SPEND_STEP, params, event)

    async def spend_code(self, sub: str, code: str, event: AuditEvent) -> bool:
        """Spend a recovery code; True for exactly one caller."""
        return await self._spend(_SPEND_CODE, {"b_digest": code, "b_sub": sub}, event)

    async def use_passkey(self, before: Passkey, sign_count: int, event: AuditEvent) -> bool:
        """Keep how often a passkey signed; False if it was used otherwise meanwhile."""
        params = {
            "b_key": before.credential_id, "b_before": before.sign_count, "b_count": sign_count,
            "b_at": micros(event.at),
        }  # fmt: skip
        return await self._spend(_USE_PASSKEY, params, event)

    async def reset(self, sub: str, event: AuditEvent, mailing: Mailing = NO_MAIL) -> int:
        """Remove every factor and code of an account; tell how many factors there were."""
        params = {"b_sub": sub}

        def verb() -> Verb[int]:
            # Taken first, so that what is added at the same time is removed or comes after.
            yield _ACCOUNT, params
            removed = 0
            for statement in (_FORGET_PASSKEYS, _FORGET_APPS):
                removed += (yield statement, params).touched
            yield _FORGET_CODES, params
            yield FORGET_TRUST, params
            if removed:
                yield audit_insert(event)
                yield from mail_verb(mailing)
            return removed

        return await self._database.write(verb)

    async def _spend(
        self, statement: Statement, params: dict[str, object], event: AuditEvent
    ) -> bool:
        def verb() -> Verb[bool]:
            if (yield statement, params).touched != 1:
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _put_codes(sub: str, codes: Sequence[str]) -> Verb[None]:
    yield _FORGET_CODES, {"b_sub": sub}
    for code in codes:
        yield _ADD_CODE, {"digest": code, "sub": sub}


def _row(factor: Factor) -> dict[str, object]:
    row: dict[str, object] = {
        "sub": factor.sub,
        "name": factor.name,
        "created_at": micros(factor.created_at),
        "last_used_at": micros(factor.last_used_at),
    }
    if isinstance(factor, App):
        return row | {
            "app_id": factor.app_id, "sealed": factor.sealed, "last_step": factor.last_step,
        }  # fmt: skip
    return row | {
        "credential_id": factor.credential_id,
        "public_key": factor.public_key,
        "sign_count": factor.sign_count,
        "aaguid": factor.aaguid,
        "transports": " ".join(factor.transports),
        "is_synced": int(factor.is_synced),
    }


def _passkey(row: Row) -> Passkey:
    return Passkey(
        credential_id=row.credential_id,
        sub=row.sub,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
        aaguid=row.aaguid,
        transports=tuple(row.transports.split()),
        is_synced=bool(row.is_synced),
        created_at=moment(row.created_at),
        last_used_at=moment(row.last_used_at),
    )


def _app(row: Row) -> App:
    return App(
        app_id=row.app_id,
        sub=row.sub,
        sealed=row.sealed,
        name=row.name,
        last_step=row.last_step,
        created_at=moment(row.created_at),
        last_used_at=moment(row.last_used_at),
    )
