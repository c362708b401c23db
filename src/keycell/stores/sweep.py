"""The sweep: lets go, a little at a time, of what is kept no longer.

What is deleted, replaced or given up only changes hands at that moment; rows and bytes go here. A
batch is one short transaction, and checks under the locks it takes what it saw before it: so any
number of processes may sweep at once, and a sweep may end anywhere.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from keycell.files.ports import Limits
from keycell.files.ports_blobs import BlobStore
from keycell.stores import sweep_bytes, sweep_trees
from keycell.stores.database import Database
from keycell.stores.lapsing import Lapsing
from keycell.stores.rights import end_rights
from keycell.stores.spaces import SqlSpaceStore

_ROUNDS = 10
"""Batches of one kind before it is another's turn."""
_CLOCKS_DIFFER = timedelta(minutes=5)


class Sweep:
    """Everything that goes by itself."""

    def __init__(self, database: Database, store: BlobStore, limits: Limits) -> None:
        self._database = database
        self._store = store
        self._limits = limits
        self._crowding = sweep_trees.Crowding(database, limits.most_versions)
        self._spaces = SqlSpaceStore(database)
        self._lapsing = Lapsing(database)
        self._orphans = sweep_bytes.Orphans(database, store)

    async def once(self, now: datetime) -> int:
        """Let go of some of what is over, and give the number of rows: 0 if nothing is left.

        Raises StoreAway where the byte store does not answer, StoreUnavailable likewise; what was
        done is done.
        """
        done = 0
        for batch in self._batches(now):
            for _ in range(_ROUNDS):
                some = await batch()
                done += some
                if not some:
                    break
        return done

    def _batches(self, now: datetime) -> Sequence[Callable[[], Awaitable[int]]]:
        database, limits = self._database, self._limits
        newest = now + limits.versions_kept - _CLOCKS_DIFFER
        return (
            lambda: self._spaces.remove_over(now),
            lambda: end_rights(database, now),
            lambda: self._lapsing.end(now),
            lambda: sweep_trees.empty_trash(database, now - limits.trash_kept, now),
            lambda: sweep_trees.retire_versions(database, now),
            lambda: self._crowding.thin_out(newest),
            lambda: sweep_trees.forget_nodes(database),
            lambda: sweep_trees.shorten_feed(database, now - limits.feed_kept),
            lambda: sweep_bytes.expire_uploads(database, now),
            lambda: sweep_bytes.forget_uploads(database, now),
            lambda: sweep_bytes.forget_versions(database, now),
            lambda: sweep_bytes.LOCKS.forget(database, now),
            lambda: sweep_bytes.JOBS.forget(database, now - limits.jobs_kept),
            lambda: sweep_bytes.delete_blobs(database, self._store, now - limits.blobs_condemned),
            lambda: self._orphans.remove(now),
        )
