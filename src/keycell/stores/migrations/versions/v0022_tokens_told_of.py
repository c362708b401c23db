"""Personal tokens and access keys say where they were used, and when their end is told of."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DAY = 86_400_000_000


def upgrade() -> None:
    """Add what is new; what is there already and lasts for a week or longer is told of too."""
    for table in ("personal_tokens", "access_keys"):
        op.add_column(table, sa.Column("last_used_ip", TEXT, nullable=True))
        op.add_column(table, sa.Column("tell_at", sa.BigInteger(), nullable=True))
        rows = sa.table(
            table,
            *(sa.column(name, sa.BigInteger) for name in ("tell_at", "created_at", "expires_at")),
        )
        lasts = rows.c.expires_at - rows.c.created_at >= 7 * _DAY
        op.execute(sa.update(rows).where(lasts).values(tell_at=rows.c.expires_at - 14 * _DAY))
        op.create_index(f"{table}_tell", table, ["tell_at"])
