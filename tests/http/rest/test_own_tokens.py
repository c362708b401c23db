"""One's own access tokens: made, listed with where they were used, renewed, ended. UX-P07."""

import asyncio
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.own.calls import PREFIX

from ...conftest import PASSWORD, Browser, at_another_time
from ...waiting import eventually
from ..tokens import sign_in
from .desk import Json
from .test_own_account import Own, own

__all__ = ["own"]


async def post(own: Own, path: str, **body: object) -> httpx2.Response:
    return await own.http.post(PREFIX + path, json=body, headers=own.headers)


async def make(own: Own, label: str = "laptop", expires: str = "90d", **more: object) -> Json:
    response = await post(own, "tokens", label=label, expires=expires, **more)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def opens(own: Own, token: str) -> bool:
    response = await own.http.get("/dav/", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code in (200, 401), response.text
    return response.status_code == 200


async def test_one_is_made_for_some_spaces_and_says_where_it_was_used(own: Own) -> None:
    made = await make(own, scopes=["space:personal-files:rw", "space:common-files:r"])
    assert made["access_token"].startswith("kcp_")
    assert made["scopes"] == ["space:common-files:r", "space:personal-files:rw"]
    assert made["last_used_ip"] is None
    assert await opens(own, made["access_token"])

    async def used() -> Json:
        (one,) = (await own.done("GET", "tokens"))["items"]
        return dict(one)

    one = await eventually(used, lambda one: one["last_used_at"] is not None)
    assert (one["last_used_ip"], one["is_over"], one["is_own"]) == ("127.0.0.1", False, True)
    assert "access_token" not in one


@pytest.mark.parametrize("expires", ["367d", "0s", "soon", None])
async def test_it_ends_within_what_the_policy_allows(own: Own, expires: str | None) -> None:
    assert (await own.done("GET", "tokens"))["longest_days"] == 366
    refused = await post(own, "tokens", label="x", expires=expires)
    assert refused.status_code == 400, refused.text


async def test_the_former_secret_opens_nothing_once_it_is_renewed(own: Own) -> None:
    made = await make(own, scopes=["files.read"])
    fresh = (await post(own, f"tokens/{made['token_id']}/secret")).json()
    assert (fresh["token_id"], fresh["scopes"]) == (made["token_id"], ["files.read"])
    assert not await opens(own, made["access_token"])
    assert await opens(own, fresh["access_token"])
    assert fresh["expires_at"] > made["expires_at"]
    shorter = (await post(own, f"tokens/{made['token_id']}/secret", expires="7d")).json()
    assert shorter["expires_at"] < made["expires_at"]
    told = [one["sentence"] for one in (await own.done("GET", "activity"))["items"]]
    assert "Personal access token renewed: laptop" in told


async def test_of_twenty_renewals_at_once_one_secret_opens(own: Own, world: World) -> None:
    made = await make(own)
    answers = await asyncio.gather(
        *(post(own, f"tokens/{made['token_id']}/secret") for _ in range(20))
    )
    secrets = [one.json()["access_token"] for one in answers if one.status_code == 200]
    assert secrets
    assert {one.status_code for one in answers} <= {200, 400}
    assert [await opens(own, one) for one in secrets].count(True) == 1
    assert not await opens(own, made["access_token"])


async def test_an_access_key_is_renewed_as_well(own: Own) -> None:
    made = await make(own, is_s3=True, scopes=["files.read"])
    fresh = (await post(own, f"tokens/{made['token_id']}/secret")).json()
    assert fresh["access_key_id"] == made["access_key_id"]
    assert fresh["secret_access_key"] != made["secret_access_key"]
    assert fresh["is_s3"]


async def test_what_is_over_is_listed_for_a_while_and_renewed(
    browser: Browser, world: World, ann: Account
) -> None:
    """B39: whoever finds a program locked out gives it a new secret; its name and rights stay."""
    async with at_another_time(world, timedelta(days=-100)) as long_ago:
        then = Own(long_ago.http, await sign_in(long_ago.http, "ann"))
        over = await make(then, "over", "80d", scopes=["files.read"])
        await make(then, "forgotten", "60d")
        await make(then, "short", "1d")
    now = Own(browser.http, await sign_in(browser.http, "ann"))
    (one,) = (await now.done("GET", "tokens"))["items"]
    assert (one["label"], one["is_over"]) == ("over", True)
    assert not await opens(now, over["access_token"])
    assert (await now.done("GET", "security"))["tokens"] == 0
    fresh = (await post(now, f"tokens/{one['token_id']}/secret")).json()
    assert (fresh["is_over"], fresh["scopes"]) == (False, ["files.read"])
    assert await opens(now, fresh["access_token"])
    await now.done("DELETE", f"tokens/{one['token_id']}")
    assert (await now.done("GET", "tokens"))["items"] == []
    assert (await now.ask("DELETE", f"tokens/{one['token_id']}")).status_code == 404
    assert (await post(now, f"tokens/{one['token_id']}/secret")).status_code == 404


async def test_nobody_touches_those_of_others(own: Own, browser: Browser, world: World) -> None:
    made = await make(own)
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    other = Own(browser.http, await sign_in(browser.http, "bob"))
    assert (await other.done("GET", "tokens"))["items"] == []
    at = f"tokens/{made['token_id']}"
    assert (await other.ask("DELETE", at)).status_code == 404
    assert (await post(other, f"{at}/secret")).status_code == 404
    assert await opens(own, made["access_token"])
