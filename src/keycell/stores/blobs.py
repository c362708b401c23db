"""The byte store: a folder on a disk by default. See decisions/0030."""

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from keycell.files.errors import (
    BlobMissing,
    DigestMismatch,
    LengthMismatch,
    StoreFull,
    TooLarge,
)
from keycell.files.hashes import Digests
from keycell.files.ports_blobs import INLINE_MOST, BlobStore, WriteLimits, Written
from keycell.randomness import random_bytes

T = TypeVar("T")
GATHERED = 2**20
"""Bytes are handed to a thread so many at a time."""
CHUNK = 256 * 2**10
_THREADS = 8
_BATCH = 500
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def open_blobs(objects: str, data: Path) -> BlobStore:
    """Open the store that the settings name."""
    del objects
    return FolderBlobs(data / "blobs")


class FolderBlobs:
    """Bytes as files of a folder: ``ab/<sha256>-<random>``, written elsewhere and renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "tmp"
        root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (root, self._incoming):
            folder.mkdir(exist_ok=True, mode=0o700)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs")

    async def write(self, chunks: AsyncIterator[bytes], limits: WriteLimits) -> Written:
        """Take bytes in; on any failure nothing stays behind."""
        incoming = _Incoming(self._incoming / random_bytes(16).hex(), limits)
        try:
            await self._receive(incoming, chunks)
            incoming.check_whole()
            if incoming.is_small:
                return incoming.written(None)
            key = f"{incoming.digests.sha256}-{random_bytes(8).hex()}"
            await self._run(incoming.keep_as, self._path(key))
        except BaseException:
            await asyncio.shield(self._run(incoming.discard))
            raise
        return incoming.written(key)

    async def _receive(self, incoming: "_Incoming", chunks: AsyncIterator[bytes]) -> None:
        # While a thread goes through some bytes, the next are gathered.
        under_way: asyncio.Future[None] | None = None
        held: list[bytes] = []
        size = 0
        try:
            async for chunk in chunks:
                held.append(chunk)
                size += len(chunk)
                incoming.check_size(size)
                if sum(map(len, held)) >= GATHERED:
                    if under_way is not None:
                        await under_way
                    under_way = asyncio.ensure_future(self._run(incoming.take, held))
                    held = []
        finally:
            if under_way is not None:
                await under_way
        if under_way is None and size <= INLINE_MOST:
            incoming.take_small(b"".join(held))
        elif held:
            await self._run(incoming.take, held)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Give bytes in pieces; the next is read while one is sent."""
        descriptor = await self._run(self._open, key)
        ahead: asyncio.Future[bytes] | None = None
        try:
            while start < end:
                piece = await (ahead or self._run(_read, descriptor, start, end))
                if not piece:
                    raise BlobMissing(f"the bytes {key} end too soon")
                start += len(piece)
                if start < end:
                    ahead = asyncio.ensure_future(self._run(_read, descriptor, start, end))
                yield piece
        finally:
            # The descriptor is closed when no thread reads from it any more.
            if ahead is not None:
                await asyncio.wait([ahead])
            os.close(descriptor)

    async def remove(self, keys: Sequence[str]) -> None:
        """Let bytes go; what is not there is no error."""
        if keys:
            await self._run(self._remove, keys)

    async def orphans(self, older_than: datetime) -> AsyncIterator[list[str]]:
        """Give keys last written before a moment, and clear what was left half-written."""
        before = older_than.timestamp()
        await self._run(_clear, self._incoming, before)
        for folder in sorted(await self._run(lambda: list(self._root.glob("[0-9a-f][0-9a-f]")))):
            keys = await self._run(_older, folder, before)
            for first in range(0, len(keys), _BATCH):
                yield keys[first : first + _BATCH]

    async def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _path(self, key: str) -> Path:
        return self._root / key[:2] / key

    def _open(self, key: str) -> int:
        try:
            return os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise BlobMissing(f"there are no bytes {key}") from None

    def _remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._path(key).unlink(missing_ok=True)

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull("the disk has no room for this file") from error
            raise


@dataclass(slots=True)
class _Incoming:
    """A file on its way in."""

    path: Path
    limits: WriteLimits
    digests: Digests = field(default_factory=Digests)
    descriptor: int | None = None
    content: bytes | None = None
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    """A thread may still write when whoever sent the bytes is gone: it must not meet the end."""

    @property
    def is_small(self) -> bool:
        return self.content is not None

    def check_size(self, size: int) -> None:
        most, declared = self.limits.most, self.limits.declared_length
        if declared is not None and size > declared:
            raise LengthMismatch(f"{declared} bytes were announced, and more came")
        if most is not None and size > most:
            raise TooLarge(f"the file has more than the {most} bytes that are taken")

    def take_small(self, data: bytes) -> None:
        self.digests.update(data)
        self.content = data

    def take(self, pieces: Sequence[bytes]) -> None:
        with self.lock:
            if not self.is_over:
                self._take(pieces)

    def _take(self, pieces: Sequence[bytes]) -> None:
        if self.descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self.descriptor = os.open(self.path, flags, 0o600)
        for piece in pieces:
            self.digests.update(piece)
            view = memoryview(piece)
            while view:
                view = view[os.write(self.descriptor, view) :]

    def check_whole(self) -> None:
        limits, found = self.limits, self.digests
        if limits.declared_length is not None and found.size != limits.declared_length:
            raise LengthMismatch(
                f"{limits.declared_length} bytes were announced, and {found.size} came"
            )
        for name, wanted, has in (("SHA-256", limits.sha256, found.sha256),
                                  ("MD5", limits.md5, found.md5)):  # fmt: skip
            if wanted is not None and wanted.lower() != has:
                raise DigestMismatch(
                    f"the announced {name} is {wanted[:64]}, that of the bytes {has}"
                )

    def keep_as(self, path: Path) -> None:
        """Sync the bytes, give them their name, and sync the name."""
        with self.lock:
            if self.descriptor is None or self.is_over:
                return
            os.fsync(self.descriptor)
            os.close(self.descriptor)
            self.descriptor = None
            path.parent.mkdir(exist_ok=True, mode=0o700)
            self.path.rename(path)
            _sync_folder(path.parent)

    def discard(self) -> None:
        with self.lock:
            self.is_over = True
            if self.descriptor is not None:
                os.close(self.descriptor)
                self.descriptor = None
            self.path.unlink(missing_ok=True)

    def written(self, key: str | None) -> Written:
        found = self.digests
        return Written(
            size=found.size,
            sha256=found.sha256,
            md5=found.md5,
            block_md5s=found.block_md5s,
            key=key,
            content=self.content,
        )


def _read(descriptor: int, position: int, end: int) -> bytes:
    return os.pread(descriptor, min(CHUNK, end - position), position) if position < end else b""


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _older(folder: Path, before: float) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.stat().st_mtime < before)


def _clear(folder: Path, before: float) -> None:
    for name in _older(folder, before):
        (folder / name).unlink(missing_ok=True)
