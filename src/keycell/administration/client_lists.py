"""Lists of applications: which of them, in which order, a part at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypedDict, cast

from keycell.accounts.errors import Invalid
from keycell.administration.call import Moment, Page
from keycell.administration.clients import KINDS, ClientView, Named, kind_of, view
from keycell.administration.office import PAGE, Listing, Office
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase
from keycell.provider.client_uses import NO_USE, Use

Order = Literal["client_id", "name", "kind", "created", "used", "people", "misdirected"]
_BY_USE = frozenset({"used", "people", "misdirected"})
_LAST = "\U0010ffff"
"""Beyond every identifier."""
Uses = Mapping[str, Use]
Place = tuple[str | int, ...]
"""What is ordered by; the identifier, of which each is the only one, last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking(Listing):
    """A part of the applications, by state, in the order of something."""

    state: Literal["", "active", "disabled", "own"] = ""
    sort: Order = "client_id"
    is_backwards: bool = False
    with_use: bool = False
    """Tell of each how much it is used, too."""

    def finds(self, client: Client) -> bool:
        """Tell whether it is one of those."""
        states = {
            "active": not client.disabled and not client.is_first_party,
            "disabled": client.disabled,
            "own": client.is_first_party,
        }
        wanted = self.search.strip().casefold()
        return states.get(self.state, True) and wanted in _searched(client)


class UseView(TypedDict):
    """How much an application is used; ``misdirected`` counts redirect URIs that were refused."""

    people: int
    grants: int
    used_at: Moment | None
    misdirected: int


class ListedClient(ClientView):
    """An application, and where it was asked for, how much it is used."""

    people: NotRequired[int]
    grants: NotRequired[int]
    used_at: NotRequired[Moment | None]
    misdirected: NotRequired[int]


async def listed(office: Office, asked: Seeking) -> Page[ListedClient]:
    """List applications; ``next`` is the cursor to go on by, null at the end."""
    asked.check()
    is_as_kept = asked.sort == "client_id" and not asked.is_backwards
    uses = await _uses(office, "", _LAST) if asked.sort in _BY_USE else None
    found = await (_as_kept(office, asked) if is_as_kept else _in_order(office, asked, uses or {}))
    shown = found[: asked.most]
    if asked.with_use and uses is None and shown:
        names = [one.client_id for one in shown]
        uses = await _uses(office, min(names), max(names))
    told = (uses or {}) if asked.with_use else None
    return {
        "items": [_listed(one, told) for one in shown],
        "next": shown[-1].client_id if len(found) > asked.most else None,
    }


def _listed(client: Client, uses: Uses | None) -> ListedClient:
    told = cast("ListedClient", view(client))
    return told if uses is None else {**told, **_view(uses, client)}


async def used(office: Office, asked: Named) -> UseView:
    """Tell how much an application is used: what would end with it."""
    client = await office.client(asked.client_id)
    return _view(await _uses(office, client.client_id, client.client_id), client)


async def _uses(office: Office, first: str, last: str) -> Uses:
    return await office.provider.uses.between(first, last, office.people.clock())


def _view(uses: Uses, client: Client) -> UseView:
    use = uses.get(client.client_id, NO_USE)
    return {
        "people": use.people,
        "grants": use.grants,
        "used_at": use.used_at.isoformat() if use.used_at else None,
        "misdirected": use.misdirected,
    }


async def _as_kept(office: Office, asked: Seeking) -> list[Client]:
    """Give one more than is asked for, reading no further than there."""
    found: list[Client] = []
    after = asked.after
    while len(found) <= asked.most:
        page = await office.provider.clients.page(after, PAGE)
        found += [one for one in page if asked.finds(one)]
        if len(page) < PAGE:
            break
        after = page[-1].client_id
    return found


async def _in_order(office: Office, asked: Seeking, uses: Uses) -> list[Client]:
    """Give all that are left, in an order that the store does not keep them in.

    A client is one document, of which the store knows no name: they are all read, as for a search.
    """

    def place(one: Client) -> Place:
        return _PLACES[asked.sort](one, uses.get(one.client_id, NO_USE))

    found = [one for one in await office.clients() if asked.finds(one)]
    if asked.after:
        last = await office.provider.clients.find(asked.after)
        if last is None:
            raise Invalid("after", "after", phrase("the last one before is gone: begin anew"))
        found = [one for one in found if place(one) != place(last)
                 and (place(one) > place(last)) != asked.is_backwards]  # fmt: skip
    return sorted(found, key=place, reverse=asked.is_backwards)


def _by_name(client: Client) -> Place:
    return (client.name.casefold(), client.client_id)


_PLACES: Mapping[Order, Callable[[Client, Use], Place]] = {
    "client_id": lambda one, _use: (one.client_id,),
    "name": lambda one, _use: _by_name(one),
    "kind": lambda one, _use: (KINDS.index(kind_of(one)), *_by_name(one)),
    "created": lambda one, _use: (_micros(one.created_at), one.client_id),
    "used": lambda one, use: (_micros(use.used_at), one.client_id),
    "people": lambda one, use: (use.people, one.client_id),
    "misdirected": lambda one, use: (use.misdirected, one.client_id),
}


def _micros(at: datetime | None) -> int:
    return 0 if at is None else int(at.timestamp() * 1_000_000)


def _searched(client: Client) -> str:
    return "\n".join((client.client_id, client.name, client.metadata.client_uri or "")).casefold()
