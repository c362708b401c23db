"""What is kept between runs, in SQLite: what was seen on both sides, and what was agreed on.

Never work: whatever is to be done follows from this. Should the file be lost, everything is new on
both sides, and what is alike agrees again; nothing is deleted for that.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keycell.sync.trees import Pair, Place, Remote

_VERSION = 1
_SCHEMA = """
CREATE TABLE said (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE local (
  id TEXT PRIMARY KEY, parent TEXT NOT NULL, name TEXT NOT NULL, is_folder INTEGER NOT NULL,
  inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL, digest TEXT NOT NULL, UNIQUE (parent, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE remote (
  id TEXT PRIMARY KEY, parent TEXT NOT NULL, name TEXT NOT NULL, is_folder INTEGER NOT NULL,
  digest TEXT, version TEXT NOT NULL, etag TEXT NOT NULL, revision INTEGER NOT NULL,
  size INTEGER NOT NULL, mtime_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pair (
  local TEXT PRIMARY KEY, remote TEXT NOT NULL UNIQUE, is_folder INTEGER NOT NULL,
  local_parent TEXT NOT NULL, local_name TEXT NOT NULL,
  remote_parent TEXT NOT NULL, remote_name TEXT NOT NULL,
  digest TEXT NOT NULL, version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE intent (
  local TEXT PRIMARY KEY, remote TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE conflict (path TEXT PRIMARY KEY, original TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE problem (path TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A node of the disk, with what the disk says of it."""

    id: str
    parent: str
    name: str
    is_folder: bool
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: str

    @property
    def token(self) -> str:
        """Give what stands for the content while it stands."""
        return f"{self.inode}:{self.size}:{self.mtime_ns}"


@dataclass(frozen=True, slots=True)
class Intent:
    """An upload that was begun: what is then found at its place was agreed on."""

    local: str
    remote: str
    place: Place
    digest: str


class State:
    """The file of one synced folder, written by one process."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
            with self.change():
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={_VERSION}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Keep all that is written within, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def said(self, name: str, default: str = "") -> str:
        """Give a single thing that is kept."""
        row = self._db.execute("SELECT value FROM said WHERE name=?", (name,)).fetchone()
        return default if row is None else str(row[0])

    def say(self, name: str, value: str) -> None:
        """Keep a single thing."""
        self._db.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, value))

    def locals(self) -> list[Row]:
        """Give all that the disk was seen to have."""
        return [Row(*row) for row in self._db.execute("SELECT * FROM local")]

    def local_tuples(self) -> list[tuple[str, str, str, int, int, int, int, int, str]]:
        """Give the same as it lies there, for whoever goes through all of it."""
        return self._db.execute("SELECT * FROM local").fetchall()

    def next_local(self) -> int:
        """Give a number that no node of the disk has."""
        found = self._db.execute("SELECT max(CAST(id AS INTEGER)) FROM local").fetchone()[0]
        paired = self._db.execute("SELECT max(CAST(local AS INTEGER)) FROM pair").fetchone()[0]
        return max(found or 0, paired or 0, int(self.said("last_local", "0"))) + 1

    def put_locals(self, gone: Iterable[str], rows: Sequence[Row]) -> None:
        """Keep what was seen on the disk, and forget what was not."""
        # All go first: names may have been traded.
        self._db.executemany("DELETE FROM local WHERE id=?", [(one,) for one in gone])
        self._db.executemany("DELETE FROM local WHERE id=?", [(row.id,) for row in rows])
        self._db.executemany(
            "INSERT OR REPLACE INTO local VALUES (?,?,?,?,?,?,?,?,?)",
            [
                (row.id, row.parent, row.name, int(row.is_folder), row.inode, row.size,
                 row.mtime_ns, row.ctime_ns, row.digest)
                for row in rows
            ],
        )  # fmt: skip
        last = max((int(row.id) for row in rows), default=0)
        if last > int(self.said("last_local", "0")):
            self.say("last_local", str(last))

    def remotes(self) -> dict[str, Remote]:
        """Give all that the server told of, what lies elsewhere by now too."""
        return {
            row[0]: Remote(id=row[0], place=Place(row[1], row[2]), is_folder=bool(row[3]),
                           digest=row[4], version=row[5], etag=row[6], revision=row[7],
                           size=row[8], mtime_ms=row[9])
            for row in self._db.execute("SELECT * FROM remote")
        }  # fmt: skip

    def has_remote(self, node_id: str) -> bool:
        """Tell whether the server told of a node."""
        found = self._db.execute("SELECT 1 FROM remote WHERE id=?", (node_id,)).fetchone()
        return found is not None

    def put_remotes(self, gone: Iterable[str], nodes: Sequence[Remote]) -> None:
        """Keep what the server told."""
        self._db.executemany("DELETE FROM remote WHERE id=?", [(one,) for one in gone])
        self._db.executemany(
            "INSERT OR REPLACE INTO remote VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                (one.id, one.place.parent, one.place.name, int(one.is_folder), one.digest,
                 one.version, one.etag, one.revision, one.size, one.mtime_ms)
                for one in nodes
            ],
        )  # fmt: skip

    def forget_remotes(self) -> None:
        """Forget all that the server told, to be told everything anew."""
        self._db.execute("DELETE FROM remote")

    def pairs(self) -> list[Pair]:
        """Give all that was agreed on."""
        return [
            Pair(local=row[0], remote=row[1], is_folder=bool(row[2]),
                 local_place=Place(row[3], row[4]), remote_place=Place(row[5], row[6]),
                 digest=row[7], version=row[8])
            for row in self._db.execute("SELECT * FROM pair")
        ]  # fmt: skip

    def agree(self, pairs: Iterable[Pair]) -> None:
        """Keep what was agreed on; each node is in one pair at most."""
        self._db.executemany(
            "INSERT OR REPLACE INTO pair VALUES (?,?,?,?,?,?,?,?,?)",
            [
                (one.local, one.remote, int(one.is_folder), one.local_place.parent,
                 one.local_place.name, one.remote_place.parent, one.remote_place.name,
                 one.digest, one.version)
                for one in pairs
            ],
        )  # fmt: skip

    def forget(self, locals_: Iterable[str]) -> None:
        """Forget pairs, by their nodes on the disk."""
        self._db.executemany("DELETE FROM pair WHERE local=?", [(one,) for one in locals_])

    def intents(self) -> list[Intent]:
        """Give the uploads that were begun and not yet agreed on."""
        return [
            Intent(row[0], row[1], Place(row[2], row[3]), row[4])
            for row in self._db.execute("SELECT * FROM intent")
        ]

    def intend(self, intents: Iterable[Intent]) -> None:
        """Keep that uploads are begun."""
        self._db.executemany(
            "INSERT OR REPLACE INTO intent VALUES (?,?,?,?,?)",
            [(one.local, one.remote, one.place.parent, one.place.name, one.digest)
             for one in intents],
        )  # fmt: skip

    def clear_intents(self) -> None:
        """Forget all uploads that were begun."""
        self._db.execute("DELETE FROM intent")

    def add_conflict(self, path: str, original: str, at: str) -> None:
        """Keep that a file stepped aside."""
        self._db.execute("INSERT OR REPLACE INTO conflict VALUES (?,?,?)", (path, original, at))

    def conflicts(self) -> list[tuple[str, str, str]]:
        """Give the files that stepped aside: path, original, when."""
        return self._db.execute("SELECT * FROM conflict ORDER BY path").fetchall()

    def resolve(self, path: str) -> None:
        """Forget a conflict."""
        self._db.execute("DELETE FROM conflict WHERE path=?", (path,))

    def put_problems(self, problems: Iterable[tuple[str, str]]) -> None:
        """Keep what could not be synced, and why, instead of what could not before."""
        self._db.execute("DELETE FROM problem")
        self._db.executemany("INSERT OR REPLACE INTO problem VALUES (?,?)", list(problems))

    def problems(self) -> list[tuple[str, str]]:
        """Give what could not be synced, and why."""
        return self._db.execute("SELECT * FROM problem ORDER BY path").fetchall()
