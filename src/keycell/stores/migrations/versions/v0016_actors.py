"""Who acts by an opaque access token."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.add_column("opaque_tokens", sa.Column("act", TEXT, nullable=True))
