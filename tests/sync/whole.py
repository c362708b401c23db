"""The whole client: two homes, a real server, a line that is cut, and kill -9, from a seed.

A seed says what is done and in which order; how the processes meet is the machine's. At the end of
each act all are left in peace: both folders must become alike, and hold all that people wrote and
nobody overwrote or deleted. `python -m tests.sync.whole --seconds 600 --seed 7` goes on for long.
"""

import argparse
import contextlib
import random
import signal
import subprocess
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx2

from keycell.sync.names import WORKING

from ..application import PASSWORD
from ..server import BARE, KEYCELL, Server, keycell, keycell_json
from .cutting import Line
from .people import Person, Writings, digest_of

_LONGEST_RUN = 180
_EXPECTED = {0, 7, 8, -signal.SIGKILL, 143}
"""All done; the server cannot be reached; some files not done; killed; ended."""
_OFTEN = 4
"""So many times in a row both are found alike who watch, and go on."""


class Home:
    """A home on a machine of its own, with a person in it."""

    def __init__(self, folder: Path, origin: str, token: str, writings: Writings) -> None:
        folder.mkdir()
        self.root = folder / "files"
        self.root.mkdir()
        self.log = folder / "log"
        self.person = Person(self.root, writings)
        self.environment = {
            **BARE,
            "KEYCELL_CONFIG_DIR": str(folder / "config"),
            "KEYCELL_SERVER": origin,
            "KEYCELL_TOKEN": token,
        }
        keycell("sync", "add", str(self.root), ":personal-files/work",
                environment=self.environment)  # fmt: skip

    def start(self, *more: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [KEYCELL, "sync", "run", "--delete-many", *more], env=self.environment,
                stdout=log, stderr=log,
            )  # fmt: skip

    def tree(self) -> dict[str, str]:
        """Give all paths, with each file's digest; a name is one in whichever Unicode form."""
        files = {path: digest_of(path) for path in self.person.below(folders=False)}
        shown = files | dict.fromkeys(self.person.below(folders=True), "folder")
        return {
            unicodedata.normalize("NFC", path.relative_to(self.root).as_posix()): said
            for path, said in shown.items()
        }

    def kept(self) -> set[str]:
        """Give the digests of what is in the trash."""
        trash = self.root / WORKING / "trash"
        return {digest_of(path) for path in trash.rglob("*") if path.is_file()}


class History:
    """What happens to two homes, a line and a server."""

    def __init__(self, seed: int, folder: Path, line: Line, watched: float = 0) -> None:
        self.seed, self.line, self.watched = seed, line, watched
        self.chance = random.Random(seed)  # noqa: S311  (a history, not a secret)
        self.writings = Writings(self.chance)
        self.told: dict[str, int] = {}
        self.set_aside: set[str] = set()
        origin = f"http://localhost:{line.port}"
        self.server = Server(folder / "data", ("--public-url", origin), {})
        self.server.start()
        line.target = self.server.port
        where = ("--data", str(folder / "data"))
        keycell("admin", "user", "add", "ann", "--password-stdin", *where, stdin=PASSWORD)
        made = keycell_json("admin", "token", "add", "ann", "--label", "t", "--expires", "30d",
                            *where)  # fmt: skip
        self.token: str = made["access_token"]
        self.homes = [
            Home(folder / name, origin, self.token, self.writings) for name in ("one", "two")
        ]

    def act(self) -> None:
        """Live through some rounds of trouble, then peace, and judge."""
        for _ in range(self.chance.randrange(1, 5)):
            self._trouble()
        self.line.is_cutting = False
        if self.chance.random() < self.watched:
            self._watched()
        found = self._peace()
        self._judge(found)

    def _count(self, what: str) -> None:
        self.told[what] = self.told.get(what, 0) + 1

    def _trouble(self) -> None:
        for home in self.homes:
            for _ in range(self.chance.randrange(8)):
                home.person.does_something()
        self.line.is_cutting = self.chance.random() < 0.5
        chosen = self.chance.sample(self.homes, self.chance.choice([1, 2, 2]))
        running = [(home, home.start()) for home in chosen]
        until = time.monotonic() + _LONGEST_RUN
        dies = self.chance.random() < 0.2
        while any(process.poll() is None for _, process in running):
            assert time.monotonic() < until, f"seed {self.seed}: a run does not end"
            time.sleep(self.chance.choice([0.01, 0.05, 0.1, 0.3]))
            self._something([process for _, process in running], dies=dies)
        for home, process in running:
            self._check_end(home, process.wait())

    def _something(self, running: "list[subprocess.Popen[bytes]]", *, dies: bool) -> None:
        match self.chance.random():
            case it if it < 0.5:
                self.chance.choice(self.homes).person.does_something()
            case it if it < 0.58:
                self.chance.choice(running).kill()
                self._count("clients killed")
            case it if it < 0.66 and dies:
                self.server.stop(signal.SIGKILL)
                self.server.start()
                self._count("servers killed")

    def _watched(self) -> None:
        """Let both be watched while people are at work; they must become alike by that alone."""
        watching = [(home, home.start("--watch")) for home in self.homes]
        try:
            for _ in range(self.chance.randrange(5, 40)):
                for _ in range(self.chance.choice([1, 1, 1, 3, 10])):
                    self.chance.choice(self.homes).person.does_something()
                time.sleep(self.chance.choice([0, 0.02, 0.1, 0.5, 1]))
            self._become_alike()
        finally:
            for _, process in watching:
                process.terminate()
        for home, process in watching:
            self._check_end(home, process.wait(_LONGEST_RUN))

    def _become_alike(self) -> None:
        until = time.monotonic() + _LONGEST_RUN
        alike = 0
        while alike < _OFTEN:
            assert time.monotonic() < until, f"seed {self.seed}: watched, and never alike"
            time.sleep(0.5)
            with contextlib.suppress(OSError):
                one, two = (home.tree() for home in self.homes)
                alike = alike + 1 if one == two else 0

    def _check_end(self, home: Home, code: int) -> None:
        self._count(f"runs that ended with {code}")
        log = home.log.read_text()
        assert "Traceback" not in log, f"seed {self.seed}: {log}"
        assert code in _EXPECTED, f"seed {self.seed}: exit code {code}\n{log[-2000:]}"

    def _peace(self) -> dict[str, str]:
        """Sync until both are alike; they must be so soon."""
        for _ in range(12):
            for home in self.homes:
                home.log.write_text("")
                process = home.start()
                try:
                    code = process.wait(_LONGEST_RUN)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise AssertionError(f"seed {self.seed}: a run does not end") from None
                self._check_end(home, code)
            one, two = (home.tree() for home in self.homes)
            if one == two and all(": alike" in home.log.read_text() for home in self.homes):
                return one
        said = "\n".join(home.log.read_text() for home in self.homes)
        differ = sorted(set(one.items()) ^ set(two.items()))
        raise AssertionError(f"seed {self.seed}: never alike: {differ}\n{said}")

    def _judge(self, tree: dict[str, str]) -> None:
        missing = self.writings.alive.keys() - set(tree.values())
        trash = set().union(*(home.kept() for home in self.homes))
        # What was written in the very moment of being replaced is in the trash.
        self.set_aside |= missing & trash
        lost = missing - trash
        if lost:
            lost -= self._versions()
        self._count("acts")
        said = sorted(self.writings.alive[one] for one in lost)
        assert not lost, f"seed {self.seed}: lost what was written to {said}"

    def _versions(self) -> set[str]:
        """Give the digests of all that the server can bring back."""
        headers = {"Authorization": f"Bearer {self.token}"}
        found: set[str] = set()
        with httpx2.Client(base_url=self.server.url, headers=headers, timeout=30) as http:
            folders = ["personal-files"]
            for folder in folders:
                body = {"NodePaths": [f"{folder}/*"]}
                nodes = http.post("/a/tree/stats", json=body).json().get("Nodes") or ()
                for node in nodes:
                    if node["Type"] == "COLLECTION":
                        folders.append(node["Path"])
                    else:
                        items = http.get(f"/a/keycell/versions/{node['Uuid']}").json()["items"]
                        found |= {one["sha256"] for one in items}
        return found

    def summary(self) -> str:
        """Say what happened."""
        told = self.told | {
            "cuts": self.line.cuts,
            "writings": self.writings.count,
            "in the trash alone": len(self.set_aside),
        }
        return ", ".join(f"{what}: {count}" for what, count in sorted(told.items()))


@contextlib.contextmanager
def history(seed: int, folder: Path, watched: float = 0) -> Iterator[History]:
    """Begin a history in a folder of its own; in so many of its acts both are watched."""
    with Line(random.Random(seed)) as line:  # noqa: S311
        found = History(seed, folder, line, watched)
        try:
            yield found
        finally:
            if found.server.is_running:
                found.server.stop()


def main() -> None:
    """Live through one history after the other."""
    parser = argparse.ArgumentParser(prog="make soak", description=main.__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--acts", type=int, default=6, help="acts of each history")
    parser.add_argument("--watched", type=float, default=0.5, help="share of acts with --watch")
    said = parser.parse_args()
    until, seed = time.monotonic() + said.seconds, said.seed
    while time.monotonic() < until:
        print(f"SYNC_SEED={seed}", flush=True)  # noqa: T201
        with (
            tempfile.TemporaryDirectory(prefix="soak-") as folder,
            history(seed, Path(folder), said.watched) as found,
        ):
            for _ in range(said.acts):
                if time.monotonic() < until:
                    found.act()
            print(" ", found.summary(), flush=True)  # noqa: T201
        seed += 1


if __name__ == "__main__":
    main()
