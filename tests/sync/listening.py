"""A watch under way within one process, and what it hears."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from keycell.sync.errors import Away, SyncError
from keycell.sync.hearing import Heard, hear
from keycell.sync.left_out import Rules
from keycell.sync.run import Outcome
from keycell.sync.state import State
from keycell.sync.watch import watch

from .inside import Inside, until

Told = Outcome | Away


@dataclass
class Watching:
    """A watch under way, and what it tells."""

    state: State
    told: list[Told] = field(default_factory=list)
    hears: bool = False

    async def until(self, count: int) -> list[Told]:
        """Wait until so much was told."""
        await until(lambda: len(self.told) >= count)
        return self.told

    async def waits(self) -> None:
        """Wait until it waits for hints, and can hear them."""
        await until(lambda: self.state.said("doing") == "waiting" and self.hears)


@asynccontextmanager
async def watching(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, listening: object = None
) -> AsyncIterator[Watching]:
    with inside.state() as state:
        found = Watching(state)

        async def heard(
            root: Path, read: Callable[[], Rules], something: asyncio.Event
        ) -> AsyncIterator[Heard]:
            # The system tells of what happens from here on.
            first = asyncio.ensure_future(anext(telling := hear(root, read, something)))
            await asyncio.sleep(0)
            found.hears = True
            yield await first
            async for some in telling:
                yield some

        monkeypatch.setattr("keycell.sync.watch.hear", listening or heard)
        async with inside.wire() as wire:
            task = asyncio.create_task(watch(wire, state, inside.job, found.told.append))
            try:
                yield found
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, SyncError):
                    await task


async def deaf(root: Path, *_: object) -> AsyncIterator[Heard]:
    await asyncio.Event().wait()
    yield frozenset({str(root)})
