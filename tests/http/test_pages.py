"""The pages that say no, the account page, and our own clients. UX-E01 to UX-E05, UX-P03."""

import re
from dataclasses import replace

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.provider.register import Made
from keycell.server import make_app
from keycell.settings import ShownRedirects

from ..conftest import BASE, CALLBACK, PASSWORD, Browser, add_client, keep_client

NEAR = "http://app.example/callback"


def plain(page: httpx2.Response) -> str:
    """Give what a page shows, without its marks."""
    return re.sub(r"<[^>]+>", "", page.text)


@pytest.mark.parametrize(
    ("shown", "stranger", "administrator"),
    [("always", True, True), ("administrators", False, True), ("never", False, False)],
)
async def test_e01_the_nearest_registered_value_is_for_whom_it_is_for(
    world: World,
    app: Made,
    shown: ShownRedirects,
    stranger: bool,  # noqa: FBT001
    administrator: bool,  # noqa: FBT001
) -> None:
    """UX-E01: received for everybody, the registered value by setting, a reference always."""
    told = replace(world, settings=replace(world.settings, show_registered_redirects=shown))
    for login, is_admin, sees in (("", False, stranger), ("bob", False, stranger),
                                  ("root", True, administrator)):  # fmt: skip
        transport = httpx2.ASGITransport(app=make_app(told))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
            browser = Browser(told, http)
            if login:
                wanted = NewAccount(login=login, password=PASSWORD, is_admin=is_admin)
                await add_account(world.people, wanted, "test")
                await browser.log_in(await http.get("/oauth2/login"), login)
            page = await browser.authorize(app, redirect_uri=NEAR)
        assert page.status_code == 400
        assert NEAR in plain(page)
        assert page.headers["x-request-id"] in page.text
        assert (CALLBACK in plain(page)) is sees
        assert ("the scheme (character 5)" in plain(page)) is sees
        assert ("X-Forwarded-Proto" in page.text) is sees
        assert "How to mend it" in page.text
        assert f'href="{NEAR}' not in page.text


async def test_e02_an_unknown_client_has_the_same_page(browser: Browser, app: Made) -> None:
    """UX-E02."""
    page = await browser.authorize(app, client_id="<unknown>")
    assert page.status_code == 400
    assert "client_id" in page.text
    assert "&lt;unknown&gt;" in page.text
    assert "How to mend it" in page.text
    assert page.headers["x-request-id"] in page.text


async def test_a_disabled_client_is_answered_nowhere(
    browser: Browser, app: Made, world: World
) -> None:
    """RFC6749-4.1.2.1: by a signed request neither."""
    await keep_client(world, replace(app.client, disabled=True))
    for params in ({}, {"request": "e30.e30."}):
        page = await browser.authorize(app, **params)
        assert page.status_code == 400
        assert "an administrator has disabled this application" in plain(page)


async def test_the_address_of_a_form_is_no_dead_end(browser: Browser) -> None:
    """RFC9110-15.5.6: who loads what a form was sent to sees a page."""
    page = await browser.http.get("/account/basic/password")
    assert (page.status_code, page.headers["allow"]) == (405, "POST, OPTIONS")
    assert 'href="/"' in page.text
    assert "This address takes a form alone" in page.text


async def test_e03_an_error_says_where_it_is_explained(browser: Browser, app: Made) -> None:
    """UX-E03."""
    body = (await browser.token(app, grant_type="x")).json()
    assert body["request_id"]
    assert body["error_description"]
    path, _, anchor = body["error_uri"].removeprefix(BASE).partition("#")
    assert f'id="{anchor}"' in (await browser.http.get(path)).text


async def test_e05_a_page_without_a_request_leads_on(browser: Browser, ann: Account) -> None:
    """UX-E05."""
    page = await browser.http.get("/oauth2/login")
    assert 'id="login-submit"' in page.text
    page = await browser.log_in(page)
    assert "Your account" in page.text
    for path in ("/oauth2/login?ticket=x", "/oauth2/consent?ticket=x", "/oauth2/choose?ticket=x"):
        stale = await browser.http.get(path)
        assert stale.status_code == 400
        assert 'href="/"' in stale.text
    for path in ("/oauth2/consent", "/oauth2/choose"):
        assert (await browser.http.get(path)).headers["location"] == "/account/basic"


async def test_sessions_are_seen_and_ended(browser: Browser, world: World, ann: Account) -> None:
    """UX-P03: ending one leaves the others."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    others = []
    for _ in range(2):
        transport = httpx2.ASGITransport(app=make_app(world))
        other = Browser(world, httpx2.AsyncClient(transport=transport, base_url=BASE))
        other.http.headers["User-Agent"] = agent
        await other.log_in(await other.http.get("/oauth2/login"))
        others.append(other)
    page = await browser.log_in(await browser.http.get("/oauth2/login"))
    assert page.text.count("Firefox, Linux</strong>") == 2
    assert page.text.count("this browser") == 1
    assert "127.0.0.1" in page.text
    one = next(cell for cell in page.text.split("<li>") if "Firefox" in cell)
    sid = one.split('name="sid" value="')[1].split('"')[0]
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "sid": sid}
    await browser.http.post("/account/basic/end-session", data=form)
    seen = [(await other.http.get("/account/basic")).status_code for other in others]
    assert sorted(seen) == [200, 303]
    await browser.http.post("/account/basic/end-others", data={"csrf": csrf})
    seen = [(await other.http.get("/account/basic")).status_code for other in others]
    assert seen == [303, 303]
    assert (await browser.http.get("/account/basic")).status_code == 200
    for other in others:
        await other.http.aclose()


async def test_a_password_is_changed_by_who_knows_it(
    browser: Browser, world: World, ann: Account
) -> None:
    """UX-P06: by the current one; others are signed out; all of it is in the trail."""
    page = await browser.log_in(await browser.http.get("/oauth2/login"))
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    for current, chosen in (("wrong", "another battery"), (PASSWORD, "short"), (PASSWORD, "ann")):
        form = {"csrf": csrf, "password": current, "new_password": chosen}
        refused = await browser.http.post("/account/basic/password", data=form)
        assert refused.status_code == 400
        assert 'role="alert"' in refused.text
    form = {"csrf": csrf, "password": PASSWORD, "new_password": "another battery"}
    changed = await browser.http.post("/account/basic/password", data=form)
    assert changed.headers["location"] == "/account/basic?done=password"
    assert 'role="status"' in (await browser.follow(changed)).text
    browser.http.cookies.delete("keycell_session")
    login = await browser.http.get("/oauth2/login")
    assert (await browser.submit(login, username="ann", password=PASSWORD)).status_code == 401
    done = await browser.submit(login, username="ann", password="another battery")
    assert done.status_code == 200
    trail = [event.action for _, event in await world.audit.page(None, 50)]
    assert trail.count("account.password") == 1
    assert trail.count("session.refused") == 2


CELLS = {
    "cells-frontend": {f"{BASE}/auth/callback"},
    "cells-sync": {"http://localhost:3000/servers/callback",
                   *(f"http://localhost:{n}/servers/callback" for n in range(3636, 3667))},
    "cells-client": {"http://localhost:3000/servers/callback", f"{BASE}/oauth2/oob",
                     f"{BASE}/oauth/oob"},
    "cells-mobile": {"cellsauth://callback"},
}  # fmt: skip


async def test_our_own_clients_are_there_from_the_first_start(
    browser: Browser, world: World, ann: Account
) -> None:
    """CELLS-1.7, decisions/0022: public, asked each time, and without PKCE."""
    for client_id, uris in CELLS.items():
        client = await world.clients.find(client_id)
        assert client is not None
        assert client.is_first_party
        assert client.is_public
        assert set(client.metadata.redirect_uris) == uris
        assert set(client.metadata.grant_types) == {"authorization_code", "refresh_token"}
    client = await world.clients.find("cells-client")
    assert client is not None
    made = Made(client, None)
    bare = {"code_challenge": "", "code_challenge_method": "", "scope": ""}
    for uri in (f"{BASE}/oauth2/oob", "http://localhost:3000/servers/callback"):
        page = await browser.authorize(made, redirect_uri=uri, **bare)
        if 'id="login-submit"' in page.text:
            page = await browser.log_in(page)
        assert 'id="consent-accept"' in page.text
        assert "A program on your device" in page.text
        done = await browser.submit(page, action="accept")
    code = httpx2.URL(done.headers["location"]).params["code"]
    body = await browser.exchange(made, code, redirect_uri=uri, code_verifier="")
    assert set(body.json()) == {"access_token", "token_type", "expires_in", "scope"}
    shown = await browser.http.get("/oauth/oob", params={"code": code})
    assert f'id="oob-code">{code}<' in shown.text


async def test_a_confidential_client_of_ours_is_not_asked_and_others_are(
    browser: Browser, world: World, ann: Account
) -> None:
    """UX-C04: three rules."""
    client = await world.clients.find("keycell-web")
    assert client is not None
    page = await browser.log_in(await browser.authorize(Made(client, None)))
    assert page.headers["location"].startswith(f"{BASE}/web/callback?code=")
    third = await add_client(world)
    page = await browser.authorize(third, scope="openid email")
    assert 'id="consent-accept"' in page.text
    assert "<strong><bdi>app.example</bdi></strong>" in page.text
    await browser.submit(page, action="accept")
    page = await browser.authorize(third, scope="openid email phone")
    assert page.text.count('class="new"') == 1
