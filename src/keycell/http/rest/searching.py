"""Finding nodes by their names, kinds, sizes, times and tags, over REST."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest
from keycell.files.finding import Located, each_by_id
from keycell.files.names import RECYCLE_BIN
from keycell.files.nodes import MOST_BYTES, Sought, meets
from keycell.files.ports import Files
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, body_of, read_json
from keycell.http.rest.nodes import View, located_view, said_of
from keycell.http.rest.sayings import LONGEST_TAG, LOOKED_AT, tagged
from keycell.http.wire import json_answer

MOST_FOUND = 200
_MOST_PREFIXES = 100
_LONGEST_TYPE = 100
_IS_FOLDER = {"": None, "UNKNOWN": None, "LEAF": False, "COLLECTION": True}
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


async def search(edge: Edge, request: Request) -> Response:
    """Find what the person may read and a query asks for; the recycle bin if it is named."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    query = body.object("Query") or body_of({})
    sought, prefixes = _read_sought(query), _prefixes(query)
    first, most = body.number("From") or 0, min(body.number("Size") or 50, MOST_FOUND)
    tag = query.text("Tag", LONGEST_TAG)
    # A token for some folder opens no space, so it is the person's that are looked through.
    seen = await edge.files.spaces.seen_by(actor.sub, actor.roles)
    slugs = {prefix.partition("/")[0] for prefix in prefixes}
    roots = sorted({space.root_id for space in seen if not slugs or space.slug in slugs})
    tops = {space.root_id for space in seen if not prefixes or space.slug in prefixes}
    asks_of_bin = any(prefix.split("/")[1:2] == [RECYCLE_BIN] for prefix in prefixes)
    # What is not readable is left out, so more are looked at than are told.
    node_ids, is_cut = await _candidates(edge.files, roots, sought, tag)
    met, found = 0, list[Located]()
    readable = each_by_id(edge.files, actor, node_ids)
    async with contextlib.aclosing(readable):
        async for located in readable:
            is_there = not tops.isdisjoint(located.found.ids) or _is_under(located, prefixes)
            is_asked = is_there and (asks_of_bin or not located.in_trash)
            met += is_asked and meets(sought, located.node)
            if met > first + len(found):
                found.append(located)
            if len(found) > most:
                break
    told = await _views(edge.files, actor, found[:most])
    has_more = len(found) > most or is_cut
    return json_answer({"Results": told, "Total": len(told), "HasMore": has_more})


async def _candidates(
    files: Files, roots: Sequence[str], sought: Sought, tag: str
) -> tuple[Sequence[str], bool]:
    """List nodes to be looked at, and whether there may be more."""
    if tag:
        return await tagged(files, roots, tag)
    # In one order always, so that the next part goes on where the last one ended.
    nodes = await files.nodes.search(roots, sought, LOOKED_AT)
    return [node.node_id for node in nodes], len(nodes) == LOOKED_AT


async def _views(files: Files, actor: Actor, found: Sequence[Located]) -> list[View]:
    said = await said_of(files, actor, [one.node.node_id for one in found])
    return [located_view(one, said.get(one.node.node_id, {})) for one in found]


def _read_sought(query: Body) -> Sought:
    """Read what a query asks for; at least one thing must be."""
    name = query.text("FileName", 255) or query.text("FreeString", 255)
    kind = query.text("Type", 20)
    if kind not in _IS_FOLDER:
        raise BadRequest(f"Type was {kind!r}; expected LEAF or COLLECTION")
    smallest, largest = query.number("MinSize"), query.number("MaxSize")
    is_sized = smallest is not None or largest is not None
    sought = Sought(
        text=name.strip("*"),
        # A folder has no size of its own, so whoever asks for sizes asks for files.
        is_folder=False if is_sized and kind != "COLLECTION" else _IS_FOLDER[kind],
        content_type=query.text("ContentType", _LONGEST_TYPE),
        smallest=smallest or 0,
        largest=MOST_BYTES if largest is None else largest,
        since=_moment(query.number("MinDate")),
        until=_moment(query.number("MaxDate")),
    )
    if sought == Sought() and not query.text("Tag", LONGEST_TAG):
        raise BadRequest(
            "Query asks for nothing; expected FileName, FreeString, Type, ContentType, MinSize, "
            "MaxSize, MinDate, MaxDate or Tag"
        )
    return sought


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(min(seconds, _LATEST), tz=UTC)


def _prefixes(query: Body) -> list[str]:
    sent = query.texts("PathPrefix", _MOST_PREFIXES)
    return [path for path in (one.strip("/") for one in sent) if path]


def _is_under(located: Located, prefixes: list[str]) -> bool:
    path = f"{located.path}/"
    return any(path.startswith(f"{prefix}/") for prefix in prefixes)
