"""Passwords, hashed by Argon2id in threads of their own.

The threads are no more than there are cores and give way to the rest of the process, so that many
people signing in at once do not hold up everybody else's requests.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from keycell.accounts.errors import TooBusy

T = TypeVar("T")

MEMORY_KIB = 19 * 1024
"""OWASP's first choice of Argon2id: 19 MiB, two passes, one lane."""
TIME_COST = 2
PARALLELISM = 1
MOST_WAITING = 256
"""Beyond so many sign-ins in line, who comes last is told to come again."""
_NICENESS = 10
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$gn4M6Q9zkuAslLoyo13Sqg"
    "$dznedN+nsmhHOMkpjOti8IO8Y95f5egjJ4Q0VYJVjAw"
)
"""Of a password that nobody knows: verified where no account is, so that it takes as long."""


class Passwords:
    """Hashes and verifies passwords without holding up the event loop."""

    def __init__(self, threads: int | None = None) -> None:
        self._hasher = PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM
        )
        self._pool = ThreadPoolExecutor(
            max_workers=threads or _cores(),
            thread_name_prefix="passwords",
            initializer=_give_way,
        )
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Give the form in which a password is kept."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether this is the password; without one stored it takes as long to say no."""
        matches = await self._run(self._verify, stored or NOBODYS, password)
        return matches and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether it was hashed by other settings than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *args: str) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        finally:
            self._waiting -= 1


def _cores() -> int:
    # Of the cores that we may use, not of all there are: where two threads share one, the event
    # loop waits for a thread that holds the interpreter's lock while the other has the core.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
