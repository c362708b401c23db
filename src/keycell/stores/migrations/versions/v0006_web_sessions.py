"""Sign-ins to the web frontend."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "web_sessions",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("sid", TEXT, nullable=False),
        sa.Column("grant_id", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("web_sessions_sid", "web_sessions", ["sid"])
    op.create_index("web_sessions_purge", "web_sessions", ["purge_at"])
