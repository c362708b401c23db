"""Letters: what is mailed to people, and when one that did not go is tried again.

A letter says which one it is and what it tells; its words are found when it goes. What it holds
may be a secret, so it waits sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

KEPT = timedelta(days=3)
"""A letter that could not go by then would only surprise."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(minutes=5)
"""Longer than any attempt takes, so that no other process begins a second one meanwhile."""
MOST_WAITING = 10_000
"""Beyond so many letters that wait, nobody's wish for another is taken."""


class LetterKind(StrEnum):
    """Every letter there is."""

    WISH = "wish"
    """Not a letter yet: somebody typed a login or address, to set a new password or to sign in.

    Whether there is such an account is looked up when its turn comes, so that whoever asks
    cannot tell by the time it takes.
    """
    RESET = "reset"
    SIGN_IN_CODE = "sign-in-code"
    CONFIRM_ADDRESS = "confirm-address"
    ADDRESS_CHANGED = "address-changed"
    PASSWORD_CHANGED = "password-changed"
    FACTORS_CHANGED = "factors-changed"
    ANOTHER_BROWSER = "another-browser"
    """A browser was signed in from another device."""
    NEW_BROWSER = "new-browser"
    """Somebody signed in with a browser that was never here before."""
    CONNECTED = "connected"
    """An application was let in for the first time."""
    SHARED = "shared"
    """Somebody shared a folder with them."""
    ACCESS_LINK = "access-link"
    BACKCHANNEL = "backchannel"
    """An application asks somebody to say who they are."""
    INVITATION = "invitation"
    INVITATION_WANTED = "invitation-wanted"
    FROZEN = "frozen"
    LEAVING = "leaving"
    STAYS = "stays"
    REMOVED = "removed"
    LINK_DOWNLOADED = "link-downloaded"
    LINK_FILLED = "link-filled"
    """Somebody put files in by a public link."""
    LINK_EDITED = "link-edited"
    """Somebody changed files by a public link."""
    NAMED = "named"
    """Somebody named them in a comment."""
    TOKEN_ENDS = "token-ends"
    """What somebody made for a program ends soon."""
    TOKEN_ENDED = "token-ended"
    ALERT = "alert"
    """Something happened that an administrator should look at."""
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something to tell somebody."""

    kind: LetterKind
    to: str
    language: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A letter, sealed, that waits for its turn."""

    mail_id: str
    sealed: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A letter that one process has in hand."""

    mail_id: str
    sealed: str
    tries: int
    posted_at: datetime


def next_try(taken: Taken, now: datetime) -> datetime | None:
    """Say when a letter that did not go is tried again; None if it is given up."""
    at = now + min(FIRST_WAIT * 2 ** min(taken.tries, 16), LONGEST_WAIT)
    return at if at < taken.posted_at + KEPT else None
