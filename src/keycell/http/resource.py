"""What is told of our own resource server to clients that know its address alone."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.http.edge import Edge
from keycell.http.wire import DISCOVERED, json_answer
from keycell.oauth.metadata import resource_metadata


async def metadata(edge: Edge, request: Request) -> Response:
    """Serve RFC9728-3: of the whole, and of each wire under its own name."""
    wire = request.url.path.removeprefix(PATH).strip("/")
    return json_answer(
        resource_metadata(edge.provider.endpoints, wire, edge.provider.mutual_tls),
        headers=DISCOVERED,
    )


PATH = "/.well-known/oauth-protected-resource"
