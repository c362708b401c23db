"""Running jobs: each in small steps, so that it can end at any moment and go on elsewhere.

A job acts with what its person may do at the time of each step, within the reach of the token that
asked for it. Its lease is renewed with every step; when its process is gone, another takes it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from keycell.accounts.ports import StoreUnavailable
from keycell.files.access import Actor
from keycell.files.acting import acting_as
from keycell.files.errors import FilesError, Forbidden, StoreAway
from keycell.files.jobs import FAILURE, Job, JobKind, JobStatus, JobStep
from keycell.files.ports import Files
from keycell.files.reaches import read_reach

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
LOOKED_EVERY = 2.0
"""Seconds between looks for jobs that nobody runs."""
MOST_AT_ONCE = 4
"""Jobs that one process takes up beside those it was asked for."""
MOST_TRIES = 5
"""So often is a job taken up anew at one and the same step."""
GAVE_UP = "GaveUp"
"""Why a job failed that ended its workers, in place of an error's name."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come: what was done of how much, and where to go on."""

    done: int
    total: int
    state: Mapping[str, object]


Work = Callable[[Files, Actor, Job], AsyncGenerator[Progress]]


@dataclass(slots=True)
class Runner:
    """What runs jobs in one process."""

    files: Files
    worker: str
    works: Mapping[JobKind, Work]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def submit(self, job: Job, seconds: float, most: int | None = None) -> None:
        """Keep a new job and begin it here; return when it has ended, or after a while.

        Raises Conflict if so many of its person's are under way.
        """
        now = self.files.clock()
        begun = replace(
            job, status=JobStatus.RUNNING, started_at=now, leased_by=self.worker,
            leased_until=now + LEASE,
        )  # fmt: skip
        await self.files.jobs.add(begun, most)
        await asyncio.wait({self._begin(begun)}, timeout=seconds)

    async def serve(self, every: float = LOOKED_EVERY) -> None:
        """Take up what nobody runs, for as long as we run."""
        while True:
            await asyncio.sleep(every)
            with contextlib.suppress(StoreUnavailable):
                await self.take_up()

    async def take_up(self) -> None:
        """Begin jobs that nobody runs, as many as there is room for."""
        while len(self.tasks) < MOST_AT_ONCE:
            now = self.files.clock()
            job = await self.files.jobs.take(self.worker, now, now + LEASE)
            if job is None:
                return
            await self._try_again(job)

    async def _try_again(self, job: Job) -> None:
        # What ended a worker may be the job itself: it is not tried for ever at one step.
        tries = int(str(job.state.get("tries", 0))) + 1
        again = replace(job, state={**job.state, "tries": tries})
        at = Progress(job.done, job.total, again.state)
        if tries > MOST_TRIES:
            ended = replace(at, state={FAILURE: GAVE_UP})
            await self._keep(job, ended, JobStatus.ERROR, "it failed several times at one place")
        elif await self._keep(job, at, JobStatus.RUNNING, job.message):
            self._begin(again)

    def _begin(self, job: Job) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._run(job))
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a job failed", exc_info=error)

    async def stop(self) -> None:
        """Leave what is under way to others."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _run(self, job: Job) -> None:
        """Run a job to its end, or until it is taken away; its steps are kept as they are done."""
        going: Job | None = job
        try:
            while going is not None:
                job = going
                going = await self._go_on(job)
        except (StoreAway, StoreUnavailable):
            # The lease ends, and then it goes on from the last step.
            return

    async def _go_on(self, job: Job) -> Job | None:
        """Run a job as whom its person is now; give it back when that changed on the way."""
        at = Progress(job.done, job.total, job.state)
        try:
            actor = await actor_of_job(self.files, job)
            async with contextlib.aclosing(self.works[job.kind](self.files, actor, job)) as steps:
                async for at in steps:
                    if not await self._keep(job, at, JobStatus.RUNNING, f"{at.done}/{at.total}"):
                        return None
                    if await actor_of_job(self.files, job) != actor:
                        return replace(job, done=at.done, total=at.total, state=at.state)
        except (StoreAway, StoreUnavailable):
            raise
        except FilesError as error:
            ended = replace(at, state={FAILURE: type(error).__name__})
            await self._keep(job, ended, JobStatus.ERROR, str(error))
            return None
        await self._keep(job, replace(at, state={}), JobStatus.FINISHED, "")
        return None

    async def _keep(self, job: Job, at: Progress, status: JobStatus, message: str) -> bool:
        now = self.files.clock()
        return await self.files.jobs.keep(
            JobStep(
                job_id=job.job_id,
                worker=self.worker,
                status=status,
                message=message,
                done=at.done,
                total=at.total,
                state=at.state,
                at=now,
                leased_until=now + LEASE,
            )
        )


async def actor_of_job(files: Files, job: Job) -> Actor:
    """Say who a job acts as, now; raise Forbidden if that is nobody any more."""
    account = await files.accounts.find(job.sub)
    if account is None or not account.stands:
        raise Forbidden("the account that asked for this is disabled or gone")
    return acting_as(account, read_reach(job.parameters.get("reach")), f"job:{job.job_id}")
