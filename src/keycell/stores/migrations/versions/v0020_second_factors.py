"""Browsers that people trust, and who must have a second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "trusted_browsers",
        sa.Column("trust_id", TEXT, primary_key=True, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("trusted_browsers_sub", "trusted_browsers", ["sub"])
    op.create_index("trusted_browsers_purge", "trusted_browsers", ["purge_at"])
    op.create_table(
        "factor_policies",
        sa.Column("kind", TEXT, primary_key=True, nullable=False),
        sa.Column("name", TEXT, primary_key=True, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("skips", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "factor_skips",
        sa.Column("sub", TEXT, primary_key=True, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
    )
    op.add_column("sessions", sa.Column("skipped_at", sa.BigInteger(), nullable=True))
