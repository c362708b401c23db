"""Small files go many in one request: a request for each would take longer than its bytes."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keycell.client.objects import Placed
from keycell.client.opening import NO_LINK, TO_READ
from keycell.sync.errors import Dropped
from keycell.sync.lots import LARGEST, MOST, give_up
from keycell.sync.operations import Upload
from keycell.sync.wire import PIECE, Refused, Small, Wire

_MOST_BYTES = 256 * 1024
"""Of one request: it arrives within the half minute that a server gives it, on slow lines too."""
_AT_ONCE = 2


@dataclass(slots=True)
class Sending:
    """What is on its way of a chunk's small files."""

    wire: Wire
    read: Callable[[Upload], Small]
    """Gives a file as it is sent; raises Dropped where it is not what was seen."""
    _coming: dict[str, asyncio.Task[Mapping[str, "Outcome"]]] = field(default_factory=dict)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _is_older: bool = False
    """The server takes single files alone, or the way to it does."""

    def begin(self, uploads: Sequence[tuple[Upload, int]]) -> None:
        """Send those of some files that are small, given with their sizes."""
        for batch in [] if self._is_older else _batches(uploads):
            coming = asyncio.create_task(self._send(batch))
            self._coming |= dict.fromkeys((one.local.id for one in batch), coming)

    async def take(self, upload: Upload) -> Placed | None:
        """Give what a file became, or raise why not; None if it must be sent by itself."""
        coming = self._coming.get(upload.local.id)
        outcome = None if coming is None else (await coming).get(upload.local.id)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def end(self) -> None:
        """Send nothing more."""
        await give_up(self._coming)

    async def _send(self, batch: Sequence[Upload]) -> Mapping[str, "Outcome"]:
        async with self._room:
            if self._is_older:
                return {}
            outcomes: dict[str, Outcome] = {}
            small: dict[str, Small] = {}
            for one in batch:
                try:
                    small[one.local.id] = self.read(one)
                except (Dropped, OSError) as error:
                    outcomes[one.local.id] = error
            if not small:
                return outcomes
            told = await self.wire.put_each(list(small.values()))
            if told is None:
                self._is_older = True
                return outcomes
            return outcomes | dict(zip(small, told, strict=True))


Outcome = Placed | Dropped | Refused | OSError


def _batches(uploads: Sequence[tuple[Upload, int]]) -> list[list[Upload]]:
    """Give the small ones in lots of bounded size; one that would go alone is in none."""
    found: list[list[Upload]] = []
    room = 0
    for upload, size in uploads:
        if size > LARGEST:
            continue
        if not found or size > room or len(found[-1]) == MOST:
            found.append([])
            room = _MOST_BYTES
        found[-1].append(upload)
        room -= size
    return [batch for batch in found if len(batch) > 1]


def content_of(path: Path, size: int) -> bytes:
    """Read a small file, through no link; raise Dropped if it became shorter."""
    descriptor = os.open(path, TO_READ | NO_LINK)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(size)
    if len(content) < size:
        raise Dropped("it became shorter while it was read")
    return content


async def pieces_of(path: Path, size: int) -> AsyncIterator[bytes]:
    """Read a file piece by piece, as `content_of` does."""
    descriptor = os.open(path, TO_READ | NO_LINK)
    with os.fdopen(descriptor, "rb") as file:
        left = size
        while left:
            piece = file.read(min(PIECE, left))
            if not piece:
                raise Dropped("it became shorter while it was read")
            left -= len(piece)
            yield piece
