"""Registrations, sign-in by side doors, and the web: rows 62 to 93 of the attacks to survive."""

import ast
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

import keycell
from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.audit import NOWHERE
from keycell.accounts.people import Account
from keycell.administration.clients import Changing, changed
from keycell.administration.office import Office
from keycell.bootstrap import World
from keycell.http.app import ROUTES
from keycell.http.wire import BY_CLIENT
from keycell.oauth.errors import InvalidClientMetadata, InvalidToken
from keycell.provider.personal_tokens import By
from keycell.provider.register import Made, managed, update
from keycell.settings import Settings

from ..conftest import BASE, CALLBACK, PASSWORD, Browser, add_client, answer, keep_client
from ..opening import opening

SOURCE = Path(keycell.__file__).parent


async def register(browser: Browser, **metadata: object) -> dict[str, Any]:
    document = {"redirect_uris": [CALLBACK]} | metadata
    body: dict[str, Any] = (await browser.http.post("/oidc/register", json=document)).json()
    return body


async def test_attack_62_a_registration_token_brings_nothing_back(
    browser: Browser, world: World
) -> None:
    """RFC7592-2.2, attack 62."""
    body = await register(browser)
    path = body["registration_client_uri"].removeprefix(BASE)
    headers = {"Authorization": f"Bearer {body['registration_access_token']}"}
    client = await world.clients.find(body["client_id"])
    assert client is not None
    await keep_client(world, replace(client, disabled=True))
    for method in ("GET", "PUT", "DELETE"):
        sent = {"client_id": body["client_id"], "redirect_uris": [CALLBACK], "disabled": False}
        refused = await browser.http.request(method, path, json=sent, headers=headers)
        assert refused.status_code == 401
    after = await world.clients.find(body["client_id"])
    assert after is not None
    assert after.disabled


async def test_attack_62_nor_does_one_that_was_on_its_way(browser: Browser, world: World) -> None:
    """RFC7592-2.2, attack 62: what a registration names is fetched as slowly as it likes."""
    body = await register(browser)

    class Slow:
        """An application's server that answers once the administrator is done."""

        async def get_json(self, url: str, *, is_strangers: bool) -> object:
            assert is_strangers
            before = await world.clients.find(body["client_id"])
            assert before is not None
            await keep_client(world, replace(before, disabled=True, suite=url))
            return [CALLBACK]

        async def get_if_there(self, url: str) -> bytes | None:
            raise AssertionError(url)

    document = {"client_id": body["client_id"], "redirect_uris": [CALLBACK],
                "sector_identifier_uri": "https://app.example/sector"}  # fmt: skip
    read = await managed(world.provider, body["client_id"], body["registration_access_token"])
    with pytest.raises(InvalidToken):
        await update(world.provider, Slow(), read, document, NOWHERE)
    after = await world.clients.find(body["client_id"])
    assert after is not None
    assert (after.disabled, after.suite) == (True, "https://app.example/sector")
    assert after.metadata.sector_identifier_uri is None


async def test_a_client_is_switched_off_whatever_it_registered(world: World) -> None:
    """Attack 62: what it may register was made stricter since, and it came before."""
    made = await add_client(world)
    known = replace(made.client.metadata, frontchannel_logout_uri="https://elsewhere.example/")
    await keep_client(world, replace(made.client, metadata=known))
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By("test"),
        files_kept=world.files.limits.trash_kept, origins=(), allows_http=False,
    )  # fmt: skip
    with pytest.raises(InvalidClientMetadata):
        await changed(office, Changing(client_id=made.client.client_id, metadata={"scope": "a"}))
    await changed(office, Changing(client_id=made.client.client_id, is_disabled=True))
    found = await world.clients.find(made.client.client_id)
    assert found is not None
    assert (found.disabled, found.metadata) == (True, known)


async def test_attack_64_no_secret_is_told_twice_or_to_others(
    browser: Browser, world: World
) -> None:
    """RFC7592-3, attack 64."""
    one, two = await register(browser), await register(browser)
    path = one["registration_client_uri"].removeprefix(BASE)
    own = {"Authorization": f"Bearer {one['registration_access_token']}"}
    other = {"Authorization": f"Bearer {two['registration_access_token']}"}
    told = await browser.http.get(path, headers=own)
    assert told.status_code == 200
    for response in (
        told, await browser.http.get(path, headers=other), await browser.http.get(path),
        await browser.http.get(path, auth=(one["client_id"], one["client_secret"])),
    ):  # fmt: skip
        assert one["client_secret"] not in response.text
        assert one["registration_access_token"] not in response.text
    row = (world.settings.data / "keycell.db").read_bytes()
    row += (world.settings.data / "keycell.db-wal").read_bytes()
    for secret in (one["client_secret"], one["registration_access_token"]):
        assert secret.encode() not in row


async def test_attack_65_only_the_grants_that_were_registered(
    browser: Browser, world: World, ann: Account
) -> None:
    """RFC6749-5.2, RFC9700-2.4, attack 65."""
    code_only = await add_client(world, grant_types=["authorization_code"])
    tokens = (
        await browser.exchange(code_only, await browser.code(code_only, scope="openid offline"))
    ).json()
    assert "refresh_token" not in tokens
    for form, error in (
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unauthorized_client"),
        ({"grant_type": "password", "username": "ann", "password": PASSWORD},
         "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ):  # fmt: skip
        refused = await browser.token(code_only, **form)
        assert refused.json()["error"] == error
    own: dict[str, Any] = {"grant_types": ["client_credentials"]}
    machine = await add_client(world, **own)
    assert answer(await browser.authorize(machine))["error"] == "unauthorized_client"


async def test_attack_66_67_no_side_door_and_no_other_spelling(
    browser: Browser, ann: Account
) -> None:
    """decisions/0015, attacks 66 and 67: changing a password counts like signing in."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    page = await browser.http.get("/account/basic")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    browser.http.cookies.delete("keycell_device")
    for number in range(6):
        form = {"csrf": csrf, "password": f"wrong{number}", "new_password": "another battery"}
        refused = await browser.http.post("/account/basic/password", data=form)
        assert refused.status_code == 400
    assert "Too many attempts failed" in refused.text
    login = await browser.http.get("/oauth2/login")
    browser.http.cookies.delete("keycell_session")
    for spelling in ("ann", "ANN", " Ann ", "\uff21nn", "aNN"):
        login = await browser.http.get("/oauth2/login")
        refused = await browser.submit(login, username=spelling, password=PASSWORD)
        assert refused.status_code == 429, spelling
    trail = [event for _, event in await browser.world.audit.page(None, 50)]
    assert [event.action for event in trail].count("session.refused") == 5


async def test_attack_81_no_header_says_who_somebody_is(browser: Browser, ann: Account) -> None:
    """RFC7239-8.1, attack 81."""
    for name in ("Remote-User", "X-Forwarded-User", "X-Remote-User", "X-Authentik-Username",
                 "X-Forwarded-Email", "Client-Cert", "X-Original-URL"):  # fmt: skip
        page = await browser.http.get("/account/basic", headers={name: "ann"})
        assert page.headers["location"] == "/oauth2/login", name
    for name in ("X-Forwarded-Host", "Host", "Forwarded", "X-Forwarded-Proto"):
        document = await browser.http.get(
            "/oidc/.well-known/openid-configuration", headers={name: "evil.example"}
        )
        assert document.json()["issuer"] == f"{BASE}/oidc"
        assert "evil.example" not in document.text


async def test_attack_82_no_origin_is_let_in_by_name(browser: Browser, ann: Account) -> None:
    """decisions/0019, decisions/0085, attack 82."""
    await browser.log_in(await browser.http.get("/oauth2/login"))
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for row in ROUTES:
        path = re.sub(r"\{\w+\}", "x", row.path)
        for method in ("OPTIONS", *row.endpoints):
            response = await browser.http.request(method, path, headers=origin)
            allowed = response.headers.get("access-control-allow-origin")
            # Who has not yet said which client it is learns that it may ask: decisions/0085.
            asks = method == "OPTIONS" and row.path in BY_CLIENT
            is_open = row.any_origin or asks
            assert allowed in ((None, "*") if is_open else (None,)), (method, path)
            assert "access-control-allow-credentials" not in response.headers
            assert response.status_code < 500, (method, path)


async def test_attack_84_no_file_beside_those_that_are_served(browser: Browser) -> None:
    """RFC3986-7.3, attack 84."""
    page = await browser.http.get("/oauth2/login")
    found = re.search(r'href="(/assets/\w+)/style.css"', page.text)
    assert found
    assert (await browser.http.get(f"{found[1]}/style.css")).status_code == 200
    for name in (
        "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", "style.css%00.svg", "%2fetc%2fpasswd",
        "....//app.py", "STYLE.CSS", "style.css/", "style.css%2f..%2fpage.js", ".", "",
    ):  # fmt: skip
        response = await browser.http.get(httpx2.URL(f"{BASE}{found[1]}/{name}"))
        assert response.status_code == 404, name


async def test_attack_85_nobody_makes_themselves_an_administrator(
    browser: Browser, world: World, ann: Account
) -> None:
    """Attack 85: by no call of the old system, and by none of ours."""
    form = {"AuthInfo": {"type": "credentials", "login": "ann", "password": PASSWORD}}
    session = (await browser.http.post("/a/frontend/session", json=form)).json()
    headers = {"Authorization": f"Bearer {session['Token']['AccessToken']}"}
    wanted = {
        "Login": "ann", "GroupPath": "/", "Attributes": {"profile": "admin"},
        "Roles": [{"Uuid": "ADMINS"}, {"Uuid": "editor"}], "IsGroup": False,
    }  # fmt: skip
    for method, path, body in (
        ("PUT", "/a/user/ann", wanted), ("PUT", "/a/user/roles/ann", wanted),
        ("PUT", "/a/role/ADMINS", {"Uuid": "ADMINS", "Label": "x"}),
        ("PUT", "/a/keycell/admin/users/ann", {"is_admin": True}),
        ("POST", "/a/keycell/admin/users", {"login": "x", "password": PASSWORD, "is_admin": True}),
    ):  # fmt: skip
        await browser.http.request(method, path, json=body, headers=headers)
    after = await world.people.accounts.find(ann.sub)
    assert after is not None
    assert (after.is_admin, after.roles) == (False, ann.roles)
    assert await world.people.accounts.find_by_login("x") is None


async def test_attack_87_nobody_reaches_into_anothers_account(
    browser: Browser, world: World, app: Made, ann: Account
) -> None:
    """OWASP IDOR, attack 87: sessions and consents are found by whose they are."""
    await browser.tokens(app)
    (session,) = await world.people.sessions.of_account(ann.sub, world.people.clock())
    await add_account(world.people, NewAccount(login="bob", password=PASSWORD), "test")
    browser.http.cookies.clear()
    await browser.log_in(await browser.http.get("/oauth2/login"), "bob")
    page = await browser.http.get("/account/basic")
    assert "Ann Author" not in page.text
    assert "ann@" not in page.text
    assert app.client.client_id not in page.text
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    for name, form in (
        ("end-session", {"sid": session.sid}), ("end-others", {"sub": ann.sub}),
        ("revoke", {"client_id": app.client.client_id, "sub": ann.sub}),
    ):  # fmt: skip
        await browser.http.post(f"/account/basic/{name}", data={"csrf": csrf, **form})
    assert await world.people.sessions.of_account(ann.sub, world.people.clock())
    assert await world.provider.consents.find(
        ann.sub, app.client.client_id, world.provider.clock()
    )


async def test_attack_88_no_secret_is_everybodys(tmp_path: Path) -> None:
    """decisions/0004, attack 88: each installation makes its own keys."""
    seen = []
    for name in ("one", "two"):
        data = tmp_path / name
        async with opening(Settings(data=data, public_url=BASE)) as world:
            mac = world.provider.sealer.mac("csrf", b"x")
            keys = world.keyring.public_jwks()["keys"]
            web = await world.clients.find("keycell-web")
        assert web is not None
        seen.append((mac, str(keys), web.secret_digest))
        (key,) = data.glob("*.key")
        assert key.stat().st_mode & 0o777 == 0o600
    assert not set(seen[0]) & set(seen[1])


async def test_attack_90_a_long_password_costs_nothing(browser: Browser, ann: Account) -> None:
    """NIST SP 800-63B, attack 90."""
    page = await browser.http.get("/oauth2/login")
    begun = time.process_time()
    refused = await browser.submit(page, username="ann", password="x" * 20_000)
    assert refused.status_code == 401
    assert time.process_time() - begun < 0.2
    assert (await browser.submit(page, username="ann", password="x" * 70_000)).status_code == 413


async def test_attack_91_no_header_is_split(browser: Browser, app: Made, ann: Account) -> None:
    """RFC9110-5.5, attack 91."""
    await browser.code(app)
    for state in ("a\r\nSet-Cookie: x=y", "a\nb", "%0d%0aX: y", "\u560a\u560dX: y"):
        response = await browser.authorize(app, state=state)
        where = response.headers["location"]
        assert "\r" not in where
        assert "\n" not in where
        assert "x" not in response.headers
        assert "x=y" not in response.headers.get("set-cookie", "")
    params = {"ticket": "a\r\nX: y", "lang": "fr\r\nX: y"}
    page = await browser.http.get("/oauth2/login", params=params)
    assert "x" not in page.headers


def test_attack_92_secrets_are_compared_in_constant_time() -> None:
    """RFC6749-10.10, attack 92: what names a digest or a secret is never compared by ==."""
    secret = re.compile(r"(digest|hmac|_mac|secret|csrf|challenge|verifier)$")
    for path in (*SOURCE.glob("oauth/*.py"), *SOURCE.glob("provider/*.py"),
                 *SOURCE.glob("accounts/*.py"), *SOURCE.glob("http/*.py")):  # fmt: skip
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Compare):
                continue
            if not any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                continue
            names = [
                one.attr if isinstance(one, ast.Attribute) else one.id
                for one in (node.left, *node.comparators)
                if isinstance(one, ast.Attribute | ast.Name)
            ]
            assert not [name for name in names if secret.search(name)], (path.name, node.lineno)


async def test_attack_93_a_session_that_ends_takes_its_access_with_it(
    browser: Browser, app: Made, world: World, ann: Account
) -> None:
    """decisions/0006, attack 93: the cookie, the tokens, and what silent requests get."""
    tokens = (await browser.exchange(app, await browser.code(app))).json()
    code = await browser.code(app)
    cookies = dict(browser.http.cookies)
    page = await browser.http.get("/account/basic")
    sid = page.text.split('name="sid" value="')[1].split('"')[0]
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "sid": sid}
    assert (await browser.http.post("/account/basic/end-session", data=form)).status_code == 303
    browser.http.cookies.update(cookies)
    assert (await browser.http.get("/account/basic")).headers["location"] == "/oauth2/login"
    assert (await browser.userinfo(tokens["access_token"])).status_code == 401
    assert (await browser.exchange(app, code)).json()["error"] == "invalid_grant"
    assert answer(await browser.authorize(app, prompt="none"))["error"] == "login_required"
    actions = [event.action for _, event in await world.audit.page(None, 20)]
    assert "session.ended" in actions
