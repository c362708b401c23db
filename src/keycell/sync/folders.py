"""The folders that are synced: what was said of each when it was added, in a file of its own."""

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keycell.client.folders import state_folder, write_private
from keycell.sync.errors import SyncError
from keycell.sync.state import State

_LONGEST = 100
"""Of a name: files are called by it, and their names have more at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of the disk, and the one of a server that it is kept alike with."""

    name: str
    local: str
    profile: str
    remote: str
    direction: str = "both"
    ignored: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    is_paused: bool = False
    mark: str

    @property
    def database(self) -> Path:
        """Give where the state of it is kept."""
        return _place(self.name, "db")

    @contextmanager
    def known(self) -> Iterator[State]:
        """Open the state of it; raise SyncError where that cannot be read or written."""
        try:
            with closing(State(self.database)) as state:
                yield state
        except sqlite3.Error as error:
            # Of one that cannot be written, for want of room for instance, nothing is wrong.
            is_broken = not isinstance(error, sqlite3.OperationalError)
            raise SyncError(
                f"{self.database}, where what is known of {self.name} is kept, cannot be used: "
                f"{error}",
                "move it away: all is compared anew then, and nothing is deleted"
                if is_broken
                else "",
            ) from error

    def write(self) -> None:
        """Keep what was said of it."""
        write_private(_place(self.name, "json"), json.dumps(asdict(self), indent=2).encode())


def _place(name: str, kind: str) -> Path:
    return state_folder() / "sync" / f"{name}.{kind}"


def folders() -> list[Folder]:
    """Give all folders, by their names."""
    return [_read(path) for path in sorted((state_folder() / "sync").glob("*.json"))]


def _read(path: Path) -> Folder:
    try:
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        lists = {name: tuple(said.pop(name, ())) for name in ("ignored", "only")}
        return Folder(ignored=lists["ignored"], only=lists["only"], **said)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SyncError(
            f"{path} cannot be read: {error}", "remove it, and add the folder"
        ) from error


def named(names: list[str]) -> list[Folder]:
    """Give the folders that are named, or all; by name, or by path on the disk."""
    known = folders()
    if not names:
        return known
    found = []
    for name in names:
        path = str(Path(name).absolute())
        match = [one for one in known if name == one.name or path == one.local]
        if not match:
            said = ", ".join(one.name for one in known) or "none"
            raise SyncError(f"no synced folder is called {name!r}; there are: {said}")
        found += match
    return found


def new_folder(local: Path, profile: str, remote: str, direction: str) -> Folder:
    """Give a folder to be synced; refuse one that lies in another, or has another in it."""
    for other in folders():
        if local.is_relative_to(other.local) or Path(other.local).is_relative_to(local):
            raise SyncError(
                f"{local} and {other.local}, which is synced as {other.name}, lie in each other"
            )
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", local.name).strip("-.")[:_LONGEST] or "folder"
    taken = {one.name for one in folders()}
    name = next(
        one for one in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if one not in taken
    )
    return Folder(name=name, local=str(local), profile=profile, remote=remote,
                  direction=direction, mark=secrets.token_hex(16))  # fmt: skip


def remove(folder: Folder) -> None:
    """Forget a folder; its files stay, on both sides."""
    base = _place(folder.name, "db")
    for path in (base, base.with_name(base.name + "-wal"), base.with_name(base.name + "-shm")):
        path.unlink(missing_ok=True)
    _place(folder.name, "json").unlink(missing_ok=True)
