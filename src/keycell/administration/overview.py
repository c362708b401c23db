"""How much there is, and what happened day by day."""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta

from keycell.accounts.errors import Invalid
from keycell.administration.call import Document
from keycell.administration.office import Office

FAILURES = ("session.refused", "client.refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """So many days, today included."""

    days: int = 30


async def overview(office: Office, asked: Span) -> Document:
    """Count sign-ins by day, failures by cause and the applications used most."""
    most_days = 366
    if not 1 <= asked.days <= most_days:
        raise Invalid("days", "days", f"expected 1 to {most_days} days")
    now = office.people.clock()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=asked.days - 1)
    counts = await office.people.audit.counts(first)
    days = [(first + timedelta(days=one)).date().isoformat() for one in range(asked.days)]
    sign_ins, refused = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    failures: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for one in counts:
        day = one.day.date().isoformat()
        if one.action in FAILURES:
            failures[one.action] += one.count
        if one.action == "grant.started":
            used[one.client_id] += one.count
        if day in sign_ins:
            sign_ins[day] += one.count if one.action == "session.started" else 0
            refused[day] += one.count if one.action == "session.refused" else 0
    return {
        "days": [
            {"day": day, "sign_ins": sign_ins[day], "failures": refused[day]} for day in days
        ],
        "failures": [{"action": name, "count": count} for name, count in failures.items()],
        "applications": await _top(office, used),
        **asdict(await office.people.audit.totals(now)),
    }


async def _top(office: Office, used: Counter[str]) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    for client_id, count in used.most_common(10):
        client = await office.provider.clients.find(client_id)
        label = client.name if client is not None else client_id
        shown.append({"client_id": client_id, "label": label, "count": count})
    return shown
