"""Jobs: work on many nodes, that goes on after its request and after a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What a job does."""

    COPY = "copy"
    MOVE = "move"
    DELETE = "delete"
    RESTORE = "restore"
    ZIP = "zip"
    DIGEST = "digest"
    """Goes through bytes that came in parts, for the digests of the whole."""


class JobStatus(StrEnum):
    """How far a job is: the words are those of the wire."""

    QUEUED = "Queued"
    RUNNING = "Running"
    FINISHED = "Finished"
    INTERRUPTED = "Interrupted"
    """Somebody cancelled it."""
    ERROR = "Error"


FAILURE = "failure"
"""Where a failed job's state says why: it has nothing to go on with."""
ENDED = frozenset({JobStatus.FINISHED, JobStatus.INTERRUPTED, JobStatus.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Some work, who asked for it, and how far it is."""

    job_id: str
    kind: JobKind
    label: str
    sub: str
    parameters: Mapping[str, object]
    status: JobStatus = JobStatus.QUEUED
    message: str = ""
    done: int = 0
    total: int = 0
    state: Mapping[str, object] = field(default_factory=dict)
    """Where to go on after a restart; of one that failed, why."""
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    leased_by: str = ""
    leased_until: datetime | None = None

    @property
    def failure(self) -> str:
        """Give the name of the error by which it failed; "" where it did not."""
        return str(self.state.get(FAILURE, "")) if self.status is JobStatus.ERROR else ""

    @property
    def progress(self) -> float:
        """Give the part that is done, from 0 to 1."""
        if self.status is JobStatus.FINISHED:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStep:
    """How far a job has come, told by the worker that has its lease."""

    job_id: str
    worker: str
    status: JobStatus
    message: str
    done: int
    total: int
    state: Mapping[str, object]
    at: datetime
    leased_until: datetime | None
