"""What people say to each other of files and folders."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "comments",
        sa.Column("comment_id", TEXT, primary_key=True, nullable=False),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("said", TEXT, nullable=False),
        sa.Column("said_by", TEXT, nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("comments_node", "comments", ["node_id", "said_at"])
    op.create_index("comments_by", "comments", ["said_by", "said_at"])
