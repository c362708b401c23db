"""Looking for what people said about nodes: bookmarks, tags, values."""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest, Conflict, NotFound, TokenReadsOnly
from keycell.files.finding import Located, each_by_id
from keycell.files.ports import Files
from keycell.files.ports_stores import BOOKMARK, MOST_TAGS, TAGS, bookmark_of
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import parse_object, read_json
from keycell.http.rest.nodes import USER_META, located_view, said_of
from keycell.http.wire import json_answer
from keycell.oauth.details import ALL_FILES, READING, FilesDetail

MOST_NODES = 500
LONGEST_TAG = 200
_EVERY = "*"
_ALL_READ = (FilesDetail(READING),)
LOOKED_AT = 2000
"""Nodes of which something is said, at most, to find those that may be read."""
_MOST_TAGGED = 20_000
"""Nodes that have tags, at most, to find those with one of them."""


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
    """List the tags that are on nodes the person may read, and those that are offered."""
    actor = await actor_of(edge, request)
    namespace = await _of_tags(edge, request)
    said = dict(await _in(edge.files, actor, namespace))
    readable: list[Located] = [one async for one in each_by_id(edge.files, actor, said)]
    found = {tag for one in readable for tag in _read_tags(said[one.node.node_id])}
    if actor.covers(_ALL_READ):
        found |= {*await edge.files.meta.tags(namespace)}
    return json_answer({"Tags": sorted(found)})


async def tagged(files: Files, roots: Sequence[str], tag: str) -> tuple[Sequence[str], bool]:
    """List the nodes that have a tag, whoever may read them; and whether there may be more."""
    said = await files.meta.said_in(TAGS, roots, _MOST_TAGGED)
    found = [node_id for node_id, value in said if tag in _read_tags(value)]
    return found[:LOOKED_AT], len(said) == _MOST_TAGGED or len(found) > LOOKED_AT


async def add_tag(edge: Edge, request: Request) -> Response:
    """Offer a tag to everybody, before it is on any node."""
    actor = await actor_of(edge, request)
    _check_whole(actor)
    namespace = await _of_tags(edge, request)
    tag = _check_tag((await read_json(request)).text("Tag", LONGEST_TAG))
    if not await edge.files.meta.add_tag(namespace, tag, actor.sub, edge.files.clock()):
        raise Conflict(
            f"{namespace[:80]!r} offers {MOST_TAGS} tags already, or is gone; remove some first"
        )
    return json_answer({"Success": True})


async def remove_tag(edge: Edge, request: Request) -> Response:
    """Offer a tag no more, or with * none at all: one's own, an administrator anybody's.

    Those that are on nodes stay there, and are listed.
    """
    actor = await actor_of(edge, request)
    _check_whole(actor)
    namespace = await _of_tags(edge, request)
    wanted = request.path_params["tag"]
    tag = None if wanted == _EVERY else _check_tag(wanted)
    by = None if actor.is_admin else actor.sub
    done = await edge.files.meta.remove_tags(namespace, tag, by)
    if not done and tag is not None:
        raise NotFound(f"no tag {tag[:80]!r} that you added is offered")
    return json_answer({"Success": True, "NumRows": str(done)})


def _check_whole(actor: Actor) -> None:
    # What is offered is shown to everybody: a token for some places tells nobody anything there.
    if not actor.covers(ALL_FILES):
        raise TokenReadsOnly("tags are offered with a token that may change all files")


def _check_tag(unverified_tag: str) -> str:
    tag = " ".join(unverified_tag.split())
    if not 0 < len(tag) <= LONGEST_TAG or not tag.isprintable() or "," in tag or tag == _EVERY:
        raise BadRequest(
            f"{tag[:80]!r} is no tag: 1 to {LONGEST_TAG} characters that can be seen, no comma"
        )
    return tag


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
    # What is said of what somebody cannot see must not crowd out what they look for.
    seen = await files.spaces.seen_by(actor.sub, actor.roles)
    roots = sorted({space.root_id for space in seen})
    return await files.meta.said_in(namespace, roots, LOOKED_AT)


def _read_tags(value: str) -> list[str]:
    # Joined by commas in a text; a list is taken as well.
    said = msgspec.json.decode(value)
    found = said.split(",") if isinstance(said, str) else said
    if not isinstance(found, list):
        return []
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]
