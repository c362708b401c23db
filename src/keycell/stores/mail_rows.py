"""Letters and proofs as rows, and rows as proofs."""

import msgspec
from sqlalchemy import insert

from keycell.accounts.letters import KEPT, Posted
from keycell.accounts.ports_mail import Mailing
from keycell.accounts.proofs import REMEMBERED, Proof, ProofKind
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Row, Statement, Step, Verb
from keycell.stores.schema_mail import outbox, proofs

_POST = Statement(insert(outbox))
_KEEP = Statement(insert(proofs))


def mail_verb(mailing: Mailing) -> Verb[None]:
    """Keep letters and the proofs in them, to stand in the transaction of what they tell."""
    for proof in mailing.proofs:
        yield _KEEP, _proof_row(proof)
    for posted in mailing.letters:
        yield post_insert(posted)


def post_insert(posted: Posted) -> Step:
    """Give the statement that keeps a letter."""
    return _POST, {
        "mail_id": posted.mail_id,
        "sealed": posted.sealed,
        "tries": 0,
        "posted_at": micros(posted.at),
        "not_before": micros(posted.at),
        "leased_by": None,
        "purge_at": micros(posted.at + KEPT),
    }


def _proof_row(proof: Proof) -> dict[str, object]:
    return {
        "proof_id": proof.proof_id,
        "kind": proof.kind.value,
        "digest": proof.digest,
        "code_mac": proof.code_mac,
        "asked_by": proof.asked_by,
        "sub": proof.sub,
        "stamp": proof.stamp,
        "details": document(dict(proof.details)),
        "created_at": micros(proof.created_at),
        "created_by": proof.created_by,
        "expires_at": micros(proof.expires_at),
        "spent_at": micros(proof.spent_at),
        "purge_at": micros(proof.expires_at + REMEMBERED),
    }


def proof_of(row: Row) -> Proof:
    """Give the proof that a row keeps."""
    return Proof(
        proof_id=row.proof_id,
        kind=ProofKind(row.kind),
        digest=row.digest,
        code_mac=row.code_mac,
        asked_by=row.asked_by,
        sub=row.sub,
        stamp=row.stamp,
        details=msgspec.json.decode(row.details),
        created_at=moment(row.created_at),
        created_by=row.created_by,
        expires_at=moment(row.expires_at),
        spent_at=moment(row.spent_at),
    )
