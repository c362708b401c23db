"""What the machine tells: cores, disks, and the CPU time and memory of a process."""

import contextlib
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

SERVER_CORE = "0"
LOAD_CORE = "1"
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Give the CPU time a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """Give the resident memory of a process, in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no memory told of process {pid}")


@contextlib.contextmanager
def on_server_core() -> Iterator[None]:
    """Run on the core that the servers have, for as long as it takes."""
    os.sched_setaffinity(0, {int(SERVER_CORE)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {int(LOAD_CORE)})


def check_disk(folder: Path) -> str:
    """Give the kind of file system a folder is on; refuse one that is memory."""
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=True
    ).stdout.strip()
    if kind in ("tmpfs", "ramfs"):
        raise SystemExit(f"{folder} is on {kind}; name a folder on a real disk with --folder")
    return kind


def fsync_milliseconds(folder: Path) -> float:
    """Measure how long this disk takes to make a small write durable."""
    path = folder / "fsync"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    started = time.perf_counter()
    for _ in range(100):
        os.write(descriptor, b"x" * 4096)
        os.fsync(descriptor)
    spent = time.perf_counter() - started
    os.close(descriptor)
    path.unlink()
    return spent * 10


def node() -> str:
    """Give the path of Node.js itself: PyPI's is started by a program that stays beside it."""
    asked = ["node", "-p", "process.execPath"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def described() -> str:
    """Say what the figures were measured on, by what matters alone."""
    asked = [node(), "--version"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return (
        f"{os.cpu_count()} cores (servers on one, load on another), "
        f"Python {platform.python_version()}, Node.js {version.strip().lstrip('v')}"
    )
