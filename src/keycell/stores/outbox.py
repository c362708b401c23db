"""The letters that wait, in SQL. A lease says in whose hand one is; the database arbitrates."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, null, select, update

from keycell.accounts.letters import Posted, Taken
from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Statement, Verb, first
from keycell.stores.mail_rows import mail_verb, post_insert
from keycell.stores.schema_mail import outbox

_COUNT = Statement(select(func.count().label("letters")).select_from(outbox))
_IS_DUE = outbox.c.not_before <= bindparam("b_now")
_ANY_DUE = Statement(select(outbox.c.mail_id).where(_IS_DUE).limit(1))
_DUE = Statement(
    select(outbox.c.mail_id)
    .where(_IS_DUE)
    .order_by(outbox.c.not_before, outbox.c.mail_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = Statement(
    update(outbox)
    .where(outbox.c.mail_id == bindparam("b_mail_id"), _IS_DUE)
    .values(
        leased_by=bindparam("b_worker"),
        not_before=bindparam("b_until"),
        tries=outbox.c.tries + 1,
    )
    .returning(*outbox.c)
)
_IN_HAND = (
    outbox.c.mail_id == bindparam("b_mail_id"),
    outbox.c.leased_by == bindparam("b_worker"),
)
_DONE = Statement(delete(outbox).where(*_IN_HAND))
_PUT_OFF = Statement(
    update(outbox).where(*_IN_HAND).values(leased_by=null(), not_before=bindparam("b_until"))
)


class SqlOutbox:
    """The letters that wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, posted: Posted, most: int) -> bool:
        """Keep a letter; False if so many wait already."""

        def verb() -> Verb[bool]:
            if (yield _COUNT, {}).rows[0].letters >= most:
                return False
            yield post_insert(posted)
            return True

        return await self._database.write(verb)

    async def take(self, worker: str, now: datetime, until: datetime) -> Taken | None:
        """Lease a letter whose time has come; one worker gets it."""
        params = {"b_now": micros(now), "b_worker": worker, "b_until": micros(until)}
        # Nothing waits most of the time, and that costs no transaction.
        if await first(self._database, _ANY_DUE, params) is None:
            return None

        def verb() -> Verb[Taken | None]:
            for row in (yield _DUE, params).rows:
                for taken in (yield _TAKE, params | {"b_mail_id": row.mail_id}).rows:
                    return Taken(
                        mail_id=taken.mail_id,
                        sealed=taken.sealed,
                        tries=taken.tries - 1,
                        posted_at=moment(taken.posted_at),
                    )
            return None

        return await self._database.write(verb)

    async def settle(self, mail_id: str, worker: str, mailing: Mailing = NO_MAIL) -> bool:
        """Be done with a letter, and keep those it became; False if the lease was lost."""

        def verb() -> Verb[bool]:
            if (yield _DONE, {"b_mail_id": mail_id, "b_worker": worker}).touched != 1:
                return False
            yield from mail_verb(mailing)
            return True

        return await self._database.write(verb)

    async def put_off(self, mail_id: str, worker: str, until: datetime) -> None:
        """Let a letter wait until it is tried again."""
        params = {"b_mail_id": mail_id, "b_worker": worker, "b_until": micros(until)}

        def verb() -> Verb[None]:
            yield _PUT_OFF, params

        await self._database.write(verb)
