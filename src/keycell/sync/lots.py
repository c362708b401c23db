"""What small files share that go many in one request or answer: see decisions/0065."""

import asyncio
from collections.abc import MutableMapping
from typing import TypeVar

T = TypeVar("T")

LARGEST = 16 * 1024
"""Bytes; the server leaves out, or refuses, what is larger."""
MOST = 64
"""Files of one request or answer."""


async def give_up(coming: MutableMapping[str, asyncio.Task[T]]) -> None:
    """End what is on its way, and wait until it has ended."""
    under_way = set(coming.values())
    coming.clear()
    for one in under_way:
        one.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
