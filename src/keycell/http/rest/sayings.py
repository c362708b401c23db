"""Looking for what people said about nodes: bookmarks, tags, values. CELLS.md 4."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest, NotFound
from keycell.files.finding import Located, each_by_id
from keycell.files.ports import Files
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import parse_object, read_json
from keycell.http.rest.nodes import (
    BOOKMARK,
    USER_META,
    bookmark_of,
    located_view,
    said_of,
)
from keycell.http.wire import json_answer

MOST_NODES = 500
LOOKED_AT = 2000
"""Nodes of which something is said, at most, to find those that may be read."""


async def search(edge: Edge, request: Request) -> Response:
    """List what is said in a namespace, or of some nodes, as far as these may be read."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    namespace = body.text("Namespace", 100)
    node_ids: Sequence[str] = body.texts("NodeUuids", MOST_NODES)
    if not node_ids:
        if not namespace:
            raise BadRequest("send a Namespace, or NodeUuids")
        node_ids = [one for one, _ in await _in(edge.files, actor, namespace)]
    found = [one async for one in each_by_id(edge.files, actor, dict.fromkeys(node_ids))]
    said = await said_of(edge.files, actor, [one.node.node_id for one in found])
    return json_answer({
        "Metadatas": [
            {"NodeUuid": node_id, "Namespace": name, "JsonValue": value}
            for node_id, values in said.items()
            for name, value in values.items()
            if namespace in ("", name)
        ]
    })  # fmt: skip


async def bookmarks(edge: Edge, request: Request) -> Response:
    """List the nodes that the person keeps a bookmark of."""
    actor = await actor_of(edge, request)
    await read_json(request)
    kept = [node_id for node_id, _ in await _in(edge.files, actor, BOOKMARK)]
    found = [
        one async for one in each_by_id(edge.files, actor, kept) if not one.in_trash
    ]  # fmt: skip
    found.sort(key=lambda one: str(one.path))
    said = await said_of(edge.files, actor, [one.node.node_id for one in found])
    return json_answer({
        "Nodes": [located_view(one, said.get(one.node.node_id, {})) for one in found],
    })  # fmt: skip


async def tags(edge: Edge, request: Request) -> Response:
    """List the tags that are on nodes the person may read."""
    actor = await actor_of(edge, request)
    namespace = await _of_tags(edge, request)
    said = dict(await _in(edge.files, actor, namespace))
    readable: list[Located] = [one async for one in each_by_id(edge.files, actor, said)]
    found = {tag for one in readable for tag in _read_tags(said[one.node.node_id])}
    return json_answer({"Tags": sorted(found)})


async def add_tag(edge: Edge, request: Request) -> Response:
    """Take a new tag: there is nothing to keep before it is on some node."""
    await actor_of(edge, request)
    await _of_tags(edge, request)
    (await read_json(request)).text("Tag", 200)
    return json_answer({"Success": True})


async def _of_tags(edge: Edge, request: Request) -> str:
    wanted: str = request.path_params["namespace"]
    for one in await edge.files.meta.namespaces():
        if one.name == wanted:
            if parse_object(one.definition, "the definition").text("type") != "tags":
                raise BadRequest(f"the namespace {wanted[:80]!r} is not one of tags")
            return wanted
    raise NotFound(f"there is no namespace {wanted[:80]!r}")


async def _in(files: Files, actor: Actor, namespace: str) -> Sequence[tuple[str, str]]:
    if namespace == BOOKMARK:
        namespace = bookmark_of(actor.sub)
    elif not namespace.startswith(USER_META):
        raise NotFound(f"there is no namespace {namespace[:80]!r}")
    return await files.meta.said_in(namespace, "", LOOKED_AT)


def _read_tags(value: str) -> list[str]:
    # Joined by commas in a text; a list is taken as well.
    said = msgspec.json.decode(value)
    found = said.split(",") if isinstance(said, str) else said
    if not isinstance(found, list):
        return []
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]
