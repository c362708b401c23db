"""Jobs over REST: begun, looked at, cancelled and forgotten."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from keycell.files.access import Actor
from keycell.files.errors import BadRequest, Conflict, Forbidden, NotFound
from keycell.files.finding import Located, by_id, check_writable, locate, stat
from keycell.files.jobs import ENDED, Job, JobKind
from keycell.files.locking import check_unlocked
from keycell.files.moving import check_stays_not
from keycell.files.names import read_path
from keycell.files.nodes import check_folder
from keycell.files.ports import Files
from keycell.files.reaches import read_reach, write_reach
from keycell.http.edge import Edge
from keycell.http.files_edge import actor_of
from keycell.http.rest.bodies import Body, parse_object, read_json
from keycell.http.wire import json_answer
from keycell.oauth.details import ALL_FILES
from keycell.oauth.sentences import phrase

MOST_NODES = 1000
MOST_JOBS = 500
MOST_UNDER_WAY = 32
"""Of one person: each that is asked for begins at once."""
WAITED = 2.0
"""Seconds that a short job may take before its request is answered without it."""
_RESYNC = "datasource-resync"
_EVERYBODY = "*"


async def start_job(edge: Edge, request: Request) -> Response:
    """Begin a job; parameters that cannot be are refused at once."""
    actor = await actor_of(edge, request)
    name = request.path_params["name"]
    body = await read_json(request)
    if name == _RESYNC:
        # Nothing is ever out of step with itself here.
        return json_answer({"JobUuid": edge.files.mint_id()})
    make = _MADE.get(name)
    if make is None:
        raise BadRequest(f"there is no job {name[:60]!r}: expected {', '.join([*_MADE, _RESYNC])}")
    wanted = parse_object(body.text("JsonParameters", 2**20) or "{}", "JsonParameters")
    job = await make(edge.files, actor, wanted)
    await edge.runner.submit(job, WAITED, MOST_UNDER_WAY)
    return json_answer({"JobUuid": job.job_id})


async def _carrying(files: Files, actor: Actor, wanted: Body, kind: JobKind) -> Job:
    nodes = [
        await stat(files, actor, read_path(path)) for path in wanted.texts("nodes", MOST_NODES)
    ]
    # What stands at a path may be another one meanwhile.
    nodes += [await by_id(files, actor, one) for one in wanted.texts("ids", MOST_NODES)]
    target = await locate(files, actor, read_path(wanted.text("target")))
    # Nothing takes the place of a space, so what is to be there is to lie in it.
    into = wanted.flag("targetParent") or target.is_space
    _check_target(target, nodes, into=into)
    for node in nodes if kind is JobKind.MOVE else ():
        check_writable(node)
        check_stays_not(node)
        if node.in_trash:
            raise Forbidden(phrase("what is in the recycle bin is restored, not moved"))
        await check_unlocked(files, actor, node)
    said = {"target": str(target.path), "into": into}
    return job_of(files, actor, kind, nodes, said)


def _check_target(target: Located, nodes: list[Located], *, into: bool) -> None:
    check_writable(target)
    if target.in_trash:
        raise Forbidden(
            phrase("nothing can be put into the recycle bin; restore from it, or empty it")
        )
    # A name that is taken, in whichever spelling, is no error: the job finds one beside it.
    if len(target.found.missing) > (0 if into else 1):
        raise NotFound(phrase("there is no folder %(path)s", path=repr(str(target.path)[:200])))
    if not into and len(nodes) > 1:
        raise BadRequest("several nodes go into a folder: send targetParent")
    chain = target.found.chain if into or target.found.missing else target.found.chain[:-1]
    check_folder(chain[-1])
    above = {node.node_id for node in chain}
    if any(node.node.node_id in above for node in nodes):
        raise BadRequest(phrase("a folder cannot lie in itself"))


async def _copy(files: Files, actor: Actor, wanted: Body) -> Job:
    return await _carrying(files, actor, wanted, JobKind.COPY)


async def _move(files: Files, actor: Actor, wanted: Body) -> Job:
    return await _carrying(files, actor, wanted, JobKind.MOVE)


async def _delete(files: Files, actor: Actor, wanted: Body) -> Job:
    nodes = [
        await stat(files, actor, read_path(path)) for path in wanted.texts("nodes", MOST_NODES)
    ]
    for node in nodes:
        check_writable(node)
        check_stays_not(node)
        await check_unlocked(files, actor, node)
    said = {
        "for_good": wanted.flag("removePermanently"),
        "from_trash": [one.node.node_id for one in nodes if one.in_trash],
    }
    return job_of(files, actor, JobKind.DELETE, nodes, said)


async def _restore(files: Files, actor: Actor, wanted: Body) -> Job:
    nodes = [
        await stat(files, actor, read_path(path)) for path in wanted.texts("nodes", MOST_NODES)
    ]
    return job_of(files, actor, JobKind.RESTORE, nodes, {})


async def _zip(files: Files, actor: Actor, wanted: Body) -> Job:
    nodes = [
        await stat(files, actor, read_path(path)) for path in wanted.texts("nodes", MOST_NODES)
    ]
    if not nodes:
        raise BadRequest("nodes names nothing to put into the zip")
    named = wanted.text("archiveName") or f"{nodes[0].path.name}.zip"
    folder = wanted.text("target") or str(nodes[0].path.parent)
    target = await locate(files, actor, read_path(f"{folder}/{named.rpartition('/')[2]}"))
    _check_target(target, [], into=False)
    return job_of(files, actor, JobKind.ZIP, nodes, {"target": str(target.path)})


_MADE: Mapping[str, Callable[[Files, Actor, Body], Awaitable[Job]]] = {
    "copy": _copy, "move": _move, "delete": _delete, "restore": _restore,
    "compress": _zip,
}  # fmt: skip


def job_of(
    files: Files, actor: Actor, kind: JobKind, nodes: list[Located], said: Mapping[str, object]
) -> Job:
    """Give a new job for some nodes, within the reach of the token that asks for it."""
    what = nodes[0].path.name if len(nodes) == 1 else f"{len(nodes)} files and folders"
    return Job(
        job_id=files.mint_id(),
        kind=kind,
        label=f"{kind.value.title()} {what}",
        sub=actor.sub,
        parameters={
            "nodes": [one.node.node_id for one in nodes],
            "reach": write_reach(actor.reach),
            **said,
        },
        created_at=files.clock(),
    )


async def list_jobs(edge: Edge, request: Request) -> Response:
    """List the person's jobs, or those asked for, within what the token opens."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    wanted = body.texts("JobIDs", MOST_JOBS)
    if wanted:
        found = [await edge.files.jobs.find(one) for one in wanted]
        jobs = [one for one in found if one is not None]
    else:
        jobs = await _jobs_of(edge, actor, body.text("Owner"))
    seen = [one for one in jobs if _may_see(actor, one)]
    return json_answer({"Jobs": await _views(edge, actor, seen)})


async def _jobs_of(edge: Edge, actor: Actor, owner: str) -> list[Job]:
    """List a person's jobs; an administrator's are those of whom they name, or everybody's."""
    whose: str | None = actor.sub
    if actor.is_admin and owner == _EVERYBODY:
        whose = None
    elif actor.is_admin and owner:
        account = await edge.people.accounts.find_by_login(owner)
        if account is None:
            return []
        whose = account.sub
    return list(await edge.files.jobs.of_person(whose, MOST_JOBS))


async def _views(edge: Edge, actor: Actor, jobs: list[Job]) -> list[dict[str, object]]:
    logins = {actor.sub: actor.login}
    for sub in {one.sub for one in jobs} - {actor.sub}:
        account = await edge.people.accounts.find(sub)
        # Somebody who was removed has no login any more.
        logins[sub] = sub if account is None else account.login
    return [job_view(one, logins[one.sub]) for one in jobs]


async def control_job(edge: Edge, request: Request) -> Response:
    """Cancel a job, or forget it."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    job = await _own(edge, actor, body.text("JobId"))
    command = body.text("Cmd")
    if command in ("Stop", "Interrupt"):
        await edge.files.jobs.cancel(job.job_id, edge.files.clock())
    elif command == "Delete":
        await _forget(edge, job)
    else:
        raise BadRequest("Cmd must be Interrupt or Delete")
    return json_answer({"Msg": "done"})


async def delete_tasks(edge: Edge, request: Request) -> Response:
    """Forget the tasks of a job that has ended: each job has one, and goes with it."""
    actor = await actor_of(edge, request)
    body = await read_json(request)
    job = await _own(edge, actor, body.text("JobId"))
    named = body.texts("TaskID", MOST_JOBS)
    statuses = body.texts("Status", MOST_JOBS)
    if (named and _task_id(job) not in named) or (statuses and job.status not in statuses):
        return json_answer({"Deleted": []})
    if job.status not in ENDED:
        raise Conflict("the task is not over: interrupt the job first, or delete the job")
    await edge.files.jobs.remove(job.job_id)
    return json_answer({"Deleted": [_task_id(job)]})


async def delete_job(edge: Edge, request: Request) -> Response:
    """Forget a job, cancelling it if it runs."""
    actor = await actor_of(edge, request)
    await _forget(edge, await _own(edge, actor, request.path_params["job_id"]))
    return json_answer({"Success": True, "DeleteCount": 1})


async def _own(edge: Edge, actor: Actor, job_id: str) -> Job:
    job = await edge.files.jobs.find(job_id)
    if job is None or not _may_see(actor, job):
        raise NotFound(f"there is no job {job_id[:64]!r}")
    return job


async def _forget(edge: Edge, job: Job) -> None:
    if job.status not in ENDED:
        await edge.files.jobs.cancel(job.job_id, edge.files.clock())
    await edge.files.jobs.remove(job.job_id)


def _may_see(actor: Actor, job: Job) -> bool:
    """Tell whether a job is the actor's, and within what their token opens."""
    if actor.is_admin:
        return True
    # What nobody asked for with a token may have to do with any of the person's files.
    reach = read_reach(job.parameters.get("reach")) or ALL_FILES
    return job.sub == actor.sub and actor.covers(reach)


def _task_id(job: Job) -> str:
    return f"{job.job_id}-task"


def job_view(job: Job, login: str) -> dict[str, object]:
    """Give a job, and the login of whose it is, with its one task."""
    task: dict[str, object] = {
        "ID": _task_id(job),
        "JobID": job.job_id,
        "Status": job.status.value,
        "StatusMessage": job.message,
        "HasProgress": True,
        "Progress": job.progress,
        "StartTime": int((job.started_at or job.created_at).timestamp()),
    }
    if job.failure:
        # The word that a refused call has for it in its Code.
        task["Code"] = job.failure
    if job.ended_at is not None:
        task["EndTime"] = int(job.ended_at.timestamp())
    return {
        "ID": job.job_id,
        "Label": job.label,
        "Owner": login,
        "CreatedAt": int(job.created_at.timestamp()),
        "Tasks": [task],
    }
