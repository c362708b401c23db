"""`python -m bench.sync`: `keycell sync` beside rclone, on the same Keycell server, in one run.

Both are given the same files, on the same disk, and take turns in each row. Rclone speaks S3 with
as many transfers at once as sync has. Sync's files are on the disk at the end, and each is bound
to what it found; rclone's copy is synced to the disk after it, within the row.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import machine
from bench.files import Contestants, Work, sync
from bench.files_peers import CLEAN, Server, keycell, rclone

_KEYCELL = str(Path(sys.executable).with_name("keycell"))
_AT_ONCE = ("--transfers", "12", "--checkers", "12")
_LARGE_FILES = 4


@dataclass
class Client:
    """A `keycell sync` with a home of its own for each folder."""

    server: Server
    home: Path
    folder: Path
    token: str
    memory: dict[str, float] = field(default_factory=dict)
    spent: dict[str, dict[str, list[tuple[float, float]]]] = field(default_factory=dict)
    """Seconds of processor time, by row and contestant: of the client, and of the server."""

    def metered(self, row: str, name: str, go: Callable[[], None]) -> Callable[[], None]:
        """Keep what processor time is spent on something."""

        def going() -> None:
            before = _children_seconds(), machine.cpu_seconds(self.server.pid)
            go()
            after = _children_seconds(), machine.cpu_seconds(self.server.pid)
            told = self.spent.setdefault(row, {}).setdefault(name, [])
            told.append((after[0] - before[0], after[1] - before[1]))

        return going

    def take_turns(self, work: Work, row: str, contestants: Contestants) -> None:
        """Run every contestant of a row, and keep what processor time each spends."""
        work.take_turns(row, {
            name: (prepare, self.metered(row, name, go))
            for name, (prepare, go) in contestants.items()
        })  # fmt: skip

    def add(self, name: str) -> None:
        """Add the folder anew, as if on a machine that never synced it."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder / ".keycell-sync", ignore_errors=True)
        self.runs("add", str(self.folder), f":common-files/{name}")

    def runs(self, *arguments: str, row: str = "") -> None:
        """Run the command; keep the most memory that it took."""
        environment = CLEAN | {
            "KEYCELL_CONFIG_DIR": str(self.home),
            "KEYCELL_SERVER": self.server.url,
            "KEYCELL_TOKEN": self.token,
        }
        process = subprocess.Popen([_KEYCELL, "sync", *arguments], env=environment,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, arguments)
        self.memory[row] = max(self.memory.get(row, 0), used.ru_maxrss / 1024)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-sync", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gib", type=float, default=1.0, help="size of all large files")
    parser.add_argument("--files", type=int, default=10_000, help="number of small files")
    parser.add_argument("--entries", type=int, default=100_000, help="of the folder at rest")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1] / ".make")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    machine.check_disk(wanted.folder)
    busy = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(dir=wanted.folder, prefix="bench-sync-") as made,
        keycell(Path(made) / "keycell") as server,
    ):
        folder = Path(made)
        token = server.headers["Authorization"].removeprefix("Bearer ")
        work = Work(folder, folder / "large", folder / "small", wanted.rounds)
        client = Client(server, folder / "home", folder / "large", token)
        for name, count, size in (
            ("small", wanted.files, 4096),
            ("large", _LARGE_FILES, int(wanted.gib * 2**30) // _LARGE_FILES),
        ):
            make_files(folder / name, count, size)
            transfer(work, client, name)
        at_rest(work, client, wanted.entries)
        print(table(work, client, busy))


def make_files(folder: Path, count: int, size: int) -> None:
    """Make files to be synced, none like another."""
    for number in range(count):
        path = folder / f"{number // 1000}" / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for _ in range(0, size, 2**24):
                file.write(os.urandom(min(size, 2**24)))
    # What was written a moment ago would be hashed once more.
    time.sleep(2)


def transfer(work: Work, client: Client, name: str) -> None:
    """Bring a folder up, and down to another place."""
    server, source, got = client.server, work.folder / name, work.folder / "got"

    def before_up() -> None:
        server.empty(f"sync-{name}")
        client.folder = source
        client.add(f"sync-{name}")

    def before_down() -> None:
        _aside(got)
        client.folder = got
        client.add(f"sync-{name}")

    up: Contestants = {
        "keycell sync": (before_up, partial(client.runs, "run", row=f"up {name}")),
        "rclone copy": (
            partial(server.empty, name),
            partial(rclone, server, "copy", str(source), server.remote(name),
                    "--exclude", "/.keycell-sync/**", *_AT_ONCE),
        ),
    }  # fmt: skip
    client.take_turns(work, f"first sync up, {name}", up)
    client.take_turns(work, f"first sync down, {name}", {
        "keycell sync": (before_down, partial(client.runs, "run", row=f"down {name}")),
        "rclone copy": (
            partial(_aside, got), partial(_get, server, name, got),
        ),
    })  # fmt: skip
    for copy in work.folder.glob(f"{got.name}*"):
        shutil.rmtree(copy)


def _aside(folder: Path) -> None:
    """Make room without deleting: ext4 searches long for a number that no file had just now."""
    if folder.exists():
        folder.rename(folder.with_name(f"{folder.name}-{time.time_ns()}"))


def _get(server: Server, name: str, got: Path) -> None:
    rclone(server, "copy", server.remote(name), str(got), *_AT_ONCE)
    sync(got)


def at_rest(work: Work, client: Client, entries: int) -> None:
    """Look at many files of which none changed."""
    server, many = client.server, work.folder / "many"
    server.fill("many", entries)
    many.mkdir()
    for number in range(entries):
        (many / f"{number:06}.txt").write_bytes(b"x")
    time.sleep(2)
    client.folder = many
    client.add("many")
    client.runs("run", row="agree")
    exclude = ("--exclude", "/.keycell-sync/**")
    state = ("--workdir", str(work.folder / "bisync"), "--size-only", *exclude, *_AT_ONCE)
    compared = (str(many), server.remote("many"))
    rclone(server, "bisync", *compared, "--resync", *state)
    client.take_turns(work, "a pass without changes", {
        "keycell sync": (_nothing, partial(client.runs, "run", row="at rest")),
        "rclone copy": (_nothing, partial(rclone, server, "copy", *compared, "--size-only",
                                          *exclude, *_AT_ONCE)),
        "rclone bisync": (_nothing, partial(rclone, server, "bisync", *compared, *state)),
    })  # fmt: skip


def _nothing() -> None:
    return


def table(work: Work, client: Client, busy: float) -> str:
    """Write the medians down."""
    names = ["keycell sync", "rclone copy", "rclone bisync"]
    lines = [
        "| seconds | " + " | ".join(names) + " | rclone copy / sync |", "|---|--:|--:|--:|--:|",
    ]  # fmt: skip
    for row, found in work.results.items():
        told = {name: statistics.median(one) for name, one in found.items()}
        cells = [f"{told[name]:.2f}" if name in told else "" for name in names]
        ratio = told["rclone copy"] / told["keycell sync"]
        lines.append(f"| {row} | {' | '.join(cells)} | {ratio:.2f} |")
    lines += [
        "",
        "| seconds of processor time, client + server | " + " | ".join(names) + " |",
        "|---|--:|--:|--:|",
    ]
    for row, spent in client.spent.items():
        cells = [_median_spent(spent[name]) if name in spent else "" for name in names]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    memory = ", ".join(f"{row} {most:.0f} MB" for row, most in client.memory.items() if row)
    lines += [
        "",
        f"- Most memory of `keycell sync`: {memory} (goal: below 200 at 100,000 files).",
        f"- {machine.described()}; load of the machine before: {busy:.1f}.",
    ]
    with contextlib.suppress(OSError):
        results = Path(__file__).parent / "results-sync.json"
        results.write_text(json.dumps(work.results, indent=1))
    return "\n".join(lines)


def _median_spent(told: list[tuple[float, float]]) -> str:
    return " + ".join(f"{statistics.median(one):.2f}" for one in zip(*told, strict=True))


if __name__ == "__main__":
    main()
