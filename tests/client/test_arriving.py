"""What comes in is taken in beside what still comes: in order, with no gap, and to its end."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from keycell.client.arriving import take_in


async def pieces(*some: bytes, cut: bool = False) -> AsyncIterator[bytes]:
    for piece in some:
        yield piece
    if cut:
        raise ConnectionError


async def test_all_that_comes_is_taken_in_in_its_order_and_in_lots() -> None:
    lots: list[Sequence[bytes]] = []
    await take_in(pieces(b"ab", b"c", b"d", b"efgh", b"i"), lots.append, 3)
    assert lots == [[b"ab", b"c"], [b"d", b"efgh"], [b"i"]]


async def test_more_comes_while_some_is_taken_in() -> None:
    is_second_here = threading.Event()

    async def coming() -> AsyncIterator[bytes]:
        yield b"a"
        is_second_here.set()
        yield b"b"

    def take(lot: Sequence[bytes]) -> None:
        del lot
        assert is_second_here.wait(60)

    await take_in(coming(), take, 1)


async def test_no_third_comes_while_the_first_is_taken_in() -> None:
    asked, goes_on = 0, threading.Event()

    async def coming() -> AsyncIterator[bytes]:
        nonlocal asked
        for asked in range(1, 10):  # noqa: B007  (it is looked at from outside)
            yield b"x"

    def take(lot: Sequence[bytes]) -> None:
        del lot
        assert goes_on.wait(60)

    taking = asyncio.create_task(take_in(coming(), take, 1))
    for _ in range(100):
        await asyncio.sleep(0)
    assert asked == 2
    goes_on.set()
    await taking
    assert asked == 9


async def test_what_came_before_a_cut_is_taken_in() -> None:
    lots: list[Sequence[bytes]] = []
    with pytest.raises(ConnectionError):
        await take_in(pieces(b"a", b"b", b"c", cut=True), lots.append, 2)
    assert lots == [[b"a", b"b"], [b"c"]]


async def test_after_what_could_not_be_taken_in_nothing_is() -> None:
    """It would stand where that should stand."""
    tried: list[Sequence[bytes]] = []

    def full(lot: Sequence[bytes]) -> None:
        tried.append(lot)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await take_in(pieces(b"a", b"b", b"c", b"d"), full, 1)
    assert tried == [[b"a"]]


async def test_whoever_gives_up_waits_for_what_is_being_taken_in() -> None:
    begun, goes_on = threading.Event(), threading.Event()
    taken: list[Sequence[bytes]] = []

    def slow(lot: Sequence[bytes]) -> None:
        begun.set()
        assert goes_on.wait(60)
        taken.append(lot)

    taking = asyncio.create_task(take_in(pieces(b"a", b"b"), slow, 1))
    assert await asyncio.to_thread(begun.wait, 60)
    taking.cancel()
    for _ in range(100):
        await asyncio.sleep(0)
    assert not taking.done()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert taken[0] == [b"a"]
