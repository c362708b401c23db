"""Throttling: how often a sign-in may fail before the next one must wait.

Whoever fails waits, but nobody makes another wait. Failures are counted for a login from one
network; a browser that has signed in before has a count of its own, and a network that has not
failed before always has its first attempts. So a stranger's guessing locks out the stranger.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from keycell.accounts.errors import Throttled

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are free; then the wait doubles from the first to the longest."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forget_after: timedelta


PAIR = Limit(5, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
"""One login from one network: room for a forgotten password, none for guessing."""
PAIR_UNDER_ATTACK = Limit(1, timedelta(seconds=60), timedelta(minutes=15), timedelta(hours=1))
"""The same while many networks fail on this login at once."""
KNOWN_BROWSER = Limit(10, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
"""A browser that has signed in as this login before."""
NETWORK = Limit(100, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
"""All logins from one network: an office behind one address stays well below."""
LOGIN = Limit(100, timedelta(0), timedelta(0), timedelta(hours=1))
"""One login from everywhere: nobody waits for this count, it only says that an attack goes on."""

FACTOR = Limit(5, timedelta(seconds=15), timedelta(minutes=15), timedelta(hours=1))
"""Codes of one account from one network; the password was right, so it is worth guessing at."""
FACTOR_EVERYWHERE = Limit(30, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))
"""Codes of one account from everywhere: at three in a million, a day of guessing finds none."""


@dataclass(frozen=True, slots=True)
class Counter:
    """The failures counted under one key."""

    count: int
    wait_until: datetime
    forgotten_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A key that an attempt counts under."""

    key: str
    limit: Limit


def take(counter: Counter | None, limit: Limit, now: datetime) -> Counter:
    """Count an attempt before it is heard, or raise Throttled.

    It is counted as failed at once, and taken back if it succeeds: so twenty at a time are
    counted like twenty in a row.
    """
    if counter is None or counter.forgotten_at <= now:
        counter = Counter(0, _LONG_AGO, now)
    left = counter.wait_until - now
    # What is longer than the longest wait was begun by a clock that has been set back since.
    if timedelta(0) < left <= limit.longest_wait:
        raise Throttled(max(1, round(left.total_seconds() + 0.5)))
    count = counter.count + 1
    excess = count - limit.free
    until = _LONG_AGO
    if excess >= 0:
        until = now + min(limit.first_wait * 2 ** min(excess, 16), limit.longest_wait)
    return Counter(count, until, now + limit.forget_after)


def pair_limit(failures: int) -> Limit:
    """Give one network's limit for what has failed so often from everywhere."""
    return PAIR_UNDER_ATTACK if failures >= LOGIN.free else PAIR


def network_of(ip: str) -> str:
    """Give what one person may easily have many of: an IPv4 /24, an IPv6 /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip[:64]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 64  # noqa: PLR2004
    return str(ipaddress.ip_network((address, prefix), strict=False))
