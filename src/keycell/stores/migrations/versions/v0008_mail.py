"""Letters that wait, one-time secrets that are in them, and addresses by which people are found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "proofs",
        sa.Column("proof_id", TEXT, nullable=False, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False, unique=True),
        sa.Column("code_mac", TEXT, nullable=True),
        sa.Column("asked_by", TEXT, nullable=True),
        sa.Column("sub", TEXT, nullable=True),
        sa.Column("stamp", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("proofs_sub", "proofs", ["sub", "kind"])
    op.create_index("proofs_asked_by", "proofs", ["asked_by"])
    op.create_index("proofs_purge", "proofs", ["purge_at"])
    op.create_table(
        "outbox",
        sa.Column("mail_id", TEXT, nullable=False, primary_key=True),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", TEXT, nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("outbox_not_before", "outbox", ["not_before"])
    op.create_index("outbox_purge", "outbox", ["purge_at"])
    op.add_column("accounts", sa.Column("email_key", TEXT, nullable=True))
    op.execute("UPDATE accounts SET email_key = lower(email) WHERE email IS NOT NULL")
    op.create_index("accounts_email", "accounts", ["email_key"])
