"""The command `keycell`, run from a process that has loaded it already.

Loading it takes a second and a half of work; the tests type some thousand commands, and start some
hundred servers. Each is a process of its own all the same: forked from one that has imported what
commands import, and has run nothing of it.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

from keycell import cli

_LOADED = (
    "keycell.administration.calls", "keycell.bootstrap", "keycell.cli.serve",
    "keycell.client.session", "keycell.client.uploads", "keycell.server", "keycell.sync.run",
    "typer._adapters",
)  # fmt: skip
_PATIENCE = 300.0
"""Seconds that a command may take."""
_LATE = ("KEYCELL_", "XDG_", "HOME", "TZ", "COLUMNS")
"""What a command reads when it runs. Of what is read before, only the real one knows."""
_ROOT = Path(__file__).parent.parent
_ONE_AT_A_TIME = threading.Lock()
_READY: list[tuple[socket.socket, subprocess.Popen[bytes]]] = []


class Running:
    """A command under way: what the tests ask of a `subprocess.Popen`, and no more."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._code: int | None = None
        self._line.settimeout(_PATIENCE)
        self._group, self.pid = (int(self._told()) for _ in range(2))

    def poll(self) -> int | None:
        """Give the exit code, or None where it still runs."""
        if self._code is None and select.select([self._line], [], [], 0)[0]:
            self._ended()
        return self._code

    def wait(self, timeout: float) -> int:
        """Wait for the exit code."""
        if self._code is None:
            if not select.select([self._line], [], [], timeout)[0]:
                raise TimeoutError
            self._ended()
        assert self._code is not None
        return self._code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it, and all that it started."""
        os.killpg(self._group, signal.SIGKILL)
        self._line.close()

    def _ended(self) -> None:
        self._code = int(self._told())
        self._line.close()

    def _told(self) -> bytes:
        said = b""
        while not said.endswith(b"\n"):
            piece = self._line.recv(1)
            assert piece, "whoever waits for the command is gone"
            said += piece
        return said


def can_run(environment: Mapping[str, str]) -> bool:
    """Tell whether a command with this environment is the same when it is forked."""
    return all(name.startswith(_LATE) for name in environment)


def start(
    arguments: Sequence[str], environment: Mapping[str, str], base: Mapping[str, str],
    streams: Sequence[int],
) -> Running:  # fmt: skip
    """Start the command; its streams are stdin, stdout and stderr."""
    mine, theirs = socket.socketpair()
    said = json.dumps([list(arguments), {**base, **environment}, str(Path.cwd())]).encode()
    with theirs, _ONE_AT_A_TIME:
        socket.send_fds(_ready(base), [said], [theirs.fileno(), *streams])
    return Running(mine)


def run(
    arguments: Sequence[str], stdin: str, environment: Mapping[str, str], base: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end; raise TimeoutError where it has none."""
    if not can_run(environment):
        return subprocess.run(
            [_program(), *arguments], input=stdin, capture_output=True, text=True,
            timeout=_PATIENCE, env={**base, **environment}, check=False,
        )  # fmt: skip
    with contextlib.ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        running = start(arguments, environment, base, [one.fileno() for one in (given, out, err)])
        try:
            code = running.wait(_PATIENCE)
        except TimeoutError:
            running.kill()
            raise
        return subprocess.CompletedProcess(arguments, code, _text(out), _text(err))


def _program() -> str:
    return str(Path(sys.executable).with_name("keycell"))


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _ready(base: Mapping[str, str]) -> socket.socket:
    if not _READY:
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.ready", str(theirs.fileno())], cwd=_ROOT,
                env=dict(base), pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            )  # fmt: skip
        _READY.append((mine, process))
        atexit.register(_let_go)
    return _READY[0][0]


def _let_go() -> None:
    for mine, process in _READY:
        mine.close()
        process.wait()
    _READY.clear()


def _load() -> None:
    commands = (f"keycell.cli.{one.name}" for one in pkgutil.iter_modules(cli.__path__))
    for name in (*_LOADED, *commands):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _serve(asked: socket.socket) -> None:
    """Fork for each command that is asked for; come back in the one that is to run it."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        said, fds, _, _ = socket.recv_fds(asked, 2**20, 4)
        if not said:
            os._exit(0)
        if os.fork() == 0:
            asked.close()
            _keep(said, fds)
            return
        for fd in fds:
            os.close(fd)


def _keep(said: bytes, fds: Sequence[int]) -> None:
    """Fork the command, and tell how it ended; come back in the command alone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    told, *streams = fds
    child = os.fork()
    if child == 0:
        os.close(told)
        arguments, environment, folder = json.loads(said)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        time.tzset()
        sys.argv = [_program(), *arguments]
        # By this a program that says its own name knows whether it is a module.
        sys.modules["__main__"].__package__ = None
        return
    os.write(told, b"%d\n%d\n" % (os.getpgid(0), child))
    _, status = os.waitpid(child, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _run() -> NoReturn:
    """Run the command as it would by itself, but for giving back what was loaded before."""
    from keycell.cli.main import main  # noqa: PLC0415

    code: object = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001  (it is told, and ends this process)
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  (as an interpreter does)
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _load()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked)
    _run()
