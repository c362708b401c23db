"""The tables of second factors, and of browsers that are signed in without one."""

from sqlalchemy import Column, Index, Table

from keycell.stores.tables import (
    TEXT,
    flag,
    maybe,
    maybe_micros,
    metadata,
    micros,
    small,
    text,
)

passkeys = Table(
    "passkeys",
    metadata,
    text("credential_id", is_key=True),
    text("sub"),
    text("public_key"),
    micros("sign_count"),
    text("name"),
    text("aaguid"),
    text("transports"),
    flag("is_synced"),
    micros("created_at"),
    maybe_micros("last_used_at"),
    Index("passkeys_sub", "sub"),
)

apps = Table(
    "apps",
    metadata,
    text("app_id", is_key=True),
    text("sub"),
    text("sealed"),
    text("name"),
    micros("last_step"),
    micros("created_at"),
    maybe_micros("last_used_at"),
    Index("apps_sub", "sub"),
)
"""Authenticator apps. ``last_step`` only grows: a code that was taken is never taken again."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    text("digest", is_key=True),
    text("sub"),
    Index("recovery_codes_sub", "sub"),
)
"""A spent code is deleted."""

trusted_browsers = Table(
    "trusted_browsers",
    metadata,
    text("trust_id", is_key=True),
    text("digest"),
    text("sub"),
    text("ip"),
    text("user_agent"),
    micros("created_at"),
    micros("expires_at"),
    maybe_micros("last_used_at"),
    micros("purge_at"),
    Index("trusted_browsers_sub", "sub"),
    Index("trusted_browsers_purge", "purge_at"),
)
"""Browsers in which a person is not asked for a second factor; of a secret, the digest."""

waiting_browsers = Table(
    "waiting_browsers",
    metadata,
    text("wait_id", is_key=True),
    text("digest"),
    Column("user_code", TEXT, nullable=False, unique=True),
    text("client_id"),
    text("ip"),
    text("user_agent"),
    micros("created_at"),
    micros("expires_at"),
    maybe("found_by"),
    maybe("number"),
    maybe_micros("decided_at"),
    maybe("sid"),
    maybe_micros("spent_at"),
    micros("purge_at"),
    Index("waiting_browsers_found", "found_by"),
    Index("waiting_browsers_purge", "purge_at"),
)
"""Browsers that wait to be signed in from another device; ``sid`` is of who allowed it."""

factor_policies = Table(
    "factor_policies",
    metadata,
    text("kind", is_key=True),
    text("name", is_key=True),
    micros("due_at"),
    small("skips"),
    micros("set_at"),
)

factor_skips = Table(
    "factor_skips", metadata, text("sub", is_key=True), text("mark"), small("used")
)
"""How often somebody has put off what the policy of this mark wants of them."""
