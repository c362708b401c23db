"""Devices that wait for a person in a browser elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "devices",
        sa.Column("device_id", TEXT, nullable=False, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("user_code", TEXT, nullable=False, unique=True),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=True),
        sa.Column("code_challenge", TEXT, nullable=True),
        sa.Column("device_name", TEXT, nullable=False),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("poll_interval", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", TEXT, nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("devices_purge", "devices", ["purge_at"])
