"""What people say to each other of a file or folder."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.commenting import may_remove, may_say, say, take_back
from keycell.files.comments import MOST
from keycell.files.finding import Located, by_id, names_of
from keycell.files.telling import tell_named
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import read_json
from keycell.http.wire import json_answer


async def comments(edge: Edge, request: Request) -> Response:
    """List the comments on a file or folder, the oldest first."""
    actor, located = await _meant(edge, request)
    found = await edge.files.comments.of_node(located.node.node_id, MOST)
    names = await names_of(edge.files, {one.said_by for one in found})
    return json_answer({
        "items": [
            {
                "id": one.comment_id,
                "said": one.said,
                "by": names.get(one.said_by, ""),
                "at": one.said_at.isoformat(),
                "is_own": one.said_by == actor.sub,
                "may_remove": may_remove(actor, located, one),
            }
            for one in found
        ],
        "may_say": may_say(actor, located),
    })  # fmt: skip


async def add_comment(edge: Edge, request: Request) -> Response:
    """Say something of a file or folder; whom it names by ``@login`` is written to."""
    actor, located = await _meant(edge, request)
    said = (await read_json(request)).text("said")
    comment = await say(edge.files, actor, located, said)
    told = await tell_named(edge.files, edge.people, comment)
    return json_answer({"id": comment.comment_id, "told": told})


async def remove_comment(edge: Edge, request: Request) -> Response:
    """Take a comment back: one's own, or any on what one may change."""
    actor, located = await _meant(edge, request)
    comment_id = request.path_params["comment_id"]
    await take_back(edge.files, actor, located, comment_id)
    return json_answer({"id": comment_id})


async def _meant(edge: Edge, request: Request) -> tuple[Actor, Located]:
    actor = await actor_of(edge, request)
    return actor, await by_id(edge.files, actor, request.path_params["node_id"])
