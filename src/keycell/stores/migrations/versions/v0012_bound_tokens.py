"""Grants and opaque tokens that are bound to a key."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    for table in ("grants", "opaque_tokens"):
        op.add_column(table, sa.Column("jkt", TEXT, nullable=True))
