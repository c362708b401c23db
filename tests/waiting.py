"""Waiting for a state itself, never for a time in which it should have come."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
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


def is_read(connection: socket.socket) -> bool:
    """Tell whether a server on this machine has read all that was sent to it."""
    near, far = (f":{one()[1]:04X}" for one in (connection.getsockname, connection.getpeername))
    waiting: dict[tuple[str, str], tuple[int, int]] = {}
    for table in ("tcp", "tcp6"):
        for row in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, remote, _, queues, *_ = row.split()
            sent, received = queues.split(":")
            waiting[local[-5:], remote[-5:]] = (int(sent, 16), int(received, 16))
    return waiting[near, far][0] == 0 == waiting.get((far, near), (0, 1))[1]


def is_refused(port: int) -> bool:
    """Tell whether nobody takes connections at a port of this machine."""
    try:
        socket.create_connection(("localhost", port)).close()
    except ConnectionRefusedError:
        return True
    return False
