"""The web frontend's server end: an OpenID client like any other, whose browser has a cookie."""

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.frontend import NONCE, SESSION, read_frontend
from keycell.http.web import local_path
from keycell.oauth.grants import digest
from keycell.server import make_app
from keycell.settings import Settings

from ..conftest import BASE, Browser, at_another_time, keep_client
from ..opening import opening

COOKIE = "keycell_web"
OURS = {"Origin": BASE, "X-Requested-With": "keycell"}
SECURE = "https://files.example"


@pytest.fixture
async def signed_in(browser: Browser, ann: Account) -> Browser:
    await sign_in(browser)
    return browser


async def sign_in(browser: Browser, back: str = "/files/personal-files") -> httpx2.Response:
    """Walk from the frontend's login to where it leads back to."""
    page = await follow(browser, await browser.http.get("/web/login", params={"return_to": back}))
    if 'id="login-submit"' in page.text:
        page = await follow(browser, await browser.log_in(page))
    return page


async def follow(browser: Browser, response: httpx2.Response) -> httpx2.Response:
    """Follow the way through the provider and back, up to a page or to the frontend itself."""
    while response.status_code == 303:
        location = response.headers["location"].removeprefix(BASE)
        if not location.startswith(("/web/", "/oidc/", "/oauth2/")):
            return response
        response = await browser.http.get(location)
    return response


async def session(browser: Browser) -> dict[str, object]:
    answer = await browser.http.get("/web/session")
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, object] = answer.json()
    return found


async def test_a_person_signs_in_by_the_protocol_and_comes_back(
    browser: Browser, ann: Account
) -> None:
    """OIDCC-3.1, RFC7636-4.3: code, S256, state and nonce; a confidential client asks nothing."""
    assert (await session(browser))["signed_in"] is False
    begun = await browser.http.get("/web/login?return_to=/files/personal-files")
    query = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert query["code_challenge_method"] == "S256"
    assert len(query["nonce"]) == 22
    landed = await sign_in(browser)
    assert landed.headers["location"] == "/files/personal-files"
    found = await session(browser)
    assert (found["login"], found["name"], found["is_admin"]) == ("ann", "Ann Example", False)
    cookie = landed.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "access_token" not in str(found)


async def test_calls_reach_the_same_flows_as_with_a_token(signed_in: Browser) -> None:
    http = signed_in.http
    spaces = await http.get("/web/a/keycell/spaces")
    assert "personal-files" in {one["slug"] for one in spaces.json()["items"]}
    assert spaces.headers["cache-control"] == "no-store"
    body = bytes(range(256)) * 4096
    put = await http.put("/web/io/personal-files/a%2Fb%20c.bin", content=body, headers=OURS)
    assert put.status_code == 200, put.text
    got = await http.get("/web/io/personal-files/a/b%20c.bin", headers={"Range": "bytes=256-511"})
    assert (got.status_code, got.content) == (206, body[256:512])
    assert got.headers["content-security-policy"].startswith("sandbox")
    listed = await http.post(
        "/web/a/tree/stats", json={"NodePaths": ["personal-files/a/*"]}, headers=OURS
    )
    assert [one["Path"] for one in listed.json()["Nodes"]] == ["personal-files/a/b c.bin"]
    gone = await http.delete("/web/io/personal-files/a/b%20c.bin", headers=OURS)
    assert gone.status_code == 204
    missing = await http.get("/web/a/tree/stat/personal-files/a/b%20c.bin")
    assert missing.status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": BASE},
        {"X-Requested-With": "keycell"},
        {**OURS, "Origin": "null"},
        {**OURS, "Origin": "https://evil.example"},
        {**OURS, "Origin": f"{BASE}.evil.example"},
        {**OURS, "Sec-Fetch-Site": "cross-site"},
        {**OURS, "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_attack_26_no_other_site_writes(signed_in: Browser, headers: dict[str, str]) -> None:
    """Attack 26: a form or a script elsewhere, with the person's cookie. RFC6749-10.12."""
    http = signed_in.http
    for method, path in (
        ("POST", "/web/a/tree/create"), ("PUT", "/web/io/personal-files/x"),
        ("DELETE", "/web/io/personal-files/x"), ("POST", "/web/logout"),
    ):  # fmt: skip
        answer = await http.request(method, path, headers=headers, json={})
        assert answer.status_code == 403, (method, path)
        assert answer.json()["error"] == "access_denied"
    assert (await session(signed_in))["signed_in"] is True


async def test_the_cookie_opens_nothing_else_and_a_token_nothing_here(
    signed_in: Browser, world: World
) -> None:
    http = signed_in.http
    assert (await http.get("/a/keycell/spaces")).status_code == 401
    assert (await http.get("/io/personal-files/x")).status_code == 401
    stranger = Browser(world, new_http(world))
    bearer = {"Authorization": "Bearer kcp_something", **OURS}
    for path in ("/web/a/keycell/spaces", "/web/io/personal-files/x"):
        assert (await stranger.http.get(path, headers=bearer)).status_code == 401
    crossed = await http.get("/web/a/keycell/spaces", headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403


def new_http(world: World) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=make_app(world)), base_url=BASE)


async def test_another_browsers_answer_is_not_taken(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-10.12: somebody is led to finish a sign-in that an attacker began."""
    page = await follow(browser, await browser.http.get("/web/login"))
    answered = await browser.log_in(page)
    location = answered.headers["location"]
    assert location.startswith(f"{BASE}/web/callback?code=")
    victim = Browser(world, new_http(world))
    await victim.http.get("/web/login")
    refused = await victim.http.get(location.removeprefix(BASE))
    assert refused.status_code == 400
    assert (await session(victim))["signed_in"] is False
    assert (await browser.http.get(location.removeprefix(BASE))).status_code == 303


@pytest.mark.parametrize(
    "spoil",
    [
        lambda q: q | {"state": "x" * 20},
        lambda q: q | {"iss": "https://evil.example"},
        lambda q: {name: value for name, value in q.items() if name != "iss"},
        lambda q: q | {"code": "wrong.wrong"},
        lambda q: {"state": q["state"], "iss": q["iss"], "error": "access_denied"},
    ],
)
async def test_a_spoilt_answer_signs_nobody_in(
    browser: Browser, ann: Account, spoil: object
) -> None:
    """RFC9207-2.4: the issuer must be the one that was asked."""
    assert callable(spoil)
    page = await follow(browser, await browser.http.get("/web/login"))
    answered = await browser.log_in(page)
    query = dict(parse_qsl(urlsplit(answered.headers["location"]).query))
    refused = await browser.http.get("/web/callback", params=spoil(query))
    assert refused.status_code == 400
    assert (await session(browser))["signed_in"] is False


async def test_a_client_that_was_disabled_meanwhile_signs_nobody_in(
    browser: Browser, world: World, ann: Account
) -> None:
    """Whatever the token endpoint says no by, it is told on a page."""
    page = await follow(browser, await browser.http.get("/web/login"))
    answered = await browser.log_in(page)
    client = await world.provider.clients.find("keycell-web")
    assert client is not None
    await keep_client(world, replace(client, disabled=True))
    refused = await browser.http.get(answered.headers["location"].removeprefix(BASE))
    assert refused.status_code == 400
    assert "not finished" in refused.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "", "\t/x", "/a\r\nb", "/é"],
)
def test_the_way_back_stays_here(path: str) -> None:
    """Attack 13, open redirects."""
    assert local_path(path) == "/files"
    assert local_path("/files/a%20b?sort=size") == "/files/a%20b?sort=size"


async def test_signing_out_ends_everything(signed_in: Browser, world: World) -> None:
    """OIDCRIL-2: the frontend's session, its grant and the session at the provider."""
    answer = await signed_in.http.post("/web/logout", headers=OURS)
    location = answer.json()["location"]
    assert (await session(signed_in))["signed_in"] is False
    page = await signed_in.follow(await signed_in.http.get(location))
    assert "You are logged out" in page.text
    asked = await follow(signed_in, await signed_in.http.get("/web/login"))
    assert 'id="login-submit"' in asked.text
    again = await signed_in.http.post("/web/logout", headers=OURS)
    assert "id_token_hint" not in again.json()["location"]


async def test_a_session_that_ends_elsewhere_ends_here_at_once(
    signed_in: Browser, world: World, ann: Account
) -> None:
    """Ended on the account page, by an administrator, or with the person: all end one session."""
    (kept,) = await world.people.sessions.of_account(ann.sub, world.people.clock())
    page = await signed_in.http.get("/account/basic")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    form = {"csrf": csrf[1], "sid": kept.sid}
    await signed_in.http.post("/account/basic/end-session", data=form)
    assert (await session(signed_in))["signed_in"] is False
    assert (await signed_in.http.get("/web/a/keycell/spaces")).status_code == 401


async def test_a_token_that_ends_is_renewed_once_for_all_that_ask(
    signed_in: Browser, world: World
) -> None:
    """RFC6749-6: twenty at once after the access token's end; one successor."""
    secret = signed_in.http.cookies[COOKIE]
    before = await _version(world, secret)
    async with at_another_time(world, timedelta(minutes=9, seconds=30)) as later:
        later.http.cookies.set(COOKIE, secret)
        answers = await asyncio.gather(
            *(later.http.get("/web/a/keycell/spaces") for _ in range(20))
        )
        assert {one.status_code for one in answers} == {200}
        assert await _version(world, secret) == before + 1
    async with at_another_time(world, timedelta(minutes=30)) as later:
        later.http.cookies.set(COOKIE, secret)
        answers = await asyncio.gather(
            *(later.http.get("/web/a/keycell/spaces") for _ in range(20))
        )
        assert {one.status_code for one in answers} == {200}
    async with at_another_time(world, timedelta(days=31)) as later:
        later.http.cookies.set(COOKIE, secret)
        assert (await later.http.get("/web/a/keycell/spaces")).status_code == 401


async def _version(world: World, secret: str) -> int:
    found = await world.web_sessions.find(digest(secret), world.provider.clock())
    assert found is not None
    return found.version


async def test_a_refused_refresh_is_the_end(signed_in: Browser, world: World) -> None:
    secret = signed_in.http.cookies[COOKIE]
    found = await world.web_sessions.find(digest(secret), world.provider.clock())
    assert found is not None
    assert not any(plain in found.sealed for plain in ("eyJhbGci", "refresh_token"))
    await world.web_sessions.keep(found.digest, found.version, "not sealed by us")
    assert (await session(signed_in))["signed_in"] is False


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What `make build` makes, small."""
    folder = tmp_path / "built"
    (folder / "assets" / "web").mkdir(parents=True)
    (folder / "assets" / "web" / "index-1.js").write_text("export {};" * 500)
    (folder / "index.html").write_text(
        f'<html lang="en" dir="ltr"><head><meta name="csp-nonce" content="{NONCE}">'
        f'<meta name="session" content="{SESSION}"></head>'
    )
    ahead = {"files": ["assets/web/files-1.js", "assets/web/files-1.css"],
             "ar": ["assets/web/ar-1.js"]}  # fmt: skip
    (folder / "ahead.json").write_text(json.dumps(ahead))
    return folder


@pytest.fixture
async def with_frontend(world: World, built: Path, ann: Account) -> AsyncIterator[Browser]:
    app = make_app(world, read_frontend(built))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Browser(world, http)


async def test_the_page_has_a_nonce_of_its_own_each_time(with_frontend: Browser) -> None:
    """CSP3-8.1: styles by nonce, scripts from our own assets; never kept."""
    http = with_frontend.http
    assert (await http.get("/")).headers["location"] == "/files"
    asked = await http.get("/files/personal-files?sort=size")
    assert (
        asked.headers["location"] == "/web/login?return_to=%2Ffiles%2Fpersonal-files%3Fsort%3Dsize"
    )
    await sign_in(with_frontend)
    seen = set()
    for path in ("/files", "/account/sessions", "/admin"):
        page = await http.get(path)
        nonce = re.search(r'content="([^"]+)"', page.text)
        assert nonce
        policy = page.headers["content-security-policy"]
        assert f"style-src 'self' 'nonce-{nonce[1]}'" in policy
        assert f"script-src {BASE}/assets/;" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        seen.add(nonce[1])
    assert len(seen) == 3


async def test_the_page_says_who_is_signed_in_and_what_is_needed_next(
    with_frontend: Browser, world: World
) -> None:
    """Whatever somebody calls themselves stays a text; what another page needs is not named."""
    name = f'"><script>{NONCE}</script> {SESSION} </head>'
    await sign_in(with_frontend)
    account = await world.people.accounts.find_by_login("ann")
    assert account is not None
    event = AuditEvent(at=world.people.clock(), actor="", action="account.changed")
    changed = replace(account, name=name, claims={})
    assert await world.people.accounts.update(account, changed, event)
    with_frontend.http.cookies.set("keycell_language", "ar")
    page = (await with_frontend.http.get("/files/personal-files")).text
    assert '<html lang="ar" dir="rtl">' in page
    (written,) = re.findall(r'name="session" content="([^"]*)"', page)
    assert json.loads(html.unescape(written)) == await session(with_frontend)
    assert json.loads(html.unescape(written))["name"] == name
    assert "<script>" not in page
    assert re.findall(r'<link rel="(\w+)" crossorigin href="/assets/web/([\w.-]+)">', page) == [
        ("modulepreload", "files-1.js"), ("stylesheet", "files-1.css"),
        ("modulepreload", "ar-1.js"),
    ]  # fmt: skip
    assert page.index("ar-1.js") < page.index("</head>")
    assert "<link" not in (await with_frontend.http.get("/account?lang=en")).text


async def test_who_signed_out_signs_in_to_the_frontend_again(
    with_frontend: Browser, browser: Browser
) -> None:
    """Where it was not built, to the account page."""
    assert 'href="/files"' in (await with_frontend.http.get("/oauth2/logout")).text
    assert 'href="/oauth2/login"' in (await browser.http.get("/oauth2/logout")).text


async def test_built_files_are_kept_for_good_and_packed(with_frontend: Browser) -> None:
    http = with_frontend.http
    for accepted, coding in (("gzip", "gzip"), ("identity", None)):
        headers = {"Accept-Encoding": accepted}
        got = await http.get("/assets/web/index-1.js", headers=headers)
        assert got.headers.get("content-encoding") == coding
        assert got.text.startswith("export {};")
        assert "immutable" in got.headers["cache-control"]
        assert got.headers["x-content-type-options"] == "nosniff"
    for name in ("nope.js", "..%2findex.html", "%2e%2e/index.html"):
        assert (await http.get(f"/assets/web/{name}")).status_code == 404


@pytest.mark.usefixtures("ann")
async def test_without_a_frontend_the_pages_say_so(browser: Browser) -> None:
    assert "This is Keycell" in (await browser.http.get("/")).text
    page = await browser.http.get("/files/personal-files")
    assert page.status_code == 404
    assert "not part of this installation" in page.text
    assert (await browser.http.get("/assets/web/index-1.js")).status_code == 404


async def test_at_a_name_that_is_not_ours_it_leads_to_the_one_that_is(world: World) -> None:
    transport = httpx2.ASGITransport(app=make_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url="http://other.example") as http:
        answer = await http.get("/web/login?return_to=/files/a")
    assert answer.headers["location"] == f"{BASE}/web/login?return_to=%2Ffiles%2Fa"


async def test_under_https_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    """RFC6265bis-4.1.3: the name with __Host-, Secure, and no Domain."""
    async with opening(replace(settings, public_url=SECURE)) as world:
        transport = httpx2.ASGITransport(app=make_app(world))
        async with httpx2.AsyncClient(transport=transport, base_url=SECURE) as http:
            begun = await http.get("/web/login")
            assert begun.headers["set-cookie"].startswith("__Host-")
            left = await http.post(
                "/web/logout", headers={"Origin": SECURE, "X-Requested-With": "keycell"}
            )
    cookie = left.headers["set-cookie"]
    assert cookie.startswith("__Host-keycell_web=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
