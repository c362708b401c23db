"""Every table.

Times are integers of microseconds since 1970, truth values 0 and 1, texts compare bytewise. A
table with a ``purge_at`` loses its rows a little after that moment, as others are written.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, Table, Text

metadata = MetaData()

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, is_key: bool = False) -> "Column[str]":
    return Column(name, _TEXT, primary_key=is_key, nullable=False)


def _maybe(name: str) -> "Column[str]":
    return Column(name, _TEXT)


def _micros(name: str) -> "Column[int]":
    return Column(name, BigInteger, nullable=False)


def _maybe_micros(name: str) -> "Column[int]":
    return Column(name, BigInteger)


def _flag(name: str) -> "Column[int]":
    return Column(name, SmallInteger, nullable=False)


versions = Table(
    "versions",
    metadata,
    _text("name", is_key=True),
    _micros("version"),
)
"""Bumped with each change of what processes keep in memory."""

signing_keys = Table(
    "signing_keys",
    metadata,
    _text("kid", is_key=True),
    _text("alg"),
    _text("state"),
    _text("sealed"),
    _micros("created_at"),
    _maybe_micros("activated_at"),
    _maybe_micros("retired_at"),
)

clients = Table(
    "clients",
    metadata,
    _text("client_id", is_key=True),
    _text("came_by"),
    _text("document"),
    _flag("disabled"),
    _micros("created_at"),
    _maybe("registration_digest"),
    _maybe_micros("purge_at"),
)
"""A client is one JSON document; the columns beside it are what is searched by."""

initial_tokens = Table(
    "initial_tokens",
    metadata,
    _text("digest", is_key=True),
    _text("label"),
    Column("uses_left", Integer, nullable=False),
    _micros("created_at"),
    _micros("purge_at"),
)

accounts = Table(
    "accounts",
    metadata,
    _text("sub", is_key=True),
    _text("login"),
    Column("login_key", _TEXT, nullable=False, unique=True),
    _text("name"),
    _maybe("email"),
    _flag("email_verified"),
    _text("group_path"),
    _text("roles"),
    _flag("is_admin"),
    _maybe("password_hash"),
    _maybe_micros("disabled_at"),
    _micros("created_at"),
    _micros("updated_at"),
    _text("claims"),
)

groups = Table("groups", metadata, _text("path", is_key=True), _text("label"))
roles = Table("roles", metadata, _text("role_id", is_key=True), _text("label"))

setup = Table(
    "setup",
    metadata,
    _text("name", is_key=True),
    _text("digest"),
    _micros("purge_at"),
)

sessions = Table(
    "sessions",
    metadata,
    _text("digest", is_key=True),
    Column("sid", _TEXT, nullable=False, unique=True),
    _text("sub"),
    _micros("auth_time"),
    _text("amr"),
    _text("acr"),
    _micros("created_at"),
    _micros("seen_at"),
    _text("ip"),
    _text("user_agent"),
    _maybe_micros("ended_at"),
    _micros("purge_at"),
    Index("sessions_sub", "sub"),
    Index("sessions_purge", "purge_at"),
)

throttles = Table(
    "throttles",
    metadata,
    _text("key", is_key=True),
    Column("count", Integer, nullable=False),
    _micros("wait_until"),
    _micros("purge_at"),
    Index("throttles_purge", "purge_at"),
)

grants = Table(
    "grants",
    metadata,
    _text("grant_id", is_key=True),
    _text("client_id"),
    _text("sub"),
    _maybe("sid"),
    _text("scope"),
    _text("audience"),
    _micros("auth_time"),
    _text("acr"),
    _text("amr"),
    _text("claims"),
    _micros("created_at"),
    _micros("expires_at"),
    _maybe_micros("revoked_at"),
    _maybe("code_digest"),
    _maybe_micros("code_expires_at"),
    _maybe_micros("code_spent_at"),
    _maybe("redirect_uri"),
    _flag("redirect_uri_was_sent"),
    _maybe("code_challenge"),
    _maybe("nonce"),
    _maybe("family_digest"),
    _maybe("refresh_digest"),
    _maybe_micros("refresh_expires_at"),
    _maybe("previous_digest"),
    _maybe_micros("rotated_at"),
    _maybe("sealed"),
    _flag("was_repeated"),
    Column("shadow_run", SmallInteger, nullable=False),
    _micros("purge_at"),
    Index("grants_sub", "sub", "client_id"),
    Index("grants_sid", "sid"),
    Index("grants_purge", "purge_at"),
)
"""One row carries a grant with its code and its refresh token. See decisions/0010."""

opaque_tokens = Table(
    "opaque_tokens",
    metadata,
    _text("digest", is_key=True),
    _text("jti"),
    _maybe("grant_id"),
    _text("client_id"),
    _text("sub"),
    _text("scope"),
    _text("audience"),
    _micros("issued_at"),
    _micros("expires_at"),
    _micros("purge_at"),
    Index("opaque_tokens_purge", "purge_at"),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    _text("jti", is_key=True),
    _micros("purge_at"),
    Index("revoked_tokens_purge", "purge_at"),
)

consents = Table(
    "consents",
    metadata,
    _text("sub", is_key=True),
    _text("client_id", is_key=True),
    _text("scope"),
    _text("claims"),
    _micros("given_at"),
)

seen_ids = Table(
    "seen_ids",
    metadata,
    _text("key", is_key=True),
    _micros("purge_at"),
    Index("seen_ids_purge", "purge_at"),
)

audit = Table(
    "audit",
    metadata,
    _text("event_id", is_key=True),
    _micros("at"),
    _text("actor"),
    _text("action"),
    _text("target"),
    _text("client_id"),
    _text("ip"),
    _text("user_agent"),
    _text("request_id"),
    _text("result"),
    _text("detail"),
    _micros("purge_at"),
    Index("audit_purge", "purge_at"),
)
"""Ordered by its key, which begins with the time."""
