"""People at work in a folder while it is synced; what they wrote is known by its SHA-256.

Each of them knows for certain which content goes when they overwrite or delete: what was there is
exchanged or taken out in one step, and looked at then.
"""

import contextlib
import ctypes
import hashlib
import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from keycell.sync.names import WORKING

_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_LARGE = 17 * 2**20
"""More than goes in one piece."""


def _rename(source: Path, target: Path, flags: int) -> None:
    if _LIBC.renameat2(_AT_FDCWD, bytes(source), _AT_FDCWD, bytes(target), flags):
        raise OSError(ctypes.get_errno(), "renameat2", str(source))


def digest_of(path: Path) -> str:
    """Give a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Writings:
    """What people wrote, on whichever machine."""

    chance: random.Random
    alive: dict[str, str] = field(default_factory=dict)
    """Digests that nobody overwrote or deleted, and where each was written."""
    count: int = 0

    def content(self, where: str) -> bytes:
        self.count += 1
        size = self.chance.choice([0, 10, 100, 1000, 50_000, 300_000])
        if self.chance.random() < 0.015:
            size = _LARGE + self.chance.randrange(2**20)
        text = f"{self.count} of {where}\n".encode() + self.chance.randbytes(size)
        self.alive[hashlib.sha256(text).hexdigest()] = where
        return text

    def ends(self, digest: str) -> None:
        self.alive.pop(digest, None)


class Person:
    """Somebody who works in one folder."""

    def __init__(self, root: Path, writings: Writings) -> None:
        self.root = root
        self._writings = writings
        self._chance = writings.chance
        self._desk = root.parent / "desk"
        self._desk.mkdir(exist_ok=True)
        self._number = 0

    def does_something(self) -> None:
        """Do one thing; what the client is just doing may make it fail, as it does to people."""
        with contextlib.suppress(OSError):
            self._chance.choice([
                self._writes, self._writes, self._writes, self._edits, self._saves, self._edits,
                self._saves, self._deletes, self._moves, self._moves, self._makes,
                self._deletes_folder, self._appends, self._trades,
            ])()  # fmt: skip

    def below(self, *, folders: bool) -> list[Path]:
        found = []
        for where, inner, files in os.walk(self.root):
            inner[:] = sorted(one for one in inner if one != WORKING)
            found += [Path(where, one) for one in (inner if folders else sorted(files))]
        return found

    def _place(self) -> Path:
        folder = self._chance.choice([self.root, *self.below(folders=True)])
        return folder / self._chance.choice(["a", "A", "b.txt", "c.txt", "d", "\u00e9", "e\u0301"])

    def _file(self) -> Path:
        return self._chance.choice(self.below(folders=False) or [self.root / "nothing"])

    def _on_desk(self) -> Path:
        self._number += 1
        return self._desk / str(self._number)

    def _new(self, path: Path) -> bytes:
        return self._writings.content(str(path))

    def _writes(self) -> None:
        path, desk = self._place(), self._on_desk()
        desk.touch()
        _rename(desk, path, _NOREPLACE)
        with path.open("r+b") as file:
            # Opened by name: it may be another file by now.
            self._writings.ends(hashlib.sha256(file.read()).hexdigest())
            file.seek(0)
            file.truncate()
            file.write(self._new(path))

    def _edits(self) -> None:
        """Write into the file itself."""
        path = self._file()
        with path.open("r+b") as file:
            self._writings.ends(hashlib.sha256(file.read()).hexdigest())
            file.seek(0)
            file.truncate()
            file.write(self._new(path))

    def _appends(self) -> None:
        path = self._file()
        with path.open("r+b") as file:
            before = file.read()
            self._writings.ends(hashlib.sha256(before).hexdigest())
            more = self._chance.randbytes(20)
            file.write(more)
        self._writings.alive[hashlib.sha256(before + more).hexdigest()] = str(path)

    def _saves(self) -> None:
        """Put a new file in the place of the old one, as most editors do."""
        path, desk = self._file(), self._on_desk()
        content = self._new(path)
        desk.write_bytes(content)
        try:
            _rename(desk, path, _EXCHANGE)
        except OSError:
            self._writings.ends(hashlib.sha256(content).hexdigest())
            raise
        self._take(desk)

    def _take(self, desk: Path) -> None:
        for one in [desk, *desk.rglob("*")]:
            if one.is_file():
                self._writings.ends(digest_of(one))
        if desk.is_dir():
            shutil.rmtree(desk)
        else:
            desk.unlink()

    def _deletes(self) -> None:
        path, desk = self._file(), self._on_desk()
        _rename(path, desk, _NOREPLACE)
        self._take(desk)

    def _deletes_folder(self) -> None:
        folders = self.below(folders=True)
        if folders and self._chance.random() < 0.4:
            desk = self._on_desk()
            _rename(self._chance.choice(folders), desk, _NOREPLACE)
            self._take(desk)

    def _moves(self) -> None:
        one = self._chance.choice([self._file(), *self.below(folders=True)])
        _rename(one, self._place(), _NOREPLACE)

    def _trades(self) -> None:
        _rename(self._file(), self._file(), _EXCHANGE)

    def _makes(self) -> None:
        self._place().mkdir()
