"""Waiting for a state itself, never for a time in which it should have come."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST = 60.0
"""Seconds: far more than the slowest machine needs, so that only what never comes fails."""


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < deadline, f"waited {LONGEST} s for what never came"
        time.sleep(0.05)


async def eventually(look: Callable[[], Awaitable[T]], holds: Callable[[T], object]) -> T:
    """Look again and again until what is seen is as it shall be; give what was seen last.

    Where it never comes, the caller's own assertion shows what there was instead.
    """
    for _ in range(int(LONGEST / 0.02)):
        if holds(seen := await look()):
            break
        await asyncio.sleep(0.02)
    return seen
