"""Which applications are to be told when a session ends."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "session_clients",
        sa.Column("sid", TEXT, nullable=False, primary_key=True),
        sa.Column("client_id", TEXT, nullable=False, primary_key=True),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("session_clients_sub", "session_clients", ["sub"])
    op.create_index("session_clients_due", "session_clients", ["due_at"])
    op.create_index("session_clients_purge", "session_clients", ["purge_at"])
