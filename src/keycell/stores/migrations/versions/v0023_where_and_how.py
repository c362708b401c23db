"""Where a grant was used last, and what people chose of how they are shown and told things."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    for name in ("ip", "user_agent"):
        op.add_column("grants", sa.Column(name, TEXT, nullable=True))
    op.create_table(
        "preferences",
        sa.Column("sub", TEXT, primary_key=True),
        sa.Column("document", TEXT, nullable=False),
    )
