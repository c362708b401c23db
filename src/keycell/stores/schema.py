"""The tables of people, clients and grants. Those of files are in `schema_files`."""

from sqlalchemy import Column, Index, Integer, SmallInteger, Table

from keycell.stores import tables
from keycell.stores.tables import TEXT, flag, maybe, maybe_micros, micros, small, text

metadata = tables.metadata

versions = Table(
    "versions",
    metadata,
    text("name", is_key=True),
    micros("version"),
)
"""Bumped with each change of what processes keep in memory."""

signing_keys = Table(
    "signing_keys",
    metadata,
    text("kid", is_key=True),
    text("alg"),
    text("state"),
    text("sealed"),
    micros("created_at"),
    maybe_micros("activated_at"),
    maybe_micros("retired_at"),
)

clients = Table(
    "clients",
    metadata,
    text("client_id", is_key=True),
    text("came_by"),
    text("document"),
    flag("disabled"),
    micros("created_at"),
    maybe("registration_digest"),
    maybe_micros("purge_at"),
    maybe_micros("test_until"),
    Index("clients_test", "test_until"),
)
"""A client is one JSON document; the columns beside it are what is searched by."""

trusted_issuers = Table(
    "trusted_issuers",
    metadata,
    text("issuer", is_key=True),
    text("document"),
    micros("created_at"),
)

initial_tokens = Table(
    "initial_tokens",
    metadata,
    text("digest", is_key=True),
    text("label"),
    Column("uses_left", Integer, nullable=False),
    micros("created_at"),
    micros("purge_at"),
)

accounts = Table(
    "accounts",
    metadata,
    text("sub", is_key=True),
    text("login"),
    Column("login_key", TEXT, nullable=False, unique=True),
    text("name"),
    maybe("email"),
    flag("email_verified"),
    text("group_path"),
    text("roles"),
    flag("is_admin"),
    maybe("password_hash"),
    maybe_micros("disabled_at"),
    micros("created_at"),
    micros("updated_at"),
    text("claims"),
    maybe("email_key"),
    maybe_micros("leaves_at"),
    maybe("search_key"),
    maybe("test_of"),
    Index("accounts_email", "email_key"),
    Index("accounts_test", "test_of"),
    Index("accounts_leaves", "leaves_at"),
    Index("accounts_group", "group_path"),
)

groups = Table("groups", metadata, text("path", is_key=True), text("label"))
roles = Table("roles", metadata, text("role_id", is_key=True), text("label"))

preferences = Table("preferences", metadata, text("sub", is_key=True), text("document"))
"""How somebody wants to be shown and told things."""

setup = Table(
    "setup",
    metadata,
    text("name", is_key=True),
    text("digest"),
    micros("purge_at"),
)

sessions = Table(
    "sessions",
    metadata,
    text("digest", is_key=True),
    Column("sid", TEXT, nullable=False, unique=True),
    text("sub"),
    micros("auth_time"),
    text("amr"),
    text("acr"),
    micros("created_at"),
    micros("seen_at"),
    text("ip"),
    text("user_agent"),
    maybe_micros("ended_at"),
    micros("purge_at"),
    maybe_micros("skipped_at"),
    Index("sessions_sub", "sub"),
    Index("sessions_purge", "purge_at"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    text("digest", is_key=True),
    text("sid"),
    text("grant_id"),
    text("sealed"),
    Column("version", Integer, nullable=False),
    micros("leased_until"),
    micros("created_at"),
    micros("purge_at"),
    Index("web_sessions_sid", "sid"),
    Index("web_sessions_purge", "purge_at"),
)
"""The web frontend's: a browser's cookie, and the sealed tokens it stands for."""

session_clients = Table(
    "session_clients",
    metadata,
    text("sid", is_key=True),
    text("client_id", is_key=True),
    text("sub"),
    Column("tries", Integer, nullable=False),
    maybe_micros("ended_at"),
    maybe_micros("due_at"),
    micros("purge_at"),
    Index("session_clients_sub", "sub"),
    Index("session_clients_due", "due_at"),
    Index("session_clients_purge", "purge_at"),
)
"""Who is to be told when a session ends. OIDCBCL-2, OIDCFCL-2."""

throttles = Table(
    "throttles",
    metadata,
    text("key", is_key=True),
    Column("count", Integer, nullable=False),
    micros("wait_until"),
    micros("purge_at"),
    Index("throttles_purge", "purge_at"),
)

grants = Table(
    "grants",
    metadata,
    text("grant_id", is_key=True),
    text("client_id"),
    text("sub"),
    maybe("sid"),
    text("scope"),
    text("audience"),
    micros("auth_time"),
    text("acr"),
    text("amr"),
    text("claims"),
    micros("created_at"),
    micros("expires_at"),
    maybe_micros("revoked_at"),
    maybe("code_digest"),
    maybe_micros("code_expires_at"),
    maybe_micros("code_spent_at"),
    maybe("redirect_uri"),
    flag("redirect_uri_was_sent"),
    maybe("code_challenge"),
    maybe("nonce"),
    maybe("family_digest"),
    maybe("refresh_digest"),
    maybe_micros("refresh_expires_at"),
    maybe("previous_digest"),
    maybe_micros("rotated_at"),
    maybe("sealed"),
    flag("was_repeated"),
    Column("shadow_run", SmallInteger, nullable=False),
    micros("purge_at"),
    maybe("details"),
    maybe("jkt"),
    maybe("ip"),
    maybe("user_agent"),
    maybe_micros("ends_at"),
    Index("grants_sub", "sub", "client_id"),
    Index("grants_sid", "sid"),
    Index("grants_client", "client_id"),
    Index("grants_purge", "purge_at"),
)
"""One row carries a grant with its code and its refresh token. See decisions/0010."""

devices = Table(
    "devices",
    metadata,
    text("device_id", is_key=True),
    text("digest"),
    Column("user_code", TEXT, nullable=False, unique=True),
    text("client_id"),
    text("scope"),
    text("audience"),
    maybe("details"),
    maybe("code_challenge"),
    text("device_name"),
    text("ip"),
    text("user_agent"),
    micros("created_at"),
    micros("expires_at"),
    micros("poll_interval"),
    maybe_micros("polled_at"),
    maybe_micros("decided_at"),
    maybe("grant_id"),
    micros("purge_at"),
    Index("devices_purge", "purge_at"),
)
"""What a device was allowed is a grant, whose code is the device code."""

backchannel_requests = Table(
    "backchannel_requests",
    metadata,
    text("request_id", is_key=True),
    text("digest"),
    text("client_id"),
    text("sub"),
    text("scope"),
    text("audience"),
    maybe("details"),
    text("mode"),
    text("binding_message"),
    text("acr_values"),
    maybe("sealed"),
    text("ip"),
    text("user_agent"),
    micros("created_at"),
    micros("expires_at"),
    micros("poll_interval"),
    maybe_micros("polled_at"),
    maybe_micros("decided_at"),
    maybe("grant_id"),
    small("tries"),
    maybe_micros("due_at"),
    micros("purge_at"),
    Index("backchannel_requests_sub", "sub", "created_at"),
    Index("backchannel_requests_due", "due_at"),
    Index("backchannel_requests_purge", "purge_at"),
)
"""From ``due_at`` on the client is to be told what was decided: what is told is in ``sealed``."""

pushed_requests = Table(
    "pushed_requests",
    metadata,
    text("digest", is_key=True),
    text("client_id"),
    text("pairs"),
    flag("is_signed"),
    micros("purge_at"),
    Index("pushed_requests_purge", "purge_at"),
)

opaque_tokens = Table(
    "opaque_tokens",
    metadata,
    text("digest", is_key=True),
    text("jti"),
    maybe("grant_id"),
    text("client_id"),
    text("sub"),
    text("scope"),
    text("audience"),
    micros("issued_at"),
    micros("expires_at"),
    micros("purge_at"),
    maybe("details"),
    maybe("jkt"),
    maybe("act"),
    Index("opaque_tokens_purge", "purge_at"),
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    text("jti", is_key=True),
    micros("purge_at"),
    Index("revoked_tokens_purge", "purge_at"),
)

consents = Table(
    "consents",
    metadata,
    text("sub", is_key=True),
    text("client_id", is_key=True),
    text("scope"),
    text("claims"),
    micros("given_at"),
    maybe("details"),
    maybe_micros("ends_at"),
    Index("consents_client", "client_id"),
)

personal_tokens = Table(
    "personal_tokens",
    metadata,
    text("token_id", is_key=True),
    Column("digest", TEXT, nullable=False, unique=True),
    text("kind"),
    text("sub"),
    text("label"),
    text("scope"),
    text("details"),
    micros("expires_at"),
    maybe_micros("auto_refresh"),
    micros("created_at"),
    text("created_by"),
    maybe_micros("last_used_at"),
    maybe("last_used_ip"),
    maybe_micros("tell_at"),
    micros("purge_at"),
    Index("personal_tokens_sub", "sub", "created_at"),
    Index("personal_tokens_purge", "purge_at"),
    Index("personal_tokens_tell", "tell_at"),
)
"""``auto_refresh`` is the window, in microseconds, by which each use puts the end off; at
``tell_at`` its person is told of the end."""

access_keys = Table(
    "access_keys",
    metadata,
    text("access_key_id", is_key=True),
    text("sealed"),
    text("sub"),
    text("label"),
    text("scope"),
    text("details"),
    micros("expires_at"),
    micros("created_at"),
    text("created_by"),
    maybe_micros("last_used_at"),
    maybe("last_used_ip"),
    maybe_micros("tell_at"),
    micros("purge_at"),
    Index("access_keys_sub", "sub", "created_at"),
    Index("access_keys_purge", "purge_at"),
    Index("access_keys_tell", "tell_at"),
)

seen_ids = Table(
    "seen_ids",
    metadata,
    text("key", is_key=True),
    micros("purge_at"),
    Index("seen_ids_purge", "purge_at"),
)

audit = Table(
    "audit",
    metadata,
    text("event_id", is_key=True),
    micros("at"),
    text("actor"),
    text("action"),
    text("target"),
    text("client_id"),
    text("ip"),
    text("user_agent"),
    text("request_id"),
    text("result"),
    text("detail"),
    micros("purge_at"),
    Index("audit_purge", "purge_at"),
)
"""Ordered by its key, which begins with the time."""
