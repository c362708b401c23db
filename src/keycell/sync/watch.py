"""Staying alike: a run, and another whenever either side gives a hint, or an hour has passed.

Hints may be lost, or tell of nothing: each run looks at everything.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, awatch

from keycell.sync.errors import Away
from keycell.sync.names import WORKING
from keycell.sync.run import Job, Outcome, run
from keycell.sync.state import State
from keycell.sync.wire import CursorGone, Wire

_AT_LEAST_EVERY = 3600
_WAITED = 50
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0


async def watch(
    wire: Wire, state: State, job: Job, tell: Callable[[Outcome | Away], None]
) -> None:
    """Keep both sides alike until cancelled; a server that is away is waited for."""
    pause = _FIRST_PAUSE
    while True:
        try:
            tell(await run(wire, state, job))
            await _hint(wire, int(state.said("cursor", "0")), job.root)
            pause = _FIRST_PAUSE
        except Away as away:
            tell(away)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _hint(wire: Wire, cursor: int, root: Path) -> None:
    hints = [asyncio.create_task(_here(root)), asyncio.create_task(_there(wire, cursor))]
    try:
        done, _ = await asyncio.wait(
            hints, timeout=_AT_LEAST_EVERY, return_when=asyncio.FIRST_COMPLETED
        )
        for one in done:
            one.result()
    finally:
        for one in hints:
            one.cancel()
        await asyncio.gather(*hints, return_exceptions=True)


async def _here(root: Path) -> None:
    def matters(change: Change, path: str) -> bool:
        del change
        return WORKING not in Path(path).parts

    async for _ in awatch(root, watch_filter=matters, recursive=True):
        return


async def _there(wire: Wire, cursor: int) -> None:
    while True:
        try:
            if (await wire.changes(cursor, _WAITED))["changes"]:
                return
        except CursorGone:
            return
