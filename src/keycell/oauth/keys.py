"""Our keys: which is published, which is used, and when they change places.

A signing key is *next* (published, not yet used), *current* (signs), *previous* (published still,
so that what it signed verifies) and then gone. OIDCC-10.1.1. A key that others encrypt to us by
is published while it is *current* alone, and opens what was encrypted to it before and after.
OIDCC-10.2.1. A key that somebody else may know is *revoked*: published no more, and nothing that
it signed verifies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

State = Literal["next", "current", "previous", "revoked"]

PUBLISHED_AHEAD = timedelta(hours=24)
"""How long a key is published before it signs: longer than anybody keeps our keys in memory."""
ROTATED_AFTER = timedelta(days=90)
KEPT_AFTER = timedelta(days=7)
"""How long a key stays published after it stopped signing: an ID token may be a hint for long."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key's place in its life."""

    kid: str
    alg: str
    state: State
    created_at: datetime
    activated_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """What becomes of an algorithm's keys; ``makes_next`` asks for a fresh one."""

    changed: tuple[KeyRecord, ...]
    gone: tuple[str, ...]
    makes_next: bool


class NotPublishedLongEnough(Exception):
    """The next key is too young to sign: clients may not have seen it yet."""

    def __init__(self, ready_at: datetime) -> None:
        super().__init__(f"the next key is published too short a time; it may sign at {ready_at}")
        self.ready_at = ready_at


def plan_rotation(
    keys: Sequence[KeyRecord],
    now: datetime,
    *,
    is_asked: bool = False,
    is_urgent: bool = False,
    ahead: timedelta = PUBLISHED_AHEAD,
) -> Rotation:
    """Decide what becomes of the keys of one algorithm. OIDCC-10.1.1.

    Asked for, the next key takes over if it was published long enough, or raises
    NotPublishedLongEnough; urgent, it takes over whatever its age.
    """
    current = next((key for key in keys if key.state == "current"), None)
    following = next((key for key in keys if key.state == "next"), None)
    gone = tuple(
        key.kid
        for key in keys
        if key.retired_at is not None and key.retired_at + KEPT_AFTER <= now
    )
    if following is None:
        return Rotation((), gone, makes_next=True)
    ready_at = following.created_at + ahead
    if is_asked and not is_urgent and now < ready_at:
        raise NotPublishedLongEnough(ready_at)
    is_due = current is None or (current.activated_at or now) + ROTATED_AFTER <= now
    if not (is_urgent or is_asked or (is_due and now >= ready_at) or current is None):
        return Rotation((), gone, makes_next=False)
    changed = [replace(following, state="current", activated_at=now)]
    if current is not None:
        changed.append(replace(current, state="previous", retired_at=now))
    return Rotation(tuple(changed), gone, makes_next=True)


def plan_revocation(keys: Sequence[KeyRecord], kid: str, now: datetime) -> Rotation:
    """Decide what becomes of the keys of one algorithm when one of them leaked. OIDCC-10.1.1.

    The next key takes the place of one that signs, however young it is: what is known to a thief
    must not sign for another day.
    """
    leaked = next(key for key in keys if key.kid == kid)
    changed = [replace(leaked, state="revoked", retired_at=now)]
    following = next((key for key in keys if key.state == "next"), None)
    if leaked.state == "current" and following is not None:
        changed.append(replace(following, state="current", activated_at=now))
    return Rotation(tuple(changed), (), makes_next=leaked.state in ("next", "current"))
