"""How much there is, what happened day by day, what waits, and what ends soon."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TypedDict, cast

from keycell.accounts.audit import Count
from keycell.accounts.errors import Invalid
from keycell.administration.call import Moment
from keycell.administration.office import Office
from keycell.oauth.keys import ROTATED_AFTER

_A_DAY = timedelta(days=1)
_MOST_CAUSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """So many days, today included."""

    days: int = 30


class Counted(TypedDict):
    """How many sign-ins there were, and how many attempts failed."""

    sign_ins: int
    failures: int


class Day(Counted):
    """A day, and how many there were."""

    day: str


class Cause(TypedDict):
    """What was refused, why, and how often."""

    action: str
    result: str
    count: int


class UsedApplication(TypedDict):
    """An application, and how many sign-ins it had."""

    client_id: str
    label: str
    count: int


class Ends(TypedDict):
    """When our keys change, and our certificate ends, where it is ours."""

    keys_change_at: Moment | None
    certificate_ends_at: Moment | None


class TotalsView(TypedDict):
    """How much there is of everything; letters, jobs and logouts are those that wait."""

    accounts: int
    sessions: int
    clients: int
    files: int
    bytes: int
    letters: int
    jobs: int
    logouts: int


class Overview(Ends, TotalsView):
    """What happened day by day, what is used, and how much there is."""

    days: list[Day]
    last_day: Counted
    active: int
    failures: list[Cause]
    applications: list[UsedApplication]
    version: str


async def overview(office: Office, asked: Span) -> Overview:
    """Count sign-ins by day, failures by cause, people, the applications used most, what waits."""
    most_days = 366
    if not 1 <= asked.days <= most_days:
        raise Invalid("days", "days", f"expected 1 to {most_days} days")
    now = office.people.clock()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=asked.days - 1)
    counts = await office.people.audit.counts(first)
    days = [(first + timedelta(days=one)).date().isoformat() for one in range(asked.days)]
    sign_ins, refused = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    used: Counter[str] = Counter()
    for one in counts:
        day = one.day.date().isoformat()
        if one.action == "grant.started":
            used[one.client_id] += one.count
        if day in sign_ins:
            sign_ins[day] += one.count if one.action == "session.started" else 0
            refused[day] += one.count if one.action == "session.refused" else 0
    return {
        "days": [
            {"day": day, "sign_ins": sign_ins[day], "failures": refused[day]} for day in days
        ],
        "last_day": await _last_day(office, now),
        "active": await office.people.audit.active(first),
        "failures": _failures(counts),
        "applications": await _top(office, used),
        **await _ends(office),
        "version": version("keycell"),
        **cast("TotalsView", asdict(await office.people.audit.totals(now))),
    }


async def _last_day(office: Office, now: datetime) -> Counted:
    """Count what happened in the last 24 hours."""
    counted: Counter[str] = Counter()
    for one in await office.people.audit.counts(now - _A_DAY):
        counted[one.action] += one.count
    return {"sign_ins": counted["session.started"], "failures": counted["session.refused"]}


def _failures(counts: Sequence[Count]) -> list[Cause]:
    """Count what was refused, by what it was, the most frequent first."""
    found: Counter[tuple[str, str]] = Counter()
    for one in counts:
        if one.result != "done":
            found[one.action, one.result] += one.count
    return [
        {"action": action, "result": result, "count": count}
        for (action, result), count in found.most_common(_MOST_CAUSES)
    ]


async def _ends(office: Office) -> Ends:
    """Say when the first of our keys gives its place to the next, and our certificate ends."""
    records = [one.record for one in await office.keys.store.all()]
    used_since = [one.activated_at or one.created_at for one in records if one.state == "current"]
    ends = await office.certificate() if office.certificate is not None else None
    return {
        "keys_change_at": (min(used_since) + ROTATED_AFTER).isoformat() if used_since else None,
        "certificate_ends_at": ends.isoformat() if ends else None,
    }


async def _top(office: Office, used: Counter[str]) -> list[UsedApplication]:
    shown: list[UsedApplication] = []
    for client_id, count in used.most_common(10):
        client = await office.provider.clients.find(client_id)
        label = client.name if client is not None else client_id
        shown.append({"client_id": client_id, "label": label, "count": count})
    return shown
