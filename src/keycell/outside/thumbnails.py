"""Small pictures: kept in a folder by what they are made of, made by processes of their own.

No picture is decoded in this process, nor is the library loaded that does it: what strangers sent
may make it hang, die or worse. See `shrinking`, and decisions/0098.
"""

import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from keycell.files.errors import ThumbnailsBusy
from keycell.randomness import random_bytes

Read = Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Seconds:
    """For how long the processes are let be."""

    reading: float = 60.0
    """The original may come from far away."""
    drawing: float = 20.0
    idle: float = 10.0


_MOST_WAITING = 200
_DEATHS = 2
"""What so many processes died of is tried no more while we run."""
_MOST_DEATHS = 1000
_MOST_SMALL = 128 * 2**10
"""Bytes: none that we make comes near."""
_GOES_ON = b"\1"
_BLOCK = 4096
"""What a file takes of a disk at least: the mark of what cannot be read is empty."""
_SWEPT_EVERY = 16
"""A sixteenth of the room is written between two looks at all of it."""
_PROGRAM = "keycell.outside.shrinking"


class Thumbnails:
    """Gives small pictures."""

    def __init__(
        self, folder: Path, most_bytes: int, cores: int, seconds: Seconds | None = None
    ) -> None:
        self._seconds = seconds or Seconds()
        self._kept = _Kept(folder, most_bytes)
        self._is_on = most_bytes > 0
        self._turns = asyncio.Semaphore(max(1, cores - 1))
        self._under_way: dict[str, asyncio.Task[bytes]] = {}
        self._deaths: Counter[str] = Counter()
        self._idle: list[_Painter] = []

    async def small(self, name: str, size: int, read: Read) -> bytes | None:
        """Give the small picture of this name; of those who ask at once, one has it made."""
        if not self._is_on or self._deaths[name] >= _DEATHS:
            return None
        found = await asyncio.to_thread(self._kept.find, name)
        if found is None:
            # Whoever goes away leaves the others waiting for it.
            found = await asyncio.shield(self._task(name, size, read))
        return found or None

    async def close(self) -> None:
        """End the processes, and what they are at."""
        self._is_on = False
        tasks = [*self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for painter in self._idle:
            await painter.end()
        self._idle.clear()

    def _task(self, name: str, size: int, read: Read) -> asyncio.Task[bytes]:
        task = self._under_way.get(name)
        if task is None:
            if len(self._under_way) >= _MOST_WAITING:
                raise ThumbnailsBusy
            task = asyncio.create_task(self._make(name, size, read))
            self._under_way[name] = task
            task.add_done_callback(lambda done: self._done(name, done))
        return task

    def _done(self, name: str, task: asyncio.Task[bytes]) -> None:
        del self._under_way[name]
        if not task.cancelled():
            # All who asked may be gone: then nobody else looks at what went wrong.
            task.exception()

    async def _make(self, name: str, size: int, read: Read) -> bytes:
        async with self._turns:
            painter = await self._painter()
            try:
                drawn = await painter.draw(size, read)
            except _Died:
                self._note_death(name)
                raise ThumbnailsBusy from None
            finally:
                await self._put_back(painter)
        del self._deaths[name]
        # A disk that is full is no reason not to show what there is.
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._kept.keep, name, drawn)
        return drawn

    def _note_death(self, name: str) -> None:
        if len(self._deaths) >= _MOST_DEATHS:
            self._deaths.clear()
        self._deaths[name] += 1

    async def _painter(self) -> "_Painter":
        while self._idle:
            painter = self._idle.pop()
            if painter.is_ready:
                return painter
        return await _Painter.start(self._seconds)

    async def _put_back(self, painter: "_Painter") -> None:
        if painter.is_ready and self._is_on:
            self._idle.append(painter)
            painter.end_later(self._idle)
        else:
            await painter.end()


class _Died(Exception):
    """The process ended or had to be ended, or said what it never says."""


class _Painter:
    """A process that makes one picture small after another."""

    def __init__(self, process: asyncio.subprocess.Process, seconds: Seconds) -> None:
        self._process, self._seconds = process, seconds
        self._is_free = True
        self._ending: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, seconds: Seconds) -> "_Painter":
        # It is told where modules are and nothing else: our environment has keys and passwords.
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _PROGRAM,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            ),
            seconds,
        )  # fmt: skip

    @property
    def is_ready(self) -> bool:
        """Whether it lives, and has nothing to do."""
        return self._is_free and self._process.returncode is None

    async def draw(self, size: int, read: Read) -> bytes:
        """Have a picture made small; nothing where it cannot be read. Raises _Died."""
        self._is_free = False
        if self._ending is not None:
            self._ending.cancel()
        try:
            async with asyncio.timeout(self._seconds.reading):
                await self._give(size, read)
        except TimeoutError:
            raise ThumbnailsBusy from None
        try:
            async with asyncio.timeout(self._seconds.drawing):
                return await self._take()
        except (TimeoutError, EOFError, ConnectionError):
            raise _Died from None

    async def _give(self, size: int, read: Read) -> None:
        assert self._process.stdin is not None  # noqa: S101  (it was asked for)
        try:
            self._process.stdin.write(b"%d\n" % size)
            async for chunk in read():
                size -= len(chunk)
                if size < 0:
                    break
                self._process.stdin.write(chunk)
                await self._process.stdin.drain()
        except ConnectionError:
            raise _Died from None
        if size != 0:
            # Another number of bytes would make the next picture begin in the middle of this one.
            raise _Died

    async def _take(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  (as above)
        goes_on = await self._process.stdout.readexactly(1)
        length = int.from_bytes(await self._process.stdout.readexactly(4), "big")
        if length > _MOST_SMALL:
            raise _Died
        drawn = await self._process.stdout.readexactly(length)
        self._is_free = goes_on == _GOES_ON
        return drawn

    def end_later(self, idle: "list[_Painter]") -> None:
        """End it when nobody needed it for a while."""

        def end() -> None:
            if self in idle:
                idle.remove(self)
            self._kill()

        self._ending = asyncio.get_running_loop().call_later(self._seconds.idle, end)

    async def end(self) -> None:
        """End it, whatever it is at."""
        if self._ending is not None:
            self._ending.cancel()
        self._kill()
        await self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


class _Kept:
    """A folder of small pictures, which several processes may share."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most = folder, most_bytes
        # Others may have written before us, so the first look at all of it comes soon.
        self._written = most_bytes

    def find(self, name: str) -> bytes | None:
        """Give what is kept; nothing at all stands for what cannot be read."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, name: str, drawn: bytes) -> None:
        """Keep it, and let go of the oldest where there is no more room."""
        path = self._path(name)
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part = path.with_name(random_bytes(16).hex())
        try:
            part.write_bytes(drawn)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._written += max(len(drawn), _BLOCK)
        if self._written * _SWEPT_EVERY >= self._most:
            self._written = 0
            self._sweep()

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _sweep(self) -> None:
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):
                seen = path.stat()
                found.append((seen.st_mtime_ns, max(seen.st_size, _BLOCK), path))
        room = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            # Some more than has to go, so that it fits until the next look.
            if room <= self._most * 3 // 4:
                return
            path.unlink(missing_ok=True)
            room -= size
