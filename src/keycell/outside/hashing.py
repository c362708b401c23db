"""Passwords, hashed by Argon2id in threads of their own.

The threads are no more than there are cores and give way to the rest of the process, so that many
people signing in at once do not hold up everybody else's requests.
"""

import asyncio
import functools
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from keycell.accounts.errors import TooBusy
from keycell.outside.cores import cores

T = TypeVar("T")

PARALLELISM = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What each guess at a password costs, by Argon2id with one lane."""

    memory_kib: int
    passes: int

    def hasher(self) -> PasswordHasher:
        """Give what hashes at this cost."""
        return PasswordHasher(
            time_cost=self.passes, memory_cost=self.memory_kib, parallelism=PARALLELISM
        )


OWASP = Cost(19 * 1024, 2)
"""OWASP's first choice of Argon2id."""
OF_TESTS = Cost(64, 1)
"""For passwords that guard nothing: 0.1 ms in the place of 30."""
MOST_WAITING = 256
"""Beyond so many sign-ins in line, who comes last is told to come again."""
_NICENESS = 10
"""Enough: beside such a thread on its core, another wakes within 0.1 ms, 99 times in 100.

Neither 19, nor SCHED_BATCH, nor SCHED_IDLE made that shorter, and the last would starve the
hashing wherever the core has other work.
"""
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$gn4M6Q9zkuAslLoyo13Sqg"
    "$dznedN+nsmhHOMkpjOti8IO8Y95f5egjJ4Q0VYJVjAw"
)
"""Of a password that nobody knows: verified where no account is, so that it takes as long."""


OURS = frozenset(
    {
        "changeit", "keycell1", "keycell123", "motdepasse", "motdepasse1", "azertyuiop",
        "soleil123", "doudou123", "loulou123", "correcthorsebatterystaple",
    }
)  # fmt: skip
"""What the list of others does not have: our own name, and French ones."""


@functools.cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  (the first choice pays)

    return OURS.union(FREQUENCY_LISTS["passwords"])


class Passwords:
    """Hashes and verifies passwords without holding up the event loop."""

    def __init__(self, threads: int | None = None, cost: Cost = OWASP) -> None:
        self._hasher = cost.hasher()
        self._pool = ThreadPoolExecutor(
            max_workers=threads or cores(),
            thread_name_prefix="passwords",
            initializer=_give_way,
        )
        self._waiting = 0

    def is_common(self, folded: str) -> bool:
        """Tell whether a password, in lower case, is among those that are tried first."""
        return folded in _common()

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


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
