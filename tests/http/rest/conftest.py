"""Somebody who calls the REST wire."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path

from ...conftest import PASSWORD, Browser, add_client
from ...files.conftest import Home, bob, home
from ..tokens import sign_in
from .desk import Desk

__all__ = ["bob", "home"]


@dataclass
class Caller:
    """A client of the REST wire, with somebody's token."""

    http: httpx2.AsyncClient
    headers: dict[str, str]

    async def call(self, method: str, path: str, body: object = None) -> httpx2.Response:
        if body is None:
            return await self.http.request(method, path, headers=self.headers)
        return await self.http.request(method, path, json=body, headers=self.headers)

    async def good(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Give what a call that succeeds answers: 200, and JSON."""
        answer = await self.call(method, path, body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json()

    async def refused(self, method: str, path: str, body: object, status: int) -> str:
        """Give the code of a refusal, which is in the form of all of them."""
        answer = await self.call(method, path, body)
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert told["Title"]
        assert told["Detail"]
        code: str = told["Code"]
        return code

    async def paths(self, *asked: str) -> list[str]:
        """List what stands at paths."""
        body = {"NodePaths": list(asked)}
        return [node["Path"] for node in (await self.good("POST", "/a/tree/stats", body))["Nodes"]]


async def token_of(
    world: World, browser: Browser, scope: str = "openid files.read files.write"
) -> str:
    made = await add_client(world, scope=scope)
    response = await browser.exchange(made, await browser.code(made, scope=scope))
    found: str = response.json()["access_token"]
    return found


@pytest.fixture
async def ann_calls(world: World, browser: Browser, home: Home) -> Caller:
    bearer = await token_of(world, browser)
    return Caller(browser.http, {"Authorization": f"Bearer {bearer}"})


async def id_of(home: Home, path: str) -> str:
    return (await stat(home.files, home.actor, read_path(path))).node.node_id


@pytest.fixture
async def root(world: World) -> Account:
    wanted = NewAccount(login="root", password=PASSWORD, is_admin=True)
    return await add_account(world.people, wanted, "test")


@pytest.fixture
async def token(browser: Browser, root: Account) -> str:
    return await sign_in(browser.http, "root")


@pytest.fixture
def desk(browser: Browser, token: str) -> Desk:
    return Desk(browser.http, token)
