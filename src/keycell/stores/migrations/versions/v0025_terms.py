"""Until when an application may have what it was allowed."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add what is new."""
    for table in ("grants", "consents"):
        op.add_column(table, sa.Column("ends_at", sa.BigInteger(), nullable=True))
