"""`keycell jobs`: what the server does on its own time."""

from typing import TYPE_CHECKING

from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.serving import at_server
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.tables import Column, Table

if TYPE_CHECKING:
    from keycell.client.files import Job
    from keycell.client.session import Session


def _percent(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else ""


_FIELDS = ("id", "label", "status", "progress", "message", "code")
_TABLE = Table(
    (
        Column("id"),
        Column("status"),
        Column("progress", "done", text=_percent, is_number=True),
        Column("label", gives_way=True),
        Column("message", gives_way=True, is_spare=True),
    ),
    _FIELDS,
)


class Commands(CommandTable):
    """What can be done with jobs."""

    table = (
        Command("ls", "keycell.cli.jobs:ls", "List one's jobs."),
        Command("show", "keycell.cli.jobs:show", "Tell how far a job has come."),
        Command("wait", "keycell.cli.jobs:wait", "Wait until a job has ended."),
        Command("cancel", "keycell.cli.jobs:cancel", "Stop a job at its next step."),
    )


app = group(
    Commands,
    "jobs",
    "What the server does on its own time.",
    "keycell jobs ls",
    "keycell jobs wait JOB",
    "keycell jobs cancel JOB",
)


def _row(job: "Job") -> dict[str, object]:
    return {
        "id": job.job_id,
        "label": job.label,
        "status": job.status.lower(),
        "progress": round(job.progress, 3),
        "message": job.message or None,
        "code": job.code or None,
    }


@lists
def ls(out: Output) -> None:
    """List one's jobs, the latest first.

    keycell jobs ls
    keycell jobs ls --columns id,status
    keycell jobs ls --json
    """

    async def work(session: "Session") -> "list[Job]":
        from keycell.client.files import jobs

        return await jobs(session)

    out.show(_TABLE, [_row(one) for one in at_server(out.profile or "", work)])


async def _found(session: "Session", job_id: str) -> "Job":
    from keycell.client.errors import NotFound
    from keycell.client.files import jobs

    found = await jobs(session, [job_id])
    if not found:
        raise NotFound(f"there is no job {job_id}", "keycell jobs ls shows yours")
    return found[0]


@shows
def show(out: Output, job: str) -> None:
    """Tell how far a job has come.

    keycell jobs show JOB
    keycell jobs show JOB --jq .progress
    keycell jobs show JOB --json
    """

    async def work(session: "Session") -> "Job":
        return await _found(session, job)

    out.one(_row(at_server(out.profile or "", work)), _FIELDS)


@shows
def wait(out: Output, job: str) -> None:
    """Wait until a job has ended; one that failed is an error.

    keycell jobs wait JOB
    keycell jobs wait JOB --quiet
    keycell jobs wait JOB --jq .status
    """

    async def work(session: "Session") -> "Job":
        from keycell.client import files

        return await files.wait(session, job)

    out.one(_row(at_server(out.profile or "", work)), _FIELDS)


@changes
def cancel(out: Output, job: str) -> None:
    """Stop a job at its next step; what it did so far stays.

    keycell jobs cancel JOB
    keycell jobs cancel JOB --dry-run
    keycell jobs cancel JOB --json
    """

    async def work(session: "Session") -> None:
        from keycell.client.files import control_job

        found = await _found(session, job)
        if not (out.dry_run or found.has_ended):
            await control_job(session, job, "Interrupt")

    at_server(out.profile or "", work)
    when = "at its next step"
    out.changed({"id": job}, f"{job} stops {when}", f"{job} would stop {when}")
