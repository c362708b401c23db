"""Authorization details, personal access tokens, access keys."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    for table in ("grants", "opaque_tokens", "consents"):
        op.add_column(table, sa.Column("details", TEXT, nullable=True))
    op.create_table(
        "personal_tokens",
        sa.Column("token_id", TEXT, nullable=False, primary_key=True),
        sa.Column("digest", TEXT, nullable=False, unique=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("auto_refresh", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("personal_tokens_sub", "personal_tokens", ["sub", "created_at"])
    op.create_index("personal_tokens_purge", "personal_tokens", ["purge_at"])
    op.create_table(
        "access_keys",
        sa.Column("access_key_id", TEXT, nullable=False, primary_key=True),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("access_keys_sub", "access_keys", ["sub", "created_at"])
    op.create_index("access_keys_purge", "access_keys", ["purge_at"])
