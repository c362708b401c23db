"""What is not as it was agreed on: asked once of all that is kept, then of what was touched since.

Whatever is written to one of the three tables is noted by SQLite itself, in the transaction that
writes it, and in memory: whoever opens the file asks all of it first. See decisions/0082.
"""

import sqlite3
from collections.abc import Iterator

from keycell.sync.state_rows import Columns

_PAIRS = """
SELECT pair.* FROM pair
LEFT JOIN local ON local.id = pair.local LEFT JOIN remote ON remote.id = pair.remote
WHERE (
  local.id IS NULL OR remote.id IS NULL
  OR local.parent <> pair.local_parent OR local.name <> pair.local_name
  OR remote.parent <> pair.remote_parent OR remote.name <> pair.remote_name
  OR local.digest <> pair.digest OR remote.version <> pair.version
)
"""
_NEW_HERE = """
SELECT id FROM local WHERE NOT EXISTS (SELECT 1 FROM pair WHERE pair.local = local.id)
"""
_NEW_THERE = """
SELECT id FROM remote WHERE NOT EXISTS (SELECT 1 FROM pair WHERE pair.remote = remote.id)
"""
_TOUCHED_PAIRS = """
  AND pair.local IN (
    SELECT id FROM touched_here
    UNION SELECT local FROM pair WHERE remote IN (SELECT id FROM touched_there)
  )
"""
_TOUCHED_HERE = " AND id IN (SELECT id FROM touched_here)"
_TOUCHED_THERE = " AND id IN (SELECT id FROM touched_there)"
_TOUCHED = (_TOUCHED_PAIRS, _TOUCHED_HERE, _TOUCHED_THERE)
_NOTED = {
    "local": "INSERT OR REPLACE INTO touched_here VALUES ({}.id);",
    "remote": "INSERT OR REPLACE INTO touched_there VALUES ({}.id);",
    "pair": "INSERT OR REPLACE INTO touched_here VALUES ({0}.local);"
            "INSERT OR REPLACE INTO touched_there VALUES ({0}.remote);",
}  # fmt: skip

Found = tuple[list[Columns], list[str], list[str]]
"""Pairs, new nodes of the disk, new nodes of the server."""


class Resting:
    """Asks one file, whose only writer has this connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Know nothing of what is at rest yet."""
        self._db = db
        self._is_noting = False
        # Rows that give way to others are noted, too.
        db.execute("PRAGMA recursive_triggers=ON")
        db.execute("PRAGMA temp_store=MEMORY")

    def restless(self, most: int) -> Found | None:
        """Give what is not at rest; None where there is more than so much of it."""
        found = self._asked(most, _TOUCHED) if self._is_noting else self.restless_of_all(most)
        if found is None:
            self._note_no_more()
            return None
        if not self._is_noting:
            self._note()
        self._begin_with(found)
        return found

    def restless_of_all(self, most: int) -> Found | None:
        """Give the same, whatever was touched."""
        return self._asked(most, ("", "", ""))

    def _asked(self, most: int, among: tuple[str, str, str]) -> Found | None:
        ask = zip((_PAIRS, _NEW_HERE, _NEW_THERE), among, strict=True)
        pairs, here, there = (
            self._db.execute(f"{question}{some} LIMIT ?", (most + 1,)).fetchall()
            for question, some in ask
        )
        if len(pairs) + len(here) + len(there) > most:
            return None
        return pairs, [row[0] for row in here], [row[0] for row in there]

    def _begin_with(self, found: Found) -> None:
        """Forget what came to rest."""
        pairs, here, there = found
        self._db.execute("DELETE FROM touched_here")
        self._db.execute("DELETE FROM touched_there")
        self._db.executemany(
            "INSERT OR REPLACE INTO touched_here VALUES (?)",
            [*((row[0],) for row in pairs), *((one,) for one in here)],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO touched_there VALUES (?)", [(one,) for one in there]
        )

    def _note(self) -> None:
        for side in ("here", "there"):
            self._db.execute(
                f"CREATE TEMP TABLE touched_{side} (id TEXT PRIMARY KEY) WITHOUT ROWID"
            )
        for name, table, event, rows in _triggers():
            noted = "".join(_NOTED[table].format(one) for one in rows)
            self._db.execute(
                f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.{table} BEGIN {noted} END"
            )
        self._is_noting = True

    def _note_no_more(self) -> None:
        if self._is_noting:
            for name, *_ in _triggers():
                self._db.execute(f"DROP TRIGGER {name}")
            for side in ("here", "there"):
                self._db.execute(f"DROP TABLE touched_{side}")
        self._is_noting = False


def _triggers() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for table in _NOTED:
        yield f"{table}_comes", table, "INSERT", ("NEW",)
        yield f"{table}_changes", table, "UPDATE", ("OLD", "NEW")
        yield f"{table}_goes", table, "DELETE", ("OLD",)
