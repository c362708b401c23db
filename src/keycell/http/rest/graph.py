"""What somebody sees at the top, and what they share with another."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import merge, roles_of
from keycell.files.errors import NotFound
from keycell.files.finding import spaces
from keycell.files.spaces import SpaceKind
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.nodes import letters
from keycell.http.rest.workspaces import workspace_view
from keycell.http.wire import json_answer


async def state(edge: Edge, request: Request) -> Response:
    """List the person's spaces, or one of them, and what they may do there."""
    actor = await actor_of(edge, request)
    wanted = request.path_params.get("segment")
    found = [
        (space, allowed)
        for space, allowed in await spaces(edge.files, actor)
        if wanted in (None, space.slug, space.space_id)
    ]
    if wanted is not None and not found:
        raise NotFound(f"there is no space {wanted[:80]!r}")
    return json_answer({
        "Workspaces": [workspace_view(space) for space, _ in found],
        "WorkspacesAccesses": {
            space.space_id: ",".join(letters(allowed)) for space, allowed in found
        },
    })  # fmt: skip


async def relation(edge: Edge, request: Request) -> Response:
    """List the cells that the person and somebody else are both in.

    Whom nobody knows shares nothing, and is told like who shares nothing.
    """
    actor = await actor_of(edge, request)
    other = await edge.people.accounts.find(request.path_params["sub"])
    if other is None:
        return json_answer({"SharedCells": [], "BelongsToTeams": []})
    roles = roles_of(other.sub, other.group_path, other.roles)
    mine = [one for one, _ in await spaces(edge.files, actor) if one.kind is SpaceKind.CELL]
    rights = await edge.files.spaces.rights(node_ids=[one.root_id for one in mine]) if mine else ()
    shared = [
        workspace_view(space)
        for space in mine
        if merge((one for one in rights if one.node_id == space.root_id), roles).read
    ]
    return json_answer({"SharedCells": shared, "BelongsToTeams": []})
