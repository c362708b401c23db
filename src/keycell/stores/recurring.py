"""What reads that recur gave, believed until anybody commits. See decisions/0070.

SQLite tells a connection whether any other has committed since it last asked, in whichever
process: asking is a fraction of finding a token's row with its account. So nothing is believed
that is out of date, and there is nothing to forget.

It is asked once in each turn of the event loop, and all reads of that turn are of the moment of
asking: one transaction, whose locks cost more than what is read. Nobody who was told of a commit
can miss it: what wakes them, an answer to a write or the bytes of a new request, stands in line
behind the end of the turn, which was put there before. A request that came before may be answered
as if it had come a moment sooner. Only who changes the file by a connection of their own, and asks
here without ever having waited in between, would be answered from before.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress

from keycell.stores.database import Params, Row, Statement

MOST = 512
"""So many answers are kept at once."""


class Recurring:
    """Answers of one connection that writes nothing itself: its own commits are not counted."""

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop
        self._is_held = False
        self._commits = -1
        self._kept: dict[tuple[object, ...], list[Row]] = {}

    def read(
        self, statement: Statement, params: Params, run: Callable[[Statement, Params], list[Row]]
    ) -> list[Row]:
        """Give what a statement gives, from memory if it was run since the last commit.

        What the connection reads beside it in this turn of the loop is of the same moment.
        """
        if not self._is_held:
            self._hold()
        if len(self._kept) >= MOST:
            self._kept.clear()
        key = (statement, *params.values())
        rows = self._kept.get(key)
        if rows is None:
            rows = self._kept[key] = run(statement, params)
        return rows

    def _hold(self) -> None:
        """Stay at this moment until the loop turns."""
        # First of all: whatever fails after it, nothing is held for longer.
        self._loop.call_soon(self.let_go)
        self._connection.execute("BEGIN")
        try:
            # The moment begins here, before anything is read.
            (commits,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self.let_go()
            raise
        if commits != self._commits:
            self._kept.clear()
            self._commits = commits
        self._is_held = True

    def let_go(self) -> None:
        """Go on to what was committed since."""
        self._is_held = False
        # A read that failed may have ended it, and who closes the file does.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
