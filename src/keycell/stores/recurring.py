"""What reads that recur gave, believed until anybody commits. See decisions/0070.

SQLite tells a connection whether any other has committed since it last asked, in whichever
process: asking is a fraction of finding a token's row with its account. So nothing is believed
that is out of date, and there is nothing to forget.
"""

import sqlite3
from collections.abc import Callable

from keycell.stores.database import Params, Row, Statement

MOST = 512
"""So many answers are kept at once."""


class Recurring:
    """Answers of one connection that writes nothing itself: its own commits are not counted."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._commits = -1
        self._kept: dict[tuple[object, ...], list[Row]] = {}

    def read(
        self, statement: Statement, params: Params, run: Callable[[Statement, Params], list[Row]]
    ) -> list[Row]:
        """Give what a statement gives, from memory if it was run since the last commit."""
        # Asked before anything is read: what is committed in between is read anew the next time.
        (commits,) = self._connection.execute("PRAGMA data_version").fetchone()
        if commits != self._commits or len(self._kept) >= MOST:
            self._kept.clear()
            self._commits = commits
        key = (statement, *params.values())
        rows = self._kept.get(key)
        if rows is None:
            rows = self._kept[key] = run(statement, params)
        return rows
