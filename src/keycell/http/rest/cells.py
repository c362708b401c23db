"""Cells over REST, in the form that the old system's clients know."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import ROOT_GROUP, Action, Actor, Right
from keycell.files.cells import (
    CellWish,
    Member,
    Members,
    cells_of,
    change_cell,
    check_own,
    find_cell,
    make_cell,
    remove_cell,
)
from keycell.files.errors import BadRequest, NotFound
from keycell.files.linking import own_link
from keycell.files.spaces import Space
from keycell.files.telling import tell_shared
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.links import links_of
from keycell.http.rest.links import view as link_view
from keycell.http.rest.roles import labels, nobody
from keycell.http.rest.workspaces import workspace_view
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import phrase

MOST_MEMBERS = 500
_MOST_ACTIONS = 10
_KNOWN = frozenset(action.value for action in Action)


async def put_cell(edge: Edge, request: Request) -> Response:
    """Make a cell, or change the one whose ``Uuid`` is sent."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    room = body.object("Room")
    if room is None:
        raise InvalidRequest("the body must be an object with a Room")
    origin = origin_of(request)
    if not room.text("Uuid"):
        wish = await _wish(edge, room, None, ())
        if not wish.root_id and not body.flag("CreateEmptyRoot"):
            raise InvalidRequest("RootNodes must name a folder, or CreateEmptyRoot be true")
        made = await make_cell(edge.files, actor, wish, origin)
        await tell_shared(edge.files, edge.people, actor.sub, made, set(wish.members))
        return json_answer(await _view(edge, made))
    space = await find_cell(edge.files, actor, room.text("Uuid"))
    rights = await edge.files.spaces.rights(node_ids=[space.root_id])
    wish = await _wish(edge, room, space, rights)
    changed = await change_cell(edge.files, actor, space, wish, origin)
    newcomers = set(wish.members) - {one.role_id for one in rights}
    await tell_shared(edge.files, edge.people, actor.sub, changed, newcomers)
    return json_answer(await _view(edge, changed))


async def get_cell(edge: Edge, request: Request) -> Response:
    """Give a cell to whom it is open."""
    actor = await actor_of(edge, request)
    return json_answer(
        await _view(edge, await find_cell(edge.files, actor, request.path_params["space_id"]))
    )


async def delete_cell(edge: Edge, request: Request) -> Response:
    """Remove a cell; the files of the folder it is over stay."""
    actor = await actor_of(edge, request)
    space = await find_cell(edge.files, actor, request.path_params["space_id"])
    await remove_cell(edge.files, actor, space, origin_of(request))
    return json_answer({"Success": True})


async def resources(edge: Edge, request: Request) -> Response:
    """List what the person shares: their cells and links."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    kind = body.text("ShareType").upper() or "ANY"
    if kind not in ("ANY", "CELLS", "LINKS"):
        raise InvalidRequest("ShareType must be ANY, CELLS or LINKS")
    found: list[dict[str, object]] = []
    if kind != "LINKS":
        found += [{"Cells": [await _view(edge, one)]} for one in await cells_of(edge.files, actor)]
    if kind != "CELLS":
        base = edge.settings.base_url
        found += [{"Link": link_view(one, base)} for one in await links_of(edge, actor)]
    return json_answer({"Resources": found, "Total": len(found)})


async def policies(edge: Edge, request: Request) -> Response:
    """Take what somebody says of who may see their own share; the owner may, and that stays."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    uuid = body.text("Uuid")
    try:
        await _check_share(edge, actor, uuid)
    except NotFound:
        raise NotFound(
            phrase("there is no cell and no link %(name)s", name=repr(uuid[:64]))
        ) from None
    return json_answer({"Success": True})


async def _check_share(edge: Edge, actor: Actor, uuid: str) -> None:
    space = await edge.files.spaces.by_id(uuid)
    if space is None:
        await own_link(edge.files, actor, uuid)
    else:
        await check_own(edge.files, actor, await find_cell(edge.files, actor, uuid))


async def _wish(edge: Edge, room: Body, space: Space | None, rights: Iterable[Right]) -> CellWish:
    """Give what a request says of a cell; what it leaves out of one that is there stays."""
    roots = room.objects("RootNodes", 1)
    is_said = room.says("ACLs")
    label = room.text("Label") or ("" if space is None else space.label)
    has_words = room.says("Description") or space is None
    return CellWish(
        label=label,
        description=room.text("Description") if has_words or space is None else space.description,
        root_id=roots[0].text("Uuid") if roots else "",
        members=await _members(edge, room) if is_said else _grouped(rights),
    )


async def _members(edge: Edge, room: Body) -> Members:
    named = await labels(edge)
    found: dict[str, Member] = {}
    for key, entry in room.entries("ACLs", MOST_MEMBERS).items():
        role = await _role(edge, named, key, entry)
        said = frozenset(one.text("Name") for one in entry.objects("Actions", _MOST_ACTIONS))
        if not said <= _KNOWN:
            raise BadRequest("an action is read, write or deny")
        actions = found[role].actions if role in found else frozenset()
        found[role] = Member(actions | {Action(one) for one in said}, _until(entry))
    return found


def _until(entry: Body) -> datetime | None:
    """Read when somebody is out again, as links have it: seconds since 1970, 0 for never."""
    number = entry.number("AccessEnd")
    try:
        return datetime.fromtimestamp(number, tz=UTC) if number else None
    except (ValueError, OverflowError, OSError):
        raise InvalidRequest("AccessEnd must be a time in seconds since 1970") from None


async def _role(edge: Edge, named: Mapping[str, str], key: str, entry: Body) -> str:
    role = entry.text("RoleId") or key
    if role in named or await edge.people.accounts.find(role) is not None:
        return role
    person = entry.object("User")
    login = "" if person is None else person.text("Login")
    account = await edge.people.accounts.find_by_login(login) if login else None
    if account is None:
        raise nobody(login or role)
    return account.sub


def _grouped(rights: Iterable[Right]) -> dict[str, Member]:
    found: dict[str, Member] = {}
    for right in rights:
        actions = found[right.role_id].actions if right.role_id in found else frozenset()
        found[right.role_id] = Member(actions | {right.action}, right.expires_at)
    return found


async def _view(edge: Edge, space: Space) -> dict[str, object]:
    """Give a cell with who is in it."""
    rights = await edge.files.spaces.rights(node_ids=[space.root_id])
    workspace = workspace_view(space)
    return {
        "Uuid": space.space_id,
        "Label": space.label,
        "Description": space.description,
        "Slug": workspace["Slug"],
        "RootNodes": [{"Uuid": space.root_id}],
        "ACLs": {
            role: await _member(edge, role, member)
            for role, member in sorted(_grouped(rights).items(), key=lambda one: one[0])
        },
        "PoliciesContextEditable": True,
    }


async def _member(edge: Edge, role: str, member: Member) -> dict[str, object]:
    view: dict[str, object] = {
        "RoleId": role,
        "Actions": [{"Name": one.value, "Value": "1"} for one in sorted(member.actions)],
    }
    if member.until is not None:
        view["AccessEnd"] = str(int(member.until.timestamp()))
    if role == ROOT_GROUP or role.startswith("/"):
        return view
    account = await edge.people.accounts.find(role)
    if account is not None:
        view["IsUserRole"] = True
        view["User"] = {
            "Uuid": account.sub,
            "Login": account.login,
            "Attributes": {"displayName": account.display_name},
        }
    return view
