"""Staying alike: a run, and another whenever either side gives a hint, or ten minutes have passed.

What is heard of the disk says where to look. Hints may be lost, or name nothing, and some mounts
tell of nothing at all: whoever begins, or hears that it may have been anything, looks at
everything, and so does everybody every ten minutes. The disk is listened to while a run goes on,
too: what happens behind its last look is a hint for the next, and where nothing happened none is
needed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from keycell.sync import glance
from keycell.sync.errors import Away
from keycell.sync.hearing import Heard, hear
from keycell.sync.left_out import REST, Rules, rules_of
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

    something: asyncio.Event = field(default_factory=asyncio.Event)
    anew: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, too, where other things are left out: then other folders are listened to."""
    _paths: set[str] | None = None
    """None for anything, as before the first look."""
    _looked_at: float = 0
    _rules: Rules | None = None

    def heed(self, rules: Rules) -> None:
        """Have other folders listened to, where other ones are left out."""
        if self._rules is not None and self._rules.text != rules.text:
            self.anew.set()
        self._rules = rules

    def hears(self, some: Heard) -> None:
        """Keep what was heard until it is looked at."""
        if some is None or self._paths is None or len(self._paths | some) > glance.MOST:
            self._paths = None
        else:
            self._paths |= some
        self.something.set()

    def due(self) -> Heard:
        """Give what was heard; anything, if everything was looked at long ago."""
        now, found = time.monotonic(), self._paths
        self.something.clear()
        self._paths = set()
        if found is None or now - self._looked_at >= _AT_LEAST_EVERY:
            self._looked_at = now
            return None
        return frozenset(found)

    def left(self) -> float:
        """Give the seconds until everything is to be looked at, heard of or not."""
        left = max(0, self._looked_at + _AT_LEAST_EVERY - time.monotonic())
        is_waiting = self._rules is not None and self._rules.is_waiting
        return min(left, REST) if is_waiting else left


async def watch(
    wire: Wire, state: State, job: Job, tell: Callable[[Outcome | Away], None]
) -> NoReturn:
    """Keep both sides alike until cancelled; a server that is away is waited for."""
    pause = _FIRST_PAUSE
    async with _listening(job, state) as (disk, listening):
        while True:
            try:
                tell(await run(wire, state, job, disk))
                state.tell(Doing.WAITING)
                await _hint(disk, listening, wire, int(state.said("cursor", "0")))
                pause = _FIRST_PAUSE
            except Away as away:
                tell(away)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)


async def _hint(disk: _Heard, listening: "asyncio.Task[None]", wire: Wire, cursor: int) -> None:
    hints = [asyncio.create_task(disk.something.wait()), asyncio.create_task(_there(wire, cursor))]
    try:
        done, _ = await asyncio.wait(
            [listening, *hints], timeout=disk.left(),
            return_when=asyncio.FIRST_COMPLETED,
        )  # fmt: skip
        for one in done:
            one.result()
    finally:
        for one in hints:
            one.cancel()
        await asyncio.gather(*hints, return_exceptions=True)


@asynccontextmanager
async def _listening(job: Job, state: State) -> "AsyncIterator[tuple[_Heard, asyncio.Task[None]]]":
    disk = _Heard()
    listening = asyncio.create_task(_listen(job, state, disk))
    # It has begun to listen when it waits for the first time.
    await asyncio.sleep(0)
    try:
        yield disk, listening
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(job: Job, state: State, disk: _Heard) -> None:
    def read() -> Rules:
        return rules_of(job.root, job.ignored, job.only, state)

    async for some in hear(job.root, read, disk.anew):
        disk.hears(some)


async def _there(wire: Wire, cursor: int) -> None:
    while True:
        try:
            if (await wire.changes(cursor, _WAITED))["changes"]:
                return
        except CursorGone:
            return
