"""The tables of letters, and of the one-time secrets that are in them."""

from sqlalchemy import Column, Index, Table

from keycell.stores.tables import TEXT, maybe, maybe_micros, metadata, micros, small, text

proofs = Table(
    "proofs",
    metadata,
    text("proof_id", is_key=True),
    text("kind"),
    Column("digest", TEXT, nullable=False, unique=True),
    maybe("code_mac"),
    maybe("asked_by"),
    maybe("sub"),
    text("stamp"),
    text("details"),
    micros("created_at"),
    text("created_by"),
    micros("expires_at"),
    maybe_micros("spent_at"),
    micros("purge_at"),
    Index("proofs_sub", "sub", "kind"),
    Index("proofs_asked_by", "asked_by"),
    Index("proofs_purge", "purge_at"),
)

outbox = Table(
    "outbox",
    metadata,
    text("mail_id", is_key=True),
    text("sealed"),
    small("tries"),
    micros("posted_at"),
    micros("not_before"),
    maybe("leased_by"),
    micros("purge_at"),
    Index("outbox_not_before", "not_before"),
    Index("outbox_purge", "purge_at"),
)
"""``not_before`` is when a letter is tried next; in somebody's hand, when the lease ends."""
