"""Changing the disk: at once, never over anything, never through a link, and never for good."""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from keycell.sync.errors import Dropped, RootGone
from keycell.sync.names import WORKING, key_of
from keycell.sync.state import Row

KEPT_DAYS = 30
"""So long is kept what was deleted or replaced on the disk."""
_MARKER = "marker"
_BY_NUMBER = os.utime in os.supports_fd


@dataclass(frozen=True, slots=True)
class Disk:
    """The folder on the disk."""

    root: Path

    @property
    def working(self) -> Path:
        """Give our own folder in it."""
        return self.root / WORKING

    def mark(self, mark: str) -> None:
        """Make our folder, with the mark by which this very folder is known again."""
        self._make()
        (self.working / _MARKER).write_text(mark)

    def _make(self) -> None:
        for name in ("tmp", "trash"):
            (self.working / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def check(self, mark: str) -> None:
        """Refuse to take an empty place, where the folder was, for a folder that was emptied."""
        try:
            found = (self.working / _MARKER).read_text()
        except OSError:
            found = ""
        if found != mark:
            raise RootGone(
                f"{self.root} is not the folder that was added: its {WORKING}/{_MARKER} is "
                + ("another one" if found else "missing"),
                "mount it or bring it back; otherwise remove this sync and add it anew",
            )

    def tidy(self) -> None:
        """Remove what was on its way when we were stopped, and what was kept long enough."""
        # People who want room may have removed the trash, as is theirs to do.
        self._make()
        for path in (self.working / "tmp").iterdir():
            path.unlink()
        oldest = time.strftime("%Y-%m-%d", time.gmtime(time.time() - KEPT_DAYS * 86400))
        for path in (self.working / "trash").iterdir():
            if path.name < oldest:
                shutil.rmtree(path)

    def temporary(self) -> Path:
        """Give a place for what is on its way."""
        return self.working / "tmp" / secrets.token_hex(8)

    def checked(self, below: str) -> Path:
        """Give a path whose folder is there, and is reached through no link."""
        path = self.root / below
        self.check_folder(path.parent)
        return path

    def check_folder(self, folder: Path) -> None:
        """Drop what would be done in a folder that is reached through a link."""
        if os.path.realpath(folder) != os.fspath(folder):
            raise Dropped("a link stands where a folder was")

    def check_unchanged(self, path: Path, row: Row) -> None:
        """Drop an operation over a file that is not what was seen."""
        try:
            it = path.lstat()
        except FileNotFoundError:
            raise Dropped("it is not there any more") from None
        if f"{it.st_ino}:{it.st_size}:{it.st_mtime_ns}" != row.token:
            raise Dropped("it was changed meanwhile")

    def keep_file(self, file: BinaryIO, mtime_ns: int) -> None:
        """Let a file that arrived outlast a loss of power, before it is put in its place."""
        file.flush()
        os.utime(file.fileno() if _BY_NUMBER else file.name, ns=(mtime_ns, mtime_ns))
        os.fsync(file.fileno())

    def put(self, temporary: Path, path: Path, over: Row | None) -> os.stat_result:
        """Put what arrived in its place; what was there is kept in the trash."""
        if over is not None:
            self.trash(path, over)
        # A link is made only where nothing stands: whoever was faster keeps what is theirs.
        _link(temporary, path)
        temporary.unlink(missing_ok=True)
        return path.lstat()

    def keep(self, folders: Iterable[Path]) -> None:
        """Let what was done in folders outlast a loss of power, before it is agreed on."""
        for folder in folders:
            # What somebody removed meanwhile is seen to be gone by the next look.
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                _sync(folder)

    def trash(self, path: Path, row: Row) -> None:
        """Move a file to the trash, if it is what was seen; raise Dropped."""
        self.check_unchanged(path, row)
        day = self.working / "trash" / time.strftime("%Y-%m-%d", time.gmtime())
        day.mkdir(exist_ok=True)
        name = path.name.encode()[:200].decode(errors="ignore")
        kept = day / f"{secrets.token_hex(4)}-{name}"
        path.rename(kept)
        try:
            # Looked at again where nobody reaches it by its name: somebody may have been faster.
            self.check_unchanged(kept, row)
            _check_content(kept, row)
        except Dropped:
            _link(kept, path)
            kept.unlink(missing_ok=True)
            raise

    def move(self, source: Path, target: Path) -> os.stat_result:
        """Give a node another place, where nothing stands."""
        if os.path.lexists(target) and not _is_one_name(source, target):
            raise Dropped("something stands at its new place")
        source.rename(target)
        return target.lstat()


def _check_content(path: Path, row: Row) -> None:
    """Drop an operation over a file that was written to in the moment it was looked at."""
    if not row.ctime_ns:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != row.digest:
                raise Dropped("it was changed meanwhile")


def _is_one_name(source: Path, target: Path) -> bool:
    """Tell whether a disk that knows no case takes two names for one: it lists the first alone.

    Inodes do not tell: some file systems make them up for each name.
    """
    if source.parent != target.parent or key_of(source.name) != key_of(target.name):
        return False
    return target.name not in os.listdir(target.parent)  # noqa: PTH208  (names alone)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise Dropped("something stands there by now") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # A file system without links.
        if os.path.lexists(target):
            raise Dropped("something stands there by now") from None
        source.rename(target)


def _sync(path: Path) -> None:
    if os.name == "nt":
        # Windows opens no folder, and keeps its names by a journal.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
