"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "accounts",
        sa.Column("sub", TEXT, nullable=False, primary_key=True),
        sa.Column("login", TEXT, nullable=False),
        sa.Column("login_key", TEXT, nullable=False, unique=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=True),
        sa.Column("email_verified", sa.SmallInteger(), nullable=False),
        sa.Column("group_path", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("is_admin", sa.SmallInteger(), nullable=False),
        sa.Column("password_hash", TEXT, nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("claims", TEXT, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("event_id", TEXT, nullable=False, primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("request_id", TEXT, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("audit_purge", "audit", ["purge_at"])
    op.create_table(
        "clients",
        sa.Column("client_id", TEXT, nullable=False, primary_key=True),
        sa.Column("came_by", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("disabled", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("registration_digest", TEXT, nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "consents",
        sa.Column("sub", TEXT, nullable=False, primary_key=True),
        sa.Column("client_id", TEXT, nullable=False, primary_key=True),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("claims", TEXT, nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("grant_id", TEXT, nullable=False, primary_key=True),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("sid", TEXT, nullable=True),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("acr", TEXT, nullable=False),
        sa.Column("amr", TEXT, nullable=False),
        sa.Column("claims", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("code_digest", TEXT, nullable=True),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("code_spent_at", sa.BigInteger(), nullable=True),
        sa.Column("redirect_uri", TEXT, nullable=True),
        sa.Column("redirect_uri_was_sent", sa.SmallInteger(), nullable=False),
        sa.Column("code_challenge", TEXT, nullable=True),
        sa.Column("nonce", TEXT, nullable=True),
        sa.Column("family_digest", TEXT, nullable=True),
        sa.Column("refresh_digest", TEXT, nullable=True),
        sa.Column("refresh_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("previous_digest", TEXT, nullable=True),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", TEXT, nullable=True),
        sa.Column("was_repeated", sa.SmallInteger(), nullable=False),
        sa.Column("shadow_run", sa.SmallInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("grants_purge", "grants", ["purge_at"])
    op.create_index("grants_sid", "grants", ["sid"])
    op.create_index("grants_sub", "grants", ["sub", "client_id"])
    op.create_table(
        "groups",
        sa.Column("path", TEXT, nullable=False, primary_key=True),
        sa.Column("label", TEXT, nullable=False),
    )
    op.create_table(
        "initial_tokens",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "opaque_tokens",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("jti", TEXT, nullable=False),
        sa.Column("grant_id", TEXT, nullable=True),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("opaque_tokens_purge", "opaque_tokens", ["purge_at"])
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", TEXT, nullable=False, primary_key=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("revoked_tokens_purge", "revoked_tokens", ["purge_at"])
    op.create_table(
        "roles",
        sa.Column("role_id", TEXT, nullable=False, primary_key=True),
        sa.Column("label", TEXT, nullable=False),
    )
    op.create_table(
        "seen_ids",
        sa.Column("key", TEXT, nullable=False, primary_key=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("seen_ids_purge", "seen_ids", ["purge_at"])
    op.create_table(
        "sessions",
        sa.Column("digest", TEXT, nullable=False, primary_key=True),
        sa.Column("sid", TEXT, nullable=False, unique=True),
        sa.Column("sub", TEXT, nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("amr", TEXT, nullable=False),
        sa.Column("acr", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ip", TEXT, nullable=False),
        sa.Column("user_agent", TEXT, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("sessions_purge", "sessions", ["purge_at"])
    op.create_index("sessions_sub", "sessions", ["sub"])
    op.create_table(
        "setup",
        sa.Column("name", TEXT, nullable=False, primary_key=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", TEXT, nullable=False, primary_key=True),
        sa.Column("alg", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "throttles",
        sa.Column("key", TEXT, nullable=False, primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.BigInteger(), nullable=False),
        sa.Column("purge_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("throttles_purge", "throttles", ["purge_at"])
    op.create_table(
        "versions",
        sa.Column("name", TEXT, nullable=False, primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
