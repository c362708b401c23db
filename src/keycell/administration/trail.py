"""The trail of what was done: searched, page by page, in sentences with people's names."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, NotRequired, TypedDict, cast

from keycell.accounts.audit import KEPT, MOST_NAMES, AuditEvent, Facet, Origin, Search
from keycell.accounts.audit_sentences import called, named_actor, sentence
from keycell.accounts.errors import Invalid
from keycell.accounts.lists import Sought
from keycell.administration.call import Moment
from keycell.administration.office import Office

MOST_EVENTS = 1_000
LOOKED_AT = 50_000
"""So many events are looked at for one answer; its cursor tells where to go on."""
_PAGE = 1000
_PARTS = 10
_MOST_FACETS = 200
_MOST_SHOWN = 10
_SAME_NAME = 20
_PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Which events: so many, of an action or its kind, of an actor, target or client.

    ``who`` is an identifier or a name: of a person, an application, an address or a request.
    ``before`` is where the last answer said to go on, and ``since`` the identifier of an event
    to stop at.
    """

    most: int = 50
    action: str | None = None
    who: str | None = None
    client_id: str | None = None
    result: str | None = None
    ip: str | None = None
    before: str | None = None
    since: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    """A moment with its zone; what happened at it is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfClient:
    """The latest events of a client, beyond one that was seen."""

    client_id: str
    since: str | None = None
    most: int = 50


class OriginView(TypedDict):
    """Where a request came from, and the reason that was given for it."""

    ip: str
    user_agent: str
    request_id: str
    reason: NotRequired[str]


class EventView(TypedDict):
    """Something that happened, with the names of whom it concerns, and as a sentence."""

    event_id: str
    at: Moment
    actor: str
    actor_name: str
    action: str
    target: str
    target_name: str
    client_id: str
    client_name: str
    origin: OriginView
    result: str
    detail: dict[str, Any]
    sentence: str


class Events(TypedDict):
    """What happened, the latest first; ``next`` is where to go on, null at the end."""

    items: list[EventView]
    next: str | None
    kept_days: int


class EventsSince(Events):
    """What happened since an event; ``since`` is the one to ask again with."""

    since: str | None


class FacetView(TypedDict):
    """How often something stands among the events."""

    value: str
    count: int


class NamedFacet(FacetView):
    """How often somebody or an application does, with their name."""

    name: str


class Facets(TypedDict):
    """What the events are of, the most frequent first, among the latest so many."""

    kinds: list[FacetView]
    results: list[FacetView]
    actors: list[NamedFacet]
    clients: list[NamedFacet]
    among: int


async def audit(office: Office, asked: Asking) -> Events:
    """List what happened, the latest first."""
    if not 1 <= asked.most <= MOST_EVENTS:
        raise Invalid("most", "most", f"expected 1 to {MOST_EVENTS} events")
    found, onward = await office.people.audit.search(await search_for(office, asked, asked.most))
    names: dict[str, str] = {}
    return {
        "items": [await event_view(office, names, *one) for one in found],
        "next": onward,
        "kept_days": KEPT.days,
    }


async def facets(office: Office, asked: Asking) -> Facets:
    """Count what is looked for: by action, by who did it, by application and by result.

    Each is counted as if it were not chosen itself, so that another can be chosen instead.
    """
    wanted = await search_for(office, asked, _MOST_FACETS)
    trail, names = office.people.audit, dict[str, str]()
    actions = await trail.facets(replace(wanted, action=""), "action")
    kinds: Counter[str] = Counter()
    for one in actions:
        kinds[one.value.partition(".")[0]] += one.count
    results = await trail.facets(replace(wanted, result=""), "result")
    actors = await trail.facets(replace(wanted, most=_MOST_SHOWN, who=frozenset()), "actor")
    clients = await trail.facets(replace(wanted, most=_MOST_SHOWN, client_id=""), "client_id")
    for one in actors:
        names[one.value] = named_actor(one.value, office.words)
        if not names[one.value]:
            del names[one.value]
            await _remember(office, names, one.value)
    for one in clients:
        await _remember_client(office, names, one.value)
    return {
        "kinds": [{"value": kind, "count": count} for kind, count in kinds.most_common()],
        "results": [{"value": one.value, "count": one.count} for one in results],
        "actors": [_named(one, names) for one in actors if one.value],
        "clients": [_named(one, names) for one in clients if one.value],
        "among": LOOKED_AT,
    }


def _named(facet: Facet, names: Mapping[str, str]) -> NamedFacet:
    return {"value": facet.value, "count": facet.count, "name": names.get(facet.value, "")}


async def events(office: Office, asked: Asking) -> AsyncIterator[EventView]:
    """Give every event that is wanted, however many, the latest first."""
    names: dict[str, str] = {}
    wanted = await search_for(office, asked, _PAGE)
    while True:
        found, onward = await office.people.audit.search(wanted)
        for one in found:
            yield await event_view(office, names, *one)
        if onward is None:
            return
        wanted = replace(wanted, before=onward)


async def latest(office: Office, action: str) -> AuditEvent | None:
    """Give the latest event of an action, if it is not too long ago to be looked for."""
    wanted = await search_for(office, Asking(action=action), 1)
    for _ in range(_PARTS):
        found, onward = await office.people.audit.search(wanted)
        if found:
            return found[0][1]
        if onward is None:
            return None
        wanted = replace(wanted, before=onward)
    return None


async def search_for(office: Office, asked: Asking, most: int) -> Search:
    """Give what the store is asked for; names become identifiers."""
    for name, moment in (("from_at", asked.from_at), ("until_at", asked.until_at)):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(name, "moment", "expected a moment with its zone, as in RFC 3339")
    return Search(
        before=asked.before, beyond=asked.since or "", most=most, among=LOOKED_AT,
        action=asked.action or "", client_id=asked.client_id or "", result=asked.result or "",
        ip=asked.ip or "", from_at=asked.from_at, until_at=asked.until_at,
        who=await _identifiers(office, asked.who) if asked.who else frozenset(),
    )  # fmt: skip


async def _identifiers(office: Office, who: str) -> frozenset[str]:
    """Give all that somebody or something is called by in the trail."""
    account = await office.people.accounts.find_by_login(who)
    if account is None:
        account = await office.people.accounts.find(who)
    if account is not None:
        return frozenset({who, account.sub, account.login})
    if await office.provider.clients.find(who) is not None:
        return frozenset({who})
    # Neither an identifier nor a login: a name as people write it, which several may have.
    wanted = who.strip().casefold()
    people = await office.people.accounts.seek(Sought(most=_SAME_NAME, search=who.strip()))
    called = {
        name for one in people
        if wanted in (one.name.casefold(), (one.email or "").casefold())
        for name in (one.sub, one.login)
    }  # fmt: skip
    called |= {one.client_id for one in await office.clients() if one.name.casefold() == wanted}
    if len(called) >= MOST_NAMES:
        # Some of them left out would look as if they had done nothing.
        raise Invalid("who", "who", "too many are called so; expected a login or an identifier")
    return frozenset({who, *called})


async def event_view(
    office: Office, names: dict[str, str], key: str, event: AuditEvent
) -> EventView:
    """Give what is shown of an event: names beside the identifiers. ``names`` is a memory."""
    client_id = event.client_id
    await _remember_client(office, names, client_id)
    for one in (event.actor, event.target):
        await _remember(office, names, one)
    told = replace(
        event, actor=names.get(event.actor, ""),
        target=called(event) or names.get(event.target, ""), client_id=names.get(client_id, ""),
    )  # fmt: skip
    return {
        "at": event.at.isoformat(),
        "actor": event.actor,
        "action": event.action,
        "target": event.target,
        "client_id": event.client_id,
        "origin": origin_view(event.origin),
        "result": event.result,
        "detail": dict(await _readable(office, names, event.detail)),
        "event_id": key,
        "actor_name": told.actor,
        "target_name": told.target,
        "client_name": told.client_id,
        "sentence": sentence(told, office.words),
    }


def origin_view(origin: Origin) -> OriginView:
    """Give where a request came from, with the reason where one was given."""
    return cast("OriginView", asdict(origin))


async def _remember_client(office: Office, names: dict[str, str], client_id: str) -> None:
    if client_id and client_id not in names:
        client = await office.provider.clients.find(client_id)
        names[client_id] = client.name if client is not None else client_id


async def _remember(office: Office, names: dict[str, str], one: str) -> None:
    if one and one not in names:
        account = await office.people.accounts.find(one)
        names[one] = account.login if account is not None else one
        if account is None:
            client = await office.provider.clients.find(one)
            names[one] = client.name if client is not None else one


async def _readable(
    office: Office, names: dict[str, str], detail: Mapping[str, object]
) -> Mapping[str, object]:
    """Name the people whom a change tells of: rules keep their identifiers."""
    changes = detail.get("changes")
    if not isinstance(changes, dict):
        return detail
    told = dict(changes)
    for name, sides in changes.items():
        if name.endswith(_PEOPLE):
            subs = [sub for side in sides for sub in side or ()]
            for sub in subs:
                await _remember(office, names, sub)
            told[name] = [side and [names[sub] for sub in side] for side in sides]
    return {**detail, "changes": told}


async def log_of_client(office: Office, asked: OfClient) -> EventsSince:
    """List what a client did since an event, the latest first; ask again for what follows."""
    await office.client(asked.client_id)
    wanted = Asking(client_id=asked.client_id, since=asked.since, most=asked.most)
    # Asked first: what happens meanwhile is told the next time.
    newest = await office.people.audit.page(None, 1)
    found = await audit(office, wanted)
    return {**found, "since": newest[0][0] if newest else asked.since}
