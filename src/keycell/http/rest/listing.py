"""Lists of nodes: `POST /a/tree/stats` and `POST /a/meta/bulk/get`. CELLS-CLIENT.md 3.2."""

from collections.abc import Sequence

from keycell.files.access import Actor
from keycell.files.errors import NotFound
from keycell.files.finding import Entry, Located, children, readable, spaces, stat
from keycell.files.names import read_path
from keycell.files.ports import Files
from keycell.http.rest.bodies import Body
from keycell.http.rest.nodes import entry_view, located_view, root_view, said_of, space_view

MOST_PATHS = 1000
_BELOW = "/*"
_SAID_MOST = 1000
"""Of lists up to so long it is told what people say of the nodes, asked or not."""


async def listing(files: Files, actor: Actor, body: Body) -> dict[str, object]:
    """Answer with the nodes asked for, each once, and what lies in those named with ``/*``.

    A path that leads nowhere is left out; a folder to be listed must be there.
    """
    paths = body.texts("NodePaths", MOST_PATHS)
    limit, offset = body.number("Limit") or 0, body.number("Offset") or 0
    wants_said = body.flag("AllMetaProviders")
    found: dict[str, dict[str, object]] = {}
    total = 0
    for path in sorted(paths, key=lambda path: path.endswith(_BELOW)):
        if path.endswith(_BELOW):
            views, count = await _below(files, actor, path[: -len(_BELOW)], (offset, limit))
            total += count
        else:
            views = await _one(files, actor, path)
        found |= {str(view["Path"]): view for view in views}
    nodes = list(found.values())
    if wants_said or len(nodes) <= _SAID_MOST:
        await _add_said(files, actor, nodes)
    answer: dict[str, object] = {"Nodes": nodes}
    if limit:
        answer["Pagination"] = _pagination(limit, offset, total)
    return answer


async def _one(files: Files, actor: Actor, path: str) -> list[dict[str, object]]:
    read = read_path(path)
    if read.is_root:
        return [root_view()]
    try:
        return [located_view(await stat(files, actor, read))]
    except NotFound:
        return []


async def _below(
    files: Files, actor: Actor, path: str, part: tuple[int, int]
) -> tuple[list[dict[str, object]], int]:
    read = read_path(path)
    offset, limit = part
    if read.is_root:
        seen = await spaces(files, actor)
        some = seen[offset : offset + limit] if limit else seen[offset:]
        return [space_view(space, allowed, None) for space, allowed in some], len(seen)
    located = await stat(files, actor, read)
    if not located.node.is_folder:
        return [], 0
    entries = await _entries(files, actor, located, part)
    return [entry_view(entry) for entry in entries], located.node.children


async def _entries(
    files: Files, actor: Actor, located: Located, part: tuple[int, int]
) -> Sequence[Entry]:
    offset, limit = part
    if limit or offset:
        page = await files.nodes.children_from(located.node.node_id, offset, limit or 2**31 - 2)
        return readable(actor, located, page)
    found: list[Entry] = []
    after: str | None = ""
    while after is not None:
        entries, after = await children(files, actor, located, after)
        found.extend(entries)
    return found


async def _add_said(files: Files, actor: Actor, nodes: Sequence[dict[str, object]]) -> None:
    said = await said_of(files, actor, [str(node["Uuid"]) for node in nodes])
    for node in nodes:
        store = node["MetaStore"]
        assert isinstance(store, dict)  # noqa: S101  (each view of ours has one)
        # What people say never takes the place of what we say.
        node["MetaStore"] = {**said.get(str(node["Uuid"]), {}), **store}


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
