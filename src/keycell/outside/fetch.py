"""The guarded fetcher: what we fetch because somebody else named the address.

https alone, no private addresses unless a setting lists them, the very address that was checked,
no proxy variables, no redirects, bounded size and time. See decisions/0025.
"""

import asyncio
import contextlib
import functools
import ipaddress
import json
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlencode, urlsplit
from weakref import WeakValueDictionary

from keycell.accounts.hooks import AT_ONCE, GONE, LONGEST_ANSWER, MOST_HOOKS
from keycell.accounts.ports_hooks import Answered
from keycell.oauth.errors import InvalidClientMetadata
from keycell.provider.ports_logout import Refusal

if TYPE_CHECKING:
    import httpx2

LONGEST_BODY = 256 * 1024
SECONDS = 5.0
_MOST_FOR_OURS = 8
"""At once, for applications that an administrator registered, and issuers that one trusts."""
_MOST_FOR_STRANGERS = 4
"""For applications that registered themselves: as slow as they like, they hold up each other."""
_MOST_FOR_ANYBODY = 4
"""What anybody can have us fetch, by opening a page, keeps no client's keys waiting."""
_MOST_OF_HOST = 2
"""Of any of these turns: one slow host keeps no others waiting."""
_MOST_POSTS = 16
"""At once: turns of their own, so that whoever is slow to be told keeps no keys waiting."""
_MOST_OF_HOOKS = AT_ONCE * MOST_HOOKS
"""At once: as many as there can be, so that no slow one keeps another waiting."""
_ANSWERED_WITHIN = 1.0
"""Seconds that the rest of an answer is waited for, where its beginning is kept."""
_MOST_KEPT = 1000
_KEPT_SECONDS = 60.0
_FRESH_SECONDS = 5.0
_FORM = "application/x-www-form-urlencoded"
_TEMPORARY = (408, 425, 429)
"""What a server answers that may take the same another time. RFC9110-15.5.9, RFC6585-4."""

_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out to be reached from everywhere. RFC4291-2.4."""
_IN_BOOKS = ipaddress.ip_network("3fff::/20")
"""For documents alone, as not every Python knows. RFC9637."""

_LONGEST_LOOKUP = 60.0
"""Seconds: three name servers, each asked twice for the name and for it below the own domain."""


def _lookups(most_at_once: int) -> ThreadPoolExecutor:
    # A name server that never answers holds a thread for longer than we wait: there are so many
    # that those who come meanwhile find one. They are made when they are needed.
    threads = int(most_at_once * _LONGEST_LOOKUP / SECONDS) + most_at_once
    return ThreadPoolExecutor(threads, thread_name_prefix="lookups")


_LOOKUPS = _lookups(_MOST_FOR_OURS + _MOST_FOR_STRANGERS + _MOST_FOR_ANYBODY)
"""Threads of their own: others' threads have nothing to do with them."""
_POST_LOOKUPS = _lookups(_MOST_POSTS)
_HOOK_LOOKUPS = _lookups(_MOST_OF_HOOKS)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, and how long its server says that it is good for. RFC9111-5.2."""

    body: bytes
    cache_control: str


class FetchRefused(Exception):
    """The address is not one that we may be sent to."""


class FetchFailed(Exception):
    """The address did not give what was expected."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What is posted to an address."""

    content: bytes
    kind: str
    more: Mapping[str, str] = field(default_factory=dict)
    threads: ThreadPoolExecutor = _POST_LOOKUPS

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        return {"Content-Type": self.kind, **self.more}


async def resolve(host: str, port: int, threads: ThreadPoolExecutor = _LOOKUPS) -> list[str]:
    """Give the addresses of a host."""
    look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(threads, look_up)
    return [str(entry[4][0]) for entry in found]


class _Turns:
    """So many at once in all, and so many of them at one host."""

    def __init__(self, most: int, most_of_host: int) -> None:
        self._turn = asyncio.Semaphore(most)
        self._most_of_host = most_of_host
        # Kept by those who wait for one: there are as many as are asked, and no more.
        self._of_host: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def taken(self, url: str) -> AsyncIterator[None]:
        """Hold a turn; who waits for their host's takes none from others meanwhile."""
        host = (urlsplit(url).hostname or "").rstrip(".")
        turn = self._of_host.get(host) or asyncio.Semaphore(self._most_of_host)
        self._of_host[host] = turn
        async with turn, self._turn:
            yield


class Fetcher:
    """Fetches small documents from public addresses."""

    def __init__(
        self,
        networks: Sequence[str] = (),
        *,
        resolve: Resolve | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]
        self._resolve = resolve
        self._our_turns = _Turns(_MOST_FOR_OURS, _MOST_OF_HOST)
        self._strangers_turns = _Turns(_MOST_FOR_STRANGERS, _MOST_OF_HOST)
        self._anybodys_turns = _Turns(_MOST_FOR_ANYBODY, _MOST_OF_HOST)
        self._post_turns = _Turns(_MOST_POSTS, _MOST_POSTS)
        self._hook_turns = _Turns(_MOST_OF_HOOKS, _MOST_OF_HOOKS)
        self._context = context
        self._http: httpx2.AsyncClient | None = None

    async def get_json(self, url: str, *, is_strangers: bool) -> object:
        """Give the JSON at an address, or raise InvalidClientMetadata saying why not.

        It is a client's keys or what it is registered by; ``is_strangers`` is one that no
        administrator registered.
        """
        turns = self._strangers_turns if is_strangers else self._our_turns
        try:
            found = await self._within_time(turns, url, lambda: self._read(url, LONGEST_BODY))
            return json.loads(found.body)
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
        return (await self.fetch(url)).body

    async def fetch(self, url: str, *, longest: int = LONGEST_BODY) -> Fetched:
        """Give what is at an address; raise FetchRefused or FetchFailed."""
        return await self._within_time(self._anybodys_turns, url, lambda: self._read(url, longest))

    async def _within_time(self, turns: "_Turns", url: str, ask: Callable[[], Awaitable[T]]) -> T:
        # Loaded with the first fetch: seven megabytes that many a server never needs.
        import httpx2  # noqa: PLC0415

        try:
            # Waiting for a turn counts: who waits behind slow ones is told so; none pile up.
            async with asyncio.timeout(SECONDS), turns.taken(url):
                return await ask()
        except TimeoutError:
            raise FetchFailed(f"no answer within {SECONDS:g} s") from None
        except (httpx2.HTTPError, OSError) as error:
            raise FetchFailed(type(error).__name__) from error

    async def post_form(self, url: str, form: dict[str, str]) -> Refusal | None:
        """Post a form to an address; None if it was taken. OIDCBCL-2.5, OIDCBCL-2.8."""
        return await self._post(url, Sent(urlencode(form).encode(), _FORM))

    async def post_json(self, url: str, body: Mapping[str, object], bearer: str) -> Refusal | None:
        """Post JSON with a bearer token; None if it was taken. CIBA-10.2, CIBA-10.3."""
        content = json.dumps(body).encode()
        told = Sent(content, "application/json", {"Authorization": f"Bearer {bearer}"})
        return await self._post(url, told)

    async def post_hook(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
        """Post an event; give what was answered, and the beginning of what was said with it."""
        sent = Sent(content, "application/json", headers, _HOOK_LOOKUPS)
        try:
            status, answer = await self._within_time(
                self._hook_turns, url, lambda: self._answer(url, sent)
            )
        except FetchFailed as error:
            return Answered(0, "", str(error))
        except (FetchRefused, ValueError) as error:
            return Answered(0, "", str(error) or "no address", is_final=True)
        refused = _judged(status)
        # What is not there today may be put there tomorrow; what is gone for good says so.
        why = "" if refused is None else refused.why
        return Answered(status, answer, why, is_final=status == GONE)

    async def _post(self, url: str, sent: Sent) -> Refusal | None:
        try:
            status = await self._within_time(
                self._post_turns, url, lambda: self._status(url, sent)
            )
        except FetchFailed as error:
            return Refusal(str(error))
        except (FetchRefused, ValueError) as error:
            return Refusal(str(error) or "no address", is_final=True)
        return _judged(status)

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.aclose()

    async def _read(self, url: str, longest: int) -> Fetched:
        response = await self._send(url, None)
        try:
            body = await _body(response, longest)
            return Fetched(body, response.headers.get("Cache-Control", ""))
        finally:
            await response.aclose()

    async def _status(self, url: str, sent: Sent) -> int:
        # What is said besides is not read: it is ignored, however much and slow. CIBA-10.2.
        response = await self._send(url, sent)
        await response.aclose()
        return response.status_code

    async def _answer(self, url: str, sent: Sent) -> tuple[int, str]:
        response = await self._send(url, sent)
        begin = b""
        try:
            # Taken is taken, whatever follows the status and however slowly.
            async with asyncio.timeout(_ANSWERED_WITHIN):
                async for chunk in response.aiter_raw():
                    begin += chunk
                    if len(begin) >= LONGEST_ANSWER:
                        break
        except TimeoutError:
            pass
        finally:
            await response.aclose()
        said = begin[:LONGEST_ANSWER].decode(errors="replace").replace("\0", "\ufffd")
        return response.status_code, said

    async def _send(self, url: str, sent: Sent | None) -> "httpx2.Response":
        import httpx2  # noqa: PLC0415  (as above)

        threads = _LOOKUPS if sent is None else sent.threads
        look_up = self._resolve or functools.partial(resolve, threads=threads)
        host, port, address = await self._checked(url, look_up)
        target = httpx2.URL(url).copy_with(host=address)
        name = f"[{host}]" if ":" in host else host
        request = self._client().build_request(
            "GET" if sent is None else "POST",
            target,
            content=None if sent is None else sent.content,
            headers={
                **({} if sent is None else sent.headers),
                "Host": name if port in (80, 443) else f"{name}:{port}",
                "Accept": "application/json, application/jwk-set+json",
                "Accept-Encoding": "identity",
            },
            extensions={"sni_hostname": host},
        )
        return await self._client().send(request, stream=True)

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

    async def _checked(self, url: str, look_up: Resolve) -> tuple[str, int, str]:
        parts = urlsplit(url)
        host = parts.hostname
        if host is None or "@" in parts.netloc or parts.scheme not in ("http", "https"):
            raise FetchRefused("not an https address")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = [ipaddress.ip_address(one) for one in await look_up(host, port)]
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
        # What is called global beyond it leads elsewhere: to addresses of sites, to translators.
        if address not in _UNICAST or address in _IN_BOOKS:
            return False
    return address.is_global and not address.is_multicast


def _judged(status: int) -> Refusal | None:
    """Tell whether something was taken, and whether it would be another time. OIDCBCL-2.5."""
    if 200 <= status < 300:  # noqa: PLR2004
        return None
    # Whoever is sent elsewhere, or told that it is wrong, is so the next time too.
    is_final = status < 500 and status not in _TEMPORARY  # noqa: PLR2004
    return Refusal(f"answered {status}", is_final=is_final)


async def _body(response: "httpx2.Response", longest: int) -> bytes:
    if response.status_code != 200:  # noqa: PLR2004
        raise FetchFailed(f"answered {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchFailed("answered compressed, though asked not to")
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > longest:
            raise FetchFailed(f"the document is larger than {longest} bytes")
    return body


class RemoteKeys:
    """The keys that clients publish, read again when one of them is not known."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[str, tuple[float, Mapping[str, object]]] = OrderedDict()
        self._under_way: dict[tuple[str, bool], asyncio.Task[Mapping[str, object]]] = {}

    async def of(
        self, jwks_uri: str, *, is_strangers: bool, fresh: bool = False
    ) -> Mapping[str, object]:
        """Give the keys at an address, kept for at most a minute."""
        kept = self._kept.get(jwks_uri)
        longest = _FRESH_SECONDS if fresh else _KEPT_SECONDS
        if kept is not None and time.monotonic() - kept[0] < longest:
            return kept[1]
        # Twenty who ask at once wait for one answer; nobody for one that a stranger waits for.
        asked = (jwks_uri, is_strangers)
        task = self._under_way.get(asked)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fetch(*asked))
            self._under_way[asked] = task
            task.add_done_callback(lambda _: self._under_way.pop(asked, None))
        return await asyncio.shield(task)

    async def _fetch(self, jwks_uri: str, is_strangers: bool) -> Mapping[str, object]:  # noqa: FBT001
        jwks = await self._fetcher.get_json(jwks_uri, is_strangers=is_strangers)
        if not isinstance(jwks, dict):
            raise InvalidClientMetadata("jwks_uri gives no JSON object")
        found = cast("Mapping[str, object]", jwks)
        self._kept[jwks_uri] = (time.monotonic(), found)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return found
