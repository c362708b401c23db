"""Issuers whose assertions are taken for people."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "trusted_issuers",
        sa.Column("issuer", TEXT, nullable=False, primary_key=True),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
