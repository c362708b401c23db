"""What waits for a person to decide elsewhere, while a client asks again and again.

A device that shows a code, and a request that comes from the back (backchannel.py), are the same
from here on: polled at an interval that grows, decided once, fetched by what the client was given.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from keycell.oauth.details import Details
from keycell.oauth.errors import AccessDenied, ExpiredToken, InvalidGrant
from keycell.oauth.scope import Scope

INTERVAL = timedelta(seconds=5)
"""Between two polls at first; and by how much it grows for who polls too fast.

RFC8628-3.5, CIBA-7.3.
"""
EARLY = timedelta(seconds=1)
"""So much of an interval may be missing where a poll comes in: networks are not even."""
FETCHED_WITHIN = timedelta(seconds=60)
"""What is allowed in the last moment may still be fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What a client asked for and a person decides about, and what became of it."""

    digest: str
    """Of what the client polls with."""
    client_id: str
    scope: Scope
    audience: tuple[str, ...]
    details: Details
    ip: str
    user_agent: str
    created_at: datetime
    expires_at: datetime
    interval: timedelta = INTERVAL
    polled_at: datetime | None = None
    decided_at: datetime | None = None
    grant_id: str | None = None
    """What a person has allowed; None with a ``decided_at`` is a no."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client polls with, as it came in: well formed, and nothing more."""

    key: str
    """Names what waits."""
    digest: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody has decided yet."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A person said yes: this grant may be fetched."""

    grant_id: str


def redeem(
    awaited: Awaited | None, presented: Presented, client_id: str, now: datetime
) -> Undecided | Allowed:
    """Decide what a poll buys at this moment. RFC8628-3.5, CIBA-11."""
    if awaited is None or not hmac.compare_digest(awaited.digest, presented.digest):
        raise InvalidGrant(detail="nothing waits under this")
    if awaited.client_id != client_id:
        raise InvalidGrant(detail=f"it was given to {awaited.client_id}")
    if awaited.grant_id is not None and now < fetched_until(awaited):
        return Allowed(awaited.grant_id)
    if awaited.decided_at is not None and awaited.grant_id is None:
        raise AccessDenied("the person said no")
    if awaited.expires_at <= now:
        raise ExpiredToken("nobody decided in time, or nobody asked again; begin anew")
    return Undecided()


def fetched_until(awaited: Awaited) -> datetime:
    """Say until when what a person allowed may be fetched."""
    return awaited.expires_at + FETCHED_WITHIN


def next_interval(awaited: Awaited, now: datetime) -> timedelta:
    """Give the interval from here on: a longer one for who polls too fast.

    RFC8628-3.5, CIBA-11.
    """
    if awaited.polled_at is not None and now - awaited.polled_at < awaited.interval - EARLY:
        return awaited.interval + INTERVAL
    return awaited.interval
