"""Indexes of what is set alone: most files are not deleted, most versions current."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_INDEXES = (
    ("nodes_trashed", "nodes", "trashed_at"),
    ("file_versions_kept", "file_versions", "kept_until"),
    ("blobs_condemned", "blobs", "condemned_at"),
    ("blobs_place", "blobs", "key"),
)


def upgrade() -> None:
    """Make them anew."""
    for name, table, column in _INDEXES:
        is_set = sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [column], sqlite_where=is_set, postgresql_where=is_set)
