"""What the file flows need of the locks' store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from keycell.files.locks import Lock


class LockStore(Protocol):
    """Write locks. Every write of nodes looks at them itself; here they come and go."""

    async def take(self, lock: Lock, at: datetime) -> None:
        """Keep a new lock, if all that stand suffer it: of many at once, one finds it so.

        Raises Locked, NotFound, TooLarge (somebody holds too many).
        """
        ...

    async def refresh(self, token: str, sub: str, until: datetime, at: datetime) -> Lock | None:
        """Prolong somebody's own lock; None if it is not there any more."""
        ...

    async def release(self, token: str, sub: str) -> bool:
        """End somebody's own lock; True for the call that did."""
        ...

    async def on_nodes(self, node_ids: Sequence[str], at: datetime) -> Sequence[Lock]:
        """List the locks that stand on nodes themselves, the oldest first."""
        ...
