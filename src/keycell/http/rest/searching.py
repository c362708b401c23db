"""Finding nodes by their names, kinds, sizes, times and tags, over REST."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest
from keycell.files.finding import Located, each_by_id, names_of
from keycell.files.names import RECYCLE_BIN
from keycell.files.nodes import MOST_BYTES, Sought, meets
from keycell.files.ports import Files
from keycell.files.ports_blobs import INLINE_MOST
from keycell.files.reading import small_contents
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, body_of, read_json
from keycell.http.rest.nodes import CHANGED_BY_NAME, View, located_view, said_of
from keycell.http.rest.sayings import LONGEST_TAG, LOOKED_AT, tagged
from keycell.http.wire import json_answer

MOST_FOUND = 200
_MOST_PREFIXES = 100
_LONGEST_TYPE = 100
_IS_FOLDER = {"": None, "UNKNOWN": None, "LEAF": False, "COLLECTION": True}
_LONGEST_CONTENT = 200
_READ_AT_ONCE = 32
"""So many files are gone through until others have their turn."""
_NOBODY = "nobody"
"""What nobody's ``sub`` is."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be found, where, and which part of it is told."""

    sought: Sought
    tag: str
    content: str
    prefixes: list[str]
    first: int
    most: int


async def search(edge: Edge, request: Request) -> Response:
    """Find what the person may read and a query asks for; the recycle bin if it is named."""
    actor = await actor_of(edge, request)
    wanted = await _read(edge.files, await read_json(request))
    prefixes = wanted.prefixes
    # A token for some folder opens no space, so it is the person's that are looked through.
    seen = await edge.files.spaces.seen_by(actor.sub, actor.roles)
    slugs = {prefix.partition("/")[0] for prefix in prefixes}
    roots = sorted({space.root_id for space in seen if not slugs or space.slug in slugs})
    tops = {space.root_id for space in seen if not prefixes or space.slug in prefixes}
    asks_of_bin = any(prefix.split("/")[1:2] == [RECYCLE_BIN] for prefix in prefixes)
    # What is not readable is left out, so more are looked at than are told.
    node_ids, is_cut = await _candidates(edge, actor, request, roots, wanted)
    met, found = 0, list[Located]()
    readable = each_by_id(edge.files, actor, node_ids)
    async with contextlib.aclosing(readable):
        async for located in readable:
            is_there = not tops.isdisjoint(located.found.ids) or _is_under(located, prefixes)
            is_asked = is_there and (asks_of_bin or not located.in_trash)
            met += is_asked and meets(wanted.sought, located.node)
            if met > wanted.first + len(found):
                found.append(located)
            if len(found) > wanted.most:
                break
    told = await _views(edge.files, actor, found[: wanted.most])
    if wanted.sought.is_latest_first:
        await _name_who(edge.files, found, told)
    has_more = len(found) > wanted.most or is_cut
    return json_answer({"Results": told, "Total": len(told), "HasMore": has_more})


async def _read(files: Files, body: Body) -> _Wanted:
    query = body.object("Query") or body_of({})
    # The old system's word for it; every other order is the one that is told.
    is_latest_first = body.text("SortField", 20) == "mtime" and body.flag("SortDirDesc")
    return _Wanted(
        sought=replace(await _read_sought(files, query), is_latest_first=is_latest_first),
        tag=query.text("Tag", LONGEST_TAG),
        content=query.text("Content", _LONGEST_CONTENT),
        prefixes=_prefixes(query),
        first=body.number("From") or 0,
        most=min(body.number("Size") or 50, MOST_FOUND),
    )


async def _candidates(
    edge: Edge, actor: Actor, request: Request, roots: Sequence[str], wanted: _Wanted
) -> tuple[Sequence[str], bool]:
    """List nodes to be looked at, and whether there may be more."""
    if not wanted.content:
        return await _named(edge.files, roots, wanted)
    # Whoever has to wait costs nothing: every name of a space is looked at to begin with.
    with edge.text_searches.of(actor.sub):
        node_ids, is_cut = await _named(edge.files, roots, wanted)
        return await _holding(edge.files, actor, request, node_ids, wanted.content), is_cut


async def _named(
    files: Files, roots: Sequence[str], wanted: _Wanted
) -> tuple[Sequence[str], bool]:
    if wanted.tag:
        return await tagged(files, roots, wanted.tag)
    # In one order always, so that the next part goes on where the last one ended.
    nodes = await files.nodes.search(roots, wanted.sought, LOOKED_AT)
    return [node.node_id for node in nodes], len(nodes) == LOOKED_AT


async def _holding(
    files: Files, actor: Actor, request: Request, node_ids: Sequence[str], content: str
) -> Sequence[str]:
    """Give those of some nodes that are small files with a text in it that holds another one.

    For who is gone nothing is looked through any more, and their turn is free again.
    """
    wanted, found = content.casefold(), list[str]()
    for start in range(0, len(node_ids), _READ_AT_ONCE):
        some = node_ids[start : start + _READ_AT_ONCE]
        versions = {
            one.node.node_id: one.node.version_id
            async for one in each_by_id(files, actor, some)
            if one.node.version_id is not None
        }
        held = await small_contents(files, actor, versions)
        if await request.is_disconnected():
            raise ClientDisconnect
        await asyncio.sleep(0)
        found += [one for one in some if one in held and wanted in _text(held[one])]
    return found


async def _name_who(files: Files, found: Sequence[Located], told: Sequence[View]) -> None:
    """Say who changed each last: what comes first was changed, and that is why it is looked at."""
    names = await names_of(files, {one.node.changed_by for one in found})
    for one, view in zip(found, told, strict=False):
        store = view["MetaStore"]
        if one.node.changed_by in names and isinstance(store, dict):
            store[CHANGED_BY_NAME] = json.dumps(names[one.node.changed_by], ensure_ascii=False)


def _text(content: bytes) -> str:
    """Give what a file says; nothing where it is no text."""
    try:
        return content.decode().casefold()
    except UnicodeDecodeError:
        return ""


async def _views(files: Files, actor: Actor, found: Sequence[Located]) -> list[View]:
    said = await said_of(files, actor, [one.node.node_id for one in found])
    return [located_view(one, said.get(one.node.node_id, {})) for one in found]


async def _read_sought(files: Files, query: Body) -> Sought:
    """Read what a query asks for; at least one thing must be."""
    name = query.text("FileName", 255) or query.text("FreeString", 255)
    kind = query.text("Type", 20)
    if kind not in _IS_FOLDER:
        raise BadRequest(f"Type was {kind!r}; expected LEAF or COLLECTION")
    smallest, largest = query.number("MinSize"), query.number("MaxSize")
    if query.text("Content", _LONGEST_CONTENT):
        # So much of a file is kept beside its row, and what is empty holds nothing.
        smallest, largest = max(1, smallest or 0), min(INLINE_MOST, largest or INLINE_MOST)
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
        made_by=await _maker(files, query.text("MadeBy", 200)),
    )
    if sought == Sought() and not query.text("Tag", LONGEST_TAG):
        raise BadRequest(
            "Query asks for nothing; expected FileName, FreeString, Content, Type, ContentType, "
            "MinSize, MaxSize, MinDate, MaxDate, MadeBy or Tag"
        )
    return sought


async def _maker(files: Files, login: str) -> str:
    """Give the ``sub`` of whose a login is; of what nobody is called by, nothing is found."""
    account = await files.accounts.find_by_login(login) if login else None
    return account.sub if account is not None else login and _NOBODY


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(min(seconds, _LATEST), tz=UTC)


def _prefixes(query: Body) -> list[str]:
    sent = query.texts("PathPrefix", _MOST_PREFIXES)
    return [path for path in (one.strip("/") for one in sent) if path]


def _is_under(located: Located, prefixes: list[str]) -> bool:
    path = f"{located.path}/"
    return any(path.startswith(f"{prefix}/") for prefix in prefixes)
