"""The bytes of files in a backup: after the rows, each blob with its pieces.

Blobs never change, and what nothing names any more stays for an hour: so the bytes can be copied
after the moment that the rows are of. What took longer than that to reach may be gone; the copy
says so, and counts it.
"""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, update

from keycell.files.errors import BlobMissing, DigestMismatch
from keycell.files.ports_blobs import BlobStore, WriteLimits
from keycell.stores.database import Statement, Step
from keycell.stores.schema_files import blobs

PIECE = 2**20
_PUT = Statement(
    update(blobs)
    .where(blobs.c.sha256 == bindparam("b_sha256"))
    .values(key=bindparam("b_key"), content=bindparam("b_content"))
)


class BadBytes(Exception):
    """The bytes of a backup are damaged, or cut off."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob that lies in the byte store."""

    sha256: str
    size: int
    key: str


async def byte_lines(store: BlobStore, stored: Sequence[Stored]) -> AsyncIterator[bytes]:
    """Give the lines of blobs, and at last how many there were and how many were gone."""
    gone = 0
    for blob in stored:
        yield _line({"blob": blob.sha256})
        try:
            async for piece in _pieces(store, blob):
                yield _line(base64.b64encode(piece).decode())
        except BlobMissing:
            gone += 1
            yield _line({"gone": blob.sha256})
    yield _line({"blobs": len(stored), "missing": gone})


async def _pieces(store: BlobStore, blob: Stored) -> AsyncIterator[bytes]:
    held = bytearray()
    async for chunk in store.read(blob.key, 0, blob.size):
        held += chunk
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


async def put_bytes(store: BlobStore, lines: Iterator[bytes]) -> AsyncIterator[Step]:
    """Take blobs in, verified; give for each the statement that says where it is now."""
    found = _read(next(lines, b""))
    while isinstance(found, dict) and "blob" in found:
        sha256 = str(found["blob"])
        reading = _Reading(lines)
        try:
            written = await store.write(reading.pieces(), WriteLimits(sha256=sha256))
        except DigestMismatch:
            if not reading.is_gone:
                raise BadBytes(f"the bytes of {sha256} in the backup are damaged") from None
        else:
            yield (
                _PUT,
                {"b_sha256": sha256, "b_key": written.key, "b_content": written.content},
            )
        found = reading.next
    if not isinstance(found, dict) or "blobs" not in found:
        raise BadBytes("the backup is cut off: its last line is missing")


class _Reading:
    """One blob's pieces, and the line that follows them."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.next: object = None
        self.is_gone = False

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            found = _read(next(self._lines, b""))
            if isinstance(found, str):
                try:
                    yield base64.b64decode(found, validate=True)
                except binascii.Error:
                    raise BadBytes("a line of the backup is damaged") from None
                continue
            if isinstance(found, dict) and "gone" in found:
                self.is_gone = True
                continue
            self.next = found
            return


def _read(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BadBytes("the backup is damaged, or cut off") from None


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
