"""Dynamic client registration and its management."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.wire import NO_STORE, bearer_token, json_answer, json_body, origin_of
from keycell.oauth.errors import InvalidClientMetadata
from keycell.provider import register as flows

_LONGEST = 64 * 1024
"""Keys, certificates and a hundred addresses have room; what strangers send is kept as it came."""


async def register(edge: Edge, request: Request) -> Response:
    """Serve RFC7591-3."""
    made = await flows.register(
        edge.provider,
        edge.fetcher,
        edge.settings.registration,
        bearer_token(request),
        await _document(request),
        origin_of(request),
    )
    return json_answer(flows.registration_document(edge.provider, made), 201, NO_STORE)


async def read(edge: Edge, request: Request) -> Response:
    """Serve RFC7592-2.1."""
    client = await flows.managed(
        edge.provider, request.path_params["client_id"], bearer_token(request)
    )
    made = flows.Made(client, None)
    return json_answer(flows.registration_document(edge.provider, made), 200, NO_STORE)


async def update(edge: Edge, request: Request) -> Response:
    """Serve RFC7592-2.2."""
    shown = bearer_token(request)
    client = await flows.managed(edge.provider, request.path_params["client_id"], shown)
    document = await _document(request)
    made = await flows.update(edge.provider, edge.fetcher, client, document, origin_of(request))
    return json_answer(flows.registration_document(edge.provider, made), 200, NO_STORE)


async def remove(edge: Edge, request: Request) -> Response:
    """Serve RFC7592-2.3."""
    client = await flows.managed(
        edge.provider, request.path_params["client_id"], bearer_token(request)
    )
    await flows.remove(edge.provider, client, origin_of(request))
    return Response(b"", 204, NO_STORE)


async def _document(request: Request) -> dict[str, object]:
    document = await json_body(request, _LONGEST)
    if not isinstance(document, dict):
        raise InvalidClientMetadata("the body must be a JSON object")
    return document
