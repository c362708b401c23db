"""The offer to make the first administrator, in SQL."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.stores.accounts import add_verb
from keycell.stores.columns import micros
from keycell.stores.database import Database, Statement, Verb, first, upsert
from keycell.stores.schema import setup

_OFFER = upsert(setup, ("name",), "digest", "purge_at")
_OFFERED = Statement(
    select(setup.c.name).where(
        setup.c.digest == bindparam("b_digest"), setup.c.purge_at > bindparam("b_at")
    )
)
_SPEND = Statement(
    delete(setup).where(
        setup.c.digest == bindparam("b_digest"), setup.c.purge_at > bindparam("b_at")
    )
)


class SqlSetupStore:
    """The offer to make the first administrator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(self, digest: str, expires_at: datetime) -> None:
        """Keep the only valid set-up secret's digest."""
        params = {"name": "administrator", "digest": digest, "purge_at": micros(expires_at)}

        def verb() -> Verb[None]:
            yield _OFFER, params

        await self._database.write(verb)

    async def is_offered(self, digest: str, now: datetime) -> bool:
        """Tell whether this is the secret that was offered, unspent and in time."""
        params = {"b_digest": digest, "b_at": micros(now)}
        return await first(self._database, _OFFERED, params) is not None

    async def complete(
        self, digest: str, account: Account, at: datetime, event: AuditEvent
    ) -> bool:
        """Spend the secret and keep the first administrator; True for one caller alone."""
        params = {"b_digest": digest, "b_at": micros(at)}

        def verb() -> Verb[bool]:
            if (yield _SPEND, params).touched != 1:
                return False
            yield from add_verb(account, event)
            return True

        return await self._database.write(verb)
