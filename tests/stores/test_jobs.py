"""Jobs: each is one worker's at a time, in whichever process."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.files.errors import Conflict, TooLarge
from keycell.files.jobs import Job, JobKind, JobStatus, JobStep
from keycell.stores.database import Database
from keycell.stores.jobs import LARGEST_DOCUMENT, LONGEST_MESSAGE, SqlJobStore
from keycell.stores.opening import open_database

from .conftest import NOW, add_person

MINUTE = timedelta(minutes=1)
JOB = Job(
    job_id="j", kind=JobKind.COPY, label="Copying", sub="ann",
    parameters={"nodes": ["a", "b"], "target": "c"}, total=2, created_at=NOW,
)  # fmt: skip
STEP = JobStep(
    job_id="j", worker="w", status=JobStatus.RUNNING, message="Copying a", done=1, total=2,
    state={"next": "b"}, at=NOW, leased_until=NOW + 2 * MINUTE,
)  # fmt: skip


@pytest.fixture
def jobs(database: Database) -> SqlJobStore:
    return SqlJobStore(database)


@pytest.fixture
async def other(url: str) -> AsyncIterator[SqlJobStore]:
    """The same jobs, as another process has them."""
    opened = await open_database(url)
    yield SqlJobStore(opened)
    await opened.close()


async def test_a_job_comes_back_as_it_was_kept(jobs: SqlJobStore) -> None:
    await jobs.add(JOB)
    later = replace(JOB, job_id="k", sub="bob", created_at=NOW + MINUTE, state={"at": "é"})
    await jobs.add(later)
    assert await jobs.find("j") == JOB
    assert await jobs.find("l") is None
    assert await jobs.of_person(None, 10) == [later, JOB]
    assert await jobs.of_person(None, 1) == [later]
    assert await jobs.of_person("ann", 10) == [JOB]
    assert await jobs.remove("j")
    assert not await jobs.remove("j")
    assert await jobs.find("j") is None


async def test_of_twenty_begun_at_once_none_is_one_too_many(
    jobs: SqlJobStore, other: SqlJobStore, database: Database
) -> None:
    await add_person(database, "ann")
    wanted = [replace(JOB, job_id=f"j{number}") for number in range(20)]
    begun = ((jobs, other)[n % 2].add(job, 3) for n, job in enumerate(wanted))
    told = await asyncio.gather(*begun, return_exceptions=True)
    assert [type(one) for one in told if one is not None] == [Conflict] * 17
    assert len(await jobs.of_person("ann", 20)) == 3
    await jobs.add(replace(JOB, job_id="bobs", sub="bob"), 3)
    await jobs.add(replace(JOB, job_id="unasked"))


async def test_of_twenty_workers_one_gets_the_job(jobs: SqlJobStore, other: SqlJobStore) -> None:
    await jobs.add(JOB)
    takes = ((jobs, other)[n % 2].take(f"w{n}", NOW, NOW + MINUTE) for n in range(20))
    taken = [job for job in await asyncio.gather(*takes) if job is not None]
    (job,) = taken
    assert job.status is JobStatus.RUNNING
    assert job.started_at == NOW
    assert job.leased_until == NOW + MINUTE
    assert await jobs.find("j") == job


async def test_twenty_workers_share_twenty_jobs(jobs: SqlJobStore, other: SqlJobStore) -> None:
    for number in range(20):
        await jobs.add(replace(JOB, job_id=f"j{number}"))
    takes = ((jobs, other)[n % 2].take(f"w{n}", NOW, NOW + MINUTE) for n in range(20))
    taken = await asyncio.gather(*takes)
    assert {job.job_id for job in taken if job is not None} == {f"j{n}" for n in range(20)}
    assert await jobs.take("w", NOW, NOW + MINUTE) is None


async def test_the_oldest_job_is_taken_first(jobs: SqlJobStore) -> None:
    await jobs.add(replace(JOB, job_id="new", created_at=NOW + MINUTE))
    await jobs.add(replace(JOB, job_id="old"))
    taken = await jobs.take("w", NOW, NOW + MINUTE)
    assert taken is not None
    assert taken.job_id == "old"


async def test_a_job_whose_worker_is_gone_is_taken_over(
    jobs: SqlJobStore, other: SqlJobStore
) -> None:
    await jobs.add(JOB)
    await jobs.take("w", NOW, NOW + MINUTE)
    assert await jobs.keep(STEP)
    assert await other.take("v", NOW + MINUTE, NOW + 2 * MINUTE) is None
    takes = (other.take(f"v{n}", NOW + 2 * MINUTE, NOW + 3 * MINUTE) for n in range(20))
    (job,) = [job for job in await asyncio.gather(*takes) if job is not None]
    assert (job.state, job.done, job.started_at) == ({"next": "b"}, 1, NOW)
    assert not await jobs.keep(STEP)
    assert await other.keep(replace(STEP, worker=job.leased_by, done=2))


async def test_a_job_ends_once(jobs: SqlJobStore) -> None:
    await jobs.add(JOB)
    await jobs.take("w", NOW, NOW + MINUTE)
    ended = replace(STEP, status=JobStatus.FINISHED, done=2, leased_until=None)
    assert await jobs.keep(ended)
    assert not await jobs.keep(ended)
    kept = await jobs.find("j")
    assert kept is not None
    assert (kept.status, kept.ended_at, kept.leased_until) == (JobStatus.FINISHED, NOW, None)
    assert not await jobs.cancel("j", NOW)
    assert await jobs.take("w", NOW + MINUTE, NOW + MINUTE) is None


async def test_a_job_is_put_back_for_another_worker(jobs: SqlJobStore) -> None:
    await jobs.add(JOB)
    await jobs.take("w", NOW, NOW + MINUTE)
    assert await jobs.keep(replace(STEP, status=JobStatus.QUEUED, leased_until=None))
    taken = await jobs.take("v", NOW, NOW + MINUTE)
    assert taken is not None
    assert taken.leased_by == "v"


async def test_a_job_that_is_cancelled_stops_at_its_next_step(
    jobs: SqlJobStore, other: SqlJobStore
) -> None:
    await jobs.add(JOB)
    await jobs.take("w", NOW, NOW + MINUTE)
    outcomes = await asyncio.gather(*(other.cancel("j", NOW + MINUTE) for _ in range(20)))
    assert outcomes.count(True) == 1
    assert not await jobs.keep(STEP)
    kept = await jobs.find("j")
    assert kept is not None
    assert (kept.status, kept.ended_at) == (JobStatus.INTERRUPTED, NOW + MINUTE)
    assert not await jobs.cancel("nowhere", NOW)


async def test_a_jobs_documents_have_a_limit(jobs: SqlJobStore) -> None:
    too_long = {"names": "é" * LARGEST_DOCUMENT}
    with pytest.raises(TooLarge, match="name fewer nodes"):
        await jobs.add(replace(JOB, parameters=too_long))
    await jobs.add(JOB)
    await jobs.take("w", NOW, NOW + MINUTE)
    with pytest.raises(TooLarge):
        await jobs.keep(replace(STEP, state=too_long))
    assert await jobs.keep(replace(STEP, message="m" * 2 * LONGEST_MESSAGE))
    kept = await jobs.find("j")
    assert kept is not None
    assert len(kept.message) == LONGEST_MESSAGE
