"""`python -m bench.files`: files through S3 by rclone, on Keycell and on rclone's own servers.

Every server keeps its files on the same disk; the contestants take turns in each row. What
rclone's servers took is synced at the end of a round, since they sync nothing themselves;
Keycell's answer comes after its own syncs. Plain copies, synced, and bare hashing are the limits.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx2

from bench import machine
from bench.files_peers import Server, keycell, rclone, rclone_serve

GIB = 2**30
PAGES = "fifty pages of 1,000, of few and of many"
_TRANSFERS = ("--transfers", "8")


Contestants = dict[str, tuple[Callable[[], None], Callable[[], None]]]
"""What each of them does before the clock runs, and while it runs."""


@dataclass
class Work:
    """What is copied, and where the contestants have it."""

    folder: Path
    large: Path
    small: Path
    rounds: int
    servers: dict[str, Server] = field(default_factory=dict)
    results: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    busy: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """Seconds of the processor that each server took: the rest is the client's, and waiting."""

    def take_turns(self, row: str, contestants: Contestants) -> None:
        """Run every contestant of a row, round by round; keep the seconds of each."""
        found: dict[str, list[float]] = {name: [] for name in contestants}
        busy: dict[str, list[float]] = {name: [] for name in contestants if name in self.servers}
        for turn in range(self.rounds):
            names = list(contestants) if turn % 2 == 0 else list(reversed(contestants))
            for name in names:
                prepare, go = contestants[name]
                prepare()
                server = self.servers.get(name)
                before = server.busy() if server else 0.0
                started = time.perf_counter()
                go()
                found[name].append(time.perf_counter() - started)
                if server:
                    busy[name].append(server.busy() - before)
        self.results[row], self.busy[row] = found, busy
        told = ", ".join(f"{name} {statistics.median(one):.2f} s" for name, one in found.items())
        print(f"{row}: {told}", file=sys.stderr)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-files", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gib", type=float, default=4.0, help="size of the large file")
    parser.add_argument("--files", type=int, default=10_000, help="number of small files")
    parser.add_argument("--entries", type=int, default=100_000, help="of the large folder")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1] / ".make")
    wanted = parser.parse_args()
    wanted.folder.mkdir(exist_ok=True)
    kind = machine.check_disk(wanted.folder)
    with tempfile.TemporaryDirectory(dir=wanted.folder, prefix="bench-files-") as made:
        folder = Path(made)
        print(f"{kind}, fsync {machine.fsync_milliseconds(folder):.2f} ms", file=sys.stderr)
        work = Work(folder, *sources(folder, wanted.gib, wanted.files), wanted.rounds)
        with contestants(folder) as servers:
            work.servers = {one.name: one for one in servers}
            measure(work, servers, wanted.entries)
            print(table(work, servers, wanted.gib))


@contextlib.contextmanager
def contestants(folder: Path) -> Iterator[list[Server]]:
    """Start every server."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(keycell(folder / "keycell")),
            stack.enter_context(rclone_serve("s3", folder / "rclone-s3")),
            stack.enter_context(rclone_serve("webdav", folder / "rclone-webdav")),
        ]


def sources(folder: Path, gib: float, files: int) -> tuple[Path, Path]:
    """Make what is copied: one large file, and a folder of small ones, none like another."""
    large, small = folder / "large" / "large.bin", folder / "small"
    large.parent.mkdir()
    with large.open("wb") as file:
        for _ in range(int(gib * 64)):
            file.write(os.urandom(2**24))
    for number in range(files):
        path = small / f"{number // 1000}" / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(4096))
    sync(folder)
    return large, small


def sync(folder: Path) -> None:
    """Have everything of this file system on the disk."""
    subprocess.run(["sync", "-f", str(folder)], check=True)


def measure(work: Work, servers: list[Server], entries: int) -> None:
    """Go through the rows."""
    for what, source in (("large", work.large.parent), ("small", work.small)):
        uploads: Contestants = {
            one.name: (partial(one.empty, what), partial(put, one, source, what))
            for one in servers
        }
        copied = work.folder / "copied"
        uploads["cp"] = (partial(shutil.rmtree, copied, ignore_errors=True),
                         partial(copy, source, copied))  # fmt: skip
        work.take_turns(f"upload {what}", uploads)
        got = work.folder / "got"
        work.take_turns(f"download {what}", {
            one.name: (partial(shutil.rmtree, got, ignore_errors=True),
                       partial(rclone, one, "copy", one.remote(what), str(got), *_TRANSFERS))
            for one in servers
        })  # fmt: skip
    for one in servers:
        one.fill("many", entries)
        one.fill("few", 1000)
    work.take_turns(f"list {entries:,} entries", {
        one.name: (_nothing, partial(rclone, one, "lsf", one.remote("many"))) for one in servers
    })  # fmt: skip
    work.take_turns(PAGES, {
        name: (_nothing, partial(page, servers[0], name)) for name in ("few", "many")
    })  # fmt: skip


def _nothing() -> None:
    return


def put(server: Server, source: Path, name: str) -> None:
    """Upload, and have it on the disk."""
    rclone(server, "copy", str(source), server.remote(name), *_TRANSFERS)
    if not server.is_durable:
        sync(server.folder)


def copy(source: Path, target: Path) -> None:
    """Copy as `cp` does, and have it on the disk."""
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)
    sync(target)


def page(server: Server, name: str) -> None:
    """Ask for one page of a listing, fifty times."""
    with httpx2.Client(headers=server.headers) as http:
        for _ in range(50):
            answer = http.get(f"{server.url}/io", params={
                "list-type": "2", "prefix": f"common-files/{name}/", "delimiter": "/",
                "max-keys": "1000",
            })  # fmt: skip
            answer.raise_for_status()


def hash_rate() -> float:
    """Measure bytes per second of SHA-256, MD5 and the MD5 of blocks, in one pass on one core."""
    data = os.urandom(2**20)
    started = time.process_time()
    sha256, md5, block = hashlib.sha256(), hashlib.md5(), hashlib.md5()  # noqa: S324
    for _ in range(512):
        for digest in (sha256, md5, block):
            digest.update(data)
    return 512 * 2**20 / (time.process_time() - started)


def table(work: Work, servers: list[Server], gib: float) -> str:
    """Write the medians down."""
    names = [*(one.name for one in servers), "cp"]
    lines = ["| seconds | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    for row, found in work.results.items():
        if row == PAGES:
            continue
        lines.append(f"| {row} | {_medians(found, names)} |")
        lines.append(f"| of the server's processor | {_medians(work.busy[row], names)} |")
    few, many = (statistics.median(one) for one in work.results[PAGES].values())
    upload = gib * GIB / statistics.median(work.results["upload large"]["Keycell"])
    taken_in = gib * GIB / statistics.median(work.busy["upload large"]["Keycell"])
    rate, copied = hash_rate(), gib * GIB / statistics.median(work.results["upload large"]["cp"])
    lines += [
        "",
        f"- A page of 1,000 in the large folder costs {many / few:.2f} times one in a small one.",
        f"- The large upload runs at {upload / 2**20:.0f} MiB/s: {upload / rate:.0%} of what one "
        f"core hashes ({rate / 2**20:.0f} MiB/s), {upload / copied:.0%} of a synced copy "
        f"({copied / 2**20:.0f} MiB/s). By its own processor it takes in "
        f"{taken_in / 2**20:.0f} MiB/s, {taken_in / rate:.0%} of hashing; rclone hashes the whole "
        "file before it sends any of it.",
        f"- Most memory of the server: {servers[0].most_memory():.0f} MB.",
        f"- {machine.described()}.",
    ]
    (Path(__file__).parent / "results-files.json").write_text(json.dumps(work.results, indent=1))
    return "\n".join(lines)


def _medians(found: dict[str, list[float]], names: list[str]) -> str:
    told = (f"{statistics.median(found[name]):.2f}" if name in found else "" for name in names)
    return " | ".join(told)


if __name__ == "__main__":
    main()
