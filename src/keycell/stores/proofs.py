"""One-time secrets, in SQL. The database arbitrates who spends one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import ChangedMeanwhile
from keycell.accounts.ports_mail import Change, Ends, Mailing
from keycell.accounts.proofs import Proof, ProofKind
from keycell.stores.accounts import add_verb, update_verb
from keycell.stores.audit import audit_insert
from keycell.stores.columns import micros
from keycell.stores.database import Database, Params, Statement, Verb, first
from keycell.stores.endings import end_everything, end_sign_ins
from keycell.stores.mail_rows import mail_verb, proof_of
from keycell.stores.schema_mail import proofs
from keycell.stores.trusted import FORGET_TRUST

MOST_LISTED = 500

_OF_KIND = proofs.c.kind == bindparam("b_kind")
_NAMED = Statement(select(proofs).where(proofs.c.proof_id == bindparam("b_proof_id")))
_FIND = Statement(select(proofs).where(proofs.c.digest == bindparam("b_digest"), _OF_KIND))
_OPEN = (
    select(proofs)
    .where(_OF_KIND, proofs.c.spent_at.is_(None), proofs.c.expires_at > bindparam("b_now"))
    .order_by(proofs.c.created_at.desc(), proofs.c.proof_id)
    .limit(MOST_LISTED)
)
_OPEN_OF = Statement(_OPEN)
# Those of before the address was kept beside them are looked through.
_FOR_ADDRESS = Statement(
    _OPEN.where(or_(proofs.c.asked_by == bindparam("b_asked_by"), proofs.c.asked_by.is_(None)))
)
_OF_BROWSER = Statement(_OPEN.where(proofs.c.asked_by == bindparam("b_asked_by")))
_OF_ACCOUNT = Statement(_OPEN.where(proofs.c.sub == bindparam("b_sub")))
_SPEND = Statement(
    update(proofs)
    .where(
        proofs.c.proof_id == bindparam("b_proof_id"),
        proofs.c.spent_at.is_(None),
        proofs.c.expires_at > bindparam("b_at"),
    )
    .values(spent_at=bindparam("b_at"))
)


class SqlProofStore:
    """The one-time secrets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, kind: ProofKind, digest: str) -> Proof | None:
        """Find a proof by its link's digest, a spent or late one too."""
        params = {"b_kind": kind.value, "b_digest": digest}
        row = await first(self._database, _FIND, params)
        return None if row is None else proof_of(row)

    async def named(self, proof_id: str) -> Proof | None:
        """Find a proof by its name."""
        row = await first(self._database, _NAMED, {"b_proof_id": proof_id})
        return None if row is None else proof_of(row)

    async def of_browser(self, kind: ProofKind, asked_by: str, now: datetime) -> Sequence[Proof]:
        """List the open proofs that a browser asked for, the latest first."""
        return await self._list(_OF_BROWSER, kind, now, {"b_asked_by": asked_by})

    async def of_account(self, kind: ProofKind, sub: str, now: datetime) -> Sequence[Proof]:
        """List the open proofs of an account, the latest first."""
        return await self._list(_OF_ACCOUNT, kind, now, {"b_sub": sub})

    async def invitations_to(self, address: str, now: datetime) -> Sequence[Proof]:
        """List the open invitations that may be for an address, by its digest."""
        whose = {"b_asked_by": address}
        return await self._list(_FOR_ADDRESS, ProofKind.INVITATION, now, whose)

    async def open_of(self, kind: ProofKind, now: datetime) -> Sequence[Proof]:
        """List all open proofs of a kind, the latest first."""
        return await self._list(_OPEN_OF, kind, now, {})

    async def _list(
        self, statement: Statement, kind: ProofKind, now: datetime, params: Params
    ) -> Sequence[Proof]:
        whole = {"b_kind": kind.value, "b_now": micros(now), **params}
        return [proof_of(row) for row in await self._database.read_many(statement, whole)]

    async def exchange(self, proof: Proof, change: Change) -> bool:
        """Spend a proof and change the account, both or neither; True for one caller alone."""

        def verb() -> Verb[bool]:
            if not (yield from _spend(proof, change.event.at)):
                return False
            if change.before is None:
                yield from add_verb(change.account, change.event)
            elif not (yield from update_verb(change.before, change.account, change.event)):
                # Raised, so that the proof is not spent for nothing.
                raise ChangedMeanwhile
            yield from _end(change)
            yield from mail_verb(change.mailing)
            return True

        return await self._database.write(verb)

    async def revoke(self, proof: Proof, at: datetime, event: AuditEvent) -> bool:
        """Spend a proof that buys nothing; True for one caller alone."""

        def verb() -> Verb[bool]:
            if not (yield from _spend(proof, at)):
                return False
            yield audit_insert(event)
            return True

        return await self._database.write(verb)

    async def keep(self, mailing: Mailing, event: AuditEvent | None = None) -> None:
        """Keep proofs and the letters they are in."""

        def verb() -> Verb[None]:
            yield from mail_verb(mailing)
            if event is not None:
                yield audit_insert(event)

        await self._database.write(verb)


def _spend(proof: Proof, at: datetime) -> Verb[bool]:
    params = {"b_proof_id": proof.proof_id, "b_at": micros(at)}
    return (yield _SPEND, params).touched == 1


def _end(change: Change) -> Verb[None]:
    sub, at, before = change.account.sub, change.event.at, change.before
    if change.ends is Ends.EVERYTHING:
        yield from end_everything(sub, at)
    elif change.ends is Ends.SIGN_INS:
        yield from end_sign_ins(sub, at)
    elif before is not None and before.password_hash != change.account.password_hash:
        # A trust begins by a password that was right: it ends with that password.
        yield FORGET_TRUST, {"b_sub": sub}
