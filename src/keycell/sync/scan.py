"""Looking at the whole disk: what is where, and which of it is what was there before.

A node keeps its identifier while its path has one of its kind; at a new path it is known by its
inode, if its old path has it no more and size and time are the same. Links are never followed.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from keycell.sync.names import WORKING
from keycell.sync.state import Row
from keycell.sync.trees import LOCAL_ROOT

_RACY_NS = 2 * 10**9
"""What was written so shortly before it was hashed may have been written to since, unseen."""
_CHUNK = 1024 * 1024
_HASHING = 4

Known = tuple[str, str, str, int, int, int, int, int, str]
Excludes = Callable[[str, bool], bool]


@dataclass(slots=True)
class Seen:
    """What a scan found: what is new or changed, and what is gone."""

    changed: list[Row] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        """Tell whether anything is otherwise than it was."""
        return bool(self.changed or self.gone)


def scan(root: Path, known: list[Known], first_id: int, excludes: Excludes | None) -> Seen:
    """Look at everything below a folder."""
    return _Scan(root, known, first_id, excludes).run()


class _Scan:
    def __init__(
        self, root: Path, known: list[Known], first_id: int, excludes: Excludes | None
    ) -> None:
        self._root = os.fspath(root)
        self._known = known
        self._children: dict[str, dict[str, Known]] = {}
        for row in known:
            self._children.setdefault(row[1], {})[row[2]] = row
        self._by_inode: dict[int, Known] | None = None
        self._left = {row[0] for row in known}
        self._next = first_id
        self._excludes = excludes
        self._seen = Seen()
        self._unhashed: list[tuple[Row, str]] = []

    def run(self) -> Seen:
        folders = [(self._root, "", LOCAL_ROOT)]
        for path, below, folder_id in folders:
            try:
                entries = list(os.scandir(path))
            except OSError as error:
                if folder_id == LOCAL_ROOT:
                    raise
                self._unreadable(below, folder_id, error)
                continue
            known = self._children.get(folder_id, {})
            for entry in entries:
                inner = below + entry.name
                node_id = self._look(entry, inner, folder_id, known)
                if node_id is not None:
                    folders.append((entry.path, f"{inner}/", node_id))
        self._hash()
        self._seen.gone = self._left
        return self._seen

    def _look(
        self, entry: "os.DirEntry[str]", below: str, parent: str, known: dict[str, Known]
    ) -> str | None:
        """Take an entry in; give its identifier if it is a folder to go into."""
        try:
            it = entry.stat(follow_symlinks=False)
        except OSError:
            return None  # It went away while we looked.
        is_folder = stat.S_ISDIR(it.st_mode)
        if not is_folder and not stat.S_ISREG(it.st_mode):
            kind = "a link" if stat.S_ISLNK(it.st_mode) else "no file or folder"
            self._seen.problems.append((_shown(below), f"it is {kind}, and is left alone"))
            return None
        if parent == LOCAL_ROOT and entry.name == WORKING:
            return None
        if self._excludes is not None and self._excludes(below, is_folder):
            return None
        row = known.get(entry.name)
        if (
            row is not None and row[4] == it.st_ino and row[3] == is_folder
            and (is_folder or (row[5] == it.st_size and row[6] == it.st_mtime_ns
                               and row[7] == it.st_ctime_ns))
        ):  # fmt: skip
            self._left.discard(row[0])
            return row[0] if is_folder else None
        return self._changed(entry, it, below, parent, row)

    def _changed(
        self, entry: "os.DirEntry[str]", it: os.stat_result, below: str, parent: str,
        row: Known | None,
    ) -> str | None:  # fmt: skip
        is_folder = stat.S_ISDIR(it.st_mode)
        if any("\ud800" <= c <= "\udfff" for c in entry.name):
            self._seen.problems.append((_shown(below), "the name is not UTF-8: rename it"))
            return None
        before = self._moved_here(it, is_folder=is_folder, row=row)
        if before is None and row is not None and row[3] == is_folder and row[0] in self._left:
            before = row
        node_id = str(self._next) if before is None else before[0]
        self._next += before is None
        self._left.discard(node_id)
        size, mtime_ns = (0, 0) if is_folder else (it.st_size, it.st_mtime_ns)
        found = Row(node_id, parent, entry.name, is_folder, it.st_ino, size, mtime_ns,
                    0 if is_folder else it.st_ctime_ns, "")  # fmt: skip
        if is_folder:
            self._seen.changed.append(found)
            return node_id
        self._unhashed.append((found, entry.path))
        return None

    def _moved_here(
        self, it: os.stat_result, *, is_folder: bool, row: Known | None
    ) -> Known | None:
        if self._by_inode is None:
            self._by_inode = {one[4]: one for one in self._known}
        found = self._by_inode.get(it.st_ino)
        if found is None or found[0] not in self._left or found[3] != is_folder:
            return None
        if not is_folder and (found[5], found[6]) != (it.st_size, it.st_mtime_ns):
            return None
        if row is not None and found[0] == row[0]:
            return found
        try:
            stands = os.lstat(self._path_of(found)).st_ino == it.st_ino
        except OSError:
            stands = False
        return None if stands else found

    def _path_of(self, row: Known) -> str:
        by_id = {one[0]: one for one in self._known}
        names = [row[2]]
        while row[1] in by_id:
            row = by_id[row[1]]
            names.append(row[2])
        return os.path.join(self._root, *reversed(names))  # noqa: PTH118  (a hundred thousand times)

    def _unreadable(self, below: str, folder_id: str, error: OSError) -> None:
        """Take what is in a folder that cannot be read for what it was: nothing is deleted."""
        self._seen.problems.append((_shown(below), f"it cannot be read: {error.strerror}"))
        waiting = [folder_id]
        for one in waiting:
            for row in self._children.get(one, {}).values():
                self._left.discard(row[0])
                waiting.append(row[0])

    def _hash(self) -> None:
        with ThreadPoolExecutor(_HASHING) as pool:
            for row, outcome in pool.map(_hashed, self._unhashed):
                if isinstance(outcome, str):
                    self._seen.problems.append((row.name, outcome))
                    self._left.discard(row.id)
                else:
                    self._seen.changed.append(outcome)


def _hashed(one: tuple[Row, str]) -> tuple[Row, Row | str]:
    row, path = one
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return row, "it went away while it was looked at"
    except OSError as error:
        return row, f"it cannot be read: {error.strerror}"
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        digest = hashlib.sha256()
        for chunk in _chunks(file.read):
            digest.update(chunk)
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return row, "it changes while it is read; it is looked at again in the next run"
    # What was written a moment ago is hashed again the next time.
    is_racy = abs(time.time_ns() - after.st_mtime_ns) < _RACY_NS
    kept = replace(row, size=after.st_size, mtime_ns=after.st_mtime_ns, digest=digest.hexdigest(),
                   ctime_ns=0 if is_racy else after.st_ctime_ns)  # fmt: skip
    return row, kept


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk


def _shown(path: str) -> str:
    return path.rstrip("/").encode("utf-8", "replace").decode()
