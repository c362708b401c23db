"""Applications in test mode: what is told, who may sign in, and that it ends. UX-V06, UX-E01."""

from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import UnauthorizedClient
from keycell.provider.register import Made
from keycell.provider.test_mode import end_tests

from ..conftest import BASE, Browser, add_client, answer, at_another_time
from .rest.conftest import desk, root, token
from .rest.desk import Desk, Json

__all__ = ["desk", "root", "token"]

ONWARD = "https://app.example/callback"
OVER = timedelta(days=30, seconds=1)


async def add(desk: Desk, name: str = "notes", **more: object) -> Json:
    metadata = {"client_name": name, "redirect_uris": [ONWARD],
                "grant_types": ["authorization_code", "refresh_token"]}  # fmt: skip
    return await desk.done(
        "POST", "clients", metadata=metadata, client_id=name, is_test=True, **more
    )


async def made_of(world: World, told: Json) -> Made:
    client = await world.provider.clients.find(told["client_id"])
    assert client is not None
    return Made(client, told["client_secret"], None)


async def tries(desk: Desk, count: int = 1, name: str = "notes") -> list[Json]:
    made = await desk.done("POST", f"clients/{name}/test-accounts", count=count)
    found: list[Json] = made["items"]
    return found


async def signed_in(browser: Browser, made: Made, tester: Json) -> httpx2.Response:
    page = await browser.authorize(made)
    return await browser.submit(page, username=tester["login"], password=tester["password"])


async def test_its_pages_say_that_it_is_one(desk: Desk, browser: Browser, world: World) -> None:
    told = await add(desk)
    assert told["test_until"] > told["created_at"]
    made = await made_of(world, told)
    (tester,) = await tries(desk)
    browser.http.cookies.clear()
    page = await browser.authorize(made)
    assert 'class="notice test"' in page.text
    page = await browser.submit(page, username=tester["login"], password=tester["password"])
    assert 'class="notice test"' in page.text
    assert 'id="consent-accept"' in page.text
    page = await browser.submit(page, action="accept")
    tokens = (await browser.exchange(made, answer(page)["code"])).json()
    userinfo = await browser.http.get(
        "/oidc/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert userinfo.json()["sub"]
    real = await add_client(world)
    browser.http.cookies.clear()
    assert 'class="notice test"' not in (await browser.authorize(real)).text


async def test_an_account_for_tests_opens_what_is_in_test_mode_alone(
    desk: Desk, browser: Browser, world: World
) -> None:
    (tester,) = await _of(desk)
    other = await made_of(world, await add(desk, "other"))
    real = await add_client(world)
    browser.http.cookies.clear()
    page = await signed_in(browser, other, tester)
    assert 'id="consent-accept"' in page.text
    for one in (real, await _own(world)):
        page = await browser.authorize(one)
        assert "an account for tests" in page.text, one.client.client_id
        silent = await browser.authorize(one, prompt="none")
        assert answer(silent)["error"] in ("access_denied", "consent_required")
    # No page of one's own, which could give it another address and tokens of its own.
    for path in ("/account/basic", "/account/basic/factors"):
        assert tester["login"] not in (await browser.follow(await browser.http.get(path))).text
    sent = {"AuthInfo": {"login": tester["login"], "password": tester["password"],
                         "type": "credentials"}}  # fmt: skip
    assert (await browser.http.post("/a/frontend/session", json=sent)).status_code == 401
    login = tester["login"]
    refused = await desk.ask("POST", f"users/{login}/tokens", label="x", expires="1h")
    assert refused.status_code == 400
    assert (await desk.ask("PUT", f"users/{login}", is_admin=True)).status_code == 400
    assert (await desk.done("GET", f"users/{login}"))["test_of"] == "notes"


async def test_no_older_call_gives_it_more(desk: Desk, browser: Browser, world: World) -> None:
    """The addresses that old clients know administer, too."""
    (tester,) = await _of(desk)
    login = tester["login"]
    path, admin = f"/a/user/{login}", {"Attributes": {"profile": "admin"}}
    refused = await browser.http.put(path, json=admin, headers=desk.headers)
    assert refused.status_code == 400, refused.text
    asked = {"UserLogin": login, "Label": "x", "Scopes": ["files.read"], "AutoRefresh": 3600}
    path = "/a/auth/token/impersonate"
    refused = await browser.http.post(path, json=asked, headers=desk.headers)
    assert refused.status_code == 400, refused.text
    account = await world.people.accounts.find_by_login(login)
    assert account is not None
    assert not account.is_admin
    gone = await browser.http.delete("/a/config/oauth2clients/notes", headers=desk.headers)
    assert gone.json() == {"Success": True}
    assert await world.people.accounts.find_by_login(login) is None


async def _of(desk: Desk) -> list[Json]:
    await add(desk)
    return await tries(desk)


async def _own(world: World) -> Made:
    client = await world.provider.clients.find("cells-frontend")
    assert client is not None
    return Made(client, None, None)


async def test_it_is_over_by_itself(
    desk: Desk, browser: Browser, world: World, ann: Account
) -> None:
    assert ann
    told = await add(desk)
    made = await made_of(world, told)
    (tester,) = await tries(desk)
    browser.http.cookies.clear()
    refresh = await _refresh_token(browser, made)
    async with at_another_time(world, OVER) as later:
        page = await later.authorize(made)
        assert page.status_code == 400
        assert "was in test mode" in page.text
        refused = await later.token(made, grant_type="refresh_token", refresh_token=refresh)
        assert refused.json()["error"] == UnauthorizedClient.error
        assert "test mode" in refused.json()["error_description"]
        wrong = await later.token(
            Made(made.client, "wrong", None), grant_type="refresh_token", refresh_token=refresh
        )
        assert "test mode" not in wrong.json()["error_description"]
        now = later.world.provider.clock()
        assert await end_tests(later.world.provider, later.world.people, now) == 1
        assert await end_tests(later.world.provider, later.world.people, now) == 0
    assert (await desk.done("GET", "clients/notes"))["is_disabled"]
    assert (await desk.ask("GET", f"users/{tester['login']}")).status_code == 404
    events = await desk.done("GET", "audit", client_id="notes", action="client.test-over")
    assert len(events["items"]) == 1


async def _refresh_token(browser: Browser, made: Made) -> str:
    code = await browser.code(made, scope="openid offline_access")
    token: str = (await browser.exchange(made, code)).json()["refresh_token"]
    return token


@pytest.mark.parametrize(("method", "is_test"), [("POST", True), ("DELETE", False)])
async def test_it_goes_on_or_is_made_real(
    desk: Desk, browser: Browser, world: World, method: str, *, is_test: bool
) -> None:
    """Whichever it is, what an administrator disabled before stays so."""
    told = await add(desk)
    await tries(desk, 2)
    async with at_another_time(world, OVER) as later:
        now = later.world.provider.clock()
        await end_tests(later.world.provider, later.world.people, now)
    async with at_another_time(world, OVER) as later:
        made = await made_of(world, told)
        changed = await _at(later, desk, method, "clients/notes/test")
        assert (changed["test_until"] is not None) is is_test
        assert not changed["is_disabled"]
        assert 'id="login-submit"' in (await later.authorize(made)).text
    await desk.done("PUT", "clients/notes", is_disabled=True)
    if is_test:
        assert (await desk.done("POST", "clients/notes/test"))["is_disabled"]
    else:
        assert (await desk.ask("POST", "clients/notes/test")).status_code == 404


async def _at(later: Browser, desk: Desk, method: str, path: str) -> Json:
    from .tokens import sign_in  # noqa: PLC0415  (as the fixtures do, at another time)

    at = Desk(later.http, await sign_in(later.http, "root"))
    assert desk.headers
    return await at.done(method, path)


async def test_accounts_for_tests_go_with_it(desk: Desk) -> None:
    for way in (("DELETE", "clients/notes/test"), ("DELETE", "clients/notes")):
        await add(desk)
        made = await tries(desk, 3)
        listed = await desk.done("GET", "clients/notes/test-accounts")
        assert [one["login"] for one in listed["items"]] == sorted(one["login"] for one in made)
        assert all("password" not in one for one in listed["items"])
        full = await desk.ask("POST", "clients/notes/test-accounts", count=1)
        assert full.status_code == 409
        await desk.done(*way)
        for one in made:
            assert (await desk.ask("GET", f"users/{one['login']}")).status_code == 404
        if way[1].endswith("/test"):
            await desk.done("DELETE", "clients/notes")


@pytest.mark.parametrize("is_test", [True, False])
async def test_errors_tell_more(
    desk: Desk, browser: Browser, world: World, *, is_test: bool
) -> None:
    made = await made_of(world, await add(desk)) if is_test else await add_client(world)
    browser.http.cookies.clear()
    page = await browser.authorize(made, redirect_uri="https://app.example/elsewhere")
    registered = next(iter(made.client.metadata.redirect_uris))
    assert (registered in page.text.replace("<mark>", "").replace("</mark>", "")) is is_test
    refused = await browser.exchange(made, "kcc_unknown")
    assert refused.json()["error"] == "invalid_grant"
    assert ("not the form of a code" in refused.text) is is_test


async def test_nothing_is_registered_that_is_refused_otherwise(desk: Desk) -> None:
    """RFC9700-2.6: no answer goes over an unencrypted connection, in a test either."""
    for uri, status in (("http://192.168.1.7/cb", 400), ("http://localhost:3000/cb", 200)):
        metadata = {"client_name": "lan", "redirect_uris": [uri]}
        answered = await desk.ask("POST", "clients", metadata=metadata, is_test=True)
        assert answered.status_code == status, answered.text
    assert (await desk.ask("POST", "clients/keycell-web/test")).status_code == 403
    assert BASE
