"""Bytes as files of a folder: ``ab/<sha256>-<random>``, written elsewhere, synced and renamed."""

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from keycell.files.errors import BlobMissing, StoreFull
from keycell.files.ports_blobs import WriteLimits, Written
from keycell.oauth.sentences import phrase
from keycell.randomness import random_bytes
from keycell.stores.incoming import Incoming, is_small

T = TypeVar("T")
CHUNK = 256 * 2**10
_AHEAD = 4 * 2**20
"""The system is asked to have so many bytes ready beyond the place that is read."""
_HANDED_ON = 8 * 2**20
"""The system is asked to begin writing each time so many bytes have come."""
_THREADS = 8
"""For each way: who reads does not wait for those whose bytes are being synced."""
_BATCH = 500
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MISSING = frozenset({errno.ENOENT, errno.ELOOP})
_NOT_AT_ONCE = getattr(os, "RWF_NOWAIT", None)


class FolderBlobs:
    """Keeps bytes in a folder of this machine, or of a file system that several share."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "tmp"
        root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (root, self._incoming):
            folder.mkdir(exist_ok=True, mode=0o700)
        self._writing = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs-in")
        self._reading = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs-out")
        self._named: set[str] = set()

    async def write(self, chunks: AsyncIterator[bytes], limits: WriteLimits) -> Written:
        """Take bytes in; on any failure nothing stays behind."""
        incoming = Incoming(limits)
        async with aclosing(incoming.gather(chunks)) as pieces:
            first = await anext(pieces)
            if is_small(first):
                return incoming.small(first)
            file = _File(self._incoming / random_bytes(16).hex())
            try:
                await self._take(file, incoming, first, pieces)
                incoming.check()
                key = f"{incoming.sha256}-{random_bytes(8).hex()}"
                await self._write(self._keep, file, key)
            except BaseException:
                await asyncio.shield(self._write(file.discard))
                raise
        return incoming.written(key)

    async def _take(
        self, file: "_File", incoming: Incoming, first: bytes, pieces: AsyncIterator[bytes]
    ) -> None:
        # While threads go through one piece, the next is gathered; there is never a third.
        under_way = asyncio.ensure_future(self._take_piece(file, incoming, first))
        try:
            async for piece in pieces:
                await under_way
                under_way = asyncio.ensure_future(self._take_piece(file, incoming, piece))
            await under_way
        finally:
            under_way.cancel()
            await asyncio.wait([under_way])

    async def _take_piece(self, file: "_File", incoming: Incoming, piece: bytes) -> None:
        # All of it lets go of the interpreter: with a core for each, a piece takes as long as half
        # of its digests.
        await asyncio.gather(
            self._write(_take_piece, file, incoming, piece),
            self._write(incoming.digest_others, piece),
        )

    def _keep(self, file: "_File", key: str) -> None:
        folder = self._path(key).parent
        # A folder that was just made is synced by each process that uses it: whoever made it may
        # not have come to that yet.
        if folder.name not in self._named:
            folder.mkdir(exist_ok=True, mode=0o700)
            _sync_folder(self._root)
            self._named.add(folder.name)
        file.keep_as(self._path(key))

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Give bytes in pieces: those the system has at hand at once, others by a thread."""
        if start >= end:
            return
        file, piece = await self._read(_open, self._path(key), start, end)
        while piece:
            start += len(piece)
            yield piece
            if start >= end:
                return
            # Whoever takes the pieces may wait for nothing either; others are to have their turn.
            await asyncio.sleep(0)
            piece = file.read_at_once(start, end) or await self._read(file.read, start, end)
        raise BlobMissing(f"the bytes {key} end at {start}, before {end}")

    async def remove(self, keys: Sequence[str]) -> None:
        """Let bytes go; what is not there is no error."""
        if keys:
            await self._write(self._remove, keys)

    async def orphans(self, older_than: datetime) -> AsyncIterator[list[str]]:
        """Give keys last written before a moment, and clear what was left half-written."""
        before = older_than.timestamp()
        await self._read(_clear, self._incoming, before)
        for folder in await self._read(lambda: sorted(self._root.glob("[0-9a-f][0-9a-f]"))):
            keys = await self._read(_older, folder, before)
            for first in range(0, len(keys), _BATCH):
                yield keys[first : first + _BATCH]

    async def close(self) -> None:
        """Let the threads go."""
        for pool in (self._writing, self._reading):
            pool.shutdown(wait=False, cancel_futures=True)

    def _path(self, key: str) -> Path:
        # A row that was written from outside must lead nowhere else on this machine.
        if "/" in key or key in ("", ".", ".."):
            raise BlobMissing(f"the bytes {key[:100]!r} are none of this folder's")
        return self._root / key[:2] / key

    def _remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            with suppress(BlobMissing):
                self._path(key).unlink(missing_ok=True)

    async def _read(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, work, *args)

    async def _write(self, work: Callable[..., T], *args: object) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writing, work, *args)
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull(phrase("the server has no room for this")) from error
            raise


class _File:
    """A file on its way in.

    A thread may still be at work on it when whoever sent the bytes is gone: under the lock the
    end comes after that, whichever name the file has by then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._size = self._handed_on = 0
        self._is_over = False
        self._lock = threading.Lock()

    def take(self, piece: bytes) -> None:
        """Write a piece."""
        with self._lock:
            if self._is_over:
                return
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, 0o600)
            view = memoryview(piece)
            while view:
                view = view[os.write(self._descriptor, view) :]
            self._size += len(piece)
            self._hand_on(self._descriptor)

    def _hand_on(self, descriptor: int) -> None:
        # Linux begins to write what it is told nobody needs soon, and keeps what is not written
        # yet: so the disk works while more comes, and the sync in the end finds little to do.
        if self._size - self._handed_on < _HANDED_ON or not hasattr(os, "posix_fadvise"):
            return
        length = self._size - self._handed_on
        os.posix_fadvise(descriptor, self._handed_on, length, os.POSIX_FADV_DONTNEED)
        self._handed_on = self._size

    def keep_as(self, path: Path) -> None:
        """Give the bytes their name, and sync both."""
        with self._lock:
            if self._is_over or self._descriptor is None:
                return
            # Named first: what ends the sync of the bytes then mostly holds their name as well.
            # A power cut in between leaves half of something under a name that no row has.
            self._path.rename(path)
            self._path = path
            os.fsync(self._descriptor)
            self._close()
            _sync_folder(path.parent)

    def discard(self) -> None:
        """Let go of all of it."""
        with self._lock:
            self._is_over = True
            self._close()
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


class _Reader:
    """A file that stays open while anybody refers to it: a thread that still reads, too."""

    def __init__(self, path: Path) -> None:
        self._descriptor = -1
        try:
            # A link that somebody placed there would lead to a file that is nobody's bytes.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno not in _MISSING:
                raise
            raise BlobMissing(f"there are no bytes {path.name}") from None

    def read(self, start: int, end: int) -> bytes:
        """Give a piece, and have the system fetch what follows it."""
        if end - start > CHUNK and hasattr(os, "posix_fadvise"):
            wanted = min(_AHEAD, end - start)
            os.posix_fadvise(self._descriptor, start, wanted, os.POSIX_FADV_WILLNEED)
        return os.pread(self._descriptor, min(CHUNK, end - start), start)

    def read_at_once(self, start: int, end: int) -> bytes:
        """Give a piece that the system has at hand, or nothing."""
        if _NOT_AT_ONCE is None:
            return b""
        piece = bytearray(min(CHUNK, end - start))
        try:
            count = os.preadv(self._descriptor, [piece], start, _NOT_AT_ONCE)
        except OSError:
            # It would have to wait, or cannot tell: a thread reads it, and meets what is wrong.
            return b""
        return bytes(memoryview(piece)[:count])

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


def _take_piece(file: _File, incoming: Incoming, piece: bytes) -> None:
    file.take(piece)
    incoming.digest_md5(piece)


def _open(path: Path, start: int, end: int) -> tuple[_Reader, bytes]:
    file = _Reader(path)
    return file, file.read(start, end)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _older(folder: Path, before: float) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for one in entries:
            # It may go meanwhile.
            with suppress(FileNotFoundError):
                if one.stat().st_mtime < before:
                    found.append(one.name)
    return sorted(found)


def _clear(folder: Path, before: float) -> None:
    for name in _older(folder, before):
        (folder / name).unlink(missing_ok=True)
