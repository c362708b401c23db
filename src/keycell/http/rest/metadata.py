"""What people say about nodes, over REST. CELLS-CLIENT.md 3.6."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.files.errors import BadRequest
from keycell.files.finding import by_id, check_writable, stat
from keycell.files.locking import check_unlocked
from keycell.files.ports_stores import Namespace
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import parse_object, read_json
from keycell.http.rest.nodes import BOOKMARK, USER_META, located_view, said_of
from keycell.http.rest.paths import path_after
from keycell.http.wire import json_answer, origin_of

MOST_UPDATES = 1000
LONGEST_VALUE = 64 * 2**10
_EMPTY = ('""', "", "null")
_TYPES = frozenset({
    "string", "textarea", "choice", "tags", "date", "css_label", "json", "integer",
    "stars_rate", "boolean",
})  # fmt: skip


async def namespaces(edge: Edge, request: Request) -> Response:
    """List the kinds of things that may be said."""
    await actor_of(edge, request)
    found = await edge.files.meta.namespaces()
    return json_answer({"Namespaces": [_view(one) for one in found]})


async def put_namespaces(edge: Edge, request: Request) -> Response:
    """Keep, or forget, kinds of things that may be said."""
    account = await administrator(edge, request)
    body = await read_json(request)
    is_removal = body.text("Operation") == "DELETE"
    for number, wanted in enumerate(body.objects("Namespaces", MOST_UPDATES)):
        name = wanted.text("Namespace", 100)
        if not name.startswith(USER_META):
            raise BadRequest(f"{name[:80]!r}: a namespace begins with {USER_META}")
        action = "namespace.removed" if is_removal else "namespace.changed"
        event = AuditEvent(
            at=edge.files.clock(), actor=account.sub, action=action, target=name,
            origin=origin_of(request),
        )  # fmt: skip
        if is_removal:
            await edge.files.meta.remove_namespace(name, event)
            continue
        definition = wanted.text("JsonDefinition", LONGEST_VALUE) or '{"type":"string"}'
        if parse_object(definition, "JsonDefinition").text("type") not in _TYPES:
            raise BadRequest(f"JsonDefinition's type must be one of {', '.join(sorted(_TYPES))}")
        position = wanted.number("Order")
        await edge.files.meta.put_namespace(
            Namespace(
                name=name,
                label=wanted.text("Label", 200) or name,
                position=number if position is None else position,
                is_indexable=wanted.flag("Indexable"),
                definition=definition,
            ),
            event,
        )
    return await namespaces(edge, request)


async def update(edge: Edge, request: Request) -> Response:
    """Say something about nodes, or take it back by an empty value."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    known = {one.name for one in await edge.files.meta.namespaces()}
    is_removal = body.text("Operation") == "DELETE"
    done = []
    for wanted in body.objects("MetaDatas", MOST_UPDATES):
        namespace = wanted.text("Namespace", 100)
        if namespace not in known and namespace != BOOKMARK:
            raise BadRequest(f"there is no namespace {namespace[:80]!r}")
        value = wanted.text("JsonValue", LONGEST_VALUE)
        located = await by_id(edge.files, actor, wanted.text("NodeUuid"))
        check_writable(located)
        await check_unlocked(edge.files, actor, located)
        kept = None if is_removal or value in _EMPTY else value
        await edge.files.meta.put(
            located.node.node_id, namespace, kept, actor.sub, edge.files.clock()
        )
        done.append({
            "NodeUuid": located.node.node_id, "Namespace": namespace, "JsonValue": value,
        })  # fmt: skip
    return json_answer({"MetaDatas": done})


async def get_meta(edge: Edge, request: Request) -> Response:
    """Give a node with what is said of it."""
    actor = await actor_of(edge, request)
    located = await stat(edge.files, actor, path_after(request, "/a/meta/get/"))
    said = await said_of(edge.files, [located.node])
    return json_answer(located_view(located, said.get(located.node.node_id, {})))


def _view(namespace: Namespace) -> dict[str, object]:
    return {
        "Namespace": namespace.name,
        "Label": namespace.label,
        "Order": namespace.position,
        "Indexable": namespace.is_indexable,
        "JsonDefinition": namespace.definition,
    }
