"""A look at those folders alone in which something was heard; it gives way where it cannot know.

It takes in files that were written, and what is new. Whatever seems to be gone may lie elsewhere,
and what seems to be new may be what lay elsewhere: a whole look tells. So nothing that is found
here has anything deleted, and where it gives way nothing of it is kept. See decisions/0082.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from keycell.sync.scan import Excludes, Scan, Seen, is_utf8
from keycell.sync.state import State
from keycell.sync.state_rows import Known
from keycell.sync.trees import LOCAL_ROOT

MOST = 200
"""With more than so many paths everything is looked at."""

Problems = list[tuple[str, str]]
_Folder = tuple[str, str, str]
"""Its path, what its entries' paths below the top begin with, and its identifier."""


class _GivesWay(Exception):
    """Only a whole look can know."""


def glance(
    root: Path, heard: Iterable[str], state: State, excludes: Excludes, problems: Problems
) -> Seen | None:
    """Look at the folders that some paths lie in, and at all of those that are folders.

    ``problems`` are those of the looks before; what was found has them, but for what is looked at
    again. None where everything is to be looked at.
    """
    try:
        return _Glance(root, state, excludes).over(heard, problems)
    except (_GivesWay, OSError):
        return None


class _Glance(Scan):
    def __init__(self, root: Path, state: State, excludes: Excludes) -> None:
        super().__init__(root, (), state.next_local(), excludes, is_anew=False)
        self._state = state
        self._deep = set[str]()
        """Folders of which everything is looked at; below the top, with a slash at their ends."""
        self._paths: dict[str, str] = {}
        self._indexed = 0

    def over(self, heard: Iterable[str], problems: Problems) -> Seen:
        waiting = list(dict.fromkeys(map(self._folder_of, heard)))
        for folder in waiting:
            self._know(folder)
        done = {folder_id for _, _, folder_id in waiting}
        passed = set[str]()
        for folder in waiting:
            path, below, folder_id = folder
            with os.scandir(path) as entries:
                self._check_device(path)
                inside = list(self._folder(entries, below, folder_id))
            for one in inside:
                passed.add(one[1])
                if one[2] not in done and self._is_deep(one[1]):
                    self._know(one)
                    done.add(one[2])
                    waiting.append(one)
        if self._left:
            raise _GivesWay
        self._hash()
        looked_at = {below for _, below, _ in waiting}
        self._seen.problems += [
            one
            for one in problems
            # That a folder cannot be read is seen by whoever looks into it.
            if f"{one[0]}/" in passed - looked_at
            or one[0][: one[0].rfind("/") + 1] not in looked_at
        ]
        return self._seen

    def _folder_of(self, path: str) -> _Folder:
        """Give the deepest folder on the way to a path that is known, and is what it was."""
        where, below, folder_id = self._root, "", LOCAL_ROOT
        names = path.split("/")
        for number, name in enumerate(names, 1):
            # What lies in a folder whose name cannot be kept is not kept, either.
            row = self._state.tuple_at(folder_id, name) if is_utf8(name) else None
            if row is None or not row[3]:
                break
            inside = f"{where}/{name}"
            it = os.lstat(inside)
            if not stat.S_ISDIR(it.st_mode) or it.st_ino != row[4]:
                raise _GivesWay
            if number == len(names):
                self._deep.add(f"{below}{name}/")
                break
            where, below, folder_id = inside, f"{below}{name}/", row[0]
        return where, below, folder_id

    def _know(self, folder: _Folder) -> None:
        path, _, folder_id = folder
        rows = {row[2]: row for row in self._state.tuples_in(folder_id)}
        self._children[folder_id], self._paths[folder_id] = rows, path
        self._left |= {row[0] for row in rows.values()}

    def _is_deep(self, below: str) -> bool:
        return any(below.startswith(one) for one in self._deep)

    def _leaves_out(self, it: os.stat_result) -> None:
        if it.st_nlink > 1 and self._state.tuples_of_inode(it.st_ino):
            # It may have been written to by this name of it, and nothing was heard of the other.
            raise _GivesWay

    def _changed(
        self, entry: "os.DirEntry[str]", it: os.stat_result, below: str, parent: str,
        row: Known | None,
    ) -> str | None:  # fmt: skip
        node_id = super()._changed(entry, it, below, parent, row)
        if node_id is not None and not self._is_deep(f"{below}/"):
            # Of what lies in a new folder nothing is known.
            self._deep.add(f"{below}/")
        return node_id

    def _moved_here(
        self, it: os.stat_result, *, is_folder: bool, row: Known | None
    ) -> Known | None:
        known = self._state.tuples_of_inode(it.st_ino)
        if not known:
            return None
        (found, *others) = known
        if others or is_folder or found[3] or found[2] not in self._children.get(found[1], {}):
            raise _GivesWay
        if row is not None and found[0] == row[0]:
            return None  # It is where it was: written to, and still itself.
        if self._indexed != len(self._children):
            self._by_inode, self._indexed = self._known_by_inode(), len(self._children)
        if not self._by_inode:
            # Here inodes mean nothing.
            raise _GivesWay
        return super()._moved_here(it, is_folder=is_folder, row=row)

    def _path_of(self, row: Known) -> str:
        return f"{self._paths[row[1]]}/{row[2]}"
