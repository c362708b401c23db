"""Linux's inotify over a folder and all that lies in it, but for what is left out.

Links are not followed. The folders that it lies in are listened to as well: should one of them be
moved, others may stand where it was.

A folder that is moved takes what listens to it along, under names that are no more so; then, and
after an overflow, all of it begins anew, and nothing that was heard before counts.
"""

import ctypes
import errno
import os
import struct
from pathlib import Path
from typing import Protocol

from keycell.sync.errors import RootGone, SyncError
from keycell.sync.names import WORKING

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_UNMOUNT, _OVERFLOW, _IGNORED = 0x2000, 0x4000, 0x8000
_ONLY_FOLDERS, _NO_LINKS = 0x1000000, 0x2000000
_IS_FOLDER = 0x40000000
_MASK = (
    _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
    | _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS | _NO_LINKS
)  # fmt: skip
_MASK_ABOVE = _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS | _NO_LINKS
_HEAD = struct.Struct("iIII")
_AT_ONCE = 256 * 1024
_LIBC = ctypes.CDLL(None, use_errno=True)


class Excludes(Protocol):
    """Tells what is left out, as a scan asks it."""

    def __call__(self, path: str, is_folder: bool, /) -> bool:  # noqa: FBT001
        """Tell whether a path is left out."""


class Ears:
    """Listens to a folder; raise SyncError where the system has no more ears."""

    def __init__(self, root: Path, excludes: Excludes) -> None:
        self._root = os.fspath(root)
        self.descriptor = -1
        self.begin(excludes)

    def begin(self, excludes: Excludes) -> None:
        """Listen to everything, and forget what was heard before."""
        self.close()
        self._excludes = excludes
        self.is_lost = False
        """Whether anything may have happened since it began, unheard or under another name."""
        self._paths = set[str]()
        self._below: dict[int, str] = {}
        self._above = set[int]()
        self._error: SyncError | None = None
        self.descriptor = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise _no_more(ctypes.get_errno())
        self._listen_to("")
        self._listen_above()

    def close(self) -> None:
        """Listen no more."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1

    def take(self) -> None:
        """Take in what the system has to tell."""
        try:
            while told := os.read(self.descriptor, _AT_ONCE):
                self._read(told)
        except BlockingIOError:
            pass
        except SyncError as error:
            self._error = error

    def taken(self) -> frozenset[str]:
        """Give the paths that something happened to since they were given last."""
        if self._error is not None:
            raise self._error
        found, self._paths = frozenset(self._paths), set()
        return found

    def _read(self, told: bytes) -> None:
        at = 0
        while at < len(told):
            watch, mask, _, length = _HEAD.unpack_from(told, at)
            at += _HEAD.size
            name = told[at : at + length].rstrip(b"\0")
            at += length
            self._happened(watch, mask, os.fsdecode(name))

    def _happened(self, watch: int, mask: int, name: str) -> None:
        folder = self._below.get(watch)
        if mask & (_OVERFLOW | _UNMOUNT) or watch in self._above:
            self.is_lost = True
        elif mask & _IGNORED:
            self._below.pop(watch, None)
        elif folder is None:
            return
        elif mask & (_DELETE_SELF | _MOVE_SELF):
            # Its own folder tells of it, but for the topmost.
            self.is_lost |= not folder
        elif name and (folder or name != WORKING):
            self._happened_in(folder + name, mask)

    def _happened_in(self, path: str, mask: int) -> None:
        self._paths.add(path)
        if mask & _IS_FOLDER:
            if mask & (_MOVED_FROM | _MOVED_TO):
                self.is_lost = True
            elif mask & (_CREATE | _ATTRIB) and not self._is_out(path):
                # It may be readable by now. What was made in it before is looked for.
                self._listen_to(path)

    def _listen_to(self, path: str) -> None:
        waiting = [path]
        for below in waiting:
            if self._listens(below):
                prefix = f"{below}/" if below else ""
                waiting += [prefix + name for name in self._folders(below)]

    def _listen_above(self) -> None:
        """Hear of it where a folder on the way is moved, as far as one may."""
        for folder in Path(self._root).parents:
            if folder != folder.parent:
                watch = _LIBC.inotify_add_watch(self.descriptor, bytes(folder), _MASK_ABOVE)
                self._above |= {watch} - {-1}

    def _listens(self, below: str) -> bool:
        where = os.fsencode(f"{self._root}/{below}")
        watch = _LIBC.inotify_add_watch(self.descriptor, where, _MASK)
        if watch < 0:
            error = ctypes.get_errno()
            if not below and error in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                raise RootGone(f"{self._root} is no folder any more", "bring it back")
            if not below or error in (errno.ENOSPC, errno.ENOMEM):
                raise _no_more(error)
            # It went away, or nobody can look into it, either; a look tells of that.
            return False
        self._below[watch] = f"{below}/" if below else ""
        return True

    def _is_out(self, folder: str) -> bool:
        is_folder = True
        return self._excludes(folder, is_folder)

    def _folders(self, below: str) -> list[str]:
        try:
            with os.scandir(f"{self._root}/{below}") as entries:
                return [
                    one.name
                    for one in entries
                    if one.is_dir(follow_symlinks=False)
                    and (below or one.name != WORKING)
                    and not self._is_out(f"{below}/{one.name}".lstrip("/"))
                ]
        except OSError:
            return []


def _no_more(error: int) -> SyncError:
    if error in (errno.ENOSPC, errno.EMFILE):
        limit = "max_user_watches" if error == errno.ENOSPC else "max_user_instances"
        return SyncError(
            "the system lets nobody listen to so many folders",
            f"raise fs.inotify.{limit} (sysctl), or run without --watch",
        )
    return SyncError(f"the folder cannot be listened to: {os.strerror(error)}")
