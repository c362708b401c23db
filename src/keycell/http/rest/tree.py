"""The tree over REST: what is where, made, deleted and brought back."""

import contextlib
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadPath, NotFound, PreconditionFailed
from keycell.files.finding import Located, by_id, check_writable, stat
from keycell.files.moving import delete, restore, trash
from keycell.files.names import Path, read_path
from keycell.files.nodes import Conditions
from keycell.files.ports import Files
from keycell.files.writing import Put, make_folder, put
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.listing import listing
from keycell.http.rest.nodes import located_view, node_view, root_view, said_of
from keycell.http.rest.paths import path_after
from keycell.http.wire import json_answer, origin_of

MOST_NODES = 1000
_NEW = Conditions(if_none_match=("*",))


async def stat_node(edge: Edge, request: Request) -> Response:
    """Give what is at a path."""
    actor = await actor_of(edge, request)
    try:
        path = path_after(request, "/a/tree/stat")
    except BadPath as error:
        # Nothing is where nothing can be; anything but 404 makes clients ask again and again.
        raise NotFound(str(error)) from None
    if path.is_root:
        return json_answer({"Node": root_view()})
    located = await stat(edge.files, actor, path)
    said = await said_of(edge.files, actor, [located.node.node_id])
    return json_answer({"Node": located_view(located, said.get(located.node.node_id, {}))})


async def stat_nodes(edge: Edge, request: Request) -> Response:
    """Give several nodes, and what lies in folders."""
    actor = await actor_of(edge, request)
    return await listing(edge.files, actor, await read_json(request))


async def create(edge: Edge, request: Request) -> Response:
    """Make folders, and empty files; what is there already is no error.

    But a token that may only read is told so, whether or not it is there.
    """
    actor = await actor_of(edge, request)
    body = await read_json(request)
    made = []
    for wanted in body.objects("Nodes", MOST_NODES):
        path = read_path(wanted.text("Path"))
        if wanted.text("Type") == "LEAF":
            await _make_file(edge.files, actor, path)
        else:
            await make_folder(edge.files, actor, path)
        located = await stat(edge.files, actor, path)
        if located.is_held_back:
            check_writable(located)
        made.append(node_view(located.node, path))
    return json_answer({"Children": made})


async def _make_file(files: Files, actor: Actor, path: Path) -> None:
    with contextlib.suppress(PreconditionFailed):
        await put(files, actor, path, _nothing(), Put(conditions=_NEW))


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


async def delete_nodes(edge: Edge, request: Request) -> Response:
    """Move to the recycle bin, or delete for good; what is not there is passed over.

    It is done when this answers: some clients write to the same paths at once.
    """
    actor = await actor_of(edge, request)
    body = await read_json(request)
    for_good = body.flag("RemovePermanently")
    meant = []
    # All are found before any is deleted: what is named twice, or lies in another of them, is not
    # taken for something of the recycle bin the second time.
    for wanted in body.objects("Nodes", MOST_NODES):
        with contextlib.suppress(NotFound):
            meant.append((wanted, await _meant(edge.files, actor, wanted)))
    for wanted, located in meant:
        if for_good or (located.in_trash and wanted.text("Path")):
            await delete(edge.files, actor, located, origin_of(request))
        elif not located.in_trash:
            # By its identifier a node is found in the recycle bin too: sent twice, such a call
            # deletes nothing for good.
            await trash(edge.files, actor, located)
    return json_answer({"DeleteJobs": []})


async def restore_nodes(edge: Edge, request: Request) -> Response:
    """Bring nodes back from the recycle bin."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    for wanted in body.objects("Nodes", MOST_NODES):
        await restore(edge.files, actor, await _meant(edge.files, actor, wanted))
    return json_answer({"RestoreJobs": []})


async def _meant(files: Files, actor: Actor, wanted: Body) -> Located:
    """Find a node by its path, or by its identifier where none is sent."""
    path, node_id = wanted.text("Path"), wanted.text("Uuid")
    if not path and node_id:
        return await by_id(files, actor, node_id)
    return await stat(files, actor, read_path(path))
