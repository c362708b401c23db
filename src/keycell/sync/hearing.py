"""Hearing of what happens on the disk: to which paths, or that it may have been anything.

Linux says by inotify what happened where, and says so, too, when it could not keep up. Elsewhere
what is heard names nothing that could be relied upon, and everything is looked at. See
decisions/0082.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from keycell.sync.left_out import Rules

if sys.platform == "linux":
    from keycell.sync.inotify import Ears
else:
    from watchfiles import Change, awatch

    from keycell.sync.names import WORKING

_QUIET = 0.05
_LONGEST = 1.6
"""Seconds: so long what happens is gathered, if it does not end before."""

Heard = frozenset[str] | None
"""Paths below the folder, ``a/b``, that something happened to; None for anything, anywhere."""


if sys.platform == "linux":

    async def hear(
        root: Path, read: Callable[[], Rules], something: asyncio.Event
    ) -> AsyncIterator[Heard]:
        """Tell of what happens, from the first step on; raise SyncError.

        What is left out is read; where that is other than it was, or something else happens that
        nobody listened to, all begins anew.
        """
        loop, rules = asyncio.get_running_loop(), read()
        ears = Ears(root, rules.excludes)

        def listen() -> None:
            ears.take()
            something.set()

        try:
            while True:
                loop.add_reader(ears.descriptor, listen)
                await _gathered(something)
                was, rules = rules, read()
                if ears.is_lost or rules.text != was.text:
                    loop.remove_reader(ears.descriptor)
                    # Everything is listened to first, and looked at then.
                    ears.begin(rules.excludes)
                    yield None
                elif paths := ears.taken():
                    yield paths
        finally:
            if ears.descriptor >= 0:
                loop.remove_reader(ears.descriptor)
            ears.close()

else:

    async def hear(
        root: Path, read: Callable[[], Rules], something: asyncio.Event
    ) -> AsyncIterator[Heard]:
        """Tell that something happened, from the first step on."""
        del read, something

        def matters(change: Change, path: str) -> bool:
            del change
            return WORKING not in Path(path).parts

        async for _ in awatch(root, watch_filter=matters, recursive=True):
            yield None


async def _gathered(something: asyncio.Event) -> None:
    """Wait for something, and then for a moment in which nothing happens."""
    await something.wait()
    loop = asyncio.get_running_loop()
    until = loop.time() + _LONGEST
    while something.is_set() and loop.time() < until:
        something.clear()
        await asyncio.sleep(_QUIET)
    something.clear()
