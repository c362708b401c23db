"""The applications that one may use, for who looks for a way to them."""

from typing import TypedDict
from urllib.parse import urlencode, urlsplit, urlunsplit

from keycell.administration.call import Items, Nothing
from keycell.administration.clients import kind_of
from keycell.oauth.clients import Client
from keycell.own.holder import Holder
from keycell.provider.admission import why_not_in

_PAGE = 100
"""Clients read at a time: so many hold the event loop for four milliseconds."""


class Launch(TypedDict):
    """An application that one may use, and where it begins, if that is known."""

    client_id: str
    label: str
    starts_at: str | None
    has_logo: bool


async def listed(holder: Holder, _asked: Nothing) -> Items[Launch]:
    """List the applications that one may use, by name, each with where it begins.

    One that registered itself is shown to whom it has been let in by: its name and address are a
    stranger's word, and not everybody's to be led to.
    """
    allowed = await holder.provider.consents.of_account(holder.account.sub, holder.people.clock())
    known = {client_id for client_id, _, _ in allowed}
    found = [
        one
        for one in await _clients(holder)
        if _is_for_people(one)
        and (not one.is_strangers or one.client_id in known)
        and why_not_in(one, holder.account, None, holder.origin.ip) is None
    ]
    found.sort(key=lambda one: (one.name.casefold(), one.client_id))
    return {"items": [_view(holder, one) for one in found]}


async def _clients(holder: Holder) -> list[Client]:
    found: list[Client] = []
    after = ""
    while page := await holder.provider.clients.page(after, _PAGE):
        found += page
        after = page[-1].client_id
    return found


def _is_for_people(client: Client) -> bool:
    return not client.disabled and kind_of(client) in ("server", "device")


def _view(holder: Holder, client: Client) -> Launch:
    metadata = client.metadata
    starts_at = _started(metadata.initiate_login_uri, holder.provider.issuer)
    return {
        "client_id": client.client_id,
        "label": client.name,
        "starts_at": starts_at or metadata.client_uri,
        "has_logo": metadata.logo_uri is not None,
    }


def _started(initiate_login_uri: str | None, issuer: str) -> str | None:
    """Give where a sign-in begins that nobody asked for at the application. OIDCC-4."""
    if initiate_login_uri is None:
        return None
    parts = urlsplit(initiate_login_uri)
    query = "&".join(filter(None, (parts.query, urlencode({"iss": issuer}))))
    return urlunsplit(parts._replace(query=query))
