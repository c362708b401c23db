"""Answers that have an end: whoever sends another is no server of ours, or none to wait for."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping

import httpx2

from keycell.client.errors import NotKeycell, Unavailable

A_FILE: Mapping[str, object] = {"keycell.file": True}
"""An extension of requests whose answer may be as long as any file."""
LONGEST = 64 * 2**20
"""Bytes of any other answer."""
_SLOWEST = 1000.0
"""Bytes a second, after the time that any read may take."""
_SMALL = 65_536
"""Bytes that are sent in no time."""


async def ask(inner: httpx2.AsyncBaseTransport, request: httpx2.Request) -> httpx2.Response:
    """Send a request; give up what goes on for ever, or comes by drops."""
    told = request.extensions.get("timeout", {}).get("read")
    server = f"{request.url.scheme}://{request.url.netloc.decode()}"
    # What is sent may take as long as it is large.
    is_sent_soon = int(request.headers.get("content-length", 0)) <= _SMALL
    is_sent_soon &= "transfer-encoding" not in request.headers
    try:
        async with asyncio.timeout(2 * told if told and is_sent_soon else None):
            response = await inner.handle_async_request(request)
    except TimeoutError:
        raise _too_slow(server) from None
    if "keycell.file" not in request.extensions:
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  (it is async)
        response.stream = _Bounded(response.stream, server, told)
    return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, server: str, grace: float | None) -> None:
        self._inner, self._server, self._grace = inner, server, grace

    async def __aiter__(self) -> AsyncIterator[bytes]:
        begun, total = time.monotonic(), 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > LONGEST:
                raise NotKeycell(
                    f"the answer of {self._server} has no end",
                    "check the address; something else than a Keycell server may be there",
                )
            since = time.monotonic() - begun
            if self._grace is not None and total < (since - self._grace) * _SLOWEST:
                raise _too_slow(self._server)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _too_slow(server: str) -> Unavailable:
    return Unavailable(f"{server} answers by drops, and was not waited for",
                       "try again when the network is better")  # fmt: skip
