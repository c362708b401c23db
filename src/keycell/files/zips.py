"""A zip of files and folders, written while it is sent: it is never there as a whole.

What must be said of each entry once more at its end is kept in a file without a name, beyond a
megabyte: a zip of a million files takes no more memory than one of a thousand.
"""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from keycell.files.access import Actor
from keycell.files.errors import BlobMissing, NotFound
from keycell.files.finding import Located, walk, within
from keycell.files.names import free_name, name_key
from keycell.files.nodes import Node
from keycell.files.ports import Files
from keycell.files.reading import open_file

NO_MORE: Mapping[str, bytes] = {}
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LATEST = (2107, 12, 31, 23, 59, 58)
"""Beyond these a zip has no words for a time."""
_FOLDER = 0o40755 << 16
_FILE = 0o100644 << 16


_HELD = 2**20
"""Bytes that are kept in memory before a file takes them."""
_PIECE = 2**18
_SAID = (
    "filename", "date_time", "CRC", "file_size", "compress_size", "header_offset", "flag_bits",
    "external_attr", "create_version", "extract_version",
)  # fmt: skip
"""What of an entry is said at the end; all else of it is the same for all of ours."""


class _Outlet(io.RawIOBase):
    """Takes what the zip is made of, until it is sent."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._end: IO[bytes] | None = None

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # zipfile writes bytes alone
        if self._end is not None:
            return self._end.write(piece)
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken

    def turn_to(self, end: IO[bytes]) -> None:
        """Have a file take what comes from here on."""
        self._end = end


class _Entries(list[zipfile.ZipInfo]):
    """The entries of a zip that is being written: kept in a file, and gone through once more."""

    def __init__(self, kept: IO[bytes]) -> None:
        super().__init__()
        self._kept, self._count = kept, 0

    def append(self, entry: zipfile.ZipInfo, /) -> None:
        said = [getattr(entry, name) for name in _SAID]
        self._kept.write(json.dumps(said).encode() + b"\n")
        self._count += 1

    def clear(self) -> None:
        """Let go of all of them; who is going through them ends there."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._kept.seek(0)
        number = 0
        while number < self._count:
            entry = zipfile.ZipInfo()
            for name, value in zip(_SAID, json.loads(self._kept.readline()), strict=True):
                setattr(entry, name, value)
            yield entry
            number += 1


class _Unnamed(dict[str, zipfile.ZipInfo]):
    """Entries by their names, which nobody asks for: no two of ours have the same."""

    def __setitem__(self, _name: str, _entry: zipfile.ZipInfo, /) -> None:
        return


async def zip_stream(
    files: Files, actor: Actor, tops: Sequence[Located], documents: Mapping[str, bytes] = NO_MORE
) -> AsyncGenerator[bytes]:
    """Give a zip of what somebody may read of some files and folders, piece by piece.

    Documents of ours go with them, by their names.

    Nothing is compressed: what is large is compressed already, and the network is not the
    bottleneck. A file that goes away meanwhile is left out.
    """
    outlet = _Outlet()
    with SpooledTemporaryFile(_HELD) as kept:
        archive = zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED, allowZip64=True)
        archive.filelist, archive.NameToInfo = _Entries(kept), _Unnamed()
        try:
            taken: set[str] = set()
            for name, content in documents.items():
                archive.writestr(_free(name, taken), content)
                yield outlet.take()
            for top in tops:
                names = _Names(files, _free(_harmless(top.path.name), taken), len(top.path.names))
                async for located in _all(files, actor, top):
                    name = await names.of(located)
                    # Closed first: no zip ends in the middle of an entry.
                    async with aclosing(_entry(files, archive, outlet, located, name)) as entry:
                        async for piece in entry:
                            yield piece
            async for piece in _end(archive, outlet):
                yield piece
        finally:
            # Of a zip that nobody waits for, nothing more is said.
            archive.filelist.clear()
            archive.close()


async def _end(archive: zipfile.ZipFile, outlet: _Outlet) -> AsyncIterator[bytes]:
    """Say of every entry where it is; that takes a while, and others are not to wait for it."""
    yield outlet.take()
    with SpooledTemporaryFile(_HELD) as end:
        outlet.turn_to(end)
        closing = asyncio.ensure_future(asyncio.to_thread(archive.close))
        try:
            await asyncio.shield(closing)
        finally:
            if not closing.done():
                archive.filelist.clear()
            while not closing.done():
                # Who gives up may say so at every turn; until the thread is done it has the file.
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([closing])
        end.seek(0)
        while piece := end.read(_PIECE):
            yield piece


def _free(name: str, taken: set[str]) -> str:
    """Give a name that nothing else at the top of the zip has, and take it."""
    free, number = name, 1
    while name_key(free) in taken:
        number += 1
        free = free_name(name, number)
    taken.add(name_key(free))
    return free


def _harmless(name: str) -> str:
    # Where it is opened a backslash may part folders, and so lead out of the one it is opened in;
    # and of a name of dots and spaces alone what is dropped may leave the way up.
    return name.replace("\\", "_") if name.strip(". ") else "_" * len(name)


class _Names:
    """What files and folders are called in a zip: as they are, but for those that lead elsewhere.

    None of these gets the name of something beside it.
    """

    def __init__(self, files: Files, first: str, depth: int) -> None:
        self._files = files
        self._first = first
        self._depth = depth
        self._given: dict[tuple[str, ...], str] = {}
        """By the names that lead to it, what a folder is called that has another name here."""
        self._taken: set[tuple[str, str]] = set()
        self._numbers: dict[tuple[str, str], int] = {}

    async def of(self, located: Located) -> str:
        """Give the name of something; of a folder before that of what lies in it."""
        names = located.path.names[self._depth :]
        if not names:
            return self._first
        said = names[-1]
        if (harmless := _harmless(said)) != said:
            said = await self._beside(located.node.parent_id or "", harmless)
            if located.node.is_folder:
                self._given[names] = said
        above = names[:-1]
        if self._given:
            above = tuple(
                self._given.get(above[: number + 1], name) for number, name in enumerate(above)
            )
        return "/".join((self._first, *above, said))

    async def _beside(self, folder_id: str, name: str) -> str:
        """Give a name that nothing in a folder has, and take it."""
        number = self._numbers.get((folder_id, name), 0)
        while True:
            number += 1
            free = name if number == 1 else free_name(name, number)
            place = (folder_id, name_key(free))
            if place not in self._taken and not await self._is_there(folder_id, free):
                self._numbers[folder_id, name] = number
                self._taken.add(place)
                return free

    async def _is_there(self, folder_id: str, name: str) -> bool:
        found = await self._files.nodes.resolve(folder_id, (name,))
        return not found.missing or found.collision is not None


async def _all(files: Files, actor: Actor, top: Located) -> AsyncIterator[Located]:
    yield top
    if top.node.is_folder:
        async for entry in walk(files, actor, top):
            yield within(top, entry)


async def _entry(
    files: Files, archive: zipfile.ZipFile, outlet: _Outlet, located: Located, name: str
) -> AsyncGenerator[bytes]:
    node = located.node
    if node.is_folder:
        archive.writestr(_info(node, f"{name}/", _FOLDER), b"")
        return
    try:
        opened = await open_file(files, located)
    except (NotFound, BlobMissing):
        return
    with archive.open(_info(node, name, _FILE), "w", force_zip64=True) as entry:
        async for chunk in opened.read():
            entry.write(chunk)
            yield outlet.take()


def _info(node: Node, name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _moment(node.mtime))
    info.external_attr = mode
    return info


def _moment(at: datetime) -> tuple[int, int, int, int, int, int]:
    parts = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return min(max(parts, _EARLIEST), _LATEST)
