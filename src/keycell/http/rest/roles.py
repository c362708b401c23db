"""Roles: those that are given, and those that groups and people have of themselves."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.administration import check_nobodys
from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import Invalid
from keycell.accounts.groups import Role, check_role
from keycell.accounts.people import Account, check_name, groups_of
from keycell.files.access import ROOT_GROUP
from keycell.files.errors import BadRequest, NotFound
from keycell.http.bearer import administrator, check_recent_sign_in
from keycell.http.edge import Edge
from keycell.http.rest.bodies import read_json
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.sentences import phrase

_ROOT_LABEL = "Root Group"


def nobody(name: str) -> BadRequest:
    """Say that nobody is called so."""
    return BadRequest(phrase("there is no person, group or role %(name)s", name=repr(name[:100])))


async def search(edge: Edge, request: Request) -> Response:
    """List the roles; what else may be asked for is not heard."""
    await administrator(edge, request)
    await read_json(request)
    found: list[dict[str, object]] = [
        {"Uuid": ROOT_GROUP, "Label": _ROOT_LABEL, "GroupRole": True}
    ]
    found += [
        {"Uuid": one.path, "Label": one.label, "GroupRole": True}
        for one in await edge.people.groups.groups()
    ]
    found += [role_view(one) for one in await edge.people.groups.roles()]
    return json_answer({"Roles": found, "Total": len(found)})


async def get_role(edge: Edge, request: Request) -> Response:
    """Give a role."""
    await administrator(edge, request)
    uuid = request.path_params["role_id"]
    for role in await edge.people.groups.roles():
        if role.role_id == uuid:
            return json_answer(role_view(role))
    raise NotFound(f"there is no role {uuid[:100]!r}")


@tells_account_errors
async def put_role(edge: Edge, request: Request) -> Response:
    """Keep a role."""
    by = await administrator(edge, request)
    body = await read_json(request)
    role_id = check_role(request.path_params["role_id"])
    if body.text("Uuid") not in ("", role_id):
        raise Invalid("role", "role-form", "Uuid is not the one of the address")
    # Whoever was given such a role would be taken for somebody else.
    await check_nobodys(edge.people, role_id)
    role = Role(role_id, check_name(body.text("Label")) or role_id)
    event = AuditEvent(
        at=edge.people.clock(), actor=by.sub, action="role.changed", target=role_id,
        origin=origin_of(request),
    )  # fmt: skip
    await edge.people.groups.put_role(role, event)
    return json_answer(role_view(role))


@tells_account_errors
async def delete_role(edge: Edge, request: Request) -> Response:
    """Remove a role, from the accounts that have it too."""
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    role_id = request.path_params["role_id"]
    event = AuditEvent(
        at=edge.people.clock(), actor=by.sub, action="role.removed", target=role_id[:100],
        origin=origin_of(request),
    )  # fmt: skip
    if not await edge.people.groups.remove_role(role_id, event):
        raise NotFound(f"there is no role {role_id[:100]!r}")
    return json_answer({"Success": True, "NumRows": "1"})


def role_view(role: Role) -> dict[str, object]:
    """Give a role as the wire has it."""
    return {"Uuid": role.role_id, "Label": role.label}


async def labels(edge: Edge) -> Mapping[str, str]:
    """Give what groups and roles are called, by role."""
    named = {one.path: one.label for one in await edge.people.groups.groups()}
    named |= {one.role_id: one.label for one in await edge.people.groups.roles()}
    return named | {ROOT_GROUP: _ROOT_LABEL}


def roles_view(account: Account, named: Mapping[str, str]) -> list[dict[str, object]]:
    """Give all roles of somebody, the widest first and their own last."""
    groups = [ROOT_GROUP, *groups_of(account.group_path)]
    found: list[dict[str, object]] = [
        {"Uuid": one, "Label": named.get(one, one), "GroupRole": True} for one in groups
    ]
    found += [{"Uuid": one, "Label": named.get(one, one)} for one in account.roles]
    found.append({"Uuid": account.sub, "Label": f"User {account.login}", "UserRole": True})
    return found
