"""Grave acts of administration and of one's own account want a sign-in of just now. RFC9470."""

import re
from datetime import timedelta

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account
from keycell.accounts.people import Account
from keycell.bootstrap import World

from ..conftest import PASSWORD, Browser, at_another_time
from .test_web import COOKIE, OURS, follow
from .tokens import make, sign_in, tomorrow

LATER = timedelta(minutes=11)
GRAVE = [
    ("POST", "/a/keycell/admin/users", {"login": "eve", "password": "x", "is_admin": True}),
    ("POST", "/a/keycell/admin/user-import", {"table": "login\neve"}),
    ("POST", "/a/keycell/admin/users/ann/disable", {}),
    ("POST", "/a/keycell/admin/user-invitations", {"email": "eve@example.org"}),
    ("POST", "/a/keycell/admin/clients/app/test", {}),
    ("DELETE", "/a/keycell/admin/clients/app/test", {}),
    ("POST", "/a/keycell/admin/clients/app/test-accounts", {}),
    ("POST", "/a/keycell/admin/issuers", {"issuer": "https://eve.example"}),
    ("PUT", "/a/user/eve", {"Password": "x", "Attributes": {"profile": "admin"}}),
    ("PUT", "/a/config/oauth2clients/app", {"client_secret": "x"}),
    ("DELETE", "/a/config/oauth2clients/app", {}),
    ("PUT", "/a/user/roles/ann", {"Roles": []}),
    ("DELETE", "/a/role/editor", {}),
    ("PUT", "/a/acl", {"NodeID": "x", "RoleID": "y", "Action": {"Name": "read"}}),
    ("POST", "/a/acl/bulk/delete", {}),
    ("DELETE", "/a/workspace/lab", {}),
    ("POST", "/a/keycell/admin/branding/publish", {}),
    ("POST", "/a/keycell/admin/storage/spaces/x/trash/y/restore", {}),
    ("POST", "/a/keycell/admin/branding/undo", {}),
    (
        "POST",
        "/a/keycell/admin/hooks",
        {"label": "x", "url": "https://eve.example", "actions": []},
    ),
    ("PUT", "/a/keycell/admin/alerts/office", {"is_on": False}),
    ("PUT", "/a/keycell/admin/hooks/x", {"url": "https://eve.example"}),
    ("POST", "/a/keycell/admin/hooks/x/secret", {}),
    ("PUT", "/a/keycell/admin/factor-policies", {"due_at": "2030-12-03T00:00:00Z"}),
    ("DELETE", "/a/keycell/admin/factor-policies", {}),
    ("DELETE", "/a/keycell/admin/roles/editor", {}),
    ("PUT", "/a/keycell/admin/clients/app", {"metadata": {}}),
    ("DELETE", "/a/keycell/admin/clients/app", {}),
    ("PUT", "/a/keycell/admin/clients/app/access", {}),
    ("PUT", "/a/keycell/admin/clients/app/acting", {}),
    ("PUT", "/a/keycell/admin/clients/app/suite", {"suite": "acme"}),
    ("PUT", "/a/keycell/admin/clients/app/tokens", {}),
    ("POST", "/a/keycell/admin/client-import", {"document": {}}),
    ("PUT", "/a/config/services/pydio.web.oauth/staticClients", {"Data": "[]"}),
    ("PUT", "/a/keycell/admin/users/ann", {"name": "Ann"}),
    ("DELETE", "/a/keycell/admin/users/ann", {}),
    ("POST", "/a/keycell/admin/users/ann/enable", {}),
    ("POST", "/a/keycell/admin/users/ann/keep", {}),
    ("PUT", "/a/keycell/admin/users/ann/password", {"password": "a new long password"}),
    ("POST", "/a/keycell/admin/users/ann/link", {}),
    ("DELETE", "/a/keycell/admin/users/ann/factors", {}),
    ("POST", "/a/keycell/admin/users/ann/tokens", {"label": "x"}),
    ("POST", "/a/keycell/account/tokens", {"label": "x", "expires": "7d"}),
    ("POST", "/a/keycell/account/tokens/x/secret", {}),
    ("POST", "/a/keycell/admin/users/ann/tokens/x/keep", {}),
    ("POST", "/a/keycell/admin/clients/x/secret", {}),
    ("POST", "/a/keycell/admin/keys/rotate", {}),
    ("DELETE", "/a/keycell/admin/keys/x", {}),
    ("POST", "/a/keycell/admin/import", {}),
    ("GET", "/a/keycell/account/export", {}),
    ("GET", "/a/keycell/account/export.zip", {}),
    ("POST", "/a/auth/token/personal", {"Label": "x", "ExpiresAt": str(tomorrow())}),
    ("POST", "/a/auth/token/impersonate", {"Label": "x", "UserLogin": "ann"}),
    ("POST", "/a/auth/access-keys", {"Label": "x", "ExpiresAt": str(tomorrow())}),
    ("PUT", "/a/user/ann", {"Attributes": {"displayName": "Ann"}}),
    ("DELETE", "/a/user/ann", {}),
]


@pytest.fixture
async def root(browser: Browser, world: World, ann: Account) -> Browser:
    """An administrator who signed in to the frontend."""
    await add_account(
        world.people, NewAccount(login="root", password=PASSWORD, is_admin=True), "test"
    )
    page = await follow(browser, await browser.http.get("/web/login"))
    await follow(browser, await browser.log_in(page, login="root"))
    return browser


async def ask(browser: Browser, method: str, path: str, body: object = None) -> httpx2.Response:
    said = None if method in ("GET", "DELETE") else body
    return await browser.http.request(method, f"/web{path}", json=said, headers=OURS)


async def test_a_grave_act_wants_a_sign_in_of_just_now(root: Browser, world: World) -> None:
    """RFC9470-3: the challenge says how recent; the token is good for all else."""
    secret = root.http.cookies[COOKIE]
    async with at_another_time(world, LATER) as later:
        later.http.cookies.set(COOKIE, secret)
        for method, path, body in GRAVE:
            refused = await ask(later, method, path, body)
            assert refused.status_code == 401, (path, refused.text)
            challenge = refused.headers["www-authenticate"]
            assert 'error="insufficient_user_authentication"' in challenge
            assert 'max_age="600"' in challenge
            assert "acr_values" not in challenge
        assert (await ask(later, "GET", "/a/keycell/admin/users")).status_code == 200
    for method, path, body in GRAVE:
        taken = await ask(root, method, path, body)
        assert "insufficient_user_authentication" not in taken.text, path


async def test_a_clock_that_is_set_back_makes_no_sign_in_one_of_just_now(
    root: Browser, world: World
) -> None:
    """RFC9470-3: what is yet to come is not recent."""
    secret = root.http.cookies[COOKIE]
    async with at_another_time(world, timedelta(hours=-1)) as earlier:
        earlier.http.cookies.set(COOKIE, secret)
        refused = await ask(earlier, "GET", "/a/keycell/account/export")
        assert refused.status_code == 401, refused.text
        assert "insufficient_user_authentication" in refused.headers["www-authenticate"]


async def test_who_signs_in_again_goes_on(root: Browser, world: World) -> None:
    """RFC9470-4: prompt=login, though a session stands."""
    kept = dict(root.http.cookies.items())
    async with at_another_time(world, LATER) as later:
        for name, value in kept.items():
            later.http.cookies.set(name, value)
        assert (await ask(later, "GET", "/a/keycell/account/export")).status_code == 401
        page = await follow(later, await later.http.get("/web/login?again=1"))
        assert 'id="login-submit"' in page.text
        await follow(later, await later.log_in(page, login="root"))
        assert (await ask(later, "GET", "/a/keycell/account/export")).status_code == 200


async def test_a_program_is_told_too_and_a_personal_token_is_asked_nothing(
    root: Browser, world: World
) -> None:
    """Whoever made it has just signed in, and said what it is for. decisions/0034."""
    personal = await make(root.http, await sign_in(root.http, "root"), "admin")
    async with at_another_time(world, timedelta(hours=1)) as later:
        bearer = {"Authorization": f"Bearer {personal}"}
        changed = await later.http.put(
            "/a/keycell/admin/users/ann", json={"name": "Ann B."}, headers=bearer
        )
        assert changed.status_code == 200, changed.text


async def test_attack_68_a_token_is_made_on_no_page_by_an_old_sign_in(
    browser: Browser, world: World, ann: Account
) -> None:
    """ATTACKS 68: what the calls refuse, the page without scripts does not give. RFC9470-3."""
    page = await browser.log_in(await browser.http.get("/oauth2/login"))
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    wanted = {"csrf": csrf, "label": "kept", "access": "write", "life": "365"}
    async with at_another_time(world, LATER) as later:
        for name, value in browser.http.cookies.items():
            later.http.cookies.set(name, value)
        for kind in ("token", "s3"):
            refused = await later.http.post(
                "/account/basic/make-token", data={**wanted, "kind": kind}
            )
            assert refused.status_code == 400
            assert 'id="confirm-tokens"' in refused.text
            assert 'id="made-secret"' not in refused.text
        again = await later.http.get("/oauth2/login?confirm=1")
        await later.log_in(again)
        csrf = re.findall(r'name="csrf" value="([^"]+)"',
                          (await later.http.get("/account/basic")).text)[0]  # fmt: skip
        made = await later.http.post("/account/basic/make-token", data={**wanted, "csrf": csrf})
        assert 'id="made-secret"' in made.text
    now = world.provider.clock()
    assert len(await world.provider.personal.of_account(ann.sub, now)) == 1


async def test_a_mail_address_is_changed_by_who_signed_in_just_now(
    browser: Browser, world: World, ann: Account
) -> None:
    """What a lost password is replaced by, and applications know somebody by. RFC9470-3."""
    page = await follow(browser, await browser.http.get("/web/login"))
    await follow(browser, await browser.log_in(page))
    said = {"Attributes": {"displayName": "Ann B.", "email": ann.email}}
    other = {"Attributes": {"email": "eve@example.org"}}
    async with at_another_time(world, LATER) as later:
        for name, value in browser.http.cookies.items():
            later.http.cookies.set(name, value)
        assert (await ask(later, "PUT", "/a/user/ann", said)).status_code == 200
        for changed in (other, {"Attributes": {"email": ""}}):
            refused = await ask(later, "PUT", "/a/user/ann", changed)
            assert refused.status_code == 401, refused.text
            assert "insufficient_user_authentication" in refused.headers["www-authenticate"]
    kept = await world.people.accounts.find(ann.sub)
    assert kept is not None
    assert (kept.name, kept.email) == ("Ann B.", ann.email)
    assert (await ask(browser, "PUT", "/a/user/ann", other)).status_code == 200
