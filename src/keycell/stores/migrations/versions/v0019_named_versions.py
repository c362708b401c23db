"""What people call versions of their files, which links tell of their use, when rights end."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.add_column("file_versions", sa.Column("label", TEXT, nullable=True))
    op.add_column("links", sa.Column("told_at", sa.BigInteger(), nullable=True))
    op.add_column("rights", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    is_set = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "rights_expires", "rights", ["expires_at"], sqlite_where=is_set, postgresql_where=is_set
    )
