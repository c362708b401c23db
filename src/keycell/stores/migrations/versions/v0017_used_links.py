"""When a public link was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add what is new."""
    op.add_column("links", sa.Column("used_at", sa.BigInteger(), nullable=True))
