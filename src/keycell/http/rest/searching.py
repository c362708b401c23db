"""Finding nodes by their names, over REST."""

import contextlib

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import BadRequest
from keycell.files.finding import each_by_id
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import read_json
from keycell.http.rest.nodes import located_view
from keycell.http.wire import json_answer

MOST_FOUND = 200
_LOOKED_AT = 2000


async def search(edge: Edge, request: Request) -> Response:
    """Find what the person may read whose name holds a text."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    query = body.object("Query")
    text = "" if query is None else query.text("FileName", 255) or query.text("FreeString", 255)
    text = text.strip("*")
    if not text:
        raise BadRequest("Query must have a FileName or FreeString")
    most = min(body.number("Size") or 50, MOST_FOUND)
    # A token for some folder opens no space, so it is the person's that are looked through.
    seen = await edge.files.spaces.seen_by(actor.sub, actor.roles)
    roots = sorted({space.root_id for space in seen})
    # What is not readable is left out, so more are looked at than are told.
    nodes = await edge.files.nodes.named(roots, text, _LOOKED_AT)
    found: list[dict[str, object]] = []
    readable = each_by_id(edge.files, actor, (node.node_id for node in nodes))
    async with contextlib.aclosing(readable):
        async for located in readable:
            if len(found) == most:
                break
            found.append(located_view(located))
    return json_answer({"Results": found, "Total": len(found)})
