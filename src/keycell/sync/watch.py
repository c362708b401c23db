"""Staying alike: a run, and another whenever either side gives a hint, or ten minutes have passed.

Hints may be lost, or tell of nothing, and some mounts tell of nothing at all: whoever hears one
looks at everything, and every ten minutes without. The disk is listened to while a run goes on,
too: what happens behind its last look is a hint for the next, and where nothing happened none is
needed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import Change, awatch

from keycell.sync.errors import Away
from keycell.sync.names import WORKING
from keycell.sync.run import Job, Looks, Outcome, run
from keycell.sync.state import Doing, State
from keycell.sync.wire import CursorGone, Wire

_AT_LEAST_EVERY = 600
_WAITED = 50
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Heard(Looks):
    """What is heard of the disk."""

    something: asyncio.Event = field(kw_only=True)
    listening: asyncio.Task[None] = field(kw_only=True)
    _looked_at: float | None = None

    def is_due(self) -> bool:
        """Tell whether something was heard, or it is long ago; it is to be looked at then."""
        now = time.monotonic()
        is_long_ago = self._looked_at is None or now - self._looked_at >= _AT_LEAST_EVERY
        if not is_long_ago and not self.something.is_set():
            return False
        self.something.clear()
        self._looked_at = now
        return True


async def watch(
    wire: Wire, state: State, job: Job, tell: Callable[[Outcome | Away], None]
) -> None:
    """Keep both sides alike until cancelled; a server that is away is waited for."""
    pause = _FIRST_PAUSE
    async with _listening(job.root) as disk:
        while True:
            try:
                tell(await run(wire, state, job, disk))
                state.tell(Doing.WAITING)
                await _hint(disk, wire, int(state.said("cursor", "0")))
                pause = _FIRST_PAUSE
            except Away as away:
                tell(away)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)


async def _hint(disk: _Heard, wire: Wire, cursor: int) -> None:
    hints = [asyncio.create_task(disk.something.wait()), asyncio.create_task(_there(wire, cursor))]
    try:
        done, _ = await asyncio.wait(
            [disk.listening, *hints], timeout=_AT_LEAST_EVERY,
            return_when=asyncio.FIRST_COMPLETED,
        )  # fmt: skip
        for one in done:
            one.result()
    finally:
        for one in hints:
            one.cancel()
        await asyncio.gather(*hints, return_exceptions=True)


@asynccontextmanager
async def _listening(root: Path) -> AsyncIterator[_Heard]:
    something = asyncio.Event()
    listening = asyncio.create_task(_listen(root, something))
    # It has begun to listen when it waits for the first time.
    await asyncio.sleep(0)
    try:
        yield _Heard(something=something, listening=listening)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(root: Path, heard: asyncio.Event) -> None:
    def matters(change: Change, path: str) -> bool:
        del change
        return WORKING not in Path(path).parts

    async for _ in awatch(root, watch_filter=matters, recursive=True):
        heard.set()


async def _there(wire: Wire, cursor: int) -> None:
    while True:
        try:
            if (await wire.changes(cursor, _WAITED))["changes"]:
                return
        except CursorGone:
            return
