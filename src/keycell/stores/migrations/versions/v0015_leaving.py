"""When people leave who asked for it, and what they are looked for by."""

import sqlalchemy as sa
from alembic import op

from keycell.accounts.people import login_key

revision = "0015"
down_revision = "0014"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_ACCOUNTS = sa.table(
    "accounts", sa.column("sub"), sa.column("login"), sa.column("name"), sa.column("email"),
    sa.column("search_key"),
)  # fmt: skip


def upgrade() -> None:
    """Add what is new."""
    op.add_column("accounts", sa.Column("leaves_at", sa.BigInteger(), nullable=True))
    op.add_column("accounts", sa.Column("search_key", TEXT, nullable=True))
    op.create_index("accounts_leaves", "accounts", ["leaves_at"])
    _fill()


def _fill() -> None:
    # Folded here: SQLite's lower() knows the letters of ASCII alone.
    connection = op.get_bind()
    found = connection.execute(sa.select(_ACCOUNTS)).all()
    told = [
        {"b_sub": one.sub,
         "b_key": "\n".join(login_key(text) for text in (one.login, one.name, one.email or ""))}
        for one in found
    ]  # fmt: skip
    if told:
        fill = (
            sa.update(_ACCOUNTS)
            .where(_ACCOUNTS.c.sub == sa.bindparam("b_sub"))
            .values(search_key=sa.bindparam("b_key"))
        )
        connection.execute(fill, told)
