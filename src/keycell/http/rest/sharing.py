"""What whoever shares wants to know: whom there is, and who reaches something already."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.people import Account
from keycell.accounts.suggesting import suggested_groups, suggested_people
from keycell.files.access import Action, Right
from keycell.files.errors import Forbidden
from keycell.files.finding import Located, by_id, check_writable
from keycell.files.links import Link, Permission, is_open
from keycell.http.bearer import bearer_access
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.callers import is_signed_in
from keycell.http.rest.roles import labels
from keycell.http.wire import json_answer

_Entry = dict[str, object]


async def suggest(edge: Edge, request: Request) -> Response:
    """List a few people and groups whose name begins with ``text``, to share with."""
    own = await _signed_in(edge, request)
    typed = request.query_params.get("text", "")
    people = [_person(one) for one in await suggested_people(edge.people, own, typed)]
    groups: list[_Entry] = [
        {"kind": "group", "role": one.path, "name": one.label}
        for one in await suggested_groups(edge.people, own, typed)
    ]
    return json_answer({"items": people + groups})


async def reached_by(edge: Edge, request: Request) -> Response:
    """List who may do what with a file or folder, and by which folder above it."""
    actor = await actor_of(edge, request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    check_writable(located)
    named = await labels(edge)
    # What lies above all that the actor sees is not told of, nor who comes in there.
    above = len(located.found.chain) - len(located.path.names) - 1
    seen = {node.node_id: depth for depth, node in enumerate(located.found.chain[above:])}
    rights = sorted(
        await edge.files.spaces.rights(node_ids=list(seen)),
        key=lambda one: (-seen[one.node_id], one.role_id, one.action),
    )
    items = [await _told(edge, located, right, named, seen[right.node_id]) for right in rights]
    items += [
        await _link(edge, located, link, seen[link.node_id])
        for link in await edge.files.links.to_nodes(list(seen))
        if is_open(link, edge.files.clock())
    ]
    is_all = len(rights) == len(located.found.rights)
    return json_answer({"items": items, "is_all": is_all})


async def _told(
    edge: Edge, located: Located, right: Right, named: Mapping[str, str], depth: int
) -> _Entry:
    account = await edge.people.accounts.find(right.role_id)
    told = _person(account) if account is not None else _role(right.role_id, named)
    until = 0 if right.expires_at is None else int(right.expires_at.timestamp())
    return {
        **told, "may": right.action.value, "until": until,
        **_way(located, right.node_id, depth),
    }  # fmt: skip


async def _link(edge: Edge, located: Located, link: Link, depth: int) -> _Entry:
    """Tell of a public link, and whose it is; its address is its owner's to tell."""
    owner = await edge.people.accounts.find(link.sub)
    may = Action.WRITE if Permission.UPLOAD in link.permissions else Action.READ
    return {
        "kind": "link", "role": link.link_id, "name": link.label, "may": may.value,
        "until": 0 if link.expires_at is None else int(link.expires_at.timestamp()),
        "by": "" if owner is None else owner.display_name, **_way(located, link.node_id, depth),
    }  # fmt: skip


def _way(located: Located, node_id: str, depth: int) -> _Entry:
    through = located.path.names[depth - 1] if depth else located.space.label
    return {"through": through, "is_here": node_id == located.node.node_id}


def _person(account: Account) -> _Entry:
    return {
        "kind": "person", "role": account.sub, "login": account.login,
        "name": account.display_name,
    }  # fmt: skip


def _role(role: str, named: Mapping[str, str]) -> _Entry:
    kind = "group" if role.startswith("/") else "role"
    return {"kind": kind, "role": role, "name": named.get(role, role)}


async def _signed_in(edge: Edge, request: Request) -> Account:
    """Give who asks; a program that somebody let in is told of nobody else."""
    access = await bearer_access(edge, request)
    if access.standing is None or not await is_signed_in(edge, access):
        raise Forbidden("people are shown to whoever has signed in, by a client of this server")
    return access.standing.account
