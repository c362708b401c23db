"""Spaces that administrators make, in the form that the old system's clients know."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import Conflict, Forbidden, NotFound
from keycell.files.finding import add_space, new_space
from keycell.files.spaces import (
    COMMON_SLUG,
    Space,
    SpaceKind,
    check_description,
    check_label,
    check_new_slug,
)
from keycell.http.bearer import administrator, check_recent_sign_in
from keycell.http.edge import Edge
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.nodes import scope_of
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.errors import InvalidRequest
from keycell.oauth.sentences import phrase

_PAGE = 500
_LARGEST_QUOTA = 2**62


async def search(edge: Edge, request: Request) -> Response:
    """List every space but people's own; that they be counted alone is not heard."""
    await administrator(edge, request)
    await read_json(request)
    found = [one for one in await all_spaces(edge) if one.kind is not SpaceKind.PERSONAL]
    return json_answer({
        "Workspaces": [workspace_view(one) for one in sorted(found, key=lambda one: one.slug)],
        "Total": len(found),
    })  # fmt: skip


async def get_workspace(edge: Edge, request: Request) -> Response:
    """Give a space with its quota."""
    await administrator(edge, request)
    return json_answer(await _full(edge, await _space(edge, request)))


async def put_workspace(edge: Edge, request: Request) -> Response:
    """Make a space, or change one; what is left out stays. Rights are given by ``/a/acl``."""
    by = await administrator(edge, request)
    body = await read_json(request)
    slug, quota = request.path_params["slug"], _quota(body)
    space = await edge.files.spaces.find(slug, "")
    if space is None:
        wanted = body.text("Slug") or slug
        label = check_label(body.text("Label") or wanted)
        made = new_space(edge.files, check_new_slug(wanted), label, SpaceKind.TEAM, "")
        space = replace(made, description=check_description(body.text("Description")))
        event = _event(edge, request, space, "space.added", by.sub)
        if not await add_space(edge.files, space, (), event):
            raise Conflict(phrase("there is a space %(name)s already", name=repr(wanted)))
    else:
        space = await _change(edge, request, _manageable(space), body, by.sub)
    if quota is not None:
        event = _event(edge, request, space, "space.changed", by.sub)
        await edge.files.spaces.set_quota(space.volume_id, quota or None, event)
    return json_answer(await _full(edge, space))


async def delete_workspace(edge: Edge, request: Request) -> Response:
    """Remove a space in which nothing is left."""
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    space = _manageable(await _space(edge, request))
    if space.slug == COMMON_SLUG:
        raise Forbidden(phrase("the common space stays; take rights on it away instead"))
    event = _event(edge, request, space, "space.removed", by.sub)
    await edge.files.spaces.remove(space.space_id, event.at, event)
    return json_answer({"Success": True, "NumRows": "1"})


async def all_spaces(edge: Edge) -> list[Space]:
    """Give every space there is."""
    found: list[Space] = []
    while page := await edge.files.spaces.all(found[-1].space_id if found else "", _PAGE):
        found.extend(page)
    return found


def workspace_view(space: Space) -> dict[str, object]:
    """Give a space as the wire has it, its identifier under a name in upper case."""
    kept = {} if space.kept_until is None else {"KeptUntil": int(space.kept_until.timestamp())}
    return {
        **kept,
        "UUID": space.space_id,
        "Label": space.label,
        "Description": space.description,
        "Slug": space.slug,
        "Scope": scope_of(space),
        "LastUpdated": int(space.created_at.timestamp()),
        "RootUUIDs": [space.root_id],
    }


async def _full(edge: Edge, space: Space) -> dict[str, object]:
    volume = await edge.files.spaces.volume(space.volume_id)
    quota = 0 if volume is None else volume.quota or 0
    used = 0 if volume is None else volume.used
    return {**workspace_view(space), "Quota": str(quota), "QuotaUsage": str(used)}


async def _space(edge: Edge, request: Request) -> Space:
    slug = request.path_params["slug"]
    space = await edge.files.spaces.find(slug, "")
    if space is None:
        raise NotFound(f"there is no space {slug[:80]!r}")
    return space


def _manageable(space: Space) -> Space:
    if space.kind is SpaceKind.CELL:
        raise Forbidden("this is a cell; it is changed and removed by /a/share/cell")
    return space


async def _change(edge: Edge, request: Request, space: Space, body: Body, by: str) -> Space:
    if body.text("UUID") not in ("", space.space_id):
        raise Conflict(f"the slug {space.slug!r} is another space's")
    slug = body.text("Slug") or space.slug
    if slug != space.slug:
        if space.slug == COMMON_SLUG:
            raise Forbidden("the common space keeps its slug; change its label instead")
        check_new_slug(slug)
    has_words = body.says("Description")
    changed = replace(
        space,
        slug=slug,
        kept_until=None if body.number("KeptUntil") == 0 else space.kept_until,
        label=check_label(body.text("Label") or space.label),
        description=check_description(
            body.text("Description") if has_words else space.description
        ),
    )
    event = _event(edge, request, changed, "space.changed", by)
    if changed != space and not await edge.files.spaces.update(changed, event):
        raise Conflict(phrase("there is a space %(name)s already", name=repr(slug)))
    return changed


def _quota(body: Body) -> int | None:
    quota = body.number("Quota")
    if quota is not None and quota > _LARGEST_QUOTA:
        raise InvalidRequest(f"Quota must be at most {_LARGEST_QUOTA} bytes")
    return quota


def _event(edge: Edge, request: Request, space: Space, action: str, by: str) -> AuditEvent:
    return AuditEvent(
        at=edge.files.clock(), actor=by, action=action, target=space.slug,
        origin=origin_of(request),
    )  # fmt: skip
