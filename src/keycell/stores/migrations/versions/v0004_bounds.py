"""What bounds a space: how many nodes it has, how deep they lie, and until when it is kept."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOST_LEVELS = 1000
_DAYS_KEPT = 30


def upgrade() -> None:
    """Add what is new, and count what is there."""
    op.create_table(
        "meta_tags",
        sa.Column("namespace", TEXT, nullable=False, primary_key=True),
        sa.Column("tag", TEXT, nullable=False, primary_key=True),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.add_column("spaces", sa.Column("kept_until", sa.BigInteger(), nullable=True))
    op.create_index("spaces_kept", "spaces", ["kept_until"])
    nought = {"nullable": False, "server_default": "0"}
    op.add_column("volumes", sa.Column("nodes", sa.BigInteger(), **nought))
    op.add_column("nodes", sa.Column("height", sa.SmallInteger(), **nought))
    op.execute(
        "UPDATE volumes SET nodes = "
        "(SELECT count(*) FROM nodes WHERE nodes.volume_id = volumes.volume_id)"
    )
    _measure(op.get_bind())
    _condemn(op.get_bind())


def _measure(connection: sa.Connection) -> None:
    """Say of each folder of how many levels what lies in it is, from the lowest up."""
    raise_parents = sa.text(
        "UPDATE nodes SET height = :level WHERE node_id IN "
        "(SELECT parent_id FROM nodes WHERE height = :below AND parent_id IS NOT NULL)"
    )
    for level in range(1, _MOST_LEVELS):
        if not connection.execute(raise_parents, {"level": level, "below": level - 1}).rowcount:
            return


def _condemn(connection: sa.Connection) -> None:
    """Leave to administrators, for a while, what people had who were removed before."""
    connection.execute(
        sa.text(
            "UPDATE spaces SET kept_until = :until, kind = 'team', owner = '', slug_owner = '', "
            "slug = 'left-' || lower(space_id) WHERE kind = 'personal' "
            "AND owner NOT IN (SELECT sub FROM accounts)"
        ),
        {"until": time.time_ns() // 1000 + _DAYS_KEPT * 86_400 * 10**6},
    )
