"""Who must have a second factor, and how often it was put off, in SQL.

The policies are few and are asked for with each page, so every process keeps them in memory.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, case, delete, or_, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.policies import MOST_POLICIES, FactorPolicy, Kind
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first, insert_new, upsert
from keycell.stores.schema import sessions
from keycell.stores.schema_factors import factor_policies, factor_skips
from keycell.stores.versions import bump

NAME = "factor_policies"

_ALL = Statement(select(factor_policies).order_by(factor_policies.c.kind, factor_policies.c.name))
_PUT = upsert(factor_policies, ("kind", "name"), "due_at", "skips", "set_at")
_REMOVE = Statement(
    delete(factor_policies).where(
        factor_policies.c.kind == bindparam("b_kind"),
        factor_policies.c.name == bindparam("b_name"),
    )
)
# Locked, so that a form which is sent twice counts once.
_SESSION = Statement(
    select(sessions.c.skipped_at)
    .where(sessions.c.sid == bindparam("b_sid"), sessions.c.ended_at.is_(None))
    .with_for_update()
)
_MARK_SESSION = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("b_sid"))
    .values(skipped_at=bindparam("b_at"))
)
_USED = Statement(
    select(factor_skips.c.used).where(
        factor_skips.c.sub == bindparam("b_sub"), factor_skips.c.mark == bindparam("b_mark")
    )
)
_BEGIN = insert_new(factor_skips, "sub")
_IS_SAME = factor_skips.c.mark == bindparam("b_mark")
_COUNT = Statement(
    update(factor_skips)
    .where(
        factor_skips.c.sub == bindparam("b_sub"),
        or_(factor_skips.c.mark != bindparam("b_mark"), factor_skips.c.used < bindparam("b_most")),
    )
    .values(used=case((_IS_SAME, factor_skips.c.used + 1), else_=1), mark=bindparam("b_mark"))
)
FORGET_SKIPS = Statement(delete(factor_skips).where(factor_skips.c.sub == bindparam("b_sub")))


class SqlPolicyStore:
    """Who must have a second factor."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: Sequence[FactorPolicy] | None = None
        self._forgotten = 0

    def forget(self) -> None:
        """Read the policies anew: something changed."""
        self._kept = None
        self._forgotten += 1

    async def all(self) -> Sequence[FactorPolicy]:
        """List the policies."""
        if self._kept is not None:
            return self._kept
        before = self._forgotten
        found = [_policy(row) for row in await self._database.read(_ALL)]
        # What was on its way while something changed may be what it was before.
        if before == self._forgotten:
            self._kept = found
        return found

    async def put(self, policy: FactorPolicy, event: AuditEvent) -> bool:
        """Keep a policy in the place of the one for the same people; False for one too many."""

        def verb() -> Verb[bool]:
            kept = {(row.kind, row.name) for row in (yield _ALL, {}).rows}
            if len(kept | {(policy.kind, policy.name)}) > MOST_POLICIES:
                return False
            yield _PUT, _row(policy)
            return True

        return await self._change(verb, event)

    async def remove(self, kind: Kind, name: str, event: AuditEvent) -> bool:
        """Remove a policy; False if there is none."""

        def verb() -> Verb[bool]:
            return (yield _REMOVE, {"b_kind": kind, "b_name": name}).touched == 1

        return await self._change(verb, event)

    async def _change(self, change: Callable[[], Verb[bool]], event: AuditEvent) -> bool:
        """Change the policies, and tell every process and the trail if anything did."""

        def verb() -> Verb[bool]:
            if not (yield from change()):
                return False
            yield bump(NAME)
            yield audit_insert(event)
            return True

        try:
            return await self._database.write(verb)
        finally:
            self.forget()

    async def used(self, sub: str, mark: str) -> int:
        """Tell how often somebody has put off what a policy wants."""
        row = await first(self._database, _USED, {"b_sub": sub, "b_mark": mark})
        return 0 if row is None else int(row.used)

    async def skip(self, sid: str, sub: str, mark: str, most: int, event: AuditEvent) -> bool:
        """Put it off in a session: counted once for each, and no more often than may be."""
        params = {
            "b_sid": sid, "b_sub": sub, "b_mark": mark, "b_most": most, "b_at": micros(event.at),
        }  # fmt: skip

        def verb() -> Verb[bool]:
            found = (yield _SESSION, params).rows
            if not found or most < 1:
                return False
            if found[0].skipped_at is not None:
                return True
            yield _BEGIN, {"sub": sub, "mark": mark, "used": 0}
            if (yield _COUNT, params).touched != 1:
                return False
            yield _MARK_SESSION, params
            yield audit_insert(event)
            return True

        return await self._database.write(verb)


def _row(policy: FactorPolicy) -> dict[str, object]:
    return {
        "kind": policy.kind,
        "name": policy.name,
        "due_at": micros(policy.due_at),
        "skips": policy.skips,
        "set_at": micros(policy.set_at),
    }


def _policy(row: Row) -> FactorPolicy:
    return FactorPolicy(
        kind=row.kind,
        name=row.name,
        due_at=moment(row.due_at),
        skips=row.skips,
        set_at=moment(row.set_at),
    )
