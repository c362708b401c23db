"""A zip of files and folders, written while it is sent: it is never there as a whole."""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from keycell.files.access import Actor
from keycell.files.errors import BlobMissing, NotFound
from keycell.files.finding import Located, walk, within
from keycell.files.names import free_name, name_key
from keycell.files.nodes import Node
from keycell.files.ports import Files
from keycell.files.reading import open_file

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LATEST = (2107, 12, 31, 23, 59, 58)
"""Beyond these a zip has no words for a time."""
_FOLDER = 0o40755 << 16
_FILE = 0o100644 << 16


class _Outlet(io.RawIOBase):
    """Takes what the zip is made of, until it is sent."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # zipfile writes bytes alone
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken


async def zip_stream(files: Files, actor: Actor, tops: Sequence[Located]) -> AsyncIterator[bytes]:
    """Give a zip of what somebody may read of some files and folders, piece by piece.

    Nothing is compressed: what is large is compressed already, and the network is not the
    bottleneck. A file that goes away meanwhile is left out.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        taken: set[str] = set()
        for top in tops:
            first = _free(top.path.name, taken)
            async for located in _all(files, actor, top):
                below = located.path.names[len(top.path.names) :]
                name = "/".join((first, *below))
                async for piece in _entry(files, archive, outlet, located, name):
                    yield piece
    yield outlet.take()


def _free(name: str, taken: set[str]) -> str:
    """Give a name that nothing else at the top of the zip has, and take it."""
    free, number = name, 1
    while name_key(free) in taken:
        number += 1
        free = free_name(name, number)
    taken.add(name_key(free))
    return free


async def _all(files: Files, actor: Actor, top: Located) -> AsyncIterator[Located]:
    yield top
    if top.node.is_folder:
        async for entry in walk(files, actor, top):
            yield within(top, entry)


async def _entry(
    files: Files, archive: zipfile.ZipFile, outlet: _Outlet, located: Located, name: str
) -> AsyncIterator[bytes]:
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
