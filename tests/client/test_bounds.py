"""Answers that have no end, or come by drops, at real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import httpx2
import pytest

from keycell.client.bounds import A_FILE, LONGEST
from keycell.client.errors import ClientError, NotKeycell, Unavailable
from keycell.client.retries import RetryingTransport

Writes = Callable[[asyncio.StreamWriter], Coroutine[None, None, None]]
_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_PIECE = b"40000\r\n" + b" " * 2**18 + b"\r\n"
_QUICK = httpx2.Timeout(0.1)


@asynccontextmanager
async def answered(writes: Writes) -> AsyncIterator[httpx2.AsyncClient]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await writes(writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = RetryingTransport(httpx2.AsyncHTTPTransport())
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", transport=transport, timeout=_QUICK
    ) as http:
        yield http
    server.close()


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD)
    while True:
        writer.write(_PIECE)
        await writer.drain()


async def long(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD)
    for _ in range(LONGEST // 2**18 + 1):
        writer.write(_PIECE)
        await writer.drain()
    writer.write(b"0\r\n\r\n")


def by_drops(answer: bytes) -> Writes:
    async def writes(writer: asyncio.StreamWriter) -> None:
        for drop in answer:
            writer.write(bytes([drop]))
            await writer.drain()
            # Each of them is in time.
            await asyncio.sleep(0.02)

    return writes


@pytest.mark.parametrize(
    ("writes", "kind", "said"),
    [
        (endless, NotKeycell, "has no end"),
        (by_drops(_HEAD * 9), Unavailable, "by drops"),
        (by_drops(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 999), Unavailable, "by drops"),
    ],
    ids=["endless", "drops of the head", "drops of the body"],
)
async def test_what_never_ends_is_given_up(
    writes: Writes, kind: type[ClientError], said: str
) -> None:
    async with answered(writes) as http:
        with pytest.raises(kind, match=said) as raised:
            await http.post("/", json={})
    assert raised.value.hint


async def test_a_file_may_be_as_long_as_it_is() -> None:
    async with (
        answered(long) as http,
        http.stream("GET", "/", extensions=dict(A_FILE)) as response,
    ):
        total = 0
        async for chunk in response.aiter_bytes():
            total += len(chunk)
    assert total > LONGEST


async def test_what_is_sent_may_take_as_long_as_it_is_large() -> None:
    """Only who waits for an answer to nothing is kept from waiting for ever."""

    async def slow(writer: asyncio.StreamWriter) -> None:
        await by_drops(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(writer)

    async with answered(slow) as http:
        assert (await http.put("/", content=bytes(100_000))).status_code == 200
