"""Applications in test mode, and the accounts they are tried with."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new."""
    op.add_column("clients", sa.Column("test_until", sa.BigInteger(), nullable=True))
    op.create_index("clients_test", "clients", ["test_until"])
    op.add_column("accounts", sa.Column("test_of", TEXT, nullable=True))
    op.create_index("accounts_test", "accounts", ["test_of"])
