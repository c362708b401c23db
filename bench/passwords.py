"""Logins: how many a core does, and what they do to everybody else's latency."""

import asyncio
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
from argon2 import PasswordHasher

from bench.load import Load, drive
from bench.machine import LOAD_CORE, SERVER_CORE
from bench.peers import PASSWORD, Peer
from bench.rows import header_file


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
    os.sched_setaffinity(0, {int(SERVER_CORE)})
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    stored = hasher.hash(PASSWORD)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        hasher.verify(stored, PASSWORD)
        count += 1
    rate = count / (time.perf_counter() - started)
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    return rate


def measure(peer: Peer, folder: Path, seconds: float) -> Logins:
    """Saturate the hashing by logins, and look at another endpoint meanwhile."""
    arguments = ("GET", peer.paths.jwks, "200", header_file(folder), "-")
    load = Load("plain", arguments, connections=2)
    quiet = drive(peer, load, folder, seconds)
    bare = bare_rate(seconds)

    served, p99 = asyncio.run(_busy(peer, load, folder, seconds))
    return Logins(bare, served, quiet.p99, p99)


async def _busy(peer: Peer, load: Load, folder: Path, seconds: float) -> tuple[float, float]:
    browsers = [await Browser.known(peer) for _ in range(8)]
    going = [asyncio.create_task(browser.go()) for browser in browsers]
    await asyncio.sleep(1)
    before, started = sum(one.logins for one in browsers), time.perf_counter()
    measured = await asyncio.to_thread(drive, peer, load, folder, seconds)
    served = sum(one.logins for one in browsers) - before
    rate = served / (time.perf_counter() - started)
    for browser in browsers:
        browser.is_stopped = True
    await asyncio.gather(*going)
    return rate, measured.p99


class Browser:
    """One browser that keeps its login page open, and signs in again and again."""

    def __init__(self, http: httpx2.AsyncClient, hidden: dict[str, str]) -> None:
        self._http = http
        self._form = hidden | {"username": "ann", "password": PASSWORD}
        self.logins = 0
        self.is_stopped = False

    @classmethod
    async def known(cls, peer: Peer) -> "Browser":
        """Sign in once, so that the server knows this browser: strangers are throttled."""
        http = httpx2.AsyncClient(base_url=peer.url)
        page = await http.get("/oauth2/login")
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        browser = cls(http, dict(found))
        await browser.sign_in()
        return browser

    async def sign_in(self) -> None:
        """Send the form."""
        response = await self._http.post("/oauth2/login", data=self._form)
        if response.status_code != 303:
            raise RuntimeError(f"login answered {response.status_code}")
        self.logins += 1

    async def go(self) -> None:
        """Sign in until stopped."""
        while not self.is_stopped:
            await self.sign_in()
        await self._http.aclose()
