"""Files come to the disk whole: small ones many in one answer, and some at a time in one thread.

A request for each would take longer than its bytes. The event loop makes no file: behind others
that are being synced it would wait for the disk, and all connections with it.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import stat_result
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from keycell.client.arriving import HandingOn, take_in
from keycell.sync.disk import Disk
from keycell.sync.errors import Away, Dropped
from keycell.sync.lots import LARGEST, MOST, give_up
from keycell.sync.operations import Download
from keycell.sync.state import Row
from keycell.sync.trees import Remote
from keycell.sync.wire import PIECE, Refused, Wire

T = TypeVar("T")

_IN_ONE_GO = 8
"""So many are written by one thread, one after the other; other threads share their syncs."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Landed:
    """A file in its place."""

    path: Path
    it: stat_result
    digest: str


Outcome = Landed | Dropped | Refused | OSError


@dataclass(slots=True)
class _Arriving:
    """A file on its way, as far as it came."""

    file: BinaryIO
    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _handing_on: HandingOn = field(init=False)

    def __post_init__(self) -> None:
        self._handing_on = HandingOn(self.file.fileno())

    def take(self, pieces: Sequence[bytes]) -> None:
        """Take in what came next."""
        for piece in pieces:
            self.file.write(piece)
            self._handing_on.wrote(len(piece))
            self.digest.update(piece)
            self.size += len(piece)


@dataclass(slots=True)
class _Small:
    """A small file that arrived whole, as far as it is in its place."""

    download: Download
    content: bytes
    digest: str = ""
    temporary: Path | None = None
    file: BinaryIO | None = None
    outcome: Outcome | None = None


@dataclass(slots=True)
class Receiving:
    """What is on its way of a chunk's files."""

    wire: Wire
    disk: Disk
    target: Callable[[Download], tuple[Path, Row | None]]
    """Gives where a file goes, in a folder yet to be checked, and what was seen there; raises
    Dropped."""
    path_of: Callable[[Remote], str]
    """Gives where the server has it; raises Dropped."""
    _coming: dict[str, asyncio.Task[Mapping[str, Outcome]]] = field(default_factory=dict)
    _landing: set[asyncio.Future[Any]] = field(default_factory=set)

    def begin(self, downloads: Sequence[Download]) -> None:
        """Ask for those of some files that are small."""
        known = [one for one in downloads if one.remote.digest is not None]
        small = [one for one in known if one.remote.size <= LARGEST]
        for start in range(0, len(small), MOST):
            batch = small[start : start + MOST]
            coming = asyncio.create_task(self._many(batch))
            self._coming |= dict.fromkeys((one.remote.id for one in batch), coming)

    async def take(self, download: Download) -> Landed:
        """Give what a file became, or raise why not."""
        coming = self._coming.get(download.remote.id)
        outcome = None if coming is None else (await coming).get(download.remote.id)
        if outcome is None:
            arriving, temporary = await self._fetch(download.remote)
            return await self._in_thread(self._finish, download, arriving, temporary)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def learn(self, remote: Remote) -> str:
        """Give the digest of a file that the server has not gone through."""
        arriving, temporary = await self._fetch(remote)
        with arriving.file:
            temporary.unlink()
        return _checked(arriving.size, arriving.digest.hexdigest(), remote)

    async def end(self) -> None:
        """Ask for nothing more, and wait for what is being put in its place."""
        await give_up(self._coming)
        await asyncio.gather(*self._landing, return_exceptions=True)
        self._landing.clear()

    async def _many(self, batch: Sequence[Download]) -> Mapping[str, Outcome]:
        contents = await self.wire.contents([one.remote for one in batch])
        arrived = [(one, contents[one.remote.id]) for one in batch if one.remote.id in contents]
        landed = await asyncio.gather(*(
            self._in_thread(self._land, arrived[start : start + _IN_ONE_GO])
            for start in range(0, len(arrived), _IN_ONE_GO)
        ))  # fmt: skip
        return {one: outcome for some in landed for one, outcome in some.items()}

    async def _in_thread(self, job: Callable[..., T], *about: object) -> T:
        """Do something that nothing cuts off halfway: whoever ends all this waits for it."""
        under_way = asyncio.ensure_future(asyncio.to_thread(job, *about))
        self._landing.add(under_way)
        under_way.add_done_callback(self._landing.discard)
        return await asyncio.shield(under_way)

    def _land(self, arrived: Sequence[tuple[Download, bytes]]) -> dict[str, Outcome]:
        """Put some files in their places: first all are written, then all synced.

        A sync takes with it what waits for one, and each folder is looked at once for all.
        """
        files = [_Small(*one) for one in arrived]
        folders: set[Path] = set()
        try:
            for step in (self._write, self._keep, partial(self._place, folders)):
                for one in files:
                    if one.outcome is None:
                        self._go(step, one)
        finally:
            for one in files:
                self._tidy(one)
        return {one.download.remote.id: one.outcome for one in files if one.outcome is not None}

    def _go(self, step: Callable[[_Small], None], one: _Small) -> None:
        try:
            step(one)
        except (Dropped, Refused, OSError) as error:
            one.outcome = error

    def _write(self, one: _Small) -> None:
        digest = hashlib.sha256(one.content).hexdigest()
        one.digest = _checked(len(one.content), digest, one.download.remote)
        one.temporary = self.disk.temporary()
        one.file = one.temporary.open("xb")
        one.file.write(one.content)

    def _keep(self, one: _Small) -> None:
        assert one.file is not None  # noqa: S101  (for the type checker)
        with one.file as file:
            self.disk.keep_file(file, one.download.remote.mtime_ms * 10**6)

    def _place(self, folders: set[Path], one: _Small) -> None:
        assert one.temporary is not None  # noqa: S101  (for the type checker)
        path, over = self.target(one.download)
        if path.parent not in folders:
            self.disk.check_folder(path.parent)
            folders.add(path.parent)
        one.outcome = Landed(path, self.disk.put(one.temporary, path, over), one.digest)
        one.temporary = None

    def _tidy(self, one: _Small) -> None:
        if one.temporary is not None:
            one.temporary.unlink(missing_ok=True)
        if one.file is not None and not one.file.closed:
            # What could not be written once is not tried again.
            with contextlib.suppress(OSError):
                one.file.close()

    def _finish(self, download: Download, arriving: _Arriving, temporary: Path) -> Landed:
        try:
            with arriving.file as file:
                digest = _checked(arriving.size, arriving.digest.hexdigest(), download.remote)
                self.disk.keep_file(file, download.remote.mtime_ms * 10**6)
            path, over = self.target(download)
            self.disk.check_folder(path.parent)
            return Landed(path, self.disk.put(temporary, path, over), digest)
        finally:
            temporary.unlink(missing_ok=True)

    async def _fetch(self, remote: Remote) -> tuple[_Arriving, Path]:
        """Bring a file's bytes to the disk, whole, going on where it was cut."""
        below = self.path_of(remote)
        temporary = self.disk.temporary()
        arriving = _Arriving(await self._in_thread(temporary.open, "xb"))
        try:
            await self._stream(remote, below, arriving)
        except BaseException:
            temporary.unlink()
            arriving.file.close()
            raise
        return arriving, temporary

    async def _stream(self, remote: Remote, below: str, arriving: _Arriving) -> None:
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self.wire.get(below, remote.etag, arriving.size) as pieces:
                    await take_in(pieces, arriving.take, PIECE)
            except Away:
                if not tries_left:
                    raise
                if arriving.size < remote.size:
                    continue
            return


def _checked(size: int, digest: str, remote: Remote) -> str:
    """Give the digest of what arrived, if it is what the server said it has."""
    if size != remote.size or remote.digest not in (None, digest):
        raise Refused("what arrived is not what the server said it has")
    return digest
