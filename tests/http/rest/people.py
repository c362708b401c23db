"""Who the tests of people and places are."""

from dataclasses import dataclass

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import PASSWORD, Browser
from ..tokens import sign_in


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, and calls."""

    http: httpx2.AsyncClient
    account: Account
    token: str

    async def call(self, method: str, path: str, body: object = None) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is None:
            return await self.http.request(method, f"/a/{path}", headers=headers)
        return await self.http.request(method, f"/a/{path}", headers=headers, json=body)

    async def asks(self, method: str, path: str, body: object = None) -> dict[str, object]:
        answer = await self.call(method, path, body)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found

    async def is_told(self, status: int, method: str, path: str, body: object = None) -> None:
        answer = await self.call(method, path, body)
        assert answer.status_code == status, answer.text
        assert answer.json()["Code"]


async def person(world: World, browser: Browser, login: str, **more: object) -> Person:
    wanted = NewAccount(login=login, password=PASSWORD, name=login.title(), **more)  # type: ignore[arg-type]
    account = await add_account(world.people, wanted, "test")
    return Person(browser.http, account, await sign_in(browser.http, login))


@pytest.fixture
async def root(world: World, browser: Browser) -> Person:
    """An administrator."""
    return await person(world, browser, "root", is_admin=True)


@pytest.fixture
async def alice(world: World, browser: Browser) -> Person:
    return await person(world, browser, "alice", email="alice@example.org")


@pytest.fixture
async def bo(world: World, browser: Browser) -> Person:
    return await person(world, browser, "bo")
