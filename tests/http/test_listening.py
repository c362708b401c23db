"""What a connection may send before a request is known. RFC6585-5, RFC9112-6.3."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from keycell.http.listening import IS_WHOLE, LONGEST_HEAD, SENDS, BoundedProtocol

START = b"GET /x HTTP/1.1\r\nHost: id.example\r\n"
BAD = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nconnection: close\r\n\r\nInvalid HTTP request received."
)


class Quick(BoundedProtocol):
    """The same, for those who test it."""

    head_seconds = 0.3
    rest_seconds = 0.6


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer anything once it is read; at /late it is not read at once."""
    assert scope["type"] == "http"
    if scope["path"] == "/late":
        await asyncio.sleep(2)
    was_whole = IS_WHOLE in scope
    while (await receive()).get("more_body"):
        pass
    if scope["path"].startswith("/whole"):
        value = b"a\r\nb: c" if scope["path"].endswith("/broken") else b"a"
        headers = [(b"content-length", b"1"), (b"x-y", value)]
        body = b"1" if was_whole else b"0"
        if scope["path"].endswith("/usual") or not scope[SENDS](200, headers, body):
            start = {"type": "http.response.start", "status": 200, "headers": headers}
            await send(start)
            await send({"type": "http.response.body", "body": body})
        return
    names = b",".join(name for name, _ in scope["headers"])
    headers = [(b"content-length", b"0"), (b"x-names", names)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def serving(protocol: type[BoundedProtocol]) -> AsyncIterator[int]:
    config = uvicorn.Config(application, http=protocol, port=0, lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(Quick) as port:
        yield port


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


BODY = b"POST /headers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (BODY + b"0\r\nX: ", b"x" * 65_536), (BODY + b"0\r\n", b"X: y\r\n" * 10_000),
        (BODY + b"1;", b"x" * 65_536), (BODY + b"1\r\na\r\n0", b"0" * 65_536),
    ],
)  # fmt: skip
async def test_attack_89_framing_without_end_is_cut(start: bytes, more: bytes) -> None:
    """RFC9112-7.1, attack 89: a trailer took six times its size, and one line of it minutes.

    It is cut as soon as it is long, and not when the body has rested for a minute.
    """
    async with serving(BoundedProtocol) as port, asyncio.timeout(30):
        assert await answer_to(port, start, *[more] * 4) in (b"", BAD)


@pytest.mark.parametrize("pause", [False, True])
async def test_attack_91_a_trailer_is_no_header(port: int, *, pause: bool) -> None:
    """RFC9110-6.5.1, attack 91: who looks at heads alone lets nothing through behind them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body, trailer = BODY + b"1\r\na\r\n", b"0\r\nAuthorization: x\r\nTwo: y\r\n\r\n"
    if pause:
        writer.write(body)
        await writer.drain()
        await answered_twice(port, b"GET /whole", b"GET /whole")
        body = b""
    writer.write(body + trailer + START + b"Connection: close\r\n\r\n")
    answered = await reader.read()
    assert answered.count(b"HTTP/1.1 200") == 2
    assert b"x-names: host,transfer-encoding\r\n" in answered
    writer.close()


async def test_a_body_in_many_chunks_is_no_framing_without_end(port: int) -> None:
    pieces = [b"1\r\na\r\n" * 1000] * 40
    closing = BODY.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert b"200 OK" in await answer_to(port, closing, *pieces, b"0\r\n\r\n")


async def test_requests_that_come_whole_are_not_counted_together(port: int) -> None:
    """RFC9112-9.3."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2 * LONGEST_HEAD // 8000):
        writer.write(START + b"X: " + b"x" * 8000 + b"\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_a_request_names_its_host(port: int) -> None:
    """RFC9112-3.2."""
    assert await status_of(port, b"GET / HTTP/1.1\r\n") == 400
    assert await status_of(port, b"GET / HTTP/1.0\r\n") == 200


async def test_a_large_body_is_the_applications_business(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"
    assert (await answer_to(port, head, *[b"x" * 100_000] * 10))[:12] == b"HTTP/1.1 200"


async def test_whoever_says_nothing_is_let_go(port: int) -> None:
    """RFC9110-15.5.9."""
    for said in (b"", b"GET", START, START + b"X: y"):
        assert await answer_to(port, said) == b""


async def test_a_body_that_rests_is_let_go(port: int) -> None:
    """RFC9110-15.5.9: whoever stops amid an upload does not hold a connection and a file."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    begun = time.monotonic()
    assert await answer_to(port, head, b"x" * 1000) == b""
    assert time.monotonic() - begun >= 0.6
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
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n", b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n", b"X: y\r\n z\r\n", b"X: y\rz: z\r\n",
        b"Host: another\r\n",
    ],
)  # fmt: skip
async def test_attack_91_two_readers_cannot_disagree(port: int, head: bytes) -> None:
    """RFC9112-6.3, attack 91: what could be read in two ways is not read."""
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n"
    answered = await answer_to(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + head, b"\r\n", smuggled)
    assert answered.startswith(b"HTTP/1.1 400")
    assert answered.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "codings", [b"gzip, chunked", b"gzip\r\nTransfer-Encoding: chunked", b"chunked, chunked"]
)
async def test_attack_91_a_coding_that_nobody_undoes_is_not_read(
    port: int, codings: bytes
) -> None:
    """RFC9112-6.1, attack 91: what is compressed would be taken for what it holds."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + codings + b"\r\n\r\n"
    answered = await answer_to(port, head, b"1\r\na\r\n0\r\n\r\n", START + b"\r\n")
    assert answered[:12] in (b"HTTP/1.1 501", b"HTTP/1.1 400")
    assert answered.count(b"HTTP/1.1") == 1
    if codings == b"gzip, chunked":
        assert answered.endswith(b"\r\n\r\nthe only transfer coding here is: chunked")
    known = head.replace(codings, b"Chunked\r\nConnection: close")
    assert b"200 OK" in await answer_to(port, known, b"1\r\na\r\n0\r\n\r\n")


async def test_a_target_with_a_fragment_is_none(port: int) -> None:
    """RFC9112-3.2: what is left without it may be a whole folder."""
    answered = await answer_to(port, b"DELETE /dav/folder/#x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 400")
    assert answered.count(b"HTTP/1.1") == 1


async def answered_twice(port: int, first: bytes, second: bytes) -> list[bytes]:
    """Send two requests on a connection; give their answers but for the date."""
    head = b" HTTP/1.1\r\nHost: id.example\r\n"
    closing = b"Connection: close\r\n\r\n"
    answered = await answer_to(port, first + head + b"\r\n", second + head + closing)
    lines = [line for line in answered.split(b"\r\n") if not line.startswith(b"date:")]
    return [b"HTTP/1.1" + one for one in b"\r\n".join(lines).split(b"HTTP/1.1")[1:]]


async def test_what_is_sent_in_one_piece_is_what_is_sent_in_two(port: int) -> None:
    """RFC9112-2.1: the last answer of a connection goes the library's way."""
    once, usual = await answered_twice(port, b"GET /whole", b"GET /whole")
    assert once == b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nx-y: a\r\n\r\n1"
    assert usual == once.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    assert (await answered_twice(port, b"GET /whole/usual", b"GET /whole"))[0] == once


async def test_a_line_that_ends_within_a_header_is_not_sent(port: int) -> None:
    """RFC9110-5.5: the library is asked, and ends the connection."""
    assert await answer_to(port, b"GET /whole/broken HTTP/1.1\r\nHost: x\r\n\r\n") == b""


async def test_whoever_asks_for_the_head_alone_has_no_body(port: int) -> None:
    """RFC9110-9.3.2."""
    head, _ = await answered_twice(port, b"HEAD /whole", b"GET /whole")
    assert head.endswith(b"x-y: a\r\n\r\n")


async def test_a_request_is_whole_once_its_body_is_here(port: int) -> None:
    start = b"POST /whole HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\n"
    assert (await answer_to(port, start + b"a")).endswith(b"\r\n\r\n1")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(start)
    # The answer to another request says that this one's head was read meanwhile.
    await answered_twice(port, b"GET /whole", b"GET /whole")
    writer.write(b"a")
    assert (await reader.read()).endswith(b"\r\n\r\n0")
    writer.close()
