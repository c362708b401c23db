"""What people say about nodes, over REST."""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Actor
from keycell.files.errors import BadRequest
from keycell.files.finding import Located, by_id, check_writable, stat
from keycell.files.locking import check_unlocked
from keycell.files.ports_stores import BOOKMARK, Namespace, bookmark_of
from keycell.http.bearer import administrator
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import parse_object, read_json
from keycell.http.rest.nodes import USER_META, located_view, said_of
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
    known = await _known(edge)
    is_removal = body.text("Operation") == "DELETE"
    done = []
    for wanted in body.objects("MetaDatas", MOST_UPDATES):
        located = await by_id(edge.files, actor, wanted.text("NodeUuid"))
        namespace, value = wanted.text("Namespace", 100), wanted.text("JsonValue", LONGEST_VALUE)
        saying = Saying(namespace, "" if is_removal else value)
        await _say(edge, actor, located, saying, known)
        done.append({
            "NodeUuid": located.node.node_id, "Namespace": namespace, "JsonValue": value,
        })  # fmt: skip
    return json_answer({"MetaDatas": done})


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says of a node: JSON text in a namespace, an empty one to take it back."""

    namespace: str
    value: str


async def _known(edge: Edge) -> frozenset[str]:
    return frozenset(one.name for one in await edge.files.meta.namespaces())


async def _say(
    edge: Edge, actor: Actor, located: Located, saying: Saying, known: Collection[str]
) -> None:
    namespace = saying.namespace
    if namespace == BOOKMARK:
        # One's own, and seen by nobody else: who may read may have it.
        namespace = bookmark_of(actor.sub)
    elif namespace not in known:
        raise BadRequest(f"there is no namespace {namespace[:80]!r}")
    else:
        check_writable(located)
        await check_unlocked(edge.files, actor, located)
    value = None if saying.value in _EMPTY else _json_text(saying.value)
    await edge.files.meta.put(
        located.node.node_id, namespace, value, actor.sub, edge.files.clock()
    )


def _json_text(value: str) -> str:
    try:
        msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest(f"{value[:80]!r} is no JSON; a text has its quotes") from None
    return value


async def get_meta(edge: Edge, request: Request) -> Response:
    """Give a node with what is said of it, in the namespaces asked for or in all."""
    actor = await actor_of(edge, request)
    wanted = (await read_json(request)).texts("Namespaces", MOST_UPDATES)
    located = await stat(edge.files, actor, path_after(request, "/a/meta/get/"))
    return await _node(edge, actor, located, wanted)


async def set_meta(edge: Edge, request: Request) -> Response:
    """Say something about the node at a path."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await stat(edge.files, actor, path_after(request, "/a/meta/set/"))
    known = await _known(edge)
    for wanted in body.objects("Metadatas", MOST_UPDATES):
        saying = Saying(wanted.text("Namespace", 100), wanted.text("JsonMeta", LONGEST_VALUE))
        await _say(edge, actor, located, saying, known)
    return await _node(edge, actor, located)


async def delete_meta(edge: Edge, request: Request) -> Response:
    """Take back what is said about the node at a path."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    located = await stat(edge.files, actor, path_after(request, "/a/meta/delete/"))
    known = await _known(edge)
    for namespace in body.texts("Namespaces", MOST_UPDATES):
        await _say(edge, actor, located, Saying(namespace, ""), known)
    return await _node(edge, actor, located)


async def _node(
    edge: Edge, actor: Actor, located: Located, namespaces: Collection[str] = ()
) -> Response:
    node_id = located.node.node_id
    said = (await said_of(edge.files, actor, [node_id])).get(node_id, {})
    shown = {name: text for name, text in said.items() if not namespaces or name in namespaces}
    return json_answer(located_view(located, shown))


def _view(namespace: Namespace) -> dict[str, object]:
    return {
        "Namespace": namespace.name,
        "Label": namespace.label,
        "Order": namespace.position,
        "Indexable": namespace.is_indexable,
        "JsonDefinition": namespace.definition,
    }
