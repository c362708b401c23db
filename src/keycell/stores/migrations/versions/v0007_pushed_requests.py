"""Authorization requests that clients push ahead of the browser."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "pushed_requests",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("pairs", TEXT, nullable=False),
        sa.Column("is_signed", sa.SmallInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("pushed_requests_purge", "pushed_requests", ["purge_at"])
