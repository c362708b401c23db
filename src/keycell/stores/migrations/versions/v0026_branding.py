"""How the installation shows itself, and which files are large."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "brandings",
        sa.Column("state", TEXT, primary_key=True, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "logos",
        sa.Column("digest", TEXT, primary_key=True, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    is_large = sa.text("size >= 1048576")
    op.create_index(
        "nodes_large", "nodes", ["size"], sqlite_where=is_large, postgresql_where=is_large
    )
