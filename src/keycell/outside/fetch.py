"""The guarded fetcher: what we fetch because somebody else named the address.

https alone, no private addresses unless a setting lists them, the very address that was checked,
no proxy variables, no redirects, bounded size and time. See decisions/0025.
"""

import asyncio
import ipaddress
import json
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from keycell.oauth.errors import InvalidClientMetadata

if TYPE_CHECKING:
    import httpx2

LONGEST_BODY = 256 * 1024
SECONDS = 5.0
_MOST_AT_ONCE = 8
_MOST_KEPT = 1000
_KEPT_SECONDS = 60.0
_FRESH_SECONDS = 5.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class FetchRefused(Exception):
    """The address is not one that we may be sent to."""


class FetchFailed(Exception):
    """The address did not give what was expected."""


async def resolve(host: str, port: int) -> list[str]:
    """Give the addresses of a host."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Fetcher:
    """Fetches small documents from public addresses."""

    def __init__(
        self,
        networks: Sequence[str] = (),
        *,
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]
        self._resolve = resolve
        self._turn = asyncio.Semaphore(_MOST_AT_ONCE)
        self._context = context
        self._http: httpx2.AsyncClient | None = None

    async def get_json(self, url: str) -> object:
        """Give the JSON at an address, or raise InvalidClientMetadata saying why not."""
        try:
            return json.loads(await self.get(url))
        except (FetchRefused, FetchFailed) as error:
            raise InvalidClientMetadata(f"{urlsplit(url).hostname}: {error}") from None
        except (ValueError, RecursionError):
            raise InvalidClientMetadata(f"{urlsplit(url).hostname}: no JSON there") from None

    async def get_if_there(self, url: str) -> bytes | None:
        """Give the body at an address; None where there is none that we may have."""
        try:
            return await self.get(url)
        except (FetchRefused, FetchFailed, ValueError):
            return None

    async def get(self, url: str) -> bytes:
        """Give the body at an address; raise FetchRefused or FetchFailed."""
        # Loaded with the first fetch: seven megabytes that many a server never needs.
        import httpx2  # noqa: PLC0415

        async with self._turn:
            try:
                async with asyncio.timeout(SECONDS):
                    return await self._get(url)
            except TimeoutError:
                raise FetchFailed(f"no answer within {SECONDS:g} s") from None
            except (httpx2.HTTPError, OSError) as error:
                raise FetchFailed(type(error).__name__) from error

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.aclose()

    async def _get(self, url: str) -> bytes:
        import httpx2  # noqa: PLC0415  (as above)

        host, port, address = await self._checked(url)
        target = httpx2.URL(url).copy_with(host=address)
        name = f"[{host}]" if ":" in host else host
        request = self._client().build_request(
            "GET",
            target,
            headers={
                "Host": name if port in (80, 443) else f"{name}:{port}",
                "Accept": "application/json, application/jwk-set+json",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": host},
        )
        response = await self._client().send(request, stream=True)
        try:
            return await _body(response)
        finally:
            await response.aclose()

    def _client(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415  (as above)

        if self._http is None:
            self._http = httpx2.AsyncClient(
                verify=self._context or ssl.create_default_context(),
                trust_env=False,
                follow_redirects=False,
                timeout=SECONDS,
                limits=httpx2.Limits(max_keepalive_connections=0),
            )
        return self._http

    async def _checked(self, url: str) -> tuple[str, int, str]:
        parts = urlsplit(url)
        host = parts.hostname
        if host is None or "@" in parts.netloc or parts.scheme not in ("http", "https"):
            raise FetchRefused("not an https address")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = [ipaddress.ip_address(one) for one in await self._resolve(host, port)]
        if not addresses:
            raise FetchFailed("no such host")
        # One bad address among good ones is how a name is made to mean another later.
        if not all(self._may_reach(address) for address in addresses):
            raise FetchRefused("the host is at an address that is not public")
        if parts.scheme == "http" and not all(self._is_listed(one) for one in addresses):
            raise FetchRefused("not an https address")
        return host, port, str(addresses[0])

    def _may_reach(self, address: Address) -> bool:
        return self._is_listed(address) or _is_public(address)

    def _is_listed(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast


async def _body(response: "httpx2.Response") -> bytes:
    if response.status_code != 200:  # noqa: PLR2004
        raise FetchFailed(f"answered {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchFailed("answered compressed, though asked not to")
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise FetchFailed(f"the document is larger than {LONGEST_BODY} bytes")
    return body


class RemoteKeys:
    """The keys that clients publish, read again when one of them is not known."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[str, tuple[float, Mapping[str, object]]] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[Mapping[str, object]]] = {}

    async def of(self, jwks_uri: str, *, fresh: bool = False) -> Mapping[str, object]:
        """Give the keys at an address, kept for at most a minute."""
        kept = self._kept.get(jwks_uri)
        longest = _FRESH_SECONDS if fresh else _KEPT_SECONDS
        if kept is not None and time.monotonic() - kept[0] < longest:
            return kept[1]
        # Twenty who ask at once wait for one answer.
        task = self._under_way.get(jwks_uri)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(jwks_uri))
            self._under_way[jwks_uri] = task
            task.add_done_callback(lambda _: self._under_way.pop(jwks_uri, None))
        return await asyncio.shield(task)

    async def _fetch(self, jwks_uri: str) -> Mapping[str, object]:
        jwks = await self._fetcher.get_json(jwks_uri)
        if not isinstance(jwks, dict):
            raise InvalidClientMetadata("jwks_uri gives no JSON object")
        found = cast("Mapping[str, object]", jwks)
        self._kept[jwks_uri] = (time.monotonic(), found)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return found
