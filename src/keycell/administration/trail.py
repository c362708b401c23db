"""The trail of what was done: searched, page by page, in sentences with people's names."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace

from keycell.accounts.audit import KEPT, AuditEvent, Search
from keycell.accounts.audit_sentences import called, sentence
from keycell.accounts.errors import Invalid
from keycell.administration.call import Document
from keycell.administration.office import Office

MOST_EVENTS = 1_000
LOOKED_AT = 50_000
"""So many events are looked at for one answer; its cursor tells where to go on."""
_PAGE = 1000
_PARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Which events: so many, of an action or its kind, of an actor, target or client.

    ``who`` is an identifier or a login; ``before`` is where the last answer said to go on, and
    ``since`` the identifier of an event to stop at.
    """

    most: int = 50
    action: str | None = None
    who: str | None = None
    client_id: str | None = None
    result: str | None = None
    before: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfClient:
    """The latest events of a client, beyond one that was seen."""

    client_id: str
    since: str | None = None
    most: int = 50


async def audit(office: Office, asked: Asking) -> Document:
    """List what happened, the latest first."""
    if not 1 <= asked.most <= MOST_EVENTS:
        raise Invalid("most", "most", f"expected 1 to {MOST_EVENTS} events")
    found, onward = await office.people.audit.search(await _search(office, asked, asked.most))
    names: dict[str, str] = {}
    return {
        "items": [await event_view(office, names, *one) for one in found],
        "next": onward,
        "kept_days": KEPT.days,
    }


async def events(office: Office, asked: Asking) -> AsyncIterator[dict[str, object]]:
    """Give every event that is wanted, however many, the latest first."""
    names: dict[str, str] = {}
    wanted = await _search(office, asked, _PAGE)
    while True:
        found, onward = await office.people.audit.search(wanted)
        for one in found:
            yield await event_view(office, names, *one)
        if onward is None:
            return
        wanted = replace(wanted, before=onward)


async def latest(office: Office, action: str) -> AuditEvent | None:
    """Give the latest event of an action, if it is not too long ago to be looked for."""
    wanted = await _search(office, Asking(action=action), 1)
    for _ in range(_PARTS):
        found, onward = await office.people.audit.search(wanted)
        if found:
            return found[0][1]
        if onward is None:
            return None
        wanted = replace(wanted, before=onward)
    return None


async def _search(office: Office, asked: Asking, most: int) -> Search:
    return Search(
        before=asked.before, beyond=asked.since or "", most=most, among=LOOKED_AT,
        action=asked.action or "", client_id=asked.client_id or "", result=asked.result or "",
        who=await _identifiers(office, asked.who) if asked.who else frozenset(),
    )  # fmt: skip


async def _identifiers(office: Office, who: str) -> frozenset[str]:
    """Give all that somebody or something is called by in the trail."""
    account = await office.people.accounts.find_by_login(who)
    if account is None:
        account = await office.people.accounts.find(who)
    return frozenset({who} if account is None else {who, account.sub, account.login})


async def event_view(
    office: Office, names: dict[str, str], key: str, event: AuditEvent
) -> dict[str, object]:
    """Give what is shown of an event: names beside the identifiers. ``names`` is a memory."""
    client_id = event.client_id
    if client_id and client_id not in names:
        client = await office.provider.clients.find(client_id)
        names[client_id] = client.name if client is not None else client_id
    for one in (event.actor, event.target):
        if one and one not in names:
            account = await office.people.accounts.find(one)
            names[one] = account.login if account is not None else one
    told = replace(
        event, actor=names.get(event.actor, ""),
        target=called(event) or names.get(event.target, ""), client_id=names.get(client_id, ""),
    )  # fmt: skip
    return asdict(event) | {
        "event_id": key,
        "at": event.at.isoformat(),
        "actor_name": told.actor,
        "target_name": told.target,
        "client_name": told.client_id,
        "sentence": sentence(told, office.words),
    }


async def log_of_client(office: Office, asked: OfClient) -> Document:
    """List what a client did since an event, the latest first; ask again for what follows."""
    await office.client(asked.client_id)
    wanted = Asking(client_id=asked.client_id, since=asked.since, most=asked.most)
    # Asked first: what happens meanwhile is told the next time.
    newest = await office.people.audit.page(None, 1)
    found = await audit(office, wanted)
    return {**found, "since": newest[0][0] if newest else asked.since}
