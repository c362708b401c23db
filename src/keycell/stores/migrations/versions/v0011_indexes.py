"""Indexes for what went through whole tables: the removal of an application, a group, a space."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add what is new."""
    op.create_index("grants_client", "grants", ["client_id"])
    op.create_index("consents_client", "consents", ["client_id"])
    op.create_index("accounts_group", "accounts", ["group_path"])
    op.create_index("locks_sub", "locks", ["sub"])
    op.create_index("spaces_volume", "spaces", ["volume_id"])
