"""Second factors: passkeys, authenticator apps, recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "passkeys",
        sa.Column("credential_id", TEXT, nullable=False, primary_key=True),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("aaguid", TEXT, nullable=False),
        sa.Column("transports", TEXT, nullable=False),
        sa.Column("is_synced", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("passkeys_sub", "passkeys", ["sub"])
    op.create_table(
        "apps",
        sa.Column("app_id", TEXT, nullable=False, primary_key=True),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("apps_sub", "apps", ["sub"])
    op.create_table(
        "recovery_codes",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("sub", TEXT, nullable=False),
    )
    op.create_index("recovery_codes_sub", "recovery_codes", ["sub"])
