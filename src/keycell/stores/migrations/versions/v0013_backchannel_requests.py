"""Requests from the back that wait for the person they name."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "backchannel_requests",
        sa.Column("request_id", TEXT, nullable=False, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=True),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("binding_message", TEXT, nullable=False),
        sa.Column("acr_values", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=True),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("poll_interval", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", TEXT, nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index(
        "backchannel_requests_sub", "backchannel_requests", ["sub", "created_at"]
    )
    op.create_index("backchannel_requests_due", "backchannel_requests", ["due_at"])
    op.create_index("backchannel_requests_purge", "backchannel_requests", ["purge_at"])
