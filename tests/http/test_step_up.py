"""Grave acts of administration and of one's own account want a sign-in of just now. RFC9470."""

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
    ("POST", "/a/keycell/admin/issuers", {"issuer": "https://eve.example"}),
    ("PUT", "/a/user/eve", {"Password": "x", "Attributes": {"profile": "admin"}}),
    ("PUT", "/a/config/oauth2clients/app", {"client_secret": "x"}),
    ("DELETE", "/a/config/oauth2clients/app", {}),
    ("PUT", "/a/user/roles/ann", {"Roles": []}),
    ("DELETE", "/a/role/editor", {}),
    ("PUT", "/a/acl", {"NodeID": "x", "RoleID": "y", "Action": {"Name": "read"}}),
    ("POST", "/a/acl/bulk/delete", {}),
    ("DELETE", "/a/workspace/lab", {}),
    ("DELETE", "/a/keycell/admin/roles/editor", {}),
    ("PUT", "/a/keycell/admin/clients/app", {"metadata": {}}),
    ("DELETE", "/a/keycell/admin/clients/app", {}),
    ("PUT", "/a/keycell/admin/clients/app/access", {}),
    ("PUT", "/a/keycell/admin/clients/app/acting", {}),
    ("PUT", "/a/keycell/admin/clients/app/suite", {"suite": "acme"}),
    ("PUT", "/a/config/services/pydio.web.oauth/staticClients", {"Data": "[]"}),
    ("PUT", "/a/keycell/admin/users/ann", {"name": "Ann"}),
    ("DELETE", "/a/keycell/admin/users/ann", {}),
    ("PUT", "/a/keycell/admin/users/ann/password", {"password": "a new long password"}),
    ("POST", "/a/keycell/admin/users/ann/link", {}),
    ("DELETE", "/a/keycell/admin/users/ann/factors", {}),
    ("POST", "/a/keycell/admin/users/ann/tokens", {"label": "x"}),
    ("POST", "/a/keycell/admin/users/ann/tokens/x/keep", {}),
    ("POST", "/a/keycell/admin/clients/x/secret", {}),
    ("POST", "/a/keycell/admin/keys/rotate", {}),
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
