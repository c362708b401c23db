"""The audit trail: who did what to whom, when, from where, and with what result."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from keycell.values import dataclass

MOST_NAMES = 64
"""So many names at most are looked for at once: several people may be called the same."""
KEPT = timedelta(days=400)
"""A year and the time to look back on it."""

SYSTEM = "system"
MACHINE = "administrator on the machine"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Reasoned(Origin):
    """Where a request came from, and what whoever sent it gave as the reason for it."""

    reason: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the trail. Nothing secret is ever in it."""

    at: datetime
    actor: str
    action: str
    target: str = ""
    client_id: str = ""
    origin: Origin = NOWHERE
    result: str = "done"
    detail: Mapping[str, object] = field(default_factory=dict)


def about(sub: str) -> dict[str, object]:
    """Say whose login is the target: it may be somebody else's later, or have been before."""
    return {"sub": sub}


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened on a day."""

    day: datetime
    action: str
    client_id: str
    result: str
    count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of everything."""

    accounts: int
    sessions: int
    clients: int
    files: int
    bytes: int
    letters: int
    """Those that wait to be sent."""
    jobs: int
    """Those that wait or run."""
    logouts: int
    """Those that applications are still to be told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked for of one person: how many, before which event, among how many."""

    sub: str
    login: str
    before: str | None
    most: int
    among: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for in the trail: so many, between two events, among so many of them.

    An empty word leaves open what it is about. ``who`` are the names of an actor, target or
    client, or the address or identifier of a request; an ``action`` stands for its kind too.
    """

    before: str | None
    """What is later than this event, and it itself, is not looked at."""
    beyond: str
    """Nor is what is earlier than this one, nor it itself."""
    most: int
    among: int
    action: str = ""
    client_id: str = ""
    result: str = ""
    ip: str = ""
    who: frozenset[str] = frozenset()
    from_at: datetime | None = None
    until_at: datetime | None = None
    """Up to this moment, and not at it."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How often something stands in the events that are looked for."""

    value: str
    count: int


COUNTED = ("session.started", "session.refused", "grant.started", "client.refused")
"""What is counted by day, beside all that was refused."""
