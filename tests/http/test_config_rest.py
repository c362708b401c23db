"""Clients by the REST calls of the system whose addresses we keep. decisions/0014."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from keycell.accounts.administration import Changes, NewAccount, add_account, update_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.legacy_clients import INACTIVITY
from keycell.provider.register import Made

from ..conftest import PASSWORD, Browser, add_client, keep_client

CLIENTS = "/a/config/oauth2clients"
STATIC = "/a/config/services/pydio.web.oauth/staticClients"
WIKI: dict[str, Any] = {
    "ClientID": "wiki", "Name": "Wiki", "Secret": "chosen by a person", "Scope": "openid email",
    "RedirectURIs": ["https://wiki.example/cb"], "GrantTypes": ["authorization_code"],
    "ResponseTypes": ["code"],
}  # fmt: skip
SNAKE: dict[str, Any] = {
    "client_id": "wiki", "client_name": "Wiki", "client_secret": "chosen by a person",
    "scope": "openid email user", "redirect_uris": ["https://wiki.example/cb"],
    "grant_types": ["authorization_code"], "response_types": ["code"],
}  # fmt: skip


async def token_of(browser: Browser, login: str, scope: str = "openid admin") -> str:
    """Sign in by the command line's own client, as an administrator does."""
    client = await browser.world.clients.find("keycell-cli")
    assert client is not None
    made = Made(client, None)
    page = await browser.log_in(await browser.authorize(made, scope=scope), login)
    done = await browser.submit(page, action="accept")
    code = httpx2.URL(done.headers["location"]).params["code"]
    token: str = (await browser.exchange(made, code)).json()["access_token"]
    return token


@pytest.fixture
async def root(browser: Browser, world: World) -> dict[str, str]:
    """An administrator's header."""
    wanted = NewAccount(login="root", password=PASSWORD, is_admin=True)
    await add_account(world.people, wanted, "test")
    return {"Authorization": f"Bearer {await token_of(browser, 'root')}"}


async def proves(browser: Browser, secret: str, client_id: str = "wiki") -> bool:
    response = await browser.http.post(
        "/oidc/oauth2/token", data={"grant_type": "authorization_code"}, auth=(client_id, secret)
    )
    return response.status_code != 401


@pytest.mark.parametrize("document", [WIKI, SNAKE])
async def test_a_client_is_put_listed_and_removed(
    browser: Browser, root: dict[str, str], document: dict[str, Any]
) -> None:
    """CELLS-2.2: both spellings in, either out, and never a secret."""
    put = await browser.http.put(f"{CLIENTS}/wiki", json=document, headers=root)
    assert (put.status_code, put.json()) == (200, {"Success": True})
    assert await proves(browser, "chosen by a person")
    listed = await browser.http.get(CLIENTS, headers=root)
    assert listed.headers["cache-control"] == "no-store"
    (one,) = listed.json()["Clients"]
    assert one["ClientID"] == "wiki"
    assert one["Name"] == "Wiki"
    assert one["RedirectURIs"] == ["https://wiki.example/cb"]
    assert one["GrantTypes"] == ["authorization_code"]
    assert one["ResponseTypes"] == ["code"]
    assert set(one["Scope"].split()) >= {"openid", "email"}
    assert one["Audience"] == []
    (other,) = (await browser.http.get(f"{CLIENTS}?case=snake", headers=root)).json()[
        "staticClients"
    ]
    assert other["client_id"] == "wiki"
    assert "chosen by a person" not in listed.text
    gone = await browser.http.delete(f"{CLIENTS}/wiki", headers=root)
    assert (gone.status_code, gone.json()) == (200, {"Success": True})
    missing = await browser.http.delete(f"{CLIENTS}/wiki", headers=root)
    assert missing.status_code == 404
    assert set(missing.json()) == {"Code", "Title", "Detail"}


async def test_a_secret_that_is_not_sent_stays(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    """decisions/0004: what is listed can be put back."""
    await browser.http.put(f"{CLIENTS}/wiki", json=WIKI, headers=root)
    for again in (
        {name: value for name, value in WIKI.items() if name != "Secret"} | {"Name": "Other"},
        (await browser.http.get(CLIENTS, headers=root)).json()["Clients"][0],
    ):
        put = await browser.http.put(f"{CLIENTS}/wiki", json=again, headers=root)
        assert put.status_code == 200, put.text
        assert await proves(browser, "chosen by a person")
        assert not await proves(browser, "wrong")
    await browser.http.put(f"{CLIENTS}/wiki", json={**WIKI, "Secret": "another"}, headers=root)
    assert await proves(browser, "another")
    assert not await proves(browser, "chosen by a person")


async def test_what_the_form_has_no_word_for_stays(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    """ATTACKS 62: putting a client does not enable what an administrator disabled."""
    await browser.http.put(f"{CLIENTS}/wiki", json=WIKI, headers=root)
    client = await world.clients.find("wiki")
    assert client is not None
    assert not client.require_pkce
    await keep_client(
        world, replace(client, disabled=True, access_token_format="opaque", require_pkce=True)
    )
    await browser.http.put(f"{CLIENTS}/wiki", json={**WIKI, "Secret": "another"}, headers=root)
    after = await world.clients.find("wiki")
    assert after is not None
    assert (after.disabled, after.access_token_format, after.require_pkce) == (
        True, "opaque", True,
    )  # fmt: skip


async def test_a_client_that_becomes_public_must_use_pkce(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    """decisions/0021."""
    await browser.http.put(f"{CLIENTS}/wiki", json=WIKI, headers=root)
    public = {**SNAKE, "client_secret": "", "token_endpoint_auth_method": "none"}
    assert (
        await browser.http.put(f"{CLIENTS}/wiki", json=public, headers=root)
    ).status_code == 200
    client = await world.clients.find("wiki")
    assert client is not None
    assert client.is_public
    assert client.require_pkce
    assert client.secret_hmac is None


@pytest.mark.parametrize(
    ("client_id", "document"),
    [
        ("wiki", {**WIKI, "ClientID": "another"}),
        ("wiki", {**WIKI, "RedirectURIs": ["https://wiki.example/#x"]}),
        ("wiki", {**WIKI, "RedirectURIs": "https://wiki.example"}),
        ("wiki", {**WIKI, "GrantTypes": ["password"]}),
        ("wiki", [WIKI]),
        ("wiki", {**SNAKE, "client_secret": "",
                  "token_endpoint_auth_method": "client_secret_post"}),
        ("cells-client", {**WIKI, "ClientID": "cells-client"}),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_in_the_old_form(
    browser: Browser, world: World, root: dict[str, str], client_id: str, document: object
) -> None:
    """decisions/0014: 400 with Code, Title and Detail, and nothing changed."""
    put = await browser.http.put(f"{CLIENTS}/{client_id}", json=document, headers=root)
    assert put.status_code == 400
    assert put.headers["content-type"] == "application/json"
    assert set(put.json()) == {"Code", "Title", "Detail"}
    assert await world.clients.find("wiki") is None
    ours = await browser.http.delete(f"{CLIENTS}/cells-client", headers=root)
    assert ours.status_code == 403


async def write(browser: Browser, root: dict[str, str], *clients: object) -> httpx2.Response:
    body = {"FullPath": "services/pydio.web.oauth/staticClients", "Data": json.dumps(clients)}
    return await browser.http.put(STATIC, json=body, headers=root)


async def static(browser: Browser, root: dict[str, str]) -> list[dict[str, Any]]:
    body = (await browser.http.get(STATIC, headers=root)).json()
    assert body["FullPath"] == "services/pydio.web.oauth/staticClients"
    found: list[dict[str, Any]] = json.loads(body["Data"])
    return found


async def test_the_array_is_written_and_our_own_left_alone(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    """CELLS-2.3, notations of CELLS-1.7."""
    ranged = {
        "client_id": "desk", "redirect_uris": ["http://localhost:[3636-3638]/cb"],
        INACTIVITY: "2h",
    }  # fmt: skip
    of_old = {"client_id": "cells-sync", "redirect_uris": ["http://localhost:[1-9]/x"]}
    assert (await write(browser, root, SNAKE, ranged, of_old)).status_code == 200
    found = {one["client_id"]: one for one in await static(browser, root)}
    assert set(found) == {"wiki", "desk"}
    assert len(found["desk"]["redirect_uris"]) == 3
    desk = await world.clients.find("desk")
    assert desk is not None
    assert desk.is_public
    assert desk.revoke_refresh_after is not None
    assert desk.revoke_refresh_after.total_seconds() == 7200
    ours = await world.clients.find("cells-sync")
    assert ours is not None
    assert len(ours.metadata.redirect_uris) == 32


async def test_what_was_read_can_be_written_back(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    """decisions/0004: secrets are neither told nor lost."""
    by_hand = await add_client(world)
    desk = {"client_id": "desk", "redirect_uris": ["http://localhost:1/cb"], INACTIVITY: "2h"}
    assert (await write(browser, root, SNAKE, desk)).status_code == 200
    found = await static(browser, root)
    assert "chosen by a person" not in json.dumps(found)
    assert (await write(browser, root, *found)).status_code == 200
    assert await static(browser, root) == found
    assert await proves(browser, "chosen by a person")
    without = {name: value for name, value in SNAKE.items() if name != "client_secret"}
    own = without | {"grant_types": ["client_credentials"], "redirect_uris": []}
    assert (await write(browser, root, own)).status_code == 200
    assert await proves(browser, "chosen by a person")
    assert await world.clients.find("desk") is None
    assert await world.clients.find(by_hand.client.client_id) is not None


@pytest.mark.parametrize(
    "data",
    [
        "", "x", "{}", "[5]", '[{"client_id": ""}]', "[" * 50_000, None, 5,
        '[{"client_id": "a", "redirect_uris": ["https://a.example/#x"]}]',
        '[{"client_id": "a", "revokeRefreshTokenAfterInactivity": "soon"}]',
        json.dumps([SNAKE, SNAKE]),
    ],
)  # fmt: skip
async def test_a_wrong_array_changes_nothing(
    browser: Browser, root: dict[str, str], data: object
) -> None:
    """decisions/0014."""
    await write(browser, root, SNAKE)
    put = await browser.http.put(STATIC, json={"Data": data}, headers=root)
    assert put.status_code == 400
    assert set(put.json()) == {"Code", "Title", "Detail"}
    assert [one["client_id"] for one in await static(browser, root)] == ["wiki"]


async def test_a_client_that_came_another_way_is_not_taken_over(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    made = await add_client(world)
    taken = await write(browser, root, {**SNAKE, "client_id": made.client.client_id})
    assert taken.status_code == 400
    assert await static(browser, root) == []


async def test_it_needs_an_administrators_token(
    browser: Browser, world: World, ann: Account, app: Made
) -> None:
    """RFC6750-3.1: the scope, the account and the client all count."""
    anns = await token_of(browser, "ann")
    third = (await browser.exchange(app, await browser.code(app, scope="openid admin"))).json()
    await update_account(world.people, ann, Changes(is_admin=True), "test")
    plain = await browser.tokens(app, "openid profile")
    for token, status in (
        ("", 401), ("x", 401), (third["access_token"], 403), (plain["access_token"], 403),
    ):  # fmt: skip
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        for method, path in (
            ("GET", CLIENTS), ("PUT", f"{CLIENTS}/wiki"), ("DELETE", f"{CLIENTS}/wiki"),
            ("GET", STATIC), ("PUT", STATIC),
        ):  # fmt: skip
            response = await browser.http.request(method, path, json=WIKI, headers=headers)
            assert response.status_code == status, (method, path)
            assert set(response.json()) == {"Code", "Title", "Detail"}
    # The cookie of a signed-in administrator opens nothing here.
    assert (await browser.http.get(CLIENTS)).status_code == 401
    # Whoever was made an administrator since then is one at once.
    headers = {"Authorization": f"Bearer {anns}"}
    assert (await browser.http.get(CLIENTS, headers=headers)).status_code == 200
    changed = await world.people.accounts.find(ann.sub)
    assert changed is not None
    boss = NewAccount(login="boss", password=PASSWORD, is_admin=True)
    await add_account(world.people, boss, "test")
    await update_account(world.people, changed, Changes(is_admin=False), "test")
    assert (await browser.http.get(CLIENTS, headers=headers)).status_code == 403


async def test_the_trail_tells_who_did_it(
    browser: Browser, world: World, root: dict[str, str]
) -> None:
    await browser.http.put(f"{CLIENTS}/wiki", json=WIKI, headers=root)
    await browser.http.put(f"{CLIENTS}/wiki", json={**WIKI, "Name": "W"}, headers=root)
    await browser.http.delete(f"{CLIENTS}/wiki", headers=root)
    account = await world.people.accounts.find_by_login("root")
    assert account is not None
    trail = [event for _, event in await world.audit.page(None, 50)]
    for action in ("client.added", "client.changed", "client.removed"):
        (event,) = [one for one in trail if (one.action, one.target) == (action, "wiki")]
        assert event.actor == account.sub
        assert event.origin.ip
