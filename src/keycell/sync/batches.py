"""Small files come many in one answer: a request for each would take longer than its bytes."""

import asyncio
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from keycell.sync.trees import Remote
from keycell.sync.wire import Wire

T = TypeVar("T")

LARGEST = 16 * 1024
"""Bytes; the server leaves out, or refuses, what is larger."""
MOST = 64
"""Files of one request or answer."""


@dataclass(slots=True)
class Batches:
    """What is on its way of a chunk's small files."""

    wire: Wire
    _coming: dict[str, asyncio.Task[dict[str, bytes]]] = field(default_factory=dict)

    def begin(self, remotes: Sequence[Remote]) -> None:
        """Ask for those of some files that are small."""
        small = [one for one in remotes if one.size <= LARGEST and one.digest is not None]
        for start in range(0, len(small), MOST):
            batch = small[start : start + MOST]
            coming = asyncio.create_task(self.wire.contents(batch))
            self._coming |= dict.fromkeys((one.id for one in batch), coming)

    async def take(self, remote: Remote) -> bytes | None:
        """Give what a file holds; None if it must be asked for by itself."""
        coming = self._coming.get(remote.id)
        return None if coming is None else (await coming).pop(remote.id, None)

    async def end(self) -> None:
        """Ask for nothing more."""
        await give_up(self._coming)


async def give_up(coming: MutableMapping[str, asyncio.Task[T]]) -> None:
    """End what is on its way, and wait until it has ended."""
    under_way = set(coming.values())
    coming.clear()
    for one in under_way:
        one.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
