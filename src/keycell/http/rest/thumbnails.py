"""Small pictures of files, for whoever looks at a folder of them."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.finding import by_id
from keycell.files.thumbnails import name_of, thumbnail
from keycell.http.conditions import read_tags
from keycell.http.downloads import SHIELD
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.wire import header_of

_WEEK = "private, max-age=604800, immutable"
_ASKED_AGAIN = "private, no-cache"


async def small_picture(edge: Edge, request: Request) -> Response:
    """Give a picture small, upright, and without what was noted in it; as WebP."""
    actor = await actor_of(edge, request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    tag = name_of(located.node)
    # An address that names the content may be kept: what is written later has another one.
    is_named = request.query_params.get("etag") == located.node.etag
    headers = {
        **SHIELD,
        "ETag": f'"{tag}"',
        "Cache-Control": _WEEK if is_named else _ASKED_AGAIN,
    }
    if any(one == tag for _, one in read_tags(header_of(request, b"if-none-match"))):
        return Response(b"", 304, headers)
    content = await thumbnail(edge.files, located)
    headers["Content-Disposition"] = "inline"
    return Response(content, 200, headers, "image/webp")
