"""A zip while it is written: what it takes does not grow with what is in it."""

import asyncio
import io
import tracemalloc
import zipfile

import pytest

from keycell.bootstrap import World
from keycell.files.zips import zip_stream

from .conftest import Home

MANY = 20_000
_BYTES_OF_EACH = 300
"""A name that is taken, and little else."""


async def test_a_zip_of_many_entries_takes_little_memory(world: World, home: Home) -> None:
    documents = {f"{number:06}-\u00e9.txt": b"%d" % number for number in range(MANY)}
    size = most = 0
    tracemalloc.start()
    try:
        async for piece in zip_stream(world.files, home.actor, (), documents):
            size += len(piece)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > MANY * 100
    assert most < MANY * _BYTES_OF_EACH


async def test_a_zip_that_did_not_fit_into_memory_is_whole(world: World, home: Home) -> None:
    documents = {f"{number:06}-\u00e9.txt": b"%d" % number for number in range(MANY)}
    stream = zip_stream(world.files, home.actor, (), documents)
    with zipfile.ZipFile(io.BytesIO(b"".join([piece async for piece in stream]))) as archive:
        assert archive.namelist() == list(documents)
        assert archive.testzip() is None
        assert archive.read("019999-\u00e9.txt") == b"19999"


async def test_who_goes_away_while_a_zip_ends_leaves_nothing_running(
    world: World, home: Home
) -> None:
    documents = dict.fromkeys(map(str, range(MANY)), b"")
    stream = zip_stream(world.files, home.actor, (), documents)
    for _ in range(MANY + 1):
        await anext(stream)
    ending = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
