"""What an application does, told as it happens: ``text/event-stream``, for its page.

A stream lasts a minute. Who listens asks again by itself, from the last event it had, and is
looked at anew: a right that was taken away ends the next one. Of more than a thousand events since
the last look, the latest thousand are told.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.administration import trail
from keycell.administration.calls import PREFIX
from keycell.administration.office import Office
from keycell.http.administering import office_of
from keycell.http.calling import Endpoint
from keycell.http.config_rest import rest_error
from keycell.http.edge import Edge
from keycell.http.listening import STOPS
from keycell.http.wire import NO_STORE
from keycell.oauth.clients import is_client_id

LASTS = 60.0
_LOOKED_EVERY = 0.5
_STREAM = "text/event-stream"
# The first word opens the stream at once, through whatever stands between and waits for some.
_BEGIN = b"retry: 1000\n: begins\n\n"


async def client_events(edge: Edge, request: Request) -> Response:
    """Tell what an application does, from now on or from the event that ``Last-Event-ID`` names.

    Each event is one of the client's log, with its identifier.
    """
    office = await office_of(edge, request)
    client_id = request.path_params["client_id"]
    if not is_client_id(client_id) or await office.provider.clients.find(client_id) is None:
        return rest_error(404, "NotFound", "there is no such client")
    since = request.headers.get("last-event-id") or request.query_params.get("since")
    headers = {**NO_STORE, "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(office, request, client_id, since), 200, headers, _STREAM)


async def _events(
    office: Office, request: Request, client_id: str, since: str | None
) -> AsyncIterator[bytes]:
    yield _BEGIN
    if since is None:
        since = await _newest(office)
    ends_at = asyncio.get_running_loop().time() + LASTS
    while asyncio.get_running_loop().time() < ends_at:
        if request.scope.get("state", {}).get(STOPS):
            return
        newest = await _newest(office)
        if newest > since:
            asked = trail.Asking(client_id=client_id, since=since, most=trail.MOST_EVENTS)
            for one in reversed((await trail.audit(office, asked))["items"]):
                newest = max(newest, one["event_id"])
                told = msgspec.json.encode(one)
                yield b"id: %b\ndata: %b\n\n" % (one["event_id"].encode(), told)
            since = newest
        await asyncio.sleep(_LOOKED_EVERY)


async def _newest(office: Office) -> str:
    found = await office.people.audit.page(None, 1)
    return found[0][0] if found else ""


CLIENT_EVENTS: Mapping[str, Mapping[str, Endpoint]] = {
    f"{PREFIX}clients/{{client_id}}/events": {"GET": client_events},
}
