"""A zip while it is written: what it takes does not grow with what is in it."""

import asyncio
import gc
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator

import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path
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


async def end_of(stream: AsyncIterator[bytes]) -> asyncio.Future[bytes]:
    """Give what waits for the end of a zip, which a thread has begun to say."""
    for _ in range(MANY + 1):
        await anext(stream)
    ending = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    return ending


async def test_who_goes_away_while_a_zip_ends_leaves_nothing_running(
    world: World, home: Home
) -> None:
    stream = zip_stream(world.files, home.actor, (), dict.fromkeys(map(str, range(MANY)), b""))
    ending = await end_of(stream)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_who_gives_up_at_every_turn_waits_for_the_thread(world: World, home: Home) -> None:
    """So do the scopes of anyio, in which answers are streamed: the thread keeps its file."""
    loop, failures = asyncio.get_running_loop(), list[object]()
    loop.set_exception_handler(lambda _loop, context: failures.append(context))
    stream = zip_stream(world.files, home.actor, (), dict.fromkeys(map(str, range(MANY)), b""))
    ending = await end_of(stream)
    while not ending.done():
        ending.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await ending
    gc.collect()
    assert failures == []


async def test_who_goes_away_in_the_middle_of_a_file_ends_the_zip(
    world: World, home: Home
) -> None:
    await home.put("personal-files/large.bin", b"x" * 3_000_000)
    top = await stat(world.files, home.actor, read_path("personal-files/large.bin"))
    stream = zip_stream(world.files, home.actor, [top])
    await anext(stream)
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
