"""Rights over REST, in the form that the old system's clients know; for administrators alone.

A right has no identifier of its own here: one is made of what it says.
"""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Action, Right
from keycell.files.errors import BadRequest, NotFound
from keycell.http.bearer import administrator, check_recent_sign_in
from keycell.http.edge import Edge
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.roles import labels, nobody
from keycell.http.rest.workspaces import all_spaces
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.sentences import phrase

_MOST_QUERIES = 100
_MOST_LISTED = 1000


async def search(edge: Edge, request: Request) -> Response:
    """List the rights that any query means; all of them if there is none."""
    await administrator(edge, request)
    body = await read_json(request)
    spaces = {space.root_id: space.space_id for space in await all_spaces(edge)}
    found: set[Right] = set()
    for query in body.objects("Queries", _MOST_QUERIES) or [Body({})]:
        found.update(await _meant(edge, query, spaces))
    ordered = sorted(found, key=lambda one: (one.node_id, one.role_id, one.action))
    views = [_view(one, spaces) for one in ordered]
    return json_answer({"ACLs": views, "Total": len(views)})


async def put_right(edge: Edge, request: Request) -> Response:
    """Keep a right."""
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    right = _read(await read_json(request))
    is_known = right.role_id in await labels(edge)
    if not is_known and await edge.people.accounts.find(right.role_id) is None:
        raise nobody(right.role_id)
    event = _event(edge, request, right, "right.added", by.sub)
    if not await edge.files.spaces.put_right(right, event):
        raise NotFound(
            phrase("there is no file or folder %(name)s", name=repr(right.node_id[:64]))
        )
    of_root = await edge.files.spaces.of_root(right.node_id)
    return json_answer(_view(right, {one.root_id: one.space_id for one in of_root}))


async def delete_rights(edge: Edge, request: Request) -> Response:
    """Remove a right, which is sent as it was received."""
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    right = _read(await read_json(request))
    event = _event(edge, request, right, "right.removed", by.sub)
    if not await edge.files.spaces.remove_right(right, event):
        raise NotFound(phrase("there is no such right"))
    return json_answer({"Success": True, "NumRows": "1"})


async def _meant(edge: Edge, query: Body, spaces: Mapping[str, str]) -> Sequence[Right]:
    node_ids = query.texts("NodeIDs", _MOST_LISTED)
    role_ids = query.texts("RoleIDs", _MOST_LISTED)
    actions = {one.text("Name") for one in query.objects("Actions", _MOST_LISTED)}
    space_ids = set(query.texts("WorkspaceIDs", _MOST_LISTED))
    found = await edge.files.spaces.rights(node_ids=node_ids, role_ids=role_ids)
    return [
        one
        for one in found
        if (not actions or one.action.value in actions)
        and (not space_ids or spaces.get(one.node_id) in space_ids)
    ]


def _read(body: Body) -> Right:
    action = body.object("Action") or Body({})
    name = action.text("Name")
    if name not in {one.value for one in Action}:
        raise BadRequest("Action must be an object whose Name is read, write or deny")
    node_id, role_id = body.text("NodeID"), body.text("RoleID")
    if not node_id or not role_id:
        raise BadRequest("NodeID and RoleID must say on what, and for whom")
    return Right(node_id, role_id, Action(name))


def _view(right: Right, spaces: Mapping[str, str]) -> dict[str, object]:
    return {
        "ID": f"{right.node_id}|{right.role_id}|{right.action.value}",
        "NodeID": right.node_id,
        "RoleID": right.role_id,
        "WorkspaceID": spaces.get(right.node_id, ""),
        "Action": {"Name": right.action.value, "Value": "1"},
    }


def _event(edge: Edge, request: Request, right: Right, action: str, by: str) -> AuditEvent:
    return AuditEvent(
        at=edge.files.clock(), actor=by, action=action, target=right.node_id[:64],
        origin=origin_of(request),
        detail={"role": right.role_id[:100], "action": right.action.value},
    )  # fmt: skip
