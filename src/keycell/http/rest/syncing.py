"""What a sync client does to single nodes, each change bound to what it has seen of them.

Nodes and folders are named by identifiers: paths may lead elsewhere by the time. decisions/0040.
"""

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.errors import BadRequest
from keycell.files.finding import by_id
from keycell.files.moving import Seen, move, trash_seen
from keycell.files.names import LONGEST_NAME, check_name
from keycell.files.nodes import Node
from keycell.files.writing import make_folder_in
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.wire import json_answer


async def make_in(edge: Edge, request: Request) -> Response:
    """Make a folder in another; it must not be there."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    parent = await by_id(edge.files, actor, request.path_params["node_id"])
    return json_answer(_view(await make_folder_in(edge.files, actor, parent, _name(body))))


async def move_seen(edge: Edge, request: Request) -> Response:
    """Give a node another place, if nothing changed it after ``revision``; nothing is replaced."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    source = await by_id(edge.files, actor, request.path_params["node_id"])
    parent = await by_id(edge.files, actor, body.text("parent", 64))
    seen = Seen(_revision(body), parent.node.node_id)
    place = parent.path.child(_name(body))
    moved = await move(edge.files, actor, source, place, seen=seen)
    return json_answer(_view(moved.node))


async def trash_if_seen(edge: Edge, request: Request) -> Response:
    """Move a node to the recycle bin, if nothing changed it after ``revision``.

    A folder must be empty; what is gone already is no error.
    """
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    trashed = await trash_seen(edge.files, actor, located, _revision(body))
    return json_answer({"deleted": trashed is not None})


def _name(body: Body) -> str:
    return check_name(body.text("name", LONGEST_NAME))


def _revision(body: Body) -> int:
    revision = body.number("revision")
    if revision is None:
        raise BadRequest("revision is missing: the feed tells it as seq")
    return revision


def _view(node: Node) -> dict[str, object]:
    return {
        "id": node.node_id,
        "parent": node.parent_id,
        "name": node.name,
        "type": "folder" if node.is_folder else "file",
        "version": node.version_id,
        "seq": node.revision,
    }
