"""What happens, or what one application does, told as it happens: ``text/event-stream``.

A stream lasts a minute. Who listens asks again by itself, from the last event it had, and is
looked at anew: a right that was taken away ends the next one. Of more than a thousand events since
the last look, the latest thousand are told.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.accounts.audit import Search
from keycell.administration import trail
from keycell.administration.calls import PREFIX
from keycell.administration.office import Office
from keycell.http.administering import office_of
from keycell.http.calling import Endpoint, asked_of
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge
from keycell.http.listening import STOPS
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import NO_STORE
from keycell.oauth.clients import is_client_id

LASTS = 60.0
_LOOKED_EVERY = 0.5
_STREAM = "text/event-stream"
# The first word opens the stream at once, through whatever stands between and waits for some.
_BEGIN = b"retry: 1000\n: begins\n\n"


async def audit_events(edge: Edge, request: Request) -> Response:
    """Tell what happens, from now on or from the event that ``Last-Event-ID`` names.

    By the same filters as the list, each event as the list has it, with its identifier.
    """
    office = await office_of(edge, request)
    return await _told(office, request, asked_of(request, trail.Asking))


async def client_events(edge: Edge, request: Request) -> Response:
    """Tell what an application does, from now on or from the event that ``Last-Event-ID`` names.

    Each event is one of the client's log, with its identifier.
    """
    office = await office_of(edge, request)
    client_id = request.path_params["client_id"]
    if not is_client_id(client_id) or await office.provider.clients.find(client_id) is None:
        return rest_error(404, "NotFound", "there is no such client")
    since = request.query_params.get("since")
    return await _told(office, request, trail.Asking(client_id=client_id, since=since))


async def _told(office: Office, request: Request, asked: trail.Asking) -> Response:
    since = request.headers.get("last-event-id") or asked.since or await _newest(office)
    wanted = await trail.search_for(office, replace(asked, before=None), trail.MOST_EVENTS)
    headers = {**NO_STORE, "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(office, request, wanted, since), 200, headers, _STREAM)


async def _events(
    office: Office, request: Request, wanted: Search, since: str
) -> AsyncIterator[bytes]:
    yield _BEGIN
    ends_at = asyncio.get_running_loop().time() + LASTS
    while asyncio.get_running_loop().time() < ends_at:
        if request.scope.get("state", {}).get(STOPS):
            return
        newest = await _newest(office)
        if newest > since:
            found, _ = await office.people.audit.search(replace(wanted, beyond=since))
            names: dict[str, str] = {}
            for key, event in reversed(found):
                newest = max(newest, key)
                told = msgspec.json.encode(await trail.event_view(office, names, key, event))
                yield b"id: %b\ndata: %b\n\n" % (key.encode(), told)
            since = newest
        await asyncio.sleep(_LOOKED_EVERY)


async def _newest(office: Office) -> str:
    found = await office.people.audit.page(None, 1)
    return found[0][0] if found else ""


TRAIL_EVENTS: Mapping[str, Mapping[str, Endpoint]] = {
    f"{PREFIX}audit/events": {"GET": tells_account_errors(audit_events)},
    f"{PREFIX}clients/{{client_id}}/events": {"GET": client_events},
}
