"""What is kept between runs, in SQLite: what was seen on both sides, and what was agreed on.

Never work: whatever is to be done follows from this. Should the file be lost, everything is new on
both sides, and what is alike agrees again; nothing is deleted for that.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from sys import intern
from types import MappingProxyType
from unicodedata import unidata_version

from keycell.sync.names import key_of
from keycell.sync.resting import Resting
from keycell.sync.state_rows import Known, first, local_of, pair_of, place_of, remote_of
from keycell.sync.trees import Local, Pair, Place, Remote

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
_INDICES = """
DROP INDEX IF EXISTS remote_by_parent;
CREATE INDEX IF NOT EXISTS local_by_key ON local (parent, key_of(name));
CREATE INDEX IF NOT EXISTS remote_by_key ON remote (parent, key_of(name));
CREATE INDEX IF NOT EXISTS local_by_inode ON local (inode);
CREATE INDEX IF NOT EXISTS local_folders ON local (id) WHERE is_folder;
"""
_LOCAL = "SELECT id, parent, name, is_folder, digest FROM local"
_TUPLE = "SELECT id, parent, name, is_folder, inode, size, mtime_ns, ctime_ns FROM local"
_LAST = """
SELECT max(number) FROM (
  SELECT max(CAST(id AS INTEGER)) AS number FROM local
  UNION ALL SELECT max(CAST(local AS INTEGER)) FROM pair
)
"""
_WITHOUT = """
WITH RECURSIVE below (id) AS (
  SELECT id FROM remote WHERE id = ?
  UNION SELECT remote.id FROM remote JOIN below ON remote.parent = below.id
)
DELETE FROM remote WHERE id IN below
"""


class Doing(StrEnum):
    """What the process that syncs a folder is at."""

    CHECKING = "checking"
    """It looks at both sides, and goes through what changed."""
    SYNCING = "syncing"
    WAITING = "waiting"
    """For either side to change."""


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
        self._keep_indices()
        self._resting = Resting(self._db)
        self._last_local: int | None = None

    def _keep_indices(self) -> None:
        """Index names by what those share that cannot both be had, as this Python knows it."""
        self._db.create_function("key_of", 1, key_of, deterministic=True)
        for statement in filter(str.strip, _INDICES.split(";")):
            self._db.execute(statement)
        if self.said("unicode") != unidata_version:
            with self.change():
                self._db.execute("REINDEX local_by_key")
                self._db.execute("REINDEX remote_by_key")
                self.say("unicode", unidata_version)

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

    def local_folders(self) -> list[Row]:
        """Give the folders among it."""
        return [Row(*row) for row in self._db.execute("SELECT * FROM local WHERE is_folder")]

    def locals_of(self, ids: Iterable[str]) -> list[Row]:
        """Give some of it."""
        found = (self._db.execute("SELECT * FROM local WHERE id=?", (one,)) for one in ids)
        return [Row(*row) for rows in found for row in rows]

    def local_tuples(self) -> Iterator[Known]:
        """Give the same without digests, one by one, for whoever looks at the whole disk."""
        for row in self._db.execute(_TUPLE):
            # Of a hundred thousand files many have one folder.
            yield row[0], intern(row[1]), *row[2:]

    def tuples_in(self, folder: str) -> Iterator[Known]:
        """Give those in a folder likewise."""
        yield from self._db.execute(f"{_TUPLE} WHERE parent=?", (folder,))

    def tuple_at(self, folder: str, name: str) -> Known | None:
        """Give the one at a place likewise."""
        found: Known | None = self._db.execute(
            f"{_TUPLE} WHERE parent=? AND name=?", (folder, name)
        ).fetchone()
        return found

    def tuples_of_inode(self, inode: int) -> list[Known]:
        """Give those with an inode likewise: one, or several names of one file."""
        return self._db.execute(f"{_TUPLE} WHERE inode=?", (inode,)).fetchall()

    def local_nodes(self) -> dict[str, Local]:
        """Give the same as a plan knows it."""
        return {row[0]: local_of(row) for row in self._db.execute(_LOCAL)}

    def local(self, node_id: str) -> Local | None:
        """Give one of them."""
        return first(local_of, self._db.execute(f"{_LOCAL} WHERE id=?", (node_id,)))

    def locals_in(self, folder: str) -> list[Local]:
        """Give those in a folder."""
        return [local_of(row) for row in self._db.execute(f"{_LOCAL} WHERE parent=?", (folder,))]

    def locals_at(self, folder: str, key: str) -> list[Local]:
        """Give those in a folder whose names share a key."""
        where = f"{_LOCAL} WHERE parent=? AND key_of(name)=?"
        return [local_of(row) for row in self._db.execute(where, (folder, key))]

    def next_local(self) -> int:
        """Give a number that no node of the disk has."""
        if self._last_local is None:
            known = self._db.execute(_LAST).fetchone()[0]
            self._last_local = max(known or 0, int(self.said("last_local", "0")))
        return self._last_local + 1

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
        self._gave(last)

    def remotes(self) -> dict[str, Remote]:
        """Give all that the server told of, what lies elsewhere by now too."""
        return {row[0]: remote_of(row) for row in self._db.execute("SELECT * FROM remote")}

    def remote(self, node_id: str) -> Remote | None:
        """Give one of it."""
        return first(remote_of, self._db.execute("SELECT * FROM remote WHERE id=?", (node_id,)))

    def remotes_in(self, folder: str) -> list[Remote]:
        """Give what lies in a folder."""
        found = self._db.execute("SELECT * FROM remote WHERE parent=?", (folder,))
        return [remote_of(row) for row in found]

    def remotes_at(self, folder: str, key: str) -> list[Remote]:
        """Give what lies in a folder and whose names share a key."""
        where = "SELECT * FROM remote WHERE parent=? AND key_of(name)=?"
        return [remote_of(row) for row in self._db.execute(where, (folder, key))]

    def has_remote(self, node_id: str) -> bool:
        """Tell whether the server told of a node."""
        found = self._db.execute("SELECT 1 FROM remote WHERE id=?", (node_id,)).fetchone()
        return found is not None

    def put_remotes(self, gone: Iterable[str], nodes: Sequence[Remote]) -> None:
        """Keep what the server told; what hangs from a folder that is gone, goes with it.

        It is told of no more: should the folder come back, what lies in it is new.
        """
        self._db.executemany(
            "INSERT OR REPLACE INTO remote VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
                (one.id, one.place.parent, one.place.name, int(one.is_folder), one.digest,
                 one.version, one.etag, one.revision, one.size, one.mtime_ms)
                for one in nodes
            ],
        )  # fmt: skip
        # Last: what was moved out of a folder before it went, stays.
        self._db.executemany(_WITHOUT, [(one,) for one in gone])

    def forget_remotes(self) -> None:
        """Forget all that the server told, to be told everything anew."""
        self._db.execute("DELETE FROM remote")

    def pairs(
        self,
        local: Mapping[str, Local] = MappingProxyType({}),
        remote: Mapping[str, Remote] = MappingProxyType({}),
    ) -> list[Pair]:
        """Give all that was agreed on; what nodes of either side say likewise is theirs.

        Of a hundred thousand files that saves 40 MB.
        """
        found = []
        for row in self._db.execute("SELECT * FROM pair"):
            here, there = local.get(row[0]), remote.get(row[1])
            found.append(
                Pair(
                    local=row[0] if here is None else here.id,
                    remote=row[1] if there is None else there.id,
                    is_folder=bool(row[2]),
                    local_place=place_of(here, row[3], row[4]),
                    remote_place=place_of(there, row[5], row[6]),
                    digest=intern(row[7]),
                    version=row[8] if there is None or there.version != row[8] else there.version,
                )
            )
        return found

    def pair_of_local(self, node_id: str) -> Pair | None:
        """Give what was agreed on of a node of the disk."""
        return first(pair_of, self._db.execute("SELECT * FROM pair WHERE local=?", (node_id,)))

    def pair_of_remote(self, node_id: str) -> Pair | None:
        """Give what was agreed on of a node of the server."""
        return first(pair_of, self._db.execute("SELECT * FROM pair WHERE remote=?", (node_id,)))

    def restless(self, most: int) -> tuple[list[Pair], list[str], list[str]] | None:
        """Give what is not as it was agreed on: pairs, new nodes of the disk, and of the server.

        None where there are more than so many.
        """
        found = self._resting.restless(most)
        return None if found is None else ([pair_of(row) for row in found[0]], *found[1:])

    def count_files(self) -> int:
        """Count the files that were agreed on."""
        found = self._db.execute("SELECT count(*) FROM pair WHERE NOT is_folder").fetchone()[0]
        return int(found)

    def agree(self, pairs: Iterable[Pair]) -> None:
        """Keep what was agreed on; each node is in one pair at most."""
        rows = [
            (one.local, one.remote, int(one.is_folder), one.local_place.parent,
             one.local_place.name, one.remote_place.parent, one.remote_place.name,
             one.digest, one.version)
            for one in pairs
        ]  # fmt: skip
        self._db.executemany("INSERT OR REPLACE INTO pair VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self._gave(max((int(row[0]) for row in rows), default=0))

    def _gave(self, number: int) -> None:
        """Keep that a node has a number; should that be undone, numbers are left out."""
        if self._last_local is not None:
            self._last_local = max(self._last_local, number)

    def forget(self, locals_: Iterable[str]) -> None:
        """Forget pairs, by their nodes on the disk."""
        self._db.executemany("DELETE FROM pair WHERE local=?", [(one,) for one in locals_])

    def tell(self, doing: Doing) -> None:
        """Keep what is being done, for whoever asks meanwhile."""
        if self.said("doing") != doing:
            self.say("doing", doing)

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
