"""Asking again: what may be sent twice is, with growing pauses, until it is answered."""

import asyncio
import random
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx2

from keycell.client.bounds import ask
from keycell.client.errors import Unavailable
from keycell.client.proofs import PROVER

REPEATABLE: Mapping[str, object] = {"keycell.repeatable": True}
"""An extension of requests that may be sent twice whatever their method is."""
ATTEMPTS = 5
_FIRST_PAUSE = 0.3
_LONGEST_PAUSE = 20.0
_MOST_ASKED = 60.0
"""Seconds that a server may ask to wait."""
_BY_THEMSELVES = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_PASSING = frozenset({429, 502, 503, 504})


class RetryingTransport(httpx2.AsyncBaseTransport):
    """Sends a request until it is answered; for others this is all there is to see."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, attempts: int = ATTEMPTS) -> None:
        self._inner = inner
        self._attempts = attempts
        self.retried = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        repeatable = request.method in _BY_THEMSELVES or "keycell.repeatable" in request.extensions
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                response = await self._sent(request)
            except httpx2.TransportError as error:
                if is_last or not (repeatable or _was_not_sent(error)) or is_certificate(error):
                    raise
                pause = backed_off(attempt)
            else:
                if response.status_code not in _PASSING or is_last or not repeatable:
                    return response
                asked = _asked_pause(response)
                if asked is not None and asked > _MOST_ASKED:
                    return response
                await response.aclose()
                pause = backed_off(attempt) if asked is None else asked
            self.retried += 1
            await asyncio.sleep(pause)
        raise AssertionError  # the last attempt returned or raised

    async def _sent(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request once, with a proof of its own; once more where that wanted a nonce.

        Nothing was done with what was refused for it, so it is no repetition. RFC9449-9.
        """
        prover = request.extensions.get(PROVER)
        if prover is None:
            return await ask(self._inner, request)
        prover.sign(request)
        response = await ask(self._inner, request)
        if not prover.heed(response):
            return response
        await response.aclose()
        prover.sign(request)
        return await ask(self._inner, request)

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._inner.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def _was_not_sent(error: httpx2.TransportError) -> bool:
    return isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)


def backed_off(attempt: int) -> float:
    """Give how long to wait after so many attempts: longer each time, and never in step."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311  (nobody gains by guessing it)


def _asked_pause(response: httpx2.Response) -> float | None:
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else None


def is_certificate(error: BaseException) -> bool:
    """Tell whether the server's certificate is why it cannot be reached."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def unreachable(error: httpx2.RequestError, server: str) -> Unavailable:
    """Say why a server cannot be reached."""
    said = " ".join(str(error).split())
    if is_certificate(error):
        return Unavailable(
            f"the certificate of {server} is not trusted: {said.rpartition(': ')[2]}",
            "set SSL_CERT_FILE to your authority's certificate, if it is your own server's",
        )
    if "WRONG_VERSION_NUMBER" in said:
        return Unavailable(
            f"{server} speaks no TLS there",
            "check the address: its port, and whether it is to begin with http://",
        )
    if isinstance(error, httpx2.ConnectError):
        return Unavailable(
            f"{server} cannot be reached: {said or 'nobody answers'}",
            "check the address, the network, and that the server runs",
        )
    why = f": {said}" if said else ""
    return Unavailable(f"{server} broke off{why}", "try again: what was done so far is kept")
