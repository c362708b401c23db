"""Selections: several files and folders under one name, to be downloaded as one zip."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keycell.files.errors import BadRequest, NotFound
from keycell.files.finding import each_by_id, stat
from keycell.files.jobs import JobKind, JobStatus
from keycell.files.names import read_path
from keycell.files.zipping import ZIP
from keycell.files.zips import zip_stream
from keycell.http.downloads import SHIELD, disposition
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import read_json
from keycell.http.rest.jobs import job_of
from keycell.http.rest.nodes import located_view
from keycell.http.wire import json_answer

MOST_SELECTED = 10_000


async def select(edge: Edge, request: Request) -> Response:
    """Keep a selection, for as long as jobs are kept; it opens nothing by itself."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    wanted = body.objects("Nodes", MOST_SELECTED)
    named = [one.text("Uuid") for one in wanted if not one.text("Path")]
    nodes = [
        await stat(edge.files, actor, read_path(one.text("Path")))
        for one in wanted
        if one.text("Path")
    ] + [one async for one in each_by_id(edge.files, actor, named)]
    if not nodes:
        raise BadRequest("Nodes names nothing to select")
    # A job that is done already: to be found by its person alone, and gone by itself.
    job = job_of(edge.files, actor, JobKind.ZIP, nodes, {})
    await edge.files.jobs.add(
        replace(
            job, label=f"Selection of {len(nodes)} nodes", status=JobStatus.FINISHED,
            ended_at=job.created_at,
        )
    )  # fmt: skip
    return json_answer(
        {"SelectionUUID": job.job_id, "Nodes": [located_view(one) for one in nodes]}
    )


async def download(edge: Edge, request: Request) -> Response:
    """Give a selection as a zip: what may be read of it now, with the token that asks."""
    actor = await actor_of(edge, request)
    selection_id = request.path_params["selection_id"]
    job = await edge.files.jobs.find(selection_id)
    kept = None if job is None or job.kind is not JobKind.ZIP else job.parameters.get("nodes")
    if job is None or job.sub != actor.sub or not isinstance(kept, list):
        raise NotFound(f"there is no selection {selection_id[:64]!r}")
    tops = [one async for one in each_by_id(edge.files, actor, map(str, kept))]
    if not tops:
        raise NotFound("nothing of the selection is there any more")
    name = f"{tops[0].path.name}.zip" if len(tops) == 1 else "selection.zip"
    headers = {
        **SHIELD, "Content-Disposition": disposition(name, inline=False),
    }  # fmt: skip
    return StreamingResponse(zip_stream(edge.files, actor, tops), 200, headers, ZIP)
