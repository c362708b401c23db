"""What a sync client follows: the changes of a space, its versions, and how full it is."""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest, CursorGone
from keycell.files.finding import Located, by_id, each_read, names_of, spaces, stat
from keycell.files.moving import name_version, pin_version, remove_version, restore_version
from keycell.files.names import read_path
from keycell.files.ports import Change
from keycell.files.reading import versions
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.listening import STOPS
from keycell.http.rest.bodies import read_json
from keycell.http.rest.nodes import letters, located_view
from keycell.http.wire import json_answer, origin_of

MOST_CHANGES = 1000
LONGEST_WAIT = 60
_LOOKED_EVERY = 0.5


async def changes(edge: Edge, request: Request) -> Response:
    """List changes beyond a cursor; with ``wait``, stay until there are some. See decisions/0031.

    An entry says what a node is. A folder at a new place brings all that lies in it; what may not
    be read, lies elsewhere or in the recycle bin is told as deleted. Where the cursor begins at 0,
    that was never told of, and is left out up to ``until``, where the feed ended then.
    """
    actor = await actor_of(edge, request)
    top = await stat(edge.files, actor, read_path(request.query_params.get("space", "")))
    cursor = _number(request, "cursor", 2**62, 0)
    most = max(1, _number(request, "limit", MOST_CHANGES, MOST_CHANGES))
    ends_at = edge.files.clock().timestamp() + _number(request, "wait", LONGEST_WAIT, 0)
    volume_id = top.node.volume_id
    volume = await edge.files.spaces.volume(volume_id)
    if volume is not None and cursor > volume.seq:
        raise CursorGone("the feed is not that far: it was brought back from an earlier day")
    until = _number(request, "until", 2**62, 0)
    if volume is not None and (cursor < until or not cursor):
        return await _first(edge, actor, top, (cursor, min(until or volume.seq, volume.seq), most))
    found = await edge.files.nodes.changes(volume_id, cursor, most)
    while not found and edge.files.clock().timestamp() < ends_at and await _is_awaited(request):
        await asyncio.sleep(_LOOKED_EVERY)
        volume = await edge.files.spaces.volume(volume_id)
        if volume is not None and volume.seq > cursor:
            found = await edge.files.nodes.changes(volume_id, cursor, most)
    return json_answer({
        "changes": await _each_told(edge, actor, top, found),
        "cursor": found[-1].seq if found else cursor,
        "more": len(found) == most,
        "root": top.node.node_id,
    })  # fmt: skip


async def _first(edge: Edge, actor: Actor, top: Located, asked: tuple[int, int, int]) -> Response:
    """List what there is for whoever was told nothing yet: of a large space one folder alone."""
    cursor, until, most = asked
    found = await edge.files.nodes.first_changes(top.node, cursor, until, most)
    more = len(found) == most
    told = await _each_told(edge, actor, top, found)
    return json_answer({
        "changes": [one for one in told if not one["deleted"]],
        "cursor": found[-1].seq if more else until,
        "more": more,
        "root": top.node.node_id,
        "until": until,
    })  # fmt: skip


async def _each_told(
    edge: Edge, actor: Actor, top: Located, found: Sequence[Change]
) -> list[dict[str, object]]:
    read = [change.node for change in found if change.node is not None]
    readable = {one.node.node_id: one async for one in each_read(edge.files, actor, read)}
    return [_told(top, change, readable.get(change.node_id)) for change in found]


async def _is_awaited(request: Request) -> bool:
    """Tell whether whoever asked is still there, and the server goes on."""
    if request.scope.get("state", {}).get(STOPS):
        return False
    return not await request.is_disconnected()


def _told(top: Located, change: Change, located: Located | None) -> dict[str, object]:
    node = change.node
    is_here = located is not None and top.node.node_id in located.found.ids
    if node is None or located is None or not is_here or located.in_trash:
        return {"seq": change.seq, "id": change.node_id, "deleted": True}
    return {
        "seq": change.seq,
        "id": node.node_id,
        "parent": node.parent_id,
        "name": node.name,
        "type": "folder" if node.is_folder else "file",
        "size": node.size,
        "etag": node.etag,
        "sha256": node.sha256,
        "mtime": int(node.mtime.timestamp() * 1000),
        "version": node.version_id,
        "permissions": letters(located.allowed),
        "deleted": False,
    }


async def list_versions(edge: Edge, request: Request) -> Response:
    """List the versions of a file, the latest first."""
    actor = await actor_of(edge, request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    found = await versions(edge.files, actor, located)
    names = await names_of(edge.files, {one.created_by for one in found})
    return json_answer({
        "items": [
            {
                "version": one.version_id,
                "size": one.content.size,
                "etag": one.content.etag,
                "sha256": one.content.sha256,
                "created_at": one.created_at.isoformat(),
                "created_by": one.created_by,
                "created_by_name": names.get(one.created_by, ""),
                "is_pinned": one.is_pinned,
                "label": one.label,
                "is_current": one.version_id == located.node.version_id,
            }
            for one in found
        ]
    })  # fmt: skip


async def bring_back(edge: Edge, request: Request) -> Response:
    """Make an older version of a file the current one again."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    await restore_version(edge.files, actor, located, body.text("version", 64))
    return json_answer(
        {"Node": located_view(await by_id(edge.files, actor, located.node.node_id))}
    )


async def mark(edge: Edge, request: Request) -> Response:
    """Keep a version however old it is, or no longer than others; call it something."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    version_id, said = request.path_params["version"], dict[str, object]()
    if "label" in body:
        said["label"] = label = body.text("label")
        await name_version(edge.files, actor, located, version_id, label, origin_of(request))
    if "is_pinned" in body or not said:
        said["is_pinned"] = is_pinned = body.flag("is_pinned")
        await pin_version(
            edge.files, actor, located, version_id, origin_of(request), is_pinned=is_pinned
        )
    return json_answer({"version": version_id, **said})


async def delete_version(edge: Edge, request: Request) -> Response:
    """Let go of an older version for good."""
    actor = await actor_of(edge, request)
    located = await by_id(edge.files, actor, request.path_params["node_id"])
    version_id = request.path_params["version"]
    await remove_version(edge.files, actor, located, version_id, origin_of(request))
    return json_answer({"version": version_id})


async def list_spaces(edge: Edge, request: Request) -> Response:
    """List the person's spaces, with how full they are."""
    actor = await actor_of(edge, request)
    items, found = [], await spaces(edge.files, actor)
    others = {space.owner for space, _ in found} - {"", actor.sub}
    names = await names_of(edge.files, others)
    for space, allowed in found:
        volume = await edge.files.spaces.volume(space.volume_id)
        items.append({
            "slug": space.slug,
            "label": space.label,
            "description": space.description,
            "kind": space.kind.value,
            "root": space.root_id,
            "is_own": space.owner == actor.sub,
            "by": names.get(space.owner, ""),
            "since": space.created_at.isoformat(),
            "permissions": letters(allowed),
            "used": 0 if volume is None else volume.used,
            "quota": None if volume is None else volume.quota,
            "seq": 0 if volume is None else volume.seq,
            "largest_file": edge.files.limits.largest_file,
            "trash_days": edge.files.limits.trash_kept.days,
        })  # fmt: skip
    return json_answer({"items": items})


def _number(request: Request, name: str, most: int, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**62)):
        raise BadRequest(f"{name} must be a number of 0 to {most}")
    return min(int(text), most)
