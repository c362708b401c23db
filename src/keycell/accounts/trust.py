"""What is kept of a browser that a person trusts."""

from dataclasses import dataclass
from datetime import datetime

from keycell.accounts.audit import AuditEvent

MOST_TRUSTED = 20
"""Browsers of one person; one more takes the place of the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedBrowser:
    """A browser in which its person is asked for a password alone; of its secret, the digest."""

    trust_id: str
    digest: str
    sub: str
    ip: str
    user_agent: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust that begins with a session, by a factor that was proved for it."""

    browser: TrustedBrowser
    factor: str
    replaced: frozenset[str]
    """Digests of what the browser brought: those of the same person go."""
    event: AuditEvent


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A sign-in without a second factor: the trust must stand when the session begins."""

    trust_id: str
    event: AuditEvent
