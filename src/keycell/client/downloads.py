"""Fetching a file: to a temporary name, on from where it was cut, verified, then in place."""

import asyncio
import contextlib
import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx2

from keycell.client import files, objects
from keycell.client.arriving import HandingOn, take_in
from keycell.client.errors import (
    ClientError,
    Conflict,
    Integrity,
    Limit,
    NotFound,
    SignInRequired,
    Unavailable,
)
from keycell.client.opening import TO_WRITE
from keycell.client.retries import ATTEMPTS, backed_off
from keycell.client.session import Session
from keycell.client.unfinished import Record, Unfinished, record_of
from keycell.client.uploads import LEAST_PART, Progress, multipart_etag, part_size_for, untold

_PIECE = 2**18
_PARTIAL = 206
_GUESSED_PARTS = tuple(size * 2**20 for size in (5, 8, 10, 16, 32, 64, 100, 128, 256, 512))
_LONGEST_NAME = 255
"""Bytes."""
_NO_SPACE = (28, 122)
"""ENOSPC, EDQUOT."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that arrived, whole."""

    etag: str
    size: int
    mtime: float = 0
    """When it was changed, in seconds since 1970; 0 where the server does not know."""
    resumed: int = 0
    """Bytes that had arrived before."""
    is_verified: bool = True
    """Whether its bytes were held against a digest; otherwise only their number was."""


async def download(
    session: Session, path: str, local: Path, *, etag: str = "", progress: Progress = untold
) -> Fetched:
    """Fetch a file and put it in its place at once; what was there stays until then."""
    partial = partial_of(local)
    with record_of("downloads", session.profile, path, local) as record:
        fetched = await fetch(session, path, partial, record, etag=etag, progress=progress)
        with local_errors(local):
            if fetched.mtime:
                os.utime(partial, (fetched.mtime, fetched.mtime))
            partial.replace(local)
            sync_folder(local.parent)
        record.remove()
        return fetched


def partial_of(local: Path) -> Path:
    """Give where a file is kept until it is whole: beside its place, by a name for it alone."""
    name = f".{local.name}.keycell-part"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        # A shorter name could be another's, too.
        name = f".{hashlib.sha256(os.fsencode(local.name)).hexdigest()[:32]}.keycell-part"
    return local.with_name(name)


async def fetch(
    session: Session,
    path: str,
    partial: Path,
    record: Record,
    *,
    etag: str = "",
    progress: Progress = untold,
) -> Fetched:
    """Fetch a file to a name of its own: whole, verified and on the disk when this returns.

    With an ``etag`` that version is fetched, or Conflict raised. What an earlier run had got goes
    on from there, if the server still has the same.
    """
    incoming = _Incoming(session, path, partial, record, progress, wanted=etag)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await incoming.receive()
            return await incoming.verified()
        except Unavailable:
            if attempt == ATTEMPTS:
                raise
            await asyncio.sleep(backed_off(attempt))
    raise AssertionError  # the last attempt returned or raised


@dataclass(slots=True)
class _Incoming:
    """A file on its way."""

    session: Session
    path: str
    partial: Path
    record: Record
    progress: Progress
    wanted: str = ""
    etag: str = ""
    size: int = 0
    mtime: float = 0
    told: int = 0
    resumed: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    async def receive(self) -> None:
        """Receive what is missing; raise Unavailable where it was cut."""
        had = await asyncio.to_thread(self._had)
        headers = {"Accept-Encoding": "identity"}
        if had and had == self.size:
            return
        if had:
            headers |= {"Range": f"bytes={had}-", "If-Range": f'"{self.etag}"'}
        if self.wanted:
            headers["If-Match"] = f'"{self.wanted}"'
        address = objects.address(self.path)
        async with self.session.stream("GET", address, headers=headers) as response:
            if response.status_code != _PARTIAL:
                had = 0
                self._begin(response)
            self.resumed = max(self.resumed, had)
            self._tell(had)
            with local_errors(self.partial), self._opened(had) as file:
                handing_on = HandingOn(file, had)
                take = partial(self._take, file, handing_on)
                await take_in(response.aiter_bytes(), take, _PIECE)
        if self.told != self.size:
            raise Unavailable(f"{self.path} was cut off after {self.told} of {self.size} bytes")

    def _had(self) -> int:
        """Give how much of the same file has arrived before, and go through it."""
        before = self.record.read()
        if before is None or not before.etag or (self.wanted and self.wanted != before.etag):
            return 0
        self.etag, self.size, self.mtime = before.etag, before.size, before.mtime_ns / 1e9
        self.digest = _proving(self.etag)
        count = 0
        try:
            with self.partial.open("rb") as file:
                while piece := file.read(_PIECE):
                    self.digest.update(piece)
                    count += len(piece)
        except FileNotFoundError:
            return 0
        # What is too long is begun anew.
        return count if count <= self.size else 0

    def _begin(self, response: httpx2.Response) -> None:
        """Note which version comes, before its first byte is kept."""
        self.etag = response.headers.get("etag", "").strip('"')
        self.digest = _proving(self.etag)
        self.size = int(response.headers.get("content-length") or 0)
        self.mtime = _mtime(response)
        self.record.write(
            Unfinished(etag=self.etag, size=self.size, mtime_ns=int(self.mtime * 1e9))
        )

    @contextmanager
    def _opened(self, had: int) -> Iterator[int]:
        descriptor = os.open(self.partial, TO_WRITE, 0o666)
        try:
            os.ftruncate(descriptor, had)
            os.lseek(descriptor, had, os.SEEK_SET)
            yield descriptor
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int, handing_on: HandingOn, pieces: Sequence[bytes]) -> None:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
            handing_on.wrote(len(piece))
            self.digest.update(piece)
            self._tell(self.told + len(piece))

    def _tell(self, count: int) -> None:
        if count != self.told:
            self.progress(count - self.told)
            self.told = count

    async def verified(self) -> Fetched:
        """Hold what arrived against what the server knows of it."""
        is_same = await self._is_same()
        if is_same is False:
            self.record.remove()
            with contextlib.suppress(OSError):
                self.partial.unlink()
            raise Integrity(
                f"what arrived of {self.path} is not what the server has",
                "fetch it again; if that stays, its disk or the network spoils bytes",
            )
        return Fetched(self.etag, self.size, self.mtime, self.resumed, is_verified=is_same is True)

    async def _is_same(self) -> bool | None:
        found = self.digest.hexdigest()
        if "-" not in self.etag:
            return found == self.etag
        known = await self._known_sha256()
        if known is not None:
            return known == found
        # Digested by the server later: the entity tag is one of the parts' digests.
        count = int(self.etag.rpartition("-")[2] or 0)
        sizes = dict.fromkeys((part_size_for(self.size), LEAST_PART, *_GUESSED_PARTS))
        for size in sizes:
            if math.ceil(self.size / size) == count:
                tags = await asyncio.to_thread(self._part_tags, size)
                if multipart_etag(tags) == self.etag:
                    return True
        return None

    async def _known_sha256(self) -> str | None:
        try:
            node = await files.stat(self.session, self.path)
            for version in await files.versions(self.session, node.node_id):
                if version["etag"] == self.etag and version["sha256"]:
                    return str(version["sha256"])
        except SignInRequired:
            raise
        except ClientError:
            # A token that opens one file reads no list of its versions.
            pass
        return None

    def _part_tags(self, size: int) -> list[str]:
        tags = []
        with self.partial.open("rb") as file:
            while piece := file.read(size):
                tags.append(hashlib.md5(piece, usedforsecurity=False).hexdigest())
        return tags


def _proving(etag: str) -> "hashlib._Hash":
    """Begin the digest by which the server knows a version: MD5 of what came whole, else SHA-256.

    One alone: MD5 would take most of the time that a large file takes.
    """
    return hashlib.sha256() if "-" in etag else hashlib.md5(usedforsecurity=False)


def _mtime(response: httpx2.Response) -> float:
    try:
        return float(response.headers.get("x-amz-meta-mtime", ""))
    except ValueError:
        return 0


@contextmanager
def local_errors(path: Path) -> Iterator[None]:
    """Say what this machine's disk refuses."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(f"there is no folder {path.parent}") from error
    except OSError as error:
        said = error.strerror or str(error)
        if error.errno in _NO_SPACE:
            raise Limit(
                f"{path} cannot be written: {said}", "make room, and run it again"
            ) from error
        if isinstance(error, FileExistsError | IsADirectoryError | NotADirectoryError):
            raise Conflict(f"{path} cannot be written: {said}") from error
        raise ClientError(f"{path} cannot be written: {said}") from error


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder outlast a loss of power."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
