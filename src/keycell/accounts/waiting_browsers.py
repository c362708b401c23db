"""A browser that waits to be signed in from another device: what it is, and what it may get.

Whoever cannot sign in where they are (in a window of an application, on a television) sees a code
there, and opens an address on a device where they can. Whoever sends that code to somebody else
wants to be let in as them, so a code alone allows nothing: the one who allows has proved who they
are since it was shown, is told who asks, and types a number that only the waiting browser shows,
drawn when they found it. See decisions/0084.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keycell.accounts.ports_mail import NO_MAIL, Mailing
from keycell.accounts.sessions import Session
from keycell.oauth.claims import ACR_MFA
from keycell.oauth.waiting import FETCHED_WITHIN

LIFETIME = timedelta(minutes=5)
_LEAST, _NUMBERS = 10, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBrowser:
    """A browser that waits, and what became of it."""

    wait_id: str
    digest: str
    """Of the browser's own name, which is in a cookie there."""
    user_code: str
    """As it is kept: under a key of the server."""
    client_id: str
    """Whose request waits behind it; empty for none."""
    ip: str
    user_agent: str
    created_at: datetime
    expires_at: datetime
    found_by: str | None = None
    """Who entered its code; from then on nobody else finds it."""
    number: str | None = None
    """What it shows from then on, for them to type."""
    decided_at: datetime | None = None
    sid: str | None = None
    """The session by which it was allowed; None with a ``decided_at`` is a no."""
    spent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lent:
    """A sign-in that somebody allowed elsewhere, by which a session begins once.

    When it begins, who allowed it is still signed in there.
    """

    wait_id: str
    sid: str
    auth_time: datetime
    mailing: Mailing = NO_MAIL


class State(StrEnum):
    """How far a browser that waits is."""

    WAITING = "waiting"
    FOUND = "found"
    ALLOWED = "allowed"
    DENIED = "denied"
    OVER = "over"


def state_of(waiting: WaitingBrowser | None, digest: str, now: datetime) -> State:
    """Say how far it is; whoever is not that browser learns nothing."""
    if waiting is None or not hmac.compare_digest(waiting.digest, digest):
        return State.OVER
    if waiting.decided_at is not None and waiting.sid is None:
        return State.DENIED
    if waiting.decided_at is not None:
        is_open = waiting.spent_at is None and now < fetched_until(waiting)
        return State.ALLOWED if is_open else State.OVER
    if waiting.expires_at <= now:
        return State.OVER
    return State.WAITING if waiting.number is None else State.FOUND


def fetched_until(waiting: WaitingBrowser) -> datetime:
    """Say until when what was allowed in the last moment may be fetched."""
    return waiting.expires_at + FETCHED_WITHIN


def is_asked(waiting: WaitingBrowser | None, sub: str, now: datetime) -> bool:
    """Tell whether somebody may still decide about it."""
    if waiting is None or waiting.found_by != sub:
        return False
    return waiting.decided_at is None and now < waiting.expires_at


def is_proved(waiting: WaitingBrowser, session: Session, *, has_second_factor: bool) -> bool:
    """Tell whether somebody has proved as much as they can since the code was shown.

    What the browser gets is this very sign-in, so it is one for it. RFC9470-3, OIDCC-3.1.2.1.
    """
    is_enough = session.acr == ACR_MFA or not has_second_factor
    return is_enough and session.auth_time >= waiting.created_at


def draw_number(secret: str) -> str:
    """Give the number that a fresh secret draws, of two digits."""
    drawn = int.from_bytes(hashlib.sha256(secret.encode()).digest(), "big")
    return str(_LEAST + drawn % _NUMBERS)


def is_number(waiting: WaitingBrowser, typed: str) -> bool:
    """Tell whether this is what the browser shows, in whatever digits it was typed."""
    # Digits of another script say the same number.
    digits = "".join(str(int(one)) for one in typed if one.isdecimal())
    return waiting.number is not None and hmac.compare_digest(waiting.number, digits)
