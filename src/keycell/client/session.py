"""An open session: one profile's server, over connections that show its token."""

import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from keycell.client.answers import check, json_of
from keycell.client.bounds import A_FILE
from keycell.client.credentials import Keeper, environment_profile, keeper_of
from keycell.client.discovery import Metadata, discover
from keycell.client.profiles import Profile, find_profile
from keycell.client.retries import REPEATABLE, RetryingTransport, unreachable
from keycell.client.tokens import TokenAuth

_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_TIMEOUT = httpx2.Timeout(60, connect=10, pool=None)
_AT_ONCE = 2**18
"""Bytes of an answer: as many as asyncio reads at once. By the library's own number each fourfold
read would be cut up, for a fourth of them at a time to be looked at."""
_LIMITS = httpx2.Limits(max_connections=32, max_keepalive_connections=32)


@dataclass(frozen=True, slots=True)
class Session:
    """What every call to the server goes through."""

    profile: Profile
    http: httpx2.AsyncClient
    auth: TokenAuth
    metadata: Metadata
    transport: RetryingTransport

    @property
    def server(self) -> str:
        """Give the server's origin."""
        return self.profile.server

    async def request(  # noqa: PLR0913  (what a request is made of)
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        content: Any = None,  # noqa: ANN401  (bytes, or an iterable of them)
        repeatable: bool = False,
    ) -> httpx2.Response:
        """Ask, and give the whole answer; a refusal is raised as what it means."""
        response = await self.answer(
            self.http.build_request(
                method, path, json=json, params=params, headers=headers, content=content,
                extensions=dict(REPEATABLE) if repeatable else None,
            )
        )  # fmt: skip
        return check(response)

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and give whatever was answered."""
        try:
            return await self.http.send(request)
        except httpx2.RequestError as error:
            raise unreachable(error, self.server) from error

    async def json(
        self, method: str, path: str, json: object = None, *, repeatable: bool = False,
        params: Mapping[str, str | int] | None = None,
    ) -> Any:  # noqa: ANN401  (whatever JSON says)  # fmt: skip
        """Ask, and give the JSON of the answer."""
        response = await self.request(
            method, path, json=json, params=params, repeatable=repeatable
        )
        return json_of(response)

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> AsyncIterator[httpx2.Response]:  # fmt: skip
        """Ask, and give the answer before its body; a refusal is raised as what it means."""
        try:
            async with self.http.stream(
                method, path, headers=headers, params=params, extensions=dict(A_FILE)
            ) as response:
                if response.is_error:
                    await response.aread()
                    check(response)
                yield response
        except httpx2.RequestError as error:
            raise unreachable(error, self.server) from error


@asynccontextmanager
async def open_session(profile: Profile | str = "") -> AsyncIterator[Session]:
    """Open a session of a profile: the one named, the environment's, or the default one."""
    if not isinstance(profile, Profile):
        in_environment = None if profile else environment_profile()
        profile = in_environment or find_profile(profile)
    keeper = keeper_of(profile)
    async with open_http(profile.server) as (http, transport):
        metadata = await discover(http, profile.server)
        yield bind(profile, keeper, http, metadata, transport)


def bind(
    profile: Profile,
    keeper: Keeper,
    http: httpx2.AsyncClient,
    metadata: Metadata,
    transport: RetryingTransport,
) -> Session:
    """Make connections show the token of a profile."""
    auth = TokenAuth(profile, keeper, metadata.endpoint("token_endpoint"))
    http.auth = auth
    return Session(profile, http, auth, metadata, transport)


def proxy_for(server: str) -> str | None:
    """Give the proxy that the environment wants for a server."""
    parts = urlsplit(server)
    if proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


@asynccontextmanager
async def open_http(server: str) -> AsyncIterator[tuple[httpx2.AsyncClient, RetryingTransport]]:
    """Open connections to a server, that show no token yet."""
    proxy = proxy_for(server)
    httpcore2.AsyncHTTP11Connection.READ_NUM_BYTES = _AT_ONCE
    transport = RetryingTransport(httpx2.AsyncHTTPTransport(limits=_LIMITS, proxy=proxy))
    async with httpx2.AsyncClient(
        base_url=server,
        transport=transport,
        timeout=_TIMEOUT,
        headers={"User-Agent": _who()},
    ) as http:
        yield http, transport


def _who() -> str:
    """Say what asks, for its person to know this machine among theirs. RFC9110-10.1.5."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    machine = re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname())[:60] or "?"
    return f"keycell/{version('keycell')} ({system}; {machine})"
