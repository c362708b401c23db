"""Sending a file: a small one whole, a large one in parts, of which only missing ones go again.

The file is read through one descriptor, and must be the same before and after: what changes while
it is read is not what anybody meant.
"""

import asyncio
import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from keycell.client import objects
from keycell.client.errors import ClientError, Conflict, Gone, Integrity, NotFound
from keycell.client.objects import ALWAYS, Body, Condition, Placed
from keycell.client.opening import TO_READ, read_at
from keycell.client.session import Session
from keycell.client.unfinished import Record, Unfinished, record_of
from keycell.kinds import UNKNOWN, kind_of

SMALL = 16 * 2**20
"""Up to this size a file goes as a whole."""
LEAST_PART = 10 * 2**20
"""Whole blocks of the server's: it knows the hash of a file's blocks without reading it again."""
MOST_PARTS = 10_000
PARTS_AT_ONCE = 4

Progress = Callable[[int], None]
"""Told of bytes as they are done; of a negative number when some must be done again."""


def untold(count: int) -> None:
    """Tell nobody."""
    del count


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that arrived, whole and verified."""

    etag: str
    size: int
    mtime_ns: int
    resumed: int = 0
    """Bytes that had arrived before."""
    placed: Placed | None = None
    """What it became, where it went in parts."""


class ChangedMeanwhile(Conflict):
    """The file was changed while it was read, so nothing was put in its place."""


@dataclass(slots=True)
class Source:
    """An open file, and what it was when it was opened."""

    path: Path
    descriptor: int
    status: os.stat_result
    digest: "hashlib._Hash | None" = None
    """Goes through the whole where it is to be what somebody saw."""

    @property
    def size(self) -> int:
        """Give its size as it was opened."""
        return self.status.st_size

    def read(self, start: int, length: int) -> Body:
        """Read a part; parts are read in their order, for the digest of the whole."""
        pieces, missing = [], length
        while missing:
            try:
                piece = read_at(self.descriptor, missing, start + length - missing)
            except OSError as error:
                # Here, since several parts that fail at once fail as a group.
                raise _unreadable(self.path, error) from error
            if not piece:
                raise ChangedMeanwhile(f"{self.path} became shorter while it was read")
            pieces.append(piece)
            missing -= len(piece)
        content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self.digest is not None:
            self.digest.update(content)
        return Body(content, hashlib.sha256(content).hexdigest())

    def check_unchanged(self, sha256: str = "") -> None:
        """Refuse a file that was written to meanwhile, or is not what was meant."""
        now, then = os.fstat(self.descriptor), self.status
        is_meant = self.digest is None or self.digest.hexdigest() == sha256
        if (now.st_size, now.st_mtime_ns) != (then.st_size, then.st_mtime_ns) or not is_meant:
            raise ChangedMeanwhile(
                f"{self.path} was changed while it was read", "try again when it is at rest"
            )


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a regular file."""
    try:
        descriptor = os.open(path, TO_READ)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ClientError(f"{path} is no regular file")
        yield Source(path, descriptor, status)
    finally:
        os.close(descriptor)


def _unreadable(path: Path, error: OSError) -> ClientError:
    return ClientError(f"{path} cannot be read: {error.strerror or error}")


async def upload(
    session: Session,
    local: Path,
    path: str,
    condition: Condition = ALWAYS,
    progress: Progress = untold,
    *,
    sha256: str = "",
) -> Sent:
    """Send a file to a path, bound to a condition; raise Conflict where it does not hold.

    A large file is bound to the digest that it was seen to have, too, where one is given.
    """
    with open_source(local) as source:
        kept = {
            "Content-Type": kind_of(local.name) or UNKNOWN,
            "x-amz-meta-mtime": f"{source.status.st_mtime_ns / 1e9:.6f}",
        }
        if source.size <= SMALL:
            return await _whole(session, source, path, condition, kept, progress)
        source.digest = hashlib.sha256() if sha256 else None
        with record_of("uploads", session.profile, path, local) as record:
            sending = _Sending(session, source, path, record, progress)
            return await sending.run(condition, kept, sha256)


async def _whole(
    session: Session,
    source: Source,
    path: str,
    condition: Condition,
    kept: Mapping[str, str],
    progress: Progress,
) -> Sent:
    body = await asyncio.to_thread(source.read, 0, source.size)
    source.check_unchanged()
    etag = await objects.put(session, path, body, condition, kept)
    progress(source.size)
    return Sent(etag, source.size, source.status.st_mtime_ns)


def part_size_for(size: int) -> int:
    """Give the size of a file's parts: small enough to lose little, and not too many."""
    part = LEAST_PART
    while part * MOST_PARTS < size:
        part *= 2
    return part


@dataclass(slots=True)
class _Sending:
    """A large file on its way."""

    session: Session
    source: Source
    path: str
    record: Record
    progress: Progress
    upload_id: str = ""
    had: dict[int, str] = field(default_factory=dict)
    resumed: int = 0

    async def run(self, condition: Condition, kept: Mapping[str, str], sha256: str) -> Sent:
        part_size = part_size_for(self.source.size)
        await self._begin(part_size, kept)
        tags = await self._send_parts(part_size)
        self.source.check_unchanged(sha256)
        placed = await objects.complete(self.session, self.path, self.upload_id, tags, condition)
        self.record.remove()
        if placed.etag != multipart_etag(tags):
            raise Integrity(
                f"what arrived at {self.path} is not what was sent: its entity tag is "
                f"{placed.etag or 'missing'}, not {multipart_etag(tags)}",
                "send it again",
            )
        status = self.source.status
        return Sent(placed.etag, self.source.size, status.st_mtime_ns, self.resumed, placed)

    async def _begin(self, part_size: int, kept: Mapping[str, str]) -> None:
        """Go on with what was begun, if the file is still the same; else begin."""
        status, before = self.source.status, self.record.read()
        wanted = Unfinished(size=status.st_size, mtime_ns=status.st_mtime_ns, part_size=part_size)
        if before is not None and before.upload_id:
            same = (before.size, before.mtime_ns, before.part_size) == (
                wanted.size, wanted.mtime_ns, wanted.part_size,
            )  # fmt: skip
            with contextlib.suppress(Gone, NotFound):
                if same:
                    self.had = await objects.arrived(self.session, self.path, before.upload_id)
                    self.upload_id = before.upload_id
                    return
                await objects.abort(self.session, self.path, before.upload_id)
        self.upload_id = await objects.begin(self.session, self.path, kept)
        self.record.write(
            Unfinished(self.upload_id, "", wanted.size, wanted.mtime_ns, wanted.part_size)
        )

    async def _send_parts(self, part_size: int) -> list[str]:
        """Read the parts in their order, and send those that are missing, some at once."""
        tags: dict[int, str] = {}
        room = asyncio.Semaphore(PARTS_AT_ONCE)
        failed: ClientError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                for number, start in enumerate(range(0, self.source.size, part_size), 1):
                    await room.acquire()
                    length = min(part_size, self.source.size - start)
                    body = await asyncio.to_thread(self.source.read, start, length)
                    had = self.had.get(number)
                    if had is not None and await asyncio.to_thread(body.is_of, had):
                        tags[number] = had
                        self.resumed += length
                        self.progress(length)
                        room.release()
                        continue
                    tasks.create_task(self._send_part(number, body, room, tags))
        except* ClientError as group:
            # What is raised in here, Python 3.11.2 (Debian 12's) wraps in a group of its own.
            failed = first_of(group)
        if failed is not None:
            raise failed
        return [tags[number] for number in sorted(tags)]

    async def _send_part(
        self, number: int, body: Body, room: asyncio.Semaphore, tags: dict[int, str]
    ) -> None:
        try:
            tags[number] = await objects.put_part(
                self.session, self.path, self.upload_id, number, body
            )
            self.progress(len(body.content))
        finally:
            room.release()


def first_of(group: BaseExceptionGroup[ClientError]) -> ClientError:
    """Give one of several errors that came at once."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, ClientError)  # noqa: S101  (the group holds no other)
    return found


def multipart_etag(tags: list[str]) -> str:
    """Give the entity tag of what came in parts: the digest of their digests, and how many."""
    whole = hashlib.md5(b"".join(bytes.fromhex(tag) for tag in tags), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(tags)}"
