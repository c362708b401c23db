"""Every method of this wire, in one table."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import FilesError
from keycell.http.dav.calls import Call, open_call
from keycell.http.dav.copying import copy, move
from keycell.http.dav.errors import DavError, error_response
from keycell.http.dav.locking import lock, unlock
from keycell.http.dav.propfind import propfind
from keycell.http.dav.proppatch import proppatch
from keycell.http.dav.reading import get
from keycell.http.dav.writing import delete, mkcol, put
from keycell.http.edge import Edge
from keycell.oauth.errors import OAuthError

log = structlog.get_logger(__name__)

_DONE_BY: Mapping[str, Callable[[Call], Awaitable[Response]]] = {
    "GET": get,
    "HEAD": get,
    "PUT": put,
    "DELETE": delete,
    "MKCOL": mkcol,
    "COPY": copy,
    "MOVE": move,
    "PROPFIND": propfind,
    "PROPPATCH": proppatch,
    "LOCK": lock,
    "UNLOCK": unlock,
}
ALLOW = ", ".join(("OPTIONS", *_DONE_BY))


async def serve(edge: Edge, request: Request) -> Response:
    """Answer a request of this wire."""
    try:
        return await _DONE_BY[request.method](await open_call(edge, request))
    except (DavError, FilesError, OAuthError) as error:
        log.info("refused", path="/dav", error=type(error).__name__, detail=str(error))
        response = error_response(error, quote(request.scope["path"]), edge.settings.base_url)
        if response.status_code == 405:  # noqa: PLR2004  (as RFC9110-15.5.6 names it)
            response.headers["Allow"] = ALLOW
        return response


async def options(edge: Edge, request: Request) -> Response:
    """Say what can be done here; anybody may know. RFC4918-10.1."""
    del edge, request
    return Response(b"", 200, {"DAV": "1, 2", "Allow": ALLOW, "MS-Author-Via": "DAV"})


METHODS = {name: serve for name in _DONE_BY if name != "HEAD"} | {"OPTIONS": options}
