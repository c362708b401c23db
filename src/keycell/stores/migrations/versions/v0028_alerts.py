"""Alerts: the rules, and what was told and is not told again for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "alerts",
        sa.Column("rule", TEXT, primary_key=True, nullable=False),
        sa.Column("is_on", sa.SmallInteger(), nullable=False),
        sa.Column("most", sa.SmallInteger(), nullable=False),
        sa.Column("within", sa.SmallInteger(), nullable=False),
        sa.Column("quiet", sa.SmallInteger(), nullable=False),
        sa.Column("told", TEXT, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger()),
        sa.Column("raised_at", sa.BigInteger()),
        sa.Column("event_id", TEXT, nullable=False),
    )
    op.create_table(
        "alert_marks",
        sa.Column("rule", TEXT, primary_key=True, nullable=False),
        sa.Column("subject", TEXT, primary_key=True, nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("alert_marks_due", "alert_marks", ["due_at"])
    op.create_index("alert_marks_purge", "alert_marks", ["purge_at"])
