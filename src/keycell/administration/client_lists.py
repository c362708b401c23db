"""Lists of applications: which of them, in which order, a part at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from keycell.accounts.errors import Invalid
from keycell.administration.call import Document
from keycell.administration.clients import KINDS, kind_of, view
from keycell.administration.office import PAGE, Listing, Office
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase

Order = Literal["client_id", "name", "kind", "created"]
Place = tuple[str | int, ...]
"""What is ordered by; the identifier, of which each is the only one, last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeking(Listing):
    """A part of the applications, by state, in the order of something."""

    state: Literal["", "active", "disabled", "own"] = ""
    sort: Order = "client_id"
    is_backwards: bool = False

    def finds(self, client: Client) -> bool:
        """Tell whether it is one of those."""
        states = {
            "active": not client.disabled and not client.is_first_party,
            "disabled": client.disabled,
            "own": client.is_first_party,
        }
        wanted = self.search.strip().casefold()
        return states.get(self.state, True) and wanted in _searched(client)


async def listed(office: Office, asked: Seeking) -> Document:
    """List applications; ``next`` is the cursor to go on by, null at the end."""
    asked.check()
    is_as_kept = asked.sort == "client_id" and not asked.is_backwards
    found = await (_as_kept(office, asked) if is_as_kept else _in_order(office, asked))
    shown = found[: asked.most]
    return {
        "items": [view(one) for one in shown],
        "next": shown[-1].client_id if len(found) > asked.most else None,
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


async def _in_order(office: Office, asked: Seeking) -> list[Client]:
    """Give all that are left, in an order that the store does not keep them in.

    A client is one document, of which the store knows no name: they are all read, as for a search.
    """
    place = _PLACES[asked.sort]
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


_PLACES: Mapping[Order, Callable[[Client], Place]] = {
    "client_id": lambda one: (one.client_id,),
    "name": _by_name,
    "kind": lambda one: (KINDS.index(kind_of(one)), *_by_name(one)),
    "created": lambda one: (int(one.created_at.timestamp() * 1_000_000), one.client_id),
}


def _searched(client: Client) -> str:
    return "\n".join((client.client_id, client.name, client.metadata.client_uri or "")).casefold()
