"""The tables of the first version."""

from alembic import op

from keycell.stores.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    metadata.create_all(op.get_bind())
