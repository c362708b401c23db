"""What processes keep in memory, and how they learn that it changed.

Each change bumps a row; every process reads the small table four times a second, and its own
changes at once. So a request for a known client reads nothing.
"""

import asyncio
import contextlib
from collections.abc import Callable

from sqlalchemy import select

from keycell.stores.database import Database, Statement, Step, Unavailable
from keycell.stores.schema import versions

POLL_SECONDS = 0.25

_BUMP = Statement(
    lambda make: make(versions).on_conflict_do_update(
        index_elements=["name"], set_={"version": versions.c.version + 1}
    )
)
_ALL = Statement(select(versions))


def bump(name: str) -> Step:
    """Give the statement that tells others of a change, to stand in its transaction."""
    return _BUMP, {"name": name, "version": 1}


class Versions:
    """Calls back when something kept in memory has changed elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, int] = {}
        self._watchers: dict[str, list[Callable[[], None]]] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, name: str, forget: Callable[[], None]) -> None:
        """Call ``forget`` after each change of this name."""
        self._watchers.setdefault(name, []).append(forget)

    async def start(self) -> None:
        """Begin to look."""
        await self.look()
        self._task = asyncio.get_running_loop().create_task(self._poll())

    async def look(self) -> None:
        """Read the versions once, and call back for each that changed."""
        for row in await self._database.read(_ALL):
            if self._seen.get(row.name) != row.version:
                self._seen[row.name] = row.version
                self._forget(row.name)

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.look()
            except Unavailable:
                # What changes meanwhile is not seen, so nothing kept is believed.
                for name in self._watchers:
                    if self._seen.pop(name, None) is not None:
                        self._forget(name)

    def _forget(self, name: str) -> None:
        for forget in self._watchers.get(name, ()):
            forget()
