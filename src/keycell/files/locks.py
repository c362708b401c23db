"""Write locks: who may change what for a while, and nobody else. RFC4918-6, RFC4918-7.

A lock on a folder holds the list of what lies in it too; a deep one, all that lies below. Whoever
shows a lock's token is let through, if the lock is their own: the token alone proves nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from keycell.files.errors import Locked
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

LONGEST = timedelta(hours=1)
"""A lock that is needed longer is refreshed; one that was forgotten stands in nobody's way."""
USUAL = timedelta(minutes=10)
MOST_ON_ONE = 32
"""Shared locks on one file or folder."""
MOST_OF_ONE = 10_000
"""Locks that one person holds in one volume."""
NO_TOKENS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock on a file or folder."""

    token: str
    node_id: str
    volume_id: str
    is_exclusive: bool
    is_deep: bool
    owner: str
    """What the holder says about themselves, as XML: for people to read, and no proof."""
    sub: str
    """Whose it is."""
    timeout: timedelta
    expires_at: datetime


def covering(locks: Iterable[Lock], way: Sequence[str]) -> list[Lock]:
    """Give the locks that cover the last of some nodes, each of which lies in the one before."""
    above = frozenset(way[:-1])
    return [
        lock
        for lock in locks
        if lock.node_id == way[-1] or (lock.is_deep and lock.node_id in above)
    ]


def check_shown(locks: Sequence[Lock], sub: str, tokens: frozenset[str]) -> None:
    """Refuse a change of what is locked to whom shows no lock of their own. RFC4918-6.4.

    Where several share it, one of theirs is enough.
    """
    if locks and not any(lock.sub == sub and lock.token in tokens for lock in locks):
        until = max(lock.expires_at for lock in locks)
        raise Locked(
            phrase(
                "it is locked until %(until)s UTC unless that is prolonged; wait, or show the "
                "token of a lock of your own on it",
                until=f"{until:%F %T}",
            )
        )


def check_compatible(wanted: Lock, standing: Sequence[Lock]) -> None:
    """Refuse a lock beside which another stands that does not suffer it. RFC4918-6.2."""
    if standing and (wanted.is_exclusive or any(lock.is_exclusive for lock in standing)):
        raise Locked(phrase("somebody else's lock stands on it, or on what it lies in or holds"))
    if sum(lock.node_id == wanted.node_id for lock in standing) >= MOST_ON_ONE:
        raise Locked(f"{MOST_ON_ONE} locks share it already; no more are given")
