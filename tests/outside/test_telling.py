"""What clients are told by a post: taken, refused for good, or to be tried again. CIBA-10.2."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

import pytest

from keycell.outside.fetch import _MOST_POSTS, _POST_LOOKUPS, SECONDS, Fetcher
from keycell.provider.ports_logout import Refusal

INSIDE = ["127.0.0.0/8", "::1/128"]


@contextlib.asynccontextmanager
async def answering(head: bytes, *, for_ever: bool = False) -> AsyncIterator[str]:
    """A server that answers everything by a head, and by a body without end where it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = contextlib.suppress(ConnectionError, asyncio.IncompleteReadError)
        with contextlib.closing(writer), gone:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            while for_ever:
                writer.write(b"x" * 65536)
                await writer.drain()
            await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


async def told(head: bytes, *, for_ever: bool = False) -> list[Refusal | None]:
    fetcher = Fetcher(INSIDE)
    async with answering(head, for_ever=for_ever) as url:
        found = [
            await fetcher.post_form(url, {"logout_token": "x"}),
            await fetcher.post_json(url, {"auth_req_id": "x"}, "n0tify"),
        ]
        await fetcher.close()
    return found


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_what_was_taken_is_taken(status: int) -> None:
    """OIDCBCL-2.8, CIBA-10.2."""
    assert await told(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status) == [None, None]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 405, 410, 415])
async def test_a_refusal_is_a_refusal(status: int) -> None:
    """OIDCBCL-2.8, CIBA-10.2: a token that is not known, a wrong place, or another place."""
    head = b"HTTP/1.1 %d x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    assert await told(head) == [Refusal(f"answered {status}", is_final=True)] * 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(status: int) -> None:
    """OIDCBCL-2.5."""
    head = b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status
    assert await told(head) == [Refusal(f"answered {status}")] * 2


async def test_no_answer_is_tried_again_and_no_place_of_ours_ever_reached() -> None:
    """OIDCBCL-2.5, attack 61."""
    assert [one is not None and not one.is_final for one in await told(b"")] == [True, True]
    assert [one is not None and not one.is_final for one in await told(b"odd")] == [True, True]
    for url in ("https://127.0.0.1/x", "http://app.example/", "", "https://a@app.example/", "x:y"):
        refused = await Fetcher().post_form(url, {})
        assert refused is not None
        assert refused.is_final or "gaierror" in refused.why, url


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_said_besides_is_not_read(head: bytes) -> None:
    """CIBA-10.2: a body without end is no reason to be told again, and costs nobody anything."""
    # Whoever read it would give up in the end, and say so.
    assert await told(head, for_ever=True) == [None, None]


async def test_attack_61_who_is_slow_to_be_told_keeps_no_keys_waiting() -> None:
    """decisions/0025: those who are told have turns of their own."""

    async def resolve(host: str, _port: int) -> list[str]:
        if host == "slow.example":
            await asyncio.Event().wait()
        return ["127.0.0.1"]

    fetcher = Fetcher(INSIDE, resolve=resolve)
    slow = [asyncio.ensure_future(fetcher.post_form("https://slow.example/", {}))
            for _ in range(20)]  # fmt: skip
    await asyncio.sleep(0)
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        assert await fetcher.get_json(url, is_strangers=False) == {}
    assert not any(one.done() for one in slow)
    for one in await asyncio.gather(*slow):
        assert one == Refusal(f"no answer within {SECONDS:g} s")
    await fetcher.close()


async def test_attack_61_names_that_are_never_found_keep_no_others_waiting() -> None:
    """decisions/0025: a thread is held for longer than we wait, and there is always another."""
    free, loop = threading.Event(), asyncio.get_running_loop()
    held = _POST_LOOKUPS._max_workers - _MOST_POSTS  # noqa: SLF001  (what a minute of them takes)
    assert held >= _MOST_POSTS * 60 / SECONDS
    stuck = [loop.run_in_executor(_POST_LOOKUPS, free.wait, 120) for _ in range(held)]
    fetcher = Fetcher(INSIDE)
    try:
        async with answering(b"HTTP/1.1 204 x\r\n\r\n") as url:
            assert await fetcher.post_form(url, {}) is None
    finally:
        free.set()
        await asyncio.gather(*stuck)
        await fetcher.close()
