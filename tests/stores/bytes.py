"""Bytes to be placed, and a byte store as plain as can be: a file for each key in a folder."""

import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

from keycell.files.errors import BlobMissing
from keycell.files.nodes import ANY, Content, Part
from keycell.files.ports import Placing
from keycell.files.ports_blobs import WriteLimits, Written

from .conftest import NOW


class Shelf:
    """Keeps bytes in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    async def write(self, chunks: AsyncIterator[bytes], _limits: WriteLimits) -> Written:
        return self.put(b"".join([chunk async for chunk in chunks]))

    def put(self, content: bytes, *, at: datetime | None = None) -> Written:
        """Keep bytes under a key of their own, whatever is kept already."""
        key = f"{hashlib.sha256(content).hexdigest()}-{os.urandom(8).hex()}"
        path = self.folder / key
        path.write_bytes(content)
        if at is not None:
            os.utime(path, (at.timestamp(), at.timestamp()))
        return written(content, key)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        try:
            yield (self.folder / key).read_bytes()[start:end]
        except FileNotFoundError:
            raise BlobMissing(key) from None

    async def remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self.folder / key).unlink(missing_ok=True)

    async def orphans(self, older_than: datetime) -> AsyncIterator[list[str]]:
        old = [p.name for p in self.folder.iterdir() if p.stat().st_mtime < older_than.timestamp()]
        for start in range(0, len(old), 2):
            yield old[start : start + 2]

    def keys(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    async def close(self) -> None:
        return


def written(content: bytes, key: str | None = None) -> Written:
    """Say of bytes what the byte store says."""
    md5 = hashlib.md5(content, usedforsecurity=False)
    return Written(
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        md5=md5.hexdigest(),
        block_md5s=(md5.digest(),),
        key=key,
        content=content if key is None else None,
    )


def placing(
    said: Written, *names: str, parent: str = "root", at: datetime = NOW, by: str = "ann"
) -> Placing:
    """Place bytes that were just written."""
    content = Content(
        size=said.size,
        etag=said.md5,
        sha256=said.sha256,
        block_hash=said.md5,
        content_type="text/plain",
        parts=(Part(said.sha256, said.size),),
    )
    return Placing(
        parent_id=parent, names=names, content=content, written=(said,), conditions=ANY, by=by,
        at=at,
    )  # fmt: skip
