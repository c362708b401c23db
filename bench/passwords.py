"""Logins: how many a core does, and what they do to everybody else's latency."""

import statistics
import time
from dataclasses import dataclass, fields
from pathlib import Path

from argon2 import PasswordHasher

from bench.load import Load, drive
from bench.logins import Browsers
from bench.machine import on_server_core
from bench.peers import PASSWORD, Peer
from bench.rows import header_file

_WARM = 2.0


@dataclass(frozen=True)
class Logins:
    """What was measured of them."""

    bare: float
    """Argon2id verifications a second on the servers' core, by the library alone."""
    served: float
    """Logins a second, page and session included."""
    p99_quiet: float
    p99_busy: float


def bare_rate(seconds: float) -> float:
    """Measure the library alone, on the core that the servers have."""
    with on_server_core():
        hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        stored = hasher.hash(PASSWORD)
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            hasher.verify(stored, PASSWORD)
            count += 1
        return count / (time.perf_counter() - started)


def measure(peer: Peer, folder: Path, rounds: int, seconds: float) -> Logins:
    """Saturate the hashing by logins, and look at another endpoint meanwhile; give medians."""
    # So few requests that they take no part of the core: it is all the logins'.
    arguments = ("GET", peer.paths.jwks, "200", header_file(folder), "-", "-", "10")
    load = Load("plain", arguments, connections=4)
    found = [_round(peer, load, folder, seconds) for _ in range(rounds)]
    names = [field.name for field in fields(Logins)]
    return Logins(*(statistics.median(getattr(one, name) for one in found) for name in names))


def _round(peer: Peer, load: Load, folder: Path, seconds: float) -> Logins:
    quiet = drive(peer, load, folder, seconds)
    bare = bare_rate(seconds)
    browsers = Browsers(peer, folder, seconds + _WARM + 1)
    time.sleep(_WARM)
    busy = drive(peer, load, folder, seconds)
    return Logins(bare, browsers.per_second(), quiet.p99, busy.p99)
