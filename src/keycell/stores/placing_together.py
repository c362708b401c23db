"""Small files that go to one folder at the same time share a verb. See decisions/0079.

What each placing reads first is the same (the volume, the folder and all it lies in), and so is
what it writes last; and one that is refused is told so without the others being run again.
"""

import asyncio
import threading
from dataclasses import dataclass, field

from keycell.files.errors import FilesError
from keycell.files.ports import Placed, Placing
from keycell.stores.database import Database, Unavailable, Verb
from keycell.stores.placing import Placer

MOST = 32
"""So many wait in groups at once; whoever comes then is a verb of their own."""


@dataclass(slots=True)
class _Group:
    """Placings in one folder whose verb has not begun, and who waits for each of them."""

    parent_id: str
    placings: list[Placing] = field(default_factory=list)
    futures: list[asyncio.Future[Placed]] = field(default_factory=list)


class Together:
    """Gathers placings until the writer comes to them."""

    def __init__(self, database: Database, placer: Placer) -> None:
        self._database = database
        self._placer = placer
        self._open: dict[str, _Group] = {}
        self._waiting = 0
        # A verb may be run by another thread, and nobody may join a group that has begun.
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def place(self, placing: Placing) -> Placed:
        """Give a file new content that its row carries."""
        future: asyncio.Future[Placed] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._waiting >= MOST:
                group = None
            else:
                self._waiting += 1
                group = self._open.setdefault(placing.parent_id, _Group(placing.parent_id))
                group.placings.append(placing)
                group.futures.append(future)
        if group is None:
            # A group that was just begun stands in line with the next turn of the loop.
            await asyncio.sleep(0)
            return await self._alone(placing)
        if group.futures[0] is future:
            task = asyncio.get_running_loop().create_task(self._write(group))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _alone(self, placing: Placing) -> Placed:
        return await self._database.write(lambda: self._placer.verb(placing), is_brief=True)

    async def _write(self, group: _Group) -> None:
        outcomes: list[Placed | BaseException]
        try:
            outcomes = [*await self._database.write(lambda: self._verb(group), is_brief=True)]
        except Unavailable as error:
            # Nobody knows what became of it: as of one that is alone, whoever sent it asks again.
            self._close(group)
            outcomes = [error] * len(group.futures)
        except Exception:  # noqa: BLE001  (nothing of it is kept: each is told its own)
            self._close(group)
            outcomes = await asyncio.gather(
                *(self._alone(one) for one in group.placings), return_exceptions=True
            )
        for future, outcome in zip(group.futures, outcomes, strict=True):
            if future.done():
                # Whoever waited is gone.
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _verb(self, group: _Group) -> Verb[list[Placed | FilesError]]:
        self._close(group)
        return self._placer.together(group.parent_id, group.placings)

    def _close(self, group: _Group) -> None:
        """Have nobody join a group any more; a database that is away never came to its verb."""
        with self._lock:
            if self._open.get(group.parent_id) is group:
                del self._open[group.parent_id]
                self._waiting -= len(group.placings)


def may_share(placing: Placing) -> bool:
    """Tell whether all that can be refused of a placing is refused before it writes anything."""
    return len(placing.names) == 1 and len(placing.written) == 1 and placing.upload_id is None
