"""Browsers that people trust, in SQL. What ends a trust does so in its own transaction."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, union_all, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.trust import MOST_TRUSTED, Shortcut, Trust, TrustedBrowser
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb
from keycell.stores.schema_factors import apps, passkeys, trusted_browsers

_SUB = trusted_browsers.c.sub == bindparam("b_sub")
_ONE = trusted_browsers.c.trust_id == bindparam("b_trust_id")
_OF_ACCOUNT = Statement(
    select(trusted_browsers)
    .where(_SUB)
    .order_by(trusted_browsers.c.created_at.desc(), trusted_browsers.c.trust_id)
)
_ADD = Statement(insert(trusted_browsers))
_USE = Statement(
    update(trusted_browsers)
    .where(_ONE, _SUB, trusted_browsers.c.expires_at > bindparam("b_at"))
    .values(last_used_at=bindparam("b_at"))
)
_END = Statement(delete(trusted_browsers).where(_ONE, _SUB))
FORGET_TRUST = Statement(delete(trusted_browsers).where(_SUB))
# Read under the lock of the account, by which factors are changed one after the other.
_IS_STILL_A_FACTOR = Statement(
    union_all(
        select(passkeys.c.credential_id.label("key")).where(
            passkeys.c.credential_id == bindparam("b_key"), passkeys.c.sub == bindparam("b_sub")
        ),
        select(apps.c.app_id.label("key")).where(
            apps.c.app_id == bindparam("b_key"), apps.c.sub == bindparam("b_sub")
        ),
    )
)


class SqlTrustStore:
    """The browsers that people trust."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_account(self, sub: str) -> Sequence[TrustedBrowser]:
        """List the browsers of an account, the latest first."""
        return [_browser(row) for row in await self._database.read(_OF_ACCOUNT, {"b_sub": sub})]

    async def end(self, sub: str, trust_id: str | None, event: AuditEvent) -> int:
        """End the trust in a browser, or in every one of an account; tell in how many."""
        params = {"b_sub": sub, "b_trust_id": trust_id}

        def verb() -> Verb[int]:
            statement = FORGET_TRUST if trust_id is None else _END
            ended = (yield statement, params).touched
            if ended:
                yield audit_insert(event)
            return ended

        return await self._database.write(verb)


def begin_trust(trust: Trust) -> Verb[None]:
    """Keep a trust, if the factor that was proved for it is still one; the account is locked."""
    browser = trust.browser
    whose = {"b_sub": browser.sub}
    if not (yield _IS_STILL_A_FACTOR, whose | {"b_key": trust.factor}).rows:
        return
    kept = (yield _OF_ACCOUNT, whose).rows
    former = [row for row in kept if row.digest in trust.replaced]
    others = [row for row in kept if row.digest not in trust.replaced]
    for row in (*former, *others[MOST_TRUSTED - 1 :]):
        yield _END, whose | {"b_trust_id": row.trust_id}
    yield _ADD, _row(browser)
    yield audit_insert(trust.event)


def use_trust(sub: str, shortcut: Shortcut) -> Verb[bool]:
    """Use a trust; False if it has ended meanwhile."""
    event = shortcut.event
    params = {"b_sub": sub, "b_trust_id": shortcut.trust_id, "b_at": micros(event.at)}
    if (yield _USE, params).touched != 1:
        return False
    yield audit_insert(event)
    return True


def _row(browser: TrustedBrowser) -> dict[str, object]:
    return {
        "trust_id": browser.trust_id,
        "digest": browser.digest,
        "sub": browser.sub,
        "ip": browser.ip,
        "user_agent": browser.user_agent,
        "created_at": micros(browser.created_at),
        "expires_at": micros(browser.expires_at),
        "last_used_at": micros(browser.last_used_at),
        "purge_at": micros(browser.expires_at),
    }


def _browser(row: Row) -> TrustedBrowser:
    return TrustedBrowser(
        trust_id=row.trust_id,
        digest=row.digest,
        sub=row.sub,
        ip=row.ip,
        user_agent=row.user_agent,
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        last_used_at=moment(row.last_used_at),
    )
