"""What an administrator gave to others, once the office is over. ATTACKS 85; decisions/0067."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keycell.accounts.administration import NewAccount, add_account, enable
from keycell.accounts.audit import MACHINE, AuditEvent
from keycell.accounts.errors import Invalid
from keycell.accounts.people import Account
from keycell.administration.calls import find_call
from keycell.administration.office import NotThere, Office
from keycell.bootstrap import World
from keycell.files import access
from keycell.oauth.errors import InvalidScope, InvalidToken
from keycell.provider.access import open_token
from keycell.provider.personal_tokens import By, Limits, find_access_key

from ..conftest import PASSWORD, Browser
from ..http.tokens import make, sign_in

DISMISSED = [
    ("POST", "users/eve/disable", {}),
    ("PUT", "users/eve", {"is_admin": False}),
    ("DELETE", "users/eve", {}),
]
BOB = {"username": "bob", "name": "Bob", "new_password": "another battery"}


@pytest.fixture
async def root(world: World) -> Account:
    return await administrator(world, "root")


@pytest.fixture
async def eve(world: World) -> Account:
    return await administrator(world, "eve")


async def administrator(world: World, login: str) -> Account:
    wanted = NewAccount(
        login=login, password=PASSWORD, email=f"{login}@example.org", is_admin=True
    )
    return await add_account(world.people, wanted, "test")


async def do(
    world: World, by: str, method: str, path: str, limits: Limits | None = None, **said: object
) -> dict[str, Any]:
    """Do what an administrator does."""
    office = Office(
        provider=world.provider, people=world.people, keys=world.keys, by=By(by),
        files_kept=timedelta(days=1), origins=world.settings.origins, allows_http=False,
        limits=limits,
    )  # fmt: skip
    call, named = find_call(method, path)
    return dict(await call.answer(office, {**said, **named}))


async def opens(world: World, token: str) -> bool:
    try:
        return bool(await open_token(world.provider, token))
    except InvalidToken:
        return False


async def held(world: World, by: str) -> dict[str, bool]:
    listed = await do(world, by, "GET", "users/ann/tokens")
    return {one["label"]: one["is_held"] for one in listed["items"]}


@pytest.mark.parametrize(("method", "path", "said"), DISMISSED)
async def test_attack_85_a_token_is_held_with_the_office_of_who_made_it(
    world: World, ann: Account, root: Account, eve: Account,
    method: str, path: str, said: dict[str, Any],
) -> None:  # fmt: skip
    """ATTACKS 85, 93: whoever is dismissed may have kept it; what others made goes on."""
    made = {
        by: (await do(world, by, "POST", "users/ann/tokens", label=by, expires="90d"))
        for by in (eve.sub, root.sub, MACHINE)
    }
    pair = await do(world, eve.sub, "POST", "users/ann/tokens", label="s3", expires="9d",
                    is_s3=True)  # fmt: skip
    assert [await opens(world, one["access_token"]) for one in made.values()] == [True] * 3
    assert await find_access_key(world.provider, pair["access_key_id"]) is not None
    await do(world, root.sub, method, path, **said)
    opened = [await opens(world, one["access_token"]) for one in made.values()]
    assert opened == [False, True, True]
    assert await find_access_key(world.provider, pair["access_key_id"]) is None
    assert await held(world, root.sub) == {
        eve.sub: True, "s3": True, root.sub: False, MACHINE: False
    }  # fmt: skip


async def test_another_administrator_lets_a_held_token_go_on(
    world: World, ann: Account, root: Account, eve: Account
) -> None:
    """decisions/0067: the same secret, by another's word; a service is up again at once."""
    made = await do(world, eve.sub, "POST", "users/ann/tokens", label="backup", expires="90d")
    pair = await do(world, eve.sub, "POST", "users/ann/tokens", label="s3", expires="9d",
                    is_s3=True)  # fmt: skip
    await do(world, root.sub, "POST", "users/eve/disable")
    none = Limits((), frozenset())
    for kept in (made["token_id"], pair["token_id"]):
        path = f"users/ann/tokens/{kept}/keep"
        with pytest.raises(InvalidScope):
            await do(world, root.sub, "POST", path, none)
        with pytest.raises(NotThere):
            await do(world, root.sub, "POST", path.replace("ann", "root"))
        assert await do(world, root.sub, "POST", path) == {"token_id": kept}
    with pytest.raises(NotThere):
        await do(world, root.sub, "POST", "users/ann/tokens/unknown/keep")
    assert await opens(world, made["access_token"])
    assert await find_access_key(world.provider, pair["access_key_id"]) is not None
    assert await held(world, root.sub) == {"backup": False, "s3": False}
    kept_by = [(one.action, one.actor) for _, one in await world.audit.page(None, 10)]
    assert kept_by.count(("personal.kept", root.sub)) == 2
    await administrator(world, "another")
    await do(world, MACHINE, "POST", "users/root/disable")
    assert not await opens(world, made["access_token"])


async def test_who_comes_back_into_office_finds_what_was_held(
    world: World, ann: Account, root: Account, eve: Account
) -> None:
    made = await do(world, eve.sub, "POST", "users/ann/tokens", label="x", expires="90d")
    await do(world, root.sub, "POST", "users/eve/disable")
    assert not await opens(world, made["access_token"])
    account = await world.people.accounts.find(eve.sub)
    assert account is not None
    await enable(world.people, account, "test")
    assert await opens(world, made["access_token"])


def in_old_words(login: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Give the ways to dismiss somebody by the old system's REST."""
    said = {"Login": login}
    return [
        ("DELETE", f"/a/user/{login}", {}),
        ("PUT", f"/a/user/{login}", {**said, "Attributes": {"profile": "standard"}}),
        ("PUT", f"/a/user/{login}", {**said, "Attributes": {"locks": '["logout"]'}}),
    ]


@pytest.mark.parametrize("way", range(6))
async def test_attack_85_twenty_who_dismiss_one_another_leave_one(
    browser: Browser, world: World, way: int
) -> None:
    """ATTACKS 85: each looks while all the others are there; by every way one stays."""
    logins = [f"a{number:02}" for number in range(20)]
    hashed, now = await world.people.passwords.hash(PASSWORD), world.people.clock()
    for login in logins:
        await world.people.accounts.add(
            Account(sub=f"sub-{login}", login=login, is_admin=True, password_hash=hashed,
                    created_at=now, updated_at=now),
            AuditEvent(at=now, actor="test", action="account.added"),
        )  # fmt: skip
    wish: dict[str, Any] = {"label": "x", "expires": "1h", "scopes": ["admin"]}
    tokens = [
        (await do(world, MACHINE, "POST", f"users/{login}/tokens", **wish))["access_token"]
        for login in logins
    ]
    whom = [*logins[1:], logins[0]]
    if way < 3:
        asked = [in_old_words(login)[way] for login in whom]
    else:
        method, path, said = DISMISSED[way - 3]
        asked = [
            (method, f"/a/keycell/admin/{path.replace('eve', login)}", said) for login in whom
        ]
    answers = await asyncio.gather(
        *(
            browser.http.request(
                method, path, json=said, headers={"Authorization": f"Bearer {token}"}
            )
            for token, (method, path, said) in zip(tokens, asked, strict=True)
        )
    )
    assert await world.people.accounts.count_administrators() >= 1
    assert {one.status_code for one in answers} <= {200, 401, 403, 404, 409}


async def test_attack_85_nobody_is_given_what_is_another_persons_own(
    world: World, root: Account, eve: Account
) -> None:
    """ATTACKS 85, 87: by the old system's REST it could not be done; nor is it by any other."""
    own, now = "zoe-own", world.people.clock()
    zoe = Account(sub=own, login="zoe", created_at=now, updated_at=now)
    await world.people.accounts.add(zoe, AuditEvent(at=now, actor="test", action="account.added"))
    table = f"login,roles\nbob,{own}\n"
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "users/eve", {"roles": (own,)}),
        ("POST", "users", {"login": "bob", "password": PASSWORD, "roles": (own,)}),
        ("PUT", f"roles/{own}", {"label": "Zoe"}),
        ("PUT", f"roles/{access.ROOT_GROUP}", {"label": "All"}),
    ]
    for method, path, said in asked:
        with pytest.raises(Invalid, match="already"):
            await do(world, root.sub, method, path, **said)
    judged = await do(world, root.sub, "POST", "user-import", table=table)
    assert judged["is_done"] is False
    assert (await do(world, root.sub, "GET", "users/eve"))["roles"] == []
    assert (await do(world, root.sub, "GET", "roles"))["items"] == []
    await do(world, root.sub, "PUT", "users/eve", roles=("editor",))


@pytest.mark.parametrize(("method", "path", "said"), DISMISSED)
async def test_attack_75_an_invitation_ends_with_the_office_of_who_made_it(
    browser: Browser, world: World, root: Account, eve: Account,
    method: str, path: str, said: dict[str, Any],
) -> None:  # fmt: skip
    """ATTACKS 75, 85: nobody who is dismissed lets themselves in by the back door."""
    made = [
        await do(world, by, "POST", "user-invitations", email=f"{by[:9]}@example.org")
        for by in (eve.sub, eve.sub, root.sub)
    ]
    link = httpx2.URL(made[0]["link"]).raw_path.decode()
    page = await browser.http.get(link)
    await do(world, root.sub, method, path, **said)
    listed = await do(world, root.sub, "GET", "user-invitations")
    assert [one["created_by"] for one in listed["items"]] == [root.sub]
    assert (await browser.http.get(link)).status_code == 410
    assert (await browser.submit(page, **BOB)).status_code == 410
    typed = await browser.http.get("/invitation")
    refused = await browser.submit(typed, **BOB, email=made[1]["email"], code=made[1]["code"])
    assert refused.status_code == 403
    assert await world.people.accounts.find_by_login("bob") is None
    typed = await browser.http.get("/invitation")
    done = await browser.submit(typed, **BOB, email=made[2]["email"], code=made[2]["code"])
    assert "Your account" in done.text


ABOUT_OFFICE: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "keycell/admin/users", {"login": "mal", "password": PASSWORD, "is_admin": True}),
    ("PUT", "keycell/admin/users/ann", {"is_admin": True}),
    ("PUT", "keycell/admin/users/eve", {"email": "mal@example.org"}),
    ("PUT", "keycell/admin/users/root", {"email": "mal@example.org"}),
    ("PUT", "keycell/admin/users/eve", {"is_admin": False}),
    ("PUT", "keycell/admin/users/eve/password", {"password": "another battery"}),
    ("POST", "keycell/admin/users/eve/link", {}),
    ("DELETE", "keycell/admin/users/eve/factors", {}),
    ("POST", "keycell/admin/users/eve/disable", {}),
    ("POST", "keycell/admin/users/eve/enable", {}),
    ("POST", "keycell/admin/users/eve/keep", {}),
    ("DELETE", "keycell/admin/users/eve", {}),
    ("PUT", "user/mal", {"Password": PASSWORD, "Attributes": {"profile": "admin"}}),
    ("PUT", "user/ann", {"Attributes": {"profile": "admin"}}),
    ("PUT", "user/eve", {"Attributes": {"email": "mal@example.org"}}),
    ("PUT", "user/root", {"Attributes": {"email": "mal@example.org"}}),
    ("PUT", "user/eve", {"Password": "another battery"}),
    ("PUT", "user/roles/eve", {"Roles": []}),
    ("DELETE", "user/eve", {}),
]

PROVISIONING: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "keycell/admin/users", {"login": "bob", "password": PASSWORD}),
    ("PUT", "keycell/admin/users/bob/password", {"password": "another battery"}),
    ("PUT", "user/bob", {"Attributes": {"profile": "standard", "displayName": "Bob"}}),
    ("POST", "keycell/admin/users/bob/disable", {}),
]


async def test_attack_85_no_personal_token_makes_or_opens_an_administrator(
    world: World, browser: Browser, ann: Account, root: Account, eve: Account
) -> None:
    """ATTACKS 85, decisions/0074: what leaked makes itself no second way in. RFC9470-3."""
    signed_in = await sign_in(browser.http, "root")
    headers = {"Authorization": f"Bearer {await make(browser.http, signed_in, 'admin')}"}
    before = await world.people.accounts.page("", 10)
    for method, path, said in ABOUT_OFFICE:
        body = None if method == "DELETE" else said
        refused = await browser.http.request(method, f"/a/{path}", json=body, headers=headers)
        assert refused.status_code == 401, (method, path, refused.text)
        told = refused.headers["www-authenticate"]
        assert 'error="insufficient_user_authentication"' in told, (method, path)
    assert await world.people.accounts.page("", 10) == before
    # What such tokens are made for goes on.
    for method, path, said in PROVISIONING:
        taken = await browser.http.request(method, f"/a/{path}", json=said, headers=headers)
        assert taken.status_code == 200, (method, path, taken.text)
    signed = {"Authorization": f"Bearer {signed_in}"}
    for method, path, said in ABOUT_OFFICE[:2]:
        taken = await browser.http.request(method, f"/a/{path}", json=said, headers=signed)
        assert taken.status_code == 200, (method, path, taken.text)
