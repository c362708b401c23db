"""Webhooks, and who is where in the trail."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "hooks",
        sa.Column("hook_id", TEXT, primary_key=True, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("actions", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("former", TEXT),
        sa.Column("former_until", sa.BigInteger()),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("failing_at", sa.BigInteger()),
        sa.Column("failing_why", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    _calls()
    op.create_table(
        "trail_positions",
        sa.Column("name", TEXT, primary_key=True, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
    )


def _calls() -> None:
    op.create_table(
        "hook_calls",
        sa.Column("hook_id", TEXT, primary_key=True, nullable=False),
        sa.Column("event_id", TEXT, primary_key=True, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("tried_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("hook_calls_due", "hook_calls", ["hook_id", "due_at"])
    op.create_index("hook_calls_purge", "hook_calls", ["purge_at"])
