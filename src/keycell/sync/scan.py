"""Looking at the whole disk: what is where, and which of it is what was there before.

A node keeps its identifier while its path has one of its kind; at a new path it is known by its
inode, if its old path has it no more and size and time are the same. Links are never followed.
"""

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from keycell.client.opening import NO_LINK, TO_READ
from keycell.sync.names import WORKING
from keycell.sync.state import Row
from keycell.sync.state_rows import Known
from keycell.sync.trees import LOCAL_ROOT

_RACY_NS = 2 * 10**9
"""What was written so shortly before it was hashed may have been written to since, unseen."""
_CHUNK = 1024 * 1024
_HASHING = 4
_QUEUED = 256
_SAMPLE = 100
"""So many files tell whether inodes mean anything."""

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


def scan(
    root: Path,
    known: Iterable[Known],
    first_id: int,
    excludes: Excludes | None,
    *,
    is_anew: bool = True,
) -> Seen:
    """Look at everything below a folder; ``is_anew`` if other things are left out than before."""
    return Scan(root, known, first_id, excludes, is_anew=is_anew).run()


class Scan:
    """One look at the disk, at the whole of it."""

    def __init__(
        self, root: Path, known: Iterable[Known], first_id: int, excludes: Excludes | None,
        *, is_anew: bool,
    ) -> None:  # fmt: skip
        """Begin with what was known before."""
        self._root = os.fspath(root)
        self._device = os.lstat(root).st_dev
        self._is_anew = is_anew
        self._children: dict[str, dict[str, Known]] = {}
        self._left: set[str] = set()
        for row in known:
            self._children.setdefault(row[1], {})[row[2]] = row
            self._left.add(row[0])
        self._by_inode: dict[int, Known] | None = None
        self._by_id: dict[str, Known] = {}
        self._next = first_id
        self._excludes = excludes
        self._seen = Seen()
        self._unhashed: list[tuple[Row, str]] = []

    def run(self) -> Seen:
        """Look, and give what was found."""
        folders = [(self._root, "", LOCAL_ROOT)]
        for path, below, folder_id in folders:
            try:
                # One by one: a folder may have a hundred thousand.
                with os.scandir(path) as entries:
                    self._check_device(path)
                    folders += self._folder(entries, below, folder_id)
            except OSError as error:
                if folder_id == LOCAL_ROOT:
                    raise
                self._unreadable(below, folder_id, error)
        self._hash()
        self._seen.gone = self._left
        return self._seen

    def _check_device(self, path: str) -> None:
        """Refuse to look at another disk: it is left out where somebody tells of it."""
        if os.lstat(path).st_dev != self._device:
            raise OSError(errno.EXDEV, "another disk is mounted there")

    def _folder(
        self, entries: "Iterator[os.DirEntry[str]]", below: str, folder_id: str
    ) -> Iterator[tuple[str, str, str]]:
        """Go through a folder; give the folders in it, and their identifiers."""
        known = self._children.get(folder_id, {})
        for entry in entries:
            row = known.get(entry.name)
            if row is not None and not self._is_anew and _stands(entry, row):
                self._left.discard(row[0])
                node_id = row[0] if row[3] else None
            else:
                node_id = self._look(entry, below + entry.name, folder_id, known)
            if node_id is not None:
                yield entry.path, f"{below}{entry.name}/", node_id

    def _look(
        self, entry: "os.DirEntry[str]", below: str, parent: str, known: dict[str, Known]
    ) -> str | None:
        """Take an entry in; give its identifier if it is a folder to go into."""
        row = known.get(entry.name)
        try:
            it = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None  # It went away while we looked.
        except OSError as error:
            # A folder that may be listed and not entered, a mount that does not answer.
            self._unreadable(below, row and row[0], error)
            return None
        is_folder = stat.S_ISDIR(it.st_mode)
        if not is_folder and not stat.S_ISREG(it.st_mode):
            kind = "a link" if stat.S_ISLNK(it.st_mode) else "no file or folder"
            self._seen.problems.append((_shown(below), f"it is {kind}, and is left alone"))
            return None
        if parent == LOCAL_ROOT and entry.name == WORKING:
            return None
        if self._excludes is not None and self._excludes(below, is_folder):
            self._leaves_out(it)
            return None
        if row is not None and _is_what(it, row):
            self._left.discard(row[0])
            return row[0] if is_folder else None
        return self._changed(entry, it, below, parent, row)

    def _leaves_out(self, it: os.stat_result) -> None:
        """Pass by what is left out."""

    def _changed(
        self, entry: "os.DirEntry[str]", it: os.stat_result, below: str, parent: str,
        row: Known | None,
    ) -> str | None:  # fmt: skip
        is_folder = stat.S_ISDIR(it.st_mode)
        if not is_utf8(entry.name):
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
            self._by_inode = self._known_by_inode()
        found = self._by_inode.get(it.st_ino)
        if found is None or found[0] not in self._left or found[3] != is_folder:
            return None
        if not is_folder and (found[5], found[6]) != (it.st_size, it.st_mtime_ns):
            return None
        if row is not None and found[0] == row[0]:
            return found
        there = self._look_again(found)
        return None if there is not None and there.st_ino == it.st_ino else found

    def _known_by_inode(self) -> dict[int, Known]:
        """Index what is known; nothing where files stand as they were, under other inodes.

        FAT, and what is mounted by a program, may number all anew each time it is mounted: two
        folders would seem to have traded their places.
        """
        rows = [one for some in self._children.values() for one in some.values()]
        standing = [
            it.st_ino == row[4]
            for row in islice((row for row in rows if not row[3]), _SAMPLE)
            if (it := self._look_again(row)) and (it.st_size, it.st_mtime_ns) == row[5:7]
        ]
        return {} if 2 * sum(standing) < len(standing) else {one[4]: one for one in rows}

    def _look_again(self, row: Known) -> os.stat_result | None:
        try:
            return os.lstat(self._path_of(row))
        except OSError:
            return None

    def _path_of(self, row: Known) -> str:
        if not self._by_id:
            for rows in self._children.values():
                self._by_id |= {one[0]: one for one in rows.values() if one[3]}
        names = [row[2]]
        while row[1] in self._by_id:
            row = self._by_id[row[1]]
            names.append(row[2])
        return os.path.join(self._root, *reversed(names))  # noqa: PTH118  (a hundred thousand times)

    def _unreadable(self, below: str, node_id: str | None, error: OSError) -> None:
        """Take what cannot be read, and all in it, for what it was: nothing is deleted."""
        self._seen.problems.append((_shown(below), f"it cannot be read: {error.strerror}"))
        waiting = [] if node_id is None else [node_id]
        for one in waiting:
            self._left.discard(one)
            waiting += [row[0] for row in self._children.get(one, {}).values()]

    def _hash(self) -> None:
        with ThreadPoolExecutor(_HASHING) as pool:
            # Some at a time: the pool keeps a kilobyte for each that it was given.
            while some := self._unhashed[-_QUEUED:]:
                del self._unhashed[-_QUEUED:]
                for (_, path), outcome in zip(some, pool.map(_hashed, some), strict=True):
                    if isinstance(outcome, str):
                        below = path[len(self._root) :].lstrip("/")
                        self._seen.problems.append((_shown(below), outcome))
                    else:
                        self._seen.changed.append(outcome)


def is_utf8(name: str) -> bool:
    """Tell whether a name can be kept, and told of."""
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _stands(entry: "os.DirEntry[str]", row: Known) -> bool:
    """Tell whether an entry is what was there, by what the disk says of it."""
    try:
        it = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return _is_what(it, row)


def _is_what(it: os.stat_result, row: Known) -> bool:
    if row[3]:
        return stat.S_ISDIR(it.st_mode) and it.st_ino == row[4]
    return stat.S_ISREG(it.st_mode) and row[4:] == (
        it.st_ino, it.st_size, it.st_mtime_ns, it.st_ctime_ns,
    )  # fmt: skip


def _hashed(one: tuple[Row, str]) -> Row | str:
    row, path = one
    try:
        descriptor = os.open(path, TO_READ | NO_LINK)
    except FileNotFoundError:
        return "it went away while it was looked at"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        digest = hashlib.sha256()
        for chunk in _chunks(file.read):
            digest.update(chunk)
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return "it changes while it is read; it is looked at again in the next run"
    # What was written a moment ago is hashed again the next time.
    is_racy = abs(time.time_ns() - after.st_mtime_ns) < _RACY_NS
    return replace(row, size=after.st_size, mtime_ns=after.st_mtime_ns, digest=digest.hexdigest(),
                   ctime_ns=0 if is_racy else after.st_ctime_ns)  # fmt: skip


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(_CHUNK):
        yield chunk


def _shown(path: str) -> str:
    return path.rstrip("/").encode("utf-8", "replace").decode()
