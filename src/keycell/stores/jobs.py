"""Jobs, in SQL. A lease says whose a job is, and until when; the database arbitrates."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import and_, bindparam, delete, func, insert, null, or_, select, update

from keycell.files.errors import Conflict, TooLarge
from keycell.files.jobs import ENDED, Job, JobKind, JobStatus, JobStep
from keycell.oauth.sentences import phrase
from keycell.stores.columns import document, micros, moment
from keycell.stores.database import Database, Row, Statement, Verb, first
from keycell.stores.schema import accounts
from keycell.stores.schema_files import jobs

LARGEST_DOCUMENT = 256 * 2**10
"""Bytes of a job's parameters, and of what it needs to go on after a restart."""
LONGEST_MESSAGE = 1000

_IS_IT = jobs.c.job_id == bindparam("b_job_id")
_ADD = Statement(insert(jobs))
_FIND = Statement(select(jobs).where(_IS_IT))
_LATEST = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.job_id.desc())
_OF_PERSON = Statement(_LATEST.where(jobs.c.sub == bindparam("b_sub")).limit(bindparam("b_most")))
_OF_ALL = Statement(_LATEST.limit(bindparam("b_most")))
_UNDER_WAY = Statement(
    select(func.count().label("jobs")).where(
        jobs.c.sub == bindparam("b_sub"),
        or_(
            jobs.c.status == JobStatus.QUEUED.value,
            jobs.c.status == JobStatus.RUNNING.value,
        ),
        jobs.c.kind != JobKind.DIGEST.value,
    )
)
"""How many jobs of a person have not ended, other than those that nobody asked for."""
_LOCK_PERSON = Statement(
    select(accounts.c.sub).where(accounts.c.sub == bindparam("b_sub")).with_for_update()
)
_IS_FREE = or_(
    jobs.c.status == JobStatus.QUEUED.value,
    and_(
        jobs.c.status == JobStatus.RUNNING.value,
        jobs.c.leased_until <= bindparam("b_now"),
    ),
)
_FREE = Statement(
    select(jobs.c.job_id)
    .where(_IS_FREE)
    .order_by(jobs.c.created_at, jobs.c.job_id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_IS_WAITING = Statement(select(jobs.c.job_id).where(_IS_FREE).limit(1))
_TAKE = Statement(
    update(jobs)
    .where(_IS_IT, _IS_FREE)
    .values(
        status=JobStatus.RUNNING.value,
        started_at=func.coalesce(jobs.c.started_at, bindparam("b_now")),
        leased_by=bindparam("b_worker"),
        leased_until=bindparam("b_until"),
    )
    .returning(*jobs.c)
)
_KEEP = Statement(
    update(jobs)
    .where(
        _IS_IT,
        jobs.c.leased_by == bindparam("b_worker"),
        jobs.c.status == JobStatus.RUNNING.value,
    )
    .values(
        status=bindparam("b_status"),
        message=bindparam("b_message"),
        done=bindparam("b_done"),
        total=bindparam("b_total"),
        state=bindparam("b_state"),
        ended_at=bindparam("b_ended_at"),
        leased_by=bindparam("b_leased_by"),
        leased_until=bindparam("b_leased_until"),
    )
)
_CANCEL = Statement(
    update(jobs)
    .where(
        _IS_IT,
        or_(
            jobs.c.status == JobStatus.QUEUED.value,
            jobs.c.status == JobStatus.RUNNING.value,
        ),
    )
    .values(
        status=JobStatus.INTERRUPTED.value,
        ended_at=bindparam("b_now"),
        leased_by="",
        leased_until=null(),
    )
)
_REMOVE = Statement(delete(jobs).where(_IS_IT))


class SqlJobStore:
    """The jobs that wait, run, or ended a while ago."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, most: int | None = None) -> None:
        """Keep a new job; raise TooLarge, or Conflict if so many of its person's are under way."""
        row, whose = _job_row(job), {"b_sub": job.sub}

        def verb() -> Verb[None]:
            if most is not None:
                # Of many begun at once, none is one too many.
                yield _LOCK_PERSON, whose
                if (yield _UNDER_WAY, whose).rows[0].jobs >= most:
                    raise Conflict(
                        phrase(
                            "%(most)s jobs of yours are under way: wait until one has ended",
                            most=most,
                        )
                    )
            yield _ADD, row

        await self._database.write(verb)

    async def find(self, job_id: str) -> Job | None:
        """Find a job."""
        row = await first(self._database, _FIND, {"b_job_id": job_id})
        return None if row is None else _job_of(row)

    async def of_person(self, sub: str | None, most: int) -> Sequence[Job]:
        """List somebody's jobs, or everybody's, the latest first."""
        if sub is None:
            rows = await self._database.read_many(_OF_ALL, {"b_most": most})
        else:
            rows = await self._database.read_many(_OF_PERSON, {"b_sub": sub, "b_most": most})
        return [_job_of(row) for row in rows]

    async def take(self, worker: str, now: datetime, until: datetime) -> Job | None:
        """Lease a job that waits, or whose worker is gone; one worker gets it."""
        params = {"b_now": micros(now), "b_worker": worker, "b_until": micros(until)}
        # Whoever asks for work finds none most of the time, and that costs no transaction.
        if await first(self._database, _IS_WAITING, params) is None:
            return None

        def verb() -> Verb[Job | None]:
            for row in (yield _FREE, params).rows:
                for taken in (yield _TAKE, params | {"b_job_id": row.job_id}).rows:
                    return _job_of(taken)
            return None

        return await self._database.write(verb)

    async def keep(self, step: JobStep) -> bool:
        """Keep how far a job has come, and the lease; False if it was taken or cancelled."""
        is_running = step.status is JobStatus.RUNNING
        params = {
            "b_job_id": step.job_id,
            "b_worker": step.worker,
            "b_status": step.status.value,
            "b_message": step.message[:LONGEST_MESSAGE],
            "b_done": step.done,
            "b_total": step.total,
            "b_state": _document("state", step.state),
            "b_ended_at": micros(step.at) if step.status in ENDED else None,
            "b_leased_by": step.worker if is_running else "",
            "b_leased_until": micros(step.leased_until or step.at) if is_running else None,
        }

        def verb() -> Verb[bool]:
            return (yield _KEEP, params).touched == 1

        return await self._database.write(verb)

    async def cancel(self, job_id: str, at: datetime) -> bool:
        """Stop a job at its next step; True for the call that did."""

        def verb() -> Verb[bool]:
            return (yield _CANCEL, {"b_job_id": job_id, "b_now": micros(at)}).touched == 1

        return await self._database.write(verb)

    async def remove(self, job_id: str) -> bool:
        """Forget a job; True for the call that did."""

        def verb() -> Verb[bool]:
            return (yield _REMOVE, {"b_job_id": job_id}).touched == 1

        return await self._database.write(verb)


def _document(name: str, value: Mapping[str, object]) -> str:
    text = document(dict(value)) if value else ""
    size = len(text.encode())
    if size > LARGEST_DOCUMENT:
        raise TooLarge(
            f"the job's {name} take {size} bytes; at most {LARGEST_DOCUMENT}: name fewer nodes"
        )
    return text


def _job_row(job: Job) -> dict[str, object]:
    return {
        "job_id": job.job_id,
        "kind": job.kind.value,
        "label": job.label,
        "sub": job.sub,
        "parameters": _document("parameters", job.parameters),
        "status": job.status.value,
        "message": job.message[:LONGEST_MESSAGE],
        "done": job.done,
        "total": job.total,
        "state": _document("state", job.state),
        "created_at": micros(job.created_at),
        "started_at": micros(job.started_at),
        "ended_at": micros(job.ended_at),
        "leased_by": job.leased_by,
        "leased_until": micros(job.leased_until),
    }


def _job_of(row: Row) -> Job:
    return Job(
        job_id=row.job_id,
        kind=JobKind(row.kind),
        label=row.label,
        sub=row.sub,
        parameters=msgspec.json.decode(row.parameters) if row.parameters else {},
        status=JobStatus(row.status),
        message=row.message,
        done=row.done,
        total=row.total,
        state=msgspec.json.decode(row.state) if row.state else {},
        created_at=moment(row.created_at),
        started_at=moment(row.started_at),
        ended_at=moment(row.ended_at),
        leased_by=row.leased_by,
        leased_until=moment(row.leased_until),
    )
