"""Somebody's files over WebDAV: in-process, and against a server that really runs."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.personal import Wish
from keycell.provider.personal_tokens import By, make_token
from keycell.server import make_app
from keycell.settings import Settings

from ...conftest import BASE, PASSWORD
from ...opening import opening
from ...server import Server, serving

HOME = "/dav/personal-files"
PROGRAMS = {"PYTHONDONTWRITEBYTECODE": "1"}


async def token_for(world: World, account: Account, *scopes: str) -> str:
    """Make a personal access token, for the whole account unless scopes say otherwise."""
    wish = Wish(label="test", scopes=scopes, auto_refresh=timedelta(hours=1))
    return (await make_token(world.provider, account, wish, By(account.sub)))[0]


@dataclass
class Dav:
    """A WebDAV client that says exactly what a test wants."""

    http: httpx2.AsyncClient
    token: str

    async def __call__(
        self, method: str, path: str, content: bytes | str = b"", **headers: str
    ) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path if path.startswith("/") else f"{HOME}/{path}"
        return await self.http.request(
            method, address, content=content,
            headers={"Authorization": f"Bearer {self.token}"} | named,
        )  # fmt: skip

    async def put(self, path: str, content: bytes = b"content", **headers: str) -> int:
        return (await self("PUT", path, content, **headers)).status_code

    async def lock(self, path: str, scope: str = "exclusive", **headers: str) -> str:
        """Lock, and give the token."""
        body = (
            f"<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:{scope}/></D:lockscope>"
            "<D:locktype><D:write/></D:locktype><D:owner>me</D:owner></D:lockinfo>"
        )
        response = await self("LOCK", path, body, **headers)
        assert response.status_code in (200, 201), response.text
        return response.headers["lock-token"].strip("<>")


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
async def dav(world: World, ann: Account, http: httpx2.AsyncClient) -> Dav:
    return Dav(http, await token_for(world, ann))


@pytest.fixture
async def bob(world: World) -> Account:
    return await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")


@dataclass
class Running:
    """A server of a person's own, and their token."""

    server: Server
    token: str

    @property
    def url(self) -> str:
        return f"{self.server.url}{HOME}/"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    data = tmp_path / "data"

    async def prepare() -> str:
        async with opening(Settings(data=data, public_url="http://localhost")) as world:
            account = await add_account(
                world.people, NewAccount(login="ann", password=PASSWORD), "test"
            )
            return await token_for(world, account)

    token = asyncio.run(prepare())
    with serving(data) as server:
        yield Running(server, token)


def environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Give the surroundings of a program that shall find nothing of whoever runs the tests."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **more}
