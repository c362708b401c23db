"""What administrators of the old system look up in its configuration: told as it is.

Settings are changed where the server is started, so nothing of this is written by REST.
"""

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import NotFound
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.rest.interface import CONNECTOR
from keycell.http.wire import json_answer


async def connectors(edge: Edge, request: Request) -> Response:
    """List by what people sign in; no other provider is asked."""
    return await _told(edge, request, {"connectors": [CONNECTOR]})


async def directories(edge: Edge, request: Request) -> Response:
    """List outside directories of people: there are none."""
    return await _told(edge, request, {"Directories": []})


async def virtual_nodes(edge: Edge, request: Request) -> Response:
    """List templates of paths: there are none, personal spaces need no such thing."""
    return await _told(edge, request, {"Children": []})


async def versioning(edge: Edge, request: Request) -> Response:
    """Tell for how long earlier versions are kept, and how many."""
    days, most = edge.files.limits.versions_kept.days, edge.files.limits.most_versions
    policy = {
        "Uuid": "keycell",
        "Name": "Keycell",
        "Description": f"At most {most} versions of a file, for {days} days",
        "KeepPeriods": [
            {"IntervalStart": "0", "MaxNumber": most},
            {"IntervalStart": f"{days}d", "MaxNumber": 0},
        ],
    }
    return await _told(edge, request, {"Policies": [policy]})


async def sites(edge: Edge, request: Request) -> Response:
    """List the addresses that the server is reached at."""
    if request.path_params["filter"] not in ("*", "list", "all"):
        await administrator(edge, request)
        raise NotFound("sites are listed all: /a/config/sites/*")
    origins = [{"ReverseProxyURL": one} for one in edge.settings.origins]
    return await _told(edge, request, {"Sites": origins})


async def _told(edge: Edge, request: Request, what: object) -> Response:
    await administrator(edge, request)
    return json_answer(what)
