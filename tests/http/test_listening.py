"""What a connection may send before a request is known. RFC6585-5, RFC9112-6.3."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from keycell.http.listening import LONGEST_HEAD, BoundedProtocol

START = b"GET /x HTTP/1.1\r\nHost: id.example\r\n"


class Quick(BoundedProtocol):
    """The same, for those who test it."""

    head_seconds = 0.3
    rest_seconds = 0.6


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer anything once it is read; at /late it is not read at once."""
    assert scope["type"] == "http"
    if scope["path"] == "/late":
        await asyncio.sleep(2)
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(application, http=Quick, port=0, lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def answer_to(port: int, *chunks: bytes) -> bytes:
    """Send as much as is taken; give what comes back until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
    try:
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def status_of(port: int, *chunks: bytes) -> int:
    answered = await answer_to(port, *chunks, b"Connection: close\r\n\r\n")
    return int(answered.split(b" ", 2)[1]) if answered else 0


async def test_what_is_meant_is_taken(port: int) -> None:
    assert await status_of(port, START) == 200
    assert await status_of(port, START, b"Authorization: Bearer " + b"x" * 16_384, b"\r\n") == 200
    assert await status_of(port, b"GET /?" + b"x" * 32_768 + b" HTTP/1.1\r\nHost: x\r\n") == 200


@pytest.mark.parametrize(
    "endless",
    [
        (b"GET /?", b"x" * 65_536),
        (START + b"X: ", b"x" * 65_536),
        (START, b"X: y\r\n" * 10_000),
    ],
)
async def test_attack_89_a_head_without_end_is_cut(
    port: int, endless: tuple[bytes, bytes]
) -> None:
    """RFC6585-5, attack 89: a hundred megabytes are not read."""
    start, more = endless
    answered = await answer_to(port, start, *[more] * 1600)
    # What was sent beyond may have reset the connection before the answer was read.
    assert answered[:12] in (b"HTTP/1.1 431", b"")
    few = -(-LONGEST_HEAD // len(more)) + 1
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for chunk in (start, *[more] * few):
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0.02)
    assert (await reader.read())[:12] == b"HTTP/1.1 431"
    writer.close()


async def test_a_large_body_is_the_applications_business(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"
    assert (await answer_to(port, head, *[b"x" * 100_000] * 10))[:12] == b"HTTP/1.1 200"


async def test_whoever_says_nothing_is_let_go(port: int) -> None:
    """RFC9110-15.5.9."""
    for said in (b"", b"GET", START, START + b"X: y"):
        begun = time.monotonic()
        assert await answer_to(port, said) == b""
        assert time.monotonic() - begun < 4


async def test_a_body_that_rests_is_let_go(port: int) -> None:
    """RFC9110-15.5.9: whoever stops amid an upload does not hold a connection and a file."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    begun = time.monotonic()
    assert await answer_to(port, head, b"x" * 1000) == b""
    assert 0.6 <= time.monotonic() - begun < 4
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"
    assert await answer_to(port, chunked) == b""


async def test_a_body_that_comes_slowly_is_waited_for(port: int) -> None:
    """One that the application is slow to read, too: it is not the sender who rests."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
    for _ in range(8):
        await asyncio.sleep(0.2)
        writer.write(b"x")
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
    writer.write(b"x" * 200_000)
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    )
    assert b"100 Continue" in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"x")
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_a_second_request_has_a_head_of_its_own(port: int) -> None:
    """RFC9112-9.3."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(40):
        writer.write(START + b"X: " + b"x" * 3000 + b"\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.write(START)
    assert await reader.read() == b""
    writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n", b"X: a\x00b\r\n", b"X : y\r\n",
        b"Content-Length: -1\r\n", b"Content-Length: 1e3\r\n",
        b"Transfer-Encoding: xchunked\r\nContent-Length: 1\r\n",
    ],
)  # fmt: skip
async def test_attack_91_two_readers_cannot_disagree(port: int, head: bytes) -> None:
    """RFC9112-6.3, attack 91: what could be read in two ways is not read."""
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n"
    answered = await answer_to(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + head, b"\r\n", smuggled)
    assert answered.startswith(b"HTTP/1.1 400")
    assert answered.count(b"HTTP/1.1") == 1


async def test_a_target_with_a_fragment_is_none(port: int) -> None:
    """RFC9112-3.2: what is left without it may be a whole folder."""
    answered = await answer_to(port, b"DELETE /dav/folder/#x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 400")
    assert answered.count(b"HTTP/1.1") == 1
