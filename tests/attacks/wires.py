"""Somebody at every wire of the files, with one token and with bytes exactly as they are sent."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, unquote

import httpx2
from starlette.types import Message

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.app import App
from keycell.provider.personal import Wish
from keycell.provider.personal_tokens import By, make_token
from keycell.server import make_app

HOST = b"127.0.0.1:8080"
HOME = "personal-files"
Meanwhile = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Wires:
    """A person's way in, on each wire; no client in between mends an address."""

    app: App
    token: str

    async def send(
        self,
        method: str,
        target: str,
        content: bytes = b"",
        headers: dict[str, str] | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> httpx2.Response:
        """Send a request; what happens meanwhile happens after the first bytes of the answer."""
        named = {"authorization": f"Bearer {self.token}", "content-length": str(len(content))}
        named |= {name.lower(): value for name, value in (headers or {}).items()}
        path, _, query = target.partition("?")
        scope = {
            "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": "http",
            "http_version": "1.1", "client": ("127.0.0.1", 1234), "server": ("127.0.0.1", 8080),
            "headers": [(b"host", HOST), *((n.encode(), v.encode()) for n, v in named.items())],
        }  # fmt: skip
        answer = _Answer(content, meanwhile)
        await self.app(scope, answer.receive, answer.send)
        return httpx2.Response(answer.status, headers=answer.headers, content=bytes(answer.body))

    async def s3(self, method: str, path: str, content: bytes = b"", **headers: str) -> int:
        return (
            await self.send(method, f"/io/{quote(path)}", content, dashed(headers))
        ).status_code

    async def dav(self, method: str, path: str, content: bytes = b"", **headers: str) -> int:
        return (
            await self.send(method, f"/dav/{quote(path)}", content, dashed(headers))
        ).status_code

    async def stat(self, path: str) -> int:
        return (await self.send("GET", f"/a/tree/stat/{quote(path, safe='')}")).status_code

    async def call(self, method: str, path: str, body: bytes) -> httpx2.Response:
        """Call REST with JSON."""
        return await self.send(method, f"/a/{path}", body, {"Content-Type": "application/json"})

    async def statuses(self, path: str) -> set[int]:
        """Read a path on each wire, and give the statuses."""
        return {
            await self.s3("GET", path), await self.s3("HEAD", path), await self.dav("GET", path),
            await self.dav("PROPFIND", path, Depth="0"), await self.stat(path),
        }  # fmt: skip


class _Answer:
    def __init__(self, content: bytes, meanwhile: Meanwhile | None) -> None:
        self.status, self.headers, self.body = 0, list[tuple[bytes, bytes]](), bytearray()
        self._content, self._meanwhile, self._is_sent = content, meanwhile, False

    async def receive(self) -> Message:
        if self._is_sent:
            # Whoever listens for the end of the connection waits as long as it takes.
            await asyncio.Event().wait()
        self._is_sent = True
        return {"type": "http.request", "body": self._content, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(str(message["status"]))
            self.headers = list(message["headers"])
            return
        self.body += bytes(message.get("body", b""))
        if self.body and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()


def dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def wires_of(world: World, account: Account, *scopes: str) -> Wires:
    """Give somebody's wires, with a personal access token for all files unless scopes say less."""
    wish = Wish(label="test", scopes=scopes, auto_refresh=timedelta(hours=1))
    made = await make_token(world.provider, account, wish, By(account.sub))
    return Wires(make_app(world), made[0])


def with_token(wires: Wires, token: str) -> Wires:
    return replace(wires, token=token)
