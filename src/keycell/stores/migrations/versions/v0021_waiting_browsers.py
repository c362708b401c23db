"""Browsers that wait to be signed in from another device."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "waiting_browsers",
        sa.Column("wait_id", TEXT, primary_key=True, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("user_code", TEXT, nullable=False, unique=True),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("found_by", TEXT, nullable=True),
        sa.Column("number", TEXT, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("sid", TEXT, nullable=True),
        sa.Column("spent_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("waiting_browsers_found", "waiting_browsers", ["found_by"])
    op.create_index("waiting_browsers_purge", "waiting_browsers", ["purge_at"])
