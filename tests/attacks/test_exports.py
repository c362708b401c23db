"""What somebody takes along of their own account holds nothing of anybody else's. ATTACKS 64."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.administration import (
    Changes,
    NewAccount,
    add_account,
    disable,
    enable,
    remove,
    set_password,
    update_account,
)
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.own.calls import PREFIX
from keycell.provider.keys import rotate

from ..conftest import PASSWORD, Browser
from ..http.tokens import sign_in


async def add(world: World, login: str) -> Account:
    return await add_account(world.people, NewAccount(login=login, password=PASSWORD), "root")


async def found(world: World, account: Account) -> Account:
    now = await world.people.accounts.find(account.sub)
    assert now is not None
    return now


async def told(http: httpx2.AsyncClient, login: str) -> list[dict[str, Any]]:
    """Give the activity of somebody, as their export and its page have it."""
    headers = {"Authorization": f"Bearer {await sign_in(http, login)}"}
    page = (await http.get(f"{PREFIX}activity", headers=headers)).json()["items"]
    export = (await http.get(f"{PREFIX}export", headers=headers)).json()["activity"]
    assert {one["event_id"] for one in page} <= {one["event_id"] for one in export}
    return [*export]


def of_others(events: list[dict[str, Any]]) -> list[str]:
    return sorted(one["action"] for one in events if not one["is_own"])


async def test_attack_64_a_login_that_was_somebody_elses_tells_nothing_of_them(
    browser: Browser, world: World, ann: Account
) -> None:
    await set_password(world.people, ann, "another battery", "root")
    await remove(world.people, await found(world, ann), "root", timedelta(0))
    again = await add(world, "ann")
    await disable(world.people, again, "root")
    await enable(world.people, await found(world, again), "root")
    events = await told(browser.http, "ann")
    assert of_others(events) == ["account.added", "account.disabled", "account.enabled"]
    assert all(set(one["detail"]).isdisjoint(("sub", "by", "from")) for one in events)


async def test_attack_64_nor_one_that_came_by_a_change(browser: Browser, world: World) -> None:
    dora, erin = await add(world, "dora"), await add(world, "erin")
    await disable(world.people, erin, "root")
    await update_account(world.people, await found(world, erin), Changes(login="left"), "root")
    await update_account(world.people, dora, Changes(login="erin"), "root")
    events = await told(browser.http, "erin")
    assert of_others(events) == ["account.added", "account.changed"]
    assert {one["target"] for one in events if not one["is_own"]} == {"dora", "erin"}


@pytest.mark.parametrize("login", ["RS256", "keycell-web", "team"])
async def test_attack_64_nor_does_a_login_that_is_a_name_of_something(
    browser: Browser, world: World, ann: Account, login: str
) -> None:
    """Whoever is invited chooses their login: a key's, an application's, a space's name."""
    await add(world, login)
    assert await rotate(world.keys, "RS256", "root", is_urgent=True)
    assert of_others(await told(browser.http, login)) == ["account.added"]
