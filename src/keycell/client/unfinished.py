"""What is kept of transfers under way, so that a later run goes on where one was cut."""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import filelock

from keycell.client.errors import Conflict
from keycell.client.folders import lock_of, state_folder, write_private
from keycell.client.profiles import Profile

_KEPT_FOR = 14 * 24 * 3600
"""Seconds after which the server has forgotten the parts, too."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload or a download that was begun, and of what."""

    upload_id: str = ""
    etag: str = ""
    size: int = 0
    mtime_ns: int = 0
    part_size: int = 0


class Record:
    """The record of one transfer; held while the transfer runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Unfinished | None:
        """Give what was begun; what cannot be read was not."""
        try:
            found: dict[str, Any] = json.loads(self._path.read_bytes())
            return Unfinished(**found)
        except (OSError, ValueError, TypeError):
            return None

    def write(self, unfinished: Unfinished) -> None:
        """Keep what is begun, before any of it is sent."""
        write_private(self._path, json.dumps(asdict(unfinished)).encode())

    def remove(self) -> None:
        """Forget it: it is done, or cannot go on."""
        with contextlib.suppress(OSError):
            self._path.unlink()


@contextmanager
def record_of(kind: str, profile: Profile, path: str, local: Path) -> Iterator[Record]:
    """Hold the record of a transfer, by what names it; one process may at a time."""
    folder = state_folder() / kind
    names = (profile.server, profile.name, path, str(local.absolute()))
    digest = hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
    file = folder / f"{digest[:32]}.json"
    lock = lock_of(file)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise Conflict(
            f"another process is transferring {names[-1]}", "wait until it has ended"
        ) from None
    try:
        yield Record(file)
    finally:
        # Its file stays: whoever waits for it may hold it already.
        lock.release()


def forget_old() -> None:
    """Remove the records of transfers that nobody went on with."""
    now = time.time()
    for path in [*state_folder().glob("uploads/*"), *state_folder().glob("downloads/*")]:
        with contextlib.suppress(OSError):
            if now - path.stat().st_mtime > _KEPT_FOR:
                path.unlink()
