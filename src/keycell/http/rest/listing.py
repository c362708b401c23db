"""Lists of nodes: `POST /a/tree/stats` and `POST /a/meta/bulk/get`."""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import msgspec
from starlette.responses import Response, StreamingResponse

from keycell.files.access import Action, Actor
from keycell.files.errors import BadRequest, NotFound
from keycell.files.finding import Entry, Located, children, names_of, readable, spaces, stat
from keycell.files.names import Path, read_path
from keycell.files.nodes import Order, OrderBy
from keycell.files.ports import Files
from keycell.http.rest.bodies import Body
from keycell.http.rest.nodes import (
    DELETED_BY,
    DELETED_BY_NAME,
    View,
    entry_view,
    located_view,
    root_view,
    said_of,
    space_view,
)
from keycell.values import dataclass

MOST_PATHS = 1000
_BELOW = "/*"
_PAGE = 1000
"""Nodes that are held at once, however many there are to tell of."""
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Part:
    """What is wanted of what lies in each folder; without a limit, all there is."""

    offset: int
    limit: int
    order: Order | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: nodes, and folders for what lies in them; None is the top."""

    nodes: Sequence[View]
    folders: Sequence[Located | None]


async def listing(files: Files, actor: Actor, body: Body) -> Response:
    """Answer with the nodes asked for, each once, and what lies in those named with ``/*``.

    A path that leads nowhere is left out; a folder to be listed must be there.
    """
    part = _read_part(body)
    wanted = await _find(files, actor, body.texts("NodePaths", MOST_PATHS))
    if part.limit:
        return await _one_part(files, actor, wanted, part)
    pages = _pages(files, actor, wanted, part.offset)
    held: list[View] = []
    async for page in pages:
        held += page
        if len(held) >= _PAGE:
            return StreamingResponse(_json(held, pages), media_type="application/json")
    return _answer(msgspec.json.encode({"Nodes": held}))


def _read_part(body: Body) -> Part:
    offset, limit = body.number("Offset") or 0, body.number("Limit") or 0
    by, text = body.text("SortField", 20), body.text("NameContains", _LONGEST_NAME)
    if not by and not text:
        return Part(offset, limit, None)
    if by not in ("", *OrderBy):
        raise BadRequest(f"SortField was {by!r}; expected {', '.join(OrderBy)}")
    if not 0 < limit <= _PAGE:
        raise BadRequest(f"Limit was {limit}; in an order, or by names, 1 to {_PAGE} are listed")
    order = Order(by=OrderBy(by or "name"), is_descending=body.flag("SortDirDesc"), text=text)
    return Part(offset, limit, order)


async def _find(files: Files, actor: Actor, paths: Sequence[str]) -> Wanted:
    nodes: dict[Path, View] = {}
    folders: dict[str, Located | None] = {}
    for text in dict.fromkeys(paths):
        if text.endswith(_BELOW) or text == "*":
            path = read_path(text.removesuffix("*"))
            located = None if path.is_root else await stat(files, actor, path)
            if located is None or located.node.is_folder:
                folders["" if located is None else located.node.node_id] = located
        elif (path := read_path(text)).is_root:
            nodes[path] = root_view()
        else:
            try:
                nodes[path] = located_view(await stat(files, actor, path))
            except NotFound:
                continue
    return Wanted(list(nodes.values()), list(folders.values()))


async def _pages(
    files: Files, actor: Actor, wanted: Wanted, offset: int
) -> AsyncGenerator[list[View]]:
    """Give all that was asked for, some nodes at a time; an empty page may be among them."""
    yield await _with_said(files, actor, wanted.nodes)
    told = {view["Path"] for view in wanted.nodes}
    for folder in wanted.folders:
        passed = 0
        async for views in _below(files, actor, folder):
            beyond = views[max(0, offset - passed) :]
            passed += len(views)
            yield await _with_said(
                files, actor, [one for one in beyond if one["Path"] not in told]
            )


async def _below(
    files: Files, actor: Actor, folder: Located | None
) -> AsyncGenerator[Sequence[View]]:
    if folder is None:
        yield [space_view(space, can, None) for space, can in await spaces(files, actor)]
        return
    after: str | None = ""
    while after is not None:
        entries, after = await children(files, actor, folder, after, _PAGE)
        yield [entry_view(entry) for entry in entries]


async def _one_part(files: Files, actor: Actor, wanted: Wanted, part: Part) -> Response:
    told = {str(view["Path"]): view for view in wanted.nodes}
    total = 0
    for folder in wanted.folders:
        views, count = await _part_of(files, actor, folder, part)
        total += count
        for view in views:
            told.setdefault(str(view["Path"]), view)
    return _answer(
        msgspec.json.encode({
            "Nodes": await _with_said(files, actor, list(told.values())),
            "Pagination": _pagination(part.limit, part.offset, total),
        })
    )  # fmt: skip


async def _part_of(
    files: Files, actor: Actor, folder: Located | None, part: Part
) -> tuple[Sequence[View], int]:
    """Give a part of what lies in a folder, and how much lies there that may be read."""
    if folder is not None and part.order is not None:
        return await _ordered_part(files, actor, folder, part, part.order)
    if folder is not None and not await _denied(files, actor, folder):
        page = await files.nodes.children_from(folder.node.node_id, part.offset, part.limit)
        entries: Sequence[Entry] = readable(actor, folder, page)
        return [entry_view(entry) for entry in entries], folder.node.children
    # Counted as the person sees it: a client goes by the numbers from one part to the next.
    found: list[View] = []
    passed = 0
    async for views in _below(files, actor, folder):
        start = max(0, part.offset - passed)
        found += views[start : start + part.limit - len(found)]
        passed += len(views)
    return found, passed


async def _ordered_part(
    files: Files, actor: Actor, folder: Located, part: Part, order: Order
) -> tuple[Sequence[View], int]:
    """Give a part of what lies in a folder, folders first; the recycle bin is no part of it."""
    without = await _denied(files, actor, folder)
    volume = await files.spaces.volume(folder.node.volume_id)
    if volume is not None:
        without = [volume.trash_id, *without]
    order = replace(order, without=without)
    page, total = await files.nodes.in_order(
        folder.node.node_id, order, part.offset, part.limit
    )  # fmt: skip
    return [entry_view(entry) for entry in readable(actor, folder, page)], total


async def _denied(files: Files, actor: Actor, folder: Located) -> list[str]:
    """List what lies in a folder and is denied to the actor."""
    denied = []
    for right in await files.spaces.rights(role_ids=sorted(actor.roles)):
        if right.action is Action.DENY:
            found = await files.nodes.locate(right.node_id)
            if found is not None and found.node.parent_id == folder.node.node_id:
                denied.append(right.node_id)
    return denied


async def _with_said(files: Files, actor: Actor, views: Sequence[View]) -> list[View]:
    said = await said_of(files, actor, [str(view["Uuid"]) for view in views])
    stores = [view["MetaStore"] for view in views]
    kept = [store for store in stores if isinstance(store, dict)]
    by = {json.loads(one[DELETED_BY]) for one in kept if DELETED_BY in one}
    names = {
        json.dumps(sub): json.dumps(name, ensure_ascii=False)
        for sub, name in (await names_of(files, by)).items()
    }
    found = []
    for view, store in zip(views, kept, strict=True):
        # What people say never takes the place of what we say.
        told = {**said.get(str(view["Uuid"]), {}), **store}
        if store.get(DELETED_BY) in names:
            told[DELETED_BY_NAME] = names[store[DELETED_BY]]
        found.append({**view, "MetaStore": told})
    return found


async def _json(held: Sequence[View], pages: AsyncGenerator[list[View]]) -> AsyncGenerator[bytes]:
    yield b'{"Nodes":' + msgspec.json.encode(held)[:-1]
    async for page in pages:
        if page:
            yield b"," + msgspec.json.encode(page)[1:-1]
    yield b"]}"


def _answer(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _pagination(limit: int, offset: int, total: int) -> dict[str, int]:
    pages = max(1, -(-total // limit))
    told = {
        "Limit": limit, "CurrentOffset": offset, "Total": total,
        "CurrentPage": offset // limit + 1, "TotalPages": pages,
    }  # fmt: skip
    if offset + limit < total:
        told["NextOffset"] = offset + limit
    if offset:
        told["PrevOffset"] = max(0, offset - limit)
    return told
