"""The trail of what was done: searched, page by page, in sentences with people's names."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace

from keycell.accounts.audit import KEPT, AuditEvent
from keycell.accounts.audit_sentences import sentence
from keycell.accounts.errors import Invalid
from keycell.administration.call import Document
from keycell.administration.office import Office

MOST_EVENTS = 100_000
LOOKED_AT = 200_000
"""So many events are looked at for one answer; its cursor tells where to go on."""
_PAGE = 1000


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
    found: list[tuple[str, AuditEvent]] = []
    cursor: str | None = None
    async for key, event, is_wanted in _looked_at(office, asked):
        cursor = key
        if is_wanted:
            found.append((key, event))
        if len(found) == asked.most:
            break
    else:
        cursor = None if asked.since or cursor is None else await _beyond(office, cursor)
    names: dict[str, str] = {}
    return {
        "items": [await event_view(office, names, *one) for one in found],
        "next": cursor,
        "kept_days": KEPT.days,
    }


async def events(office: Office, asked: Asking) -> AsyncIterator[dict[str, object]]:
    """Give every event that is wanted, however many, the latest first."""
    names: dict[str, str] = {}
    before: str | None = asked.before
    while True:
        cursor = before
        async for key, event, is_wanted in _looked_at(office, replace(asked, before=before)):
            cursor = key
            if is_wanted:
                yield await event_view(office, names, key, event)
        if cursor == before:
            return
        before = cursor


async def _beyond(office: Office, cursor: str) -> str | None:
    """Give the cursor, if there is anything beyond it."""
    return cursor if await office.people.audit.page(cursor, 1) else None


async def _looked_at(office: Office, asked: Asking) -> AsyncIterator[tuple[str, AuditEvent, bool]]:
    who = await _identifiers(office, asked.who) if asked.who else frozenset[str]()
    before, looked = asked.before, 0
    while looked < LOOKED_AT and (page := await office.people.audit.page(before, _PAGE)):
        for key, event in page:
            if asked.since is not None and key <= asked.since:
                return
            yield key, event, _is_wanted(event, asked, who)
        before, looked = page[-1][0], looked + len(page)


async def _identifiers(office: Office, who: str) -> frozenset[str]:
    """Give all that somebody or something is called by in the trail."""
    account = await office.people.accounts.find_by_login(who)
    if account is None:
        account = await office.people.accounts.find(who)
    return frozenset({who} if account is None else {who, account.sub, account.login})


def _is_wanted(event: AuditEvent, asked: Asking, who: frozenset[str]) -> bool:
    if asked.action is not None and not f"{event.action}.".startswith(f"{asked.action}."):
        return False
    if asked.client_id is not None and asked.client_id != event.client_id:
        return False
    if asked.result is not None and asked.result != event.result:
        return False
    return not who or not who.isdisjoint((event.actor, event.target, event.client_id))


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
        event, actor=names.get(event.actor, ""), target=names.get(event.target, ""),
        client_id=names.get(client_id, ""),
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
    found = await audit(office, wanted)
    newest = await office.people.audit.page(None, 1)
    return {**found, "since": newest[0][0] if newest else asked.since}
