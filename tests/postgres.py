"""A real PostgreSQL, started by the tests on a loopback port of its own."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

_NUMBERS = itertools.count(1)
_HELD: deque[int] = deque()
_MOST_HELD = 100
_MEMORY, _ROOM = Path("/dev/shm"), 4 * 2**30


def free_port() -> int:
    """Give a port of loopback that nobody listens on, and nobody else is given soon."""
    with socket.socket() as held:
        # Held so, a port is given to no other worker's server or connection before ours begins;
        # and ours may listen there all the same.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = int(held.getsockname()[1])
        _HELD.append(held.detach())
    if len(_HELD) > _MOST_HELD:
        os.close(_HELD.popleft())
    return port


class Postgres:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path, port: int, flags: tuple[str, ...]) -> None:
        self._folder = folder
        self._flags = flags
        self.port = port
        self._binaries = _binaries()
        self._process: subprocess.Popen[bytes] | None = None

    def initialize(self) -> None:
        self._run([str(self._binaries / "initdb"), "-D", str(self._folder / "db"), "-U", "keycell",
                   "--auth=trust", "--encoding=UTF8", "--no-sync"])  # fmt: skip

    def start(self) -> None:
        command = [
            str(self._binaries / "postgres"), "-D", str(self._folder / "db"), "-p", str(self.port),
            "-h", "127.0.0.1", "-k", str(self._folder), "-c", "fsync=off", *self._flags,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, user=_user(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=_environment(),
        )  # fmt: skip
        for _ in range(600):
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 1),
            ):
                break
            time.sleep(0.1)
        self._wait()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Be away for as long as the block lasts: whatever fails there, others find it again."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(3)
            self._process.wait(30)
            self._process = None

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self._execute("SELECT 1")
            except subprocess.CalledProcessError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("PostgreSQL does not answer")

    def url(self, name: str) -> str:
        return f"postgresql://keycell@127.0.0.1:{self.port}/{name}"

    @contextlib.contextmanager
    def database(self, template: str = "template1", tablespace: str = "") -> Iterator[str]:
        """Make a database that is a copy of another, by default an empty one; drop it at the end.

        Nobody may be connected to the one that is copied.
        """
        name = f"test{next(_NUMBERS)}"
        where = f" TABLESPACE {tablespace}" if tablespace else ""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}{where}")
        yield self.url(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextlib.contextmanager
    def tablespace(self, folder: Path) -> Iterator[str]:
        """Let tables lie in an empty folder."""
        _let_in(folder)
        name = f"tables{next(_NUMBERS)}"
        self._execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        yield name
        self._execute(f"DROP TABLESPACE {name}")

    def execute(self, sql: str, url: str) -> None:
        """Run a statement in a database."""
        self._run([str(self._binaries / "psql"), "-d", url, "-q", "-c", sql])

    def _execute(self, sql: str) -> None:
        self.execute(sql, self.url("postgres"))

    def _run(self, command: list[str]) -> None:
        # What it says of an error is the tests' to show.
        subprocess.run(
            command, check=True, user=_user(), stdout=subprocess.DEVNULL, env=_environment()
        )


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def _user() -> str | None:
    # PostgreSQL refuses to run as root.
    return "postgres" if os.geteuid() == 0 else None


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if found:
        return found[-1]
    on_path = shutil.which("postgres")
    if on_path is None:
        pytest.fail("PostgreSQL is not installed: the tests need Debian's package postgresql")
    return Path(on_path).parent


def _let_in(folder: Path) -> None:
    if os.geteuid() == 0:
        for parent in (folder, *folder.parents):
            if parent.owner() == "root" and parent != Path("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")


@contextlib.contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory where that has room for it.

    A database has three hundred files; ext4 takes a third of a second of work to make them where
    as many were deleted a moment ago.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield otherwise
        return
    for left in _MEMORY.glob("keycell-tests-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed
    folder = _MEMORY / f"keycell-tests-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def start_postgres(folder: Path, *flags: str) -> Iterator[Postgres]:
    """Start a server of the tests' own, and stop it at the end."""
    _let_in(folder)
    server = Postgres(folder, free_port(), flags)
    server.initialize()
    server.start()
    try:
        yield server
    finally:
        server.stop()
