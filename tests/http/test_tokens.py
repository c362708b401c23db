"""Tokens that people make for programs, and what becomes of them."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from keycell.accounts.administration import (
    Changes,
    NewAccount,
    add_account,
    disable,
    remove,
    update_account,
)
from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.http.bearer import access_of, opened
from keycell.oauth.details import ALL_FILES, READING, WRITING, FilesDetail
from keycell.oauth.errors import InsufficientScope, InvalidToken
from keycell.provider.personal_tokens import find_access_key, note_access_key

from ..conftest import PASSWORD, Browser, add_client, at_another_time
from ..files.conftest import Home, actor_for
from ..waiting import eventually
from .tokens import Json, call, edge_of, make, sign_in, tomorrow


@pytest.fixture
async def root(world: World) -> Account:
    """An administrator."""
    wanted = NewAccount(login="root", password=PASSWORD, is_admin=True)
    return await add_account(world.people, wanted, "test")


async def test_a_password_gives_a_token_that_can_be_ended(
    browser: Browser, world: World, ann: Account
) -> None:
    token = await sign_in(browser.http, "ann")
    access = await access_of(edge_of(world), token, "a")
    assert access.sub == ann.sub
    assert "admin" not in access.scope
    assert await opened(edge_of(world), access) == ALL_FILES
    leaving = {"AuthInfo": {"type": "logout"}}
    bearer = {"Authorization": f"Bearer {token}"}
    left = await browser.http.post("/a/frontend/session", json=leaving, headers=bearer)
    assert left.status_code == 200
    with pytest.raises(InvalidToken):
        await access_of(edge_of(world), token)
    nobody = await browser.http.post("/a/frontend/session", json=leaving)
    assert nobody.status_code == 401


async def test_wrong_passwords_are_counted_with_those_of_the_login_page(
    browser: Browser, ann: Account
) -> None:
    info = {"type": "credentials", "login": "ann", "password": "wrong"}
    answers = await asyncio.gather(
        *(browser.http.post("/a/frontend/session", json={"AuthInfo": info}) for _ in range(20))
    )
    statuses = [one.status_code for one in answers]
    assert statuses.count(401) == 5
    assert statuses.count(429) == 15
    page = await browser.http.get("/oauth2/login")
    refused = await browser.log_in(page)
    assert refused.status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        [], {"AuthInfo": "x"}, {"AuthInfo": {}}, {"AuthInfo": {"type": "refresh"}},
        {"AuthInfo": {"type": "authorization_code", "code": "x"}}, {"AuthInfo": {"type": "y"}},
        {"AuthInfo": {"login": "ann", "password": 7}},
    ],
)  # fmt: skip
async def test_other_ways_of_a_session_are_refused_clearly(browser: Browser, body: object) -> None:
    answer = await browser.http.post("/a/frontend/session", json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"Code", "Title", "Detail"}


async def test_a_token_of_ones_own_is_made_listed_and_ended(
    browser: Browser, world: World, ann: Account
) -> None:
    http, session = browser.http, await sign_in(browser.http, "ann")
    made = await make(http, session, "space:team:r", "node:n1:rw")
    assert made.startswith("kcp_")
    assert not set("/, \t") & set(made)
    access = await access_of(edge_of(world), made, "dav")
    assert (access.sub, access.client_id, access.scope) == (ann.sub, "", frozenset())
    assert await opened(edge_of(world), access) == (
        FilesDetail(WRITING, None, "n1"), FilesDetail(READING, "team"),
    )  # fmt: skip

    async def listing() -> list[Json]:
        found: list[Json] = (await call(http, session, "POST", "tokens", {})).json()["Tokens"]
        return found

    listed = await eventually(listing, lambda some: some[0]["LastUsedAt"] != "0")
    assert [one["Label"] for one in listed] == ["backup"]
    assert listed[0]["Scopes"] == ["node:n1:rw", "space:team:r"]
    assert listed[0]["LastUsedAt"] != "0"
    assert made not in json.dumps(listed)
    ended = await call(http, session, "DELETE", f"tokens/{listed[0]['Uuid']}")
    assert ended.json()["Success"] is True
    with pytest.raises(InvalidToken):
        await access_of(edge_of(world), made)
    again = await call(http, session, "DELETE", f"tokens/{listed[0]['Uuid']}")
    assert again.status_code == 404
    shown = await make(http, session)
    assert (await call(http, shown, "POST", "token/revoke", {})).json()["Success"] is True
    assert (await call(http, shown, "POST", "token/revoke", {})).status_code == 401


async def test_a_token_is_ended_by_itself_too(
    browser: Browser, world: World, ann: Account, root: Account
) -> None:
    """Of one for a document nothing else is told."""
    http, session = browser.http, await sign_in(browser.http, "ann")
    others = await make(http, await sign_in(http, "root"))
    made = await make(http, session)
    for shown, status in ((made, 403), (session, 200), (session, 404)):
        answer = await call(http, shown, "POST", "token/revoke", {"TokenId": made})
        assert answer.status_code == status
        assert made not in answer.text
    with pytest.raises(InvalidToken):
        await access_of(edge_of(world), made)
    answer = await call(http, session, "POST", "token/revoke", {"TokenId": others})
    assert answer.status_code == 403
    assert (await access_of(edge_of(world), others)).sub == root.sub


async def test_a_sliding_token_lives_while_it_is_used(
    browser: Browser, world: World, ann: Account
) -> None:
    session = await sign_in(browser.http, "ann")
    made = await make(browser.http, session, ExpiresAt=0, AutoRefresh=600)

    async def end() -> str:
        listed = (await call(browser.http, session, "POST", "tokens", {})).json()["Tokens"]
        return str(listed[0]["ExpiresAt"])

    until = await end()
    for minutes in (9, 18, 27):
        async with at_another_time(world, timedelta(minutes=minutes)) as later:
            await access_of(edge_of(later.world), made)
        moved = await eventually(end, until.__lt__)
        assert until < moved
        until = moved
    async with at_another_time(world, timedelta(minutes=40)) as later:
        with pytest.raises(InvalidToken, match="expired"):
            await access_of(edge_of(later.world), made)


async def test_a_token_makes_no_other_and_changes_nothing(
    browser: Browser, world: World, ann: Account, root: Account
) -> None:
    """decisions/0034."""
    http = browser.http
    own = await make(http, await sign_in(http, "ann"))
    third = (await browser.tokens(await add_client(world), "openid files.write"))["access_token"]
    wanted: Json = {"Label": "x", "ExpiresAt": tomorrow()}
    for token in (own, third):
        for method, path in (
            ("POST", "token/personal"), ("POST", "token/impersonate"), ("POST", "tokens"),
            ("POST", "token/document"), ("DELETE", "tokens/x"), ("GET", "access-keys"),
            ("POST", "access-keys"), ("DELETE", "access-keys/x"),
        ):  # fmt: skip
            body = {**wanted, "UserLogin": "root", "Path": "personal-files"}
            refused = await call(http, token, method, path, None if method == "GET" else body)
            assert refused.status_code == 403, (path, refused.text)
    assert (await browser.userinfo(own)).status_code in (401, 403)


async def test_administration_is_for_administrators_who_ask_for_it(
    browser: Browser, world: World, ann: Account, root: Account
) -> None:
    http = browser.http
    wanted: Json = {"Label": "x", "ExpiresAt": tomorrow(), "Scopes": ["admin"]}
    plain = await sign_in(http, "ann")
    assert (await call(http, plain, "POST", "token/personal", wanted)).status_code == 400
    other = {**wanted, "Scopes": [], "UserLogin": "ann"}
    assert (await call(http, plain, "POST", "token/impersonate", other)).status_code == 403
    chief = await sign_in(http, "root")
    mine = await make(http, chief)
    assert (await call(http, mine, "POST", "token/impersonate", other)).status_code == 403
    powerful = await make(http, chief, "admin")
    edge = edge_of(world)
    with pytest.raises(InsufficientScope):
        await opened(edge, await access_of(edge, powerful))
    anns = await call(http, chief, "POST", "token/impersonate", other)
    assert (await access_of(edge, anns.json()["AccessToken"])).sub == ann.sub
    assert (await call(http, powerful, "POST", "token/personal", wanted)).status_code == 400
    assert (await call(http, plain, "POST", "token/personal", other | {"UserLogin": "root"})
            ).status_code == 403  # fmt: skip


async def test_an_administrator_sees_others_tokens_and_loses_that_with_the_office(
    browser: Browser, world: World, ann: Account, root: Account
) -> None:
    http = browser.http
    plain, chief = await sign_in(http, "ann"), await sign_in(http, "root")
    powerful = await make(http, chief, "admin")
    other: Json = {"Label": "x", "ExpiresAt": tomorrow(), "UserLogin": "ann"}
    assert (await call(http, chief, "POST", "token/impersonate", other)).is_success
    listed = await call(http, powerful, "POST", "tokens", {"ByUser": "ann"})
    assert [one["CreatedBy"] for one in listed.json()["Tokens"]] == [root.sub]
    assert (await call(http, plain, "POST", "tokens", {"ByUser": "root"})).status_code == 403
    before = await world.people.accounts.find(root.sub)
    assert before is not None
    boss = NewAccount(login="boss", password=PASSWORD, is_admin=True)
    await add_account(world.people, boss, "test")
    await update_account(world.people, before, Changes(is_admin=False), "test")
    for token in (powerful, chief):
        again = await call(http, token, "POST", "token/impersonate", other)
        assert again.status_code == 403
        assert (await call(http, token, "POST", "tokens", {"ByUser": "ann"})).status_code == 403


@pytest.mark.parametrize("whom", ["root", "boss", "ann"])
async def test_attack_38_a_personal_token_makes_no_other_by_another_address(
    browser: Browser, world: World, ann: Account, root: Account, whom: str
) -> None:
    """ATTACKS 38, 85: what leaked from a script cannot be made to last. decisions/0034."""
    boss = NewAccount(login="boss", password=PASSWORD, is_admin=True)
    await add_account(world.people, boss, "test")
    http = browser.http
    leaked = await make(http, await sign_in(http, "root"), "admin")
    scopes: list[list[str]] = [[], ["admin"], ["files.read"]]
    for asked in scopes[: 1 if whom == "ann" else 3]:
        wanted: Json = {
            "Label": "x", "ExpiresAt": tomorrow(), "UserLogin": whom, "Scopes": asked,
        }  # fmt: skip
        refused = await call(http, leaked, "POST", "token/impersonate", wanted)
        assert refused.status_code == 403, (asked, refused.text)
        assert "came of a sign-in" in refused.headers["www-authenticate"]
    account = await world.people.accounts.find_by_login(whom)
    assert account is not None
    kept = await world.provider.personal.of_account(account.sub, world.provider.clock())
    assert len(kept) == (whom == "root")


@pytest.mark.parametrize("how", ["disable", "remove"])
async def test_what_somebody_made_ends_with_their_account(
    browser: Browser, world: World, ann: Account, root: Account, how: str
) -> None:
    http, session = browser.http, await sign_in(browser.http, "ann")
    own = await make(http, session)
    pair = (
        await call(http, session, "POST", "access-keys", {"Label": "s3", "ExpiresAt": tomorrow()})
    ).json()
    if how == "disable":
        await disable(world.people, ann, "test")
    else:
        await remove(world.people, ann, "test", timedelta(0))
    for token in (own, session):
        with pytest.raises(InvalidToken):
            await access_of(edge_of(world), token)
    assert await find_access_key(world.provider, pair["AccessKeyId"]) is None


async def test_an_access_key_opens_what_it_was_made_for(
    browser: Browser, world: World, ann: Account
) -> None:
    http, session = browser.http, await sign_in(browser.http, "ann")
    wanted: Json = {"Label": "rclone", "ExpiresAt": tomorrow(), "Scopes": ["space:team:rw"]}
    pair = (await call(http, session, "POST", "access-keys", wanted)).json()
    found = await find_access_key(world.provider, pair["AccessKeyId"])
    assert found is not None
    assert found.secret == pair["SecretAccessKey"]
    assert found.secret not in repr(found)
    assert await opened(edge_of(world), found.access) == (FilesDetail(WRITING, "team"),)
    note_access_key(world.provider, found.key)

    async def listing() -> list[Json]:
        found: list[Json] = (await call(http, session, "GET", "access-keys")).json()["AccessKeys"]
        return found

    listed = await eventually(listing, lambda some: some[0]["LastUsedAt"] != "0")
    assert [(one["Label"], one["LastUsedAt"] != "0") for one in listed] == [("rclone", True)]
    assert found.secret not in json.dumps(listed)
    async with at_another_time(world, timedelta(days=2)) as later:
        assert await find_access_key(later.world.provider, pair["AccessKeyId"]) is None
    assert (await call(http, session, "DELETE", f"access-keys/{pair['AccessKeyId']}")).is_success
    assert await find_access_key(world.provider, pair["AccessKeyId"]) is None
    for wrong in ({"Scopes": ["admin"]}, {"ExpiresAt": 0, "AutoRefresh": 600}):
        refused = await call(http, session, "POST", "access-keys", wanted | wrong)
        assert refused.status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"Label": ""}, {"Label": "x" * 101}, {"Label": 7}, {"ExpiresAt": 0}, {"ExpiresAt": 1},
        {"ExpiresAt": 253402300799}, {"ExpiresAt": -1}, {"ExpiresAt": "soon"}, {"ExpiresAt": True},
        {"AutoRefresh": 600}, {"ExpiresAt": 0, "AutoRefresh": 1}, {"Scopes": "files.read"},
        {"Scopes": ["openid"]}, {"Scopes": [1]}, {"UserLogin": 1},
        {"ExpiresAt": 0, "AutoRefresh": 253402300799},
    ],
)  # fmt: skip
async def test_a_wish_that_cannot_be_says_why(browser: Browser, ann: Account, wrong: Json) -> None:
    session = await sign_in(browser.http, "ann")
    wanted: Json = {"Label": "x", "ExpiresAt": tomorrow()}
    answer = await call(browser.http, session, "POST", "token/personal", wanted | wrong)
    assert answer.status_code == 400, answer.text
    assert answer.json()["Detail"]


async def test_a_document_token_reads_one_file_for_a_while(
    browser: Browser, world: World, ann: Account, root: Account
) -> None:
    http, session = browser.http, await sign_in(browser.http, "ann")
    home = Home(world.files, actor_for(ann))
    await home.put("personal-files/a.txt", b"a")
    wanted: Json = {"Path": "personal-files/a.txt", "ClientID": "editor"}
    for folder in ("personal-files", "personal-files/recycle_bin"):
        refused = await call(http, session, "POST", "token/document", {"Path": folder})
        assert refused.status_code == 400
        assert "one file" in refused.json()["Detail"]
    made = (await call(http, session, "POST", "token/document", wanted)).json()["AccessToken"]
    (detail,) = await opened(edge_of(world), await access_of(edge_of(world), made))
    assert detail.actions == READING
    assert detail.node_id
    missing = await call(http, session, "POST", "token/document", {"Path": "personal-files/none"})
    assert missing.status_code == 404
    assert (await call(http, made, "POST", "token/document", wanted)).status_code == 403
    powerful = await make(http, await sign_in(http, "root"), "admin", "account")
    assert (await call(http, powerful, "POST", "token/document", wanted)).status_code == 403
    async with at_another_time(world, timedelta(minutes=11)) as later:
        with pytest.raises(InvalidToken):
            await access_of(edge_of(later.world), made)


async def test_a_person_makes_a_token_on_the_account_page(
    browser: Browser, world: World, ann: Account
) -> None:
    """decisions/0034."""
    page = await browser.log_in(await browser.http.get("/oauth2/login"))
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    wanted = {
        "csrf": csrf,
        "label": "backup <b>",
        "access": "write",
        "space": "team",
        "life": "30",
    }
    shown = await browser.http.post("/account/basic/make-token", data=wanted)
    found = re.search(r'id="made-secret">(kcp_[\w-]+)<', shown.text)
    assert found, shown.text
    assert "no-store" in shown.headers["cache-control"]
    edge = edge_of(world)
    access = await access_of(edge, found[1])
    assert await opened(edge, access) == (FilesDetail(WRITING, "team"),)
    page = await browser.http.get("/account/basic")
    assert found[1] not in page.text
    assert "backup &lt;b&gt;" in page.text
    assert "read, change and delete your files in team" in page.text
    pair = await browser.http.post("/account/basic/make-token", data=wanted | {"kind": "s3"})
    key = re.search(r'id="access-key-id">(KC[A-Z0-9]{18})<', pair.text)
    assert key
    for token_id in (access.jti, key[1]):
        ending = {"csrf": csrf, "token_id": token_id}
        assert (await browser.http.post("/account/basic/end-token", data=ending)).is_redirect
    with pytest.raises(InvalidToken):
        await access_of(edge, found[1])
    assert await find_access_key(world.provider, key[1]) is None


async def test_a_form_that_asks_for_what_cannot_be_makes_nothing(
    browser: Browser, ann: Account
) -> None:
    page = await browser.log_in(await browser.http.get("/oauth2/login"))
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    wanted = {"csrf": csrf, "label": "backup", "access": "read", "life": "30"}
    for wrong in ({"label": ""}, {"life": "7"}, {"space": "a/b"}):
        refused = await browser.http.post("/account/basic/make-token", data=wanted | wrong)
        assert refused.status_code == 400
    foreign = await browser.http.post("/account/basic/make-token", data=wanted | {"csrf": "x"})
    assert "kcp_" not in foreign.text
