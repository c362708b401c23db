"""Administration at a distance: every word of `keycell admin`, by REST."""

import asyncio
from dataclasses import replace

import pytest

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.administration.calls import CALLS, PREFIX, find_call
from keycell.bootstrap import World
from keycell.oauth.clients import Client

from ...conftest import PASSWORD, Browser
from ..tokens import make, sign_in
from .desk import Desk, Json


async def test_nobody_else_gets_in(browser: Browser, desk: Desk, ann: Account) -> None:
    """RFC6750-3.1: neither without a token, nor by a person's own, nor by one narrowed."""
    anns = await sign_in(browser.http, "ann")
    narrow = await make(browser.http, desk.headers["Authorization"][7:], "files.read")
    for path, calls in CALLS.items():
        address = path.replace("{", "x").replace("}", "x")
        for method in calls:
            bare = await browser.http.request(method, PREFIX + address)
            assert bare.status_code == 401, (method, path)
            for shown in (anns, narrow):
                response = await Desk(browser.http, shown).ask(method, address)
                assert response.status_code == 403, (method, path)
                assert response.json()["Code"] == "insufficient_scope"


async def test_accounts(desk: Desk, world: World) -> None:
    made = await desk.done(
        "POST", "users", login="bob", password=PASSWORD, email="bob@example.org",
        claims={"given_name": "Bob"}, roles=["editor"],
    )  # fmt: skip
    assert made["claims"] == {"given_name": "Bob"}
    assert [one["login"] for one in (await desk.done("GET", "users"))["items"]] == ["bob", "root"]
    changed = await desk.done(
        "PUT", "users/BOB", new_login="robert", email="", claims={"given_name": ""}, is_admin=True
    )
    assert (changed["login"], changed["email"], changed["claims"]) == ("robert", None, {})
    assert changed["is_admin"]
    assert changed["roles"] == ["editor"]
    await desk.done("PUT", "users/robert/password", password="another battery")
    assert (await desk.done("GET", "users/robert/sessions"))["items"] == []
    ended = await desk.done("DELETE", "users/robert/sessions")
    assert ended == {"ended": 0, "grants": 0}
    assert (await desk.done("POST", "users/robert/disable"))["is_disabled"]
    assert not (await desk.done("POST", "users/robert/enable"))["is_disabled"]
    assert await desk.done("DELETE", "users/robert", files="now") == {"login": "robert"}
    assert (await desk.ask("GET", "users/robert")).status_code == 404


async def test_disabling_ends_everything_at_once(
    browser: Browser, desk: Desk, ann: Account
) -> None:
    anns = await sign_in(browser.http, "ann")
    page = await browser.http.get("/oauth2/login")
    await browser.log_in(page)
    assert (await browser.http.get("/account/basic")).status_code == 200
    assert len((await desk.done("GET", "users/ann/sessions"))["items"]) == 1
    await desk.done("POST", "users/ann/disable")
    assert (await browser.http.get("/account/basic")).status_code == 303
    assert (await browser.userinfo(anns)).status_code == 401
    files = {"Authorization": f"Bearer {anns}"}
    assert (await browser.http.get("/a/tree/stat", headers=files)).status_code == 401


async def test_the_last_administrator_does_not_lock_themselves_out(desk: Desk) -> None:
    for method, path, said in (
        ("POST", "users/root/disable", {}), ("DELETE", "users/root", {}),
        ("PUT", "users/root", {"is_admin": False}),
    ):  # fmt: skip
        assert (await desk.ask(method, path, **said)).status_code == 403


async def test_groups_and_roles(desk: Desk) -> None:
    await desk.done("POST", "groups", path="/staff/lab", label="The lab")
    assert (await desk.ask("POST", "groups", path="/staff/lab")).status_code == 409
    assert (await desk.ask("POST", "groups", path="/")).status_code == 409
    found = (await desk.done("GET", "groups"))["items"]
    assert {"path": "/staff/lab", "label": "The lab"} in found
    assert (await desk.ask("DELETE", "groups", path="/staff")).status_code == 409
    await desk.done("DELETE", "groups", path="/staff/lab")
    assert (await desk.ask("DELETE", "groups", path="/staff/lab")).status_code == 404
    assert (await desk.ask("DELETE", "groups")).status_code == 400
    assert await desk.done("PUT", "roles/editor", label="Editor") == {
        "role_id": "editor", "label": "Editor",
    }  # fmt: skip
    assert (await desk.done("GET", "roles"))["items"] == [{"role_id": "editor", "label": "Editor"}]
    await desk.done("DELETE", "roles/editor")
    assert (await desk.ask("DELETE", "roles/editor")).status_code == 404


async def test_applications(desk: Desk, world: World) -> None:
    document = {"client_name": "Wiki", "redirect_uris": ["https://wiki.example/cb"]}
    made = await desk.done("POST", "clients", metadata=document, client_id="wiki")
    assert made["client_secret"]
    clash = await desk.ask("POST", "clients", metadata=document, client_id="wiki")
    assert clash.status_code == 409
    assert "client_secret" not in await desk.done("GET", "clients/wiki")
    changed = await desk.done("PUT", "clients/wiki", metadata={"scope": "openid"})
    assert (changed["scope"], changed["client_name"]) == ("openid", "Wiki")
    assert (await desk.done("PUT", "clients/wiki", is_disabled=True))["is_disabled"]
    again = await desk.done("POST", "clients/wiki/secret")
    assert again["client_secret"] != made["client_secret"]
    assert await desk.done("DELETE", "clients/wiki") == {"client_id": "wiki"}


async def test_applications_that_cannot_be_changed_so(desk: Desk) -> None:
    document = {"client_name": "Wiki", "redirect_uris": ["https://wiki.example/cb"]}
    await desk.done("POST", "clients", metadata=document, client_id="wiki")
    wrong = await desk.ask("PUT", "clients/wiki", metadata={"redirect_uris": ["javascript:x"]})
    assert wrong.status_code == 400
    other = {"token_endpoint_auth_method": "none"}
    assert (await desk.ask("PUT", "clients/wiki", metadata=other)).status_code == 400
    own = await desk.ask("PUT", "clients/keycell-cli", metadata={"client_name": "x"})
    assert own.status_code == 403
    assert (await desk.ask("POST", "clients/keycell-web/secret")).status_code == 403
    assert (await desk.ask("DELETE", "clients/keycell-web")).status_code == 403
    assert (await desk.ask("POST", "clients/none/secret")).status_code == 404


@pytest.mark.parametrize("hours", [0, -1, 1441, 10**9, -(10**15), 10**15])
async def test_nobody_is_invited_for_a_time_that_is_none(desk: Desk, hours: int) -> None:
    answer = await desk.ask("POST", "user-invitations", email="x@example.org", hours=hours)
    assert answer.status_code == 400
    assert "expected 1 to 1440 hours" in answer.text


async def test_old_configurations_and_invitations(desk: Desk) -> None:
    old = [{"client_id": "old", "client_secret": "s3cret", "redirect_uris": ["https://o.example/"],
            "grant_types": ["authorization_code"]}]  # fmt: skip
    tried = await desk.done("POST", "import", document=old, is_dry_run=True)
    assert tried["items"] == [{"client_id": "old", "result": "added"}]
    assert (await desk.ask("GET", "clients/old")).status_code == 404
    await desk.done("POST", "import", document=old)
    assert (await desk.done("POST", "import", document=old))["items"][0]["result"] == "replaced"
    invited = await desk.done("POST", "invitations", label="wiki", uses=2)
    assert invited["initial_access_token"].startswith("kcinit_")
    assert (await desk.ask("POST", "invitations", uses=0)).status_code == 400


async def test_tokens_of_others(browser: Browser, desk: Desk, ann: Account) -> None:
    made = await desk.done("POST", "users/ann/tokens", label="backup", expires="24h")
    assert (await browser.userinfo(made["access_token"])).status_code in (200, 403)
    pair = await desk.done("POST", "users/ann/tokens", label="s3", expires="24h", is_s3=True)
    assert pair["secret_access_key"]
    listed = (await desk.done("GET", "users/ann/tokens"))["items"]
    assert [one["label"] for one in listed] == ["backup", "s3"]
    for one in listed:
        await desk.done("DELETE", f"users/ann/tokens/{one['token_id']}")
    gone = await desk.ask("DELETE", f"users/ann/tokens/{listed[0]['token_id']}")
    assert gone.status_code == 404


async def test_one_personal_token_makes_no_other(desk: Desk) -> None:
    """decisions/0034: a token for administration that leaked does not last by itself."""
    wish = {"label": "robot", "expires": "1h", "scopes": ["admin"]}
    robot = (await desk.done("POST", "users/root/tokens", **wish))["access_token"]
    by_robot = Desk(desk.http, robot)
    assert (await by_robot.ask("GET", "users")).status_code == 200
    assert (await by_robot.ask("POST", "users/root/tokens", **wish)).status_code == 400
    plain = {"label": "x", "expires": "1h"}
    assert (await by_robot.ask("POST", "users/root/tokens", **plain)).status_code == 400


async def test_keys_and_the_trail(desk: Desk, root: Account, world: World) -> None:
    before = (await desk.done("GET", "keys"))["items"]
    assert (await desk.ask("POST", "keys/rotate", alg="ES256")).status_code == 409
    assert (await desk.ask("POST", "keys/rotate", alg="XS1")).status_code == 400
    done = await desk.done("POST", "keys/rotate", alg="ES256", is_urgent=True)
    assert done == {"rotated": ["ES256"]}
    assert len((await desk.done("GET", "keys"))["items"]) == len(before) + 1
    event = (await desk.done("GET", "audit", most=1, action="key"))["items"][0]
    assert (event["actor"], event["target"]) == (root.sub, "ES256")
    assert event["origin"]["ip"] == "127.0.0.1"
    assert event["sentence"] == "root rotated the key of ES256"
    assert (await desk.ask("GET", "audit", most=0)).status_code == 400
    assert (await desk.done("GET", "audit", who="nobody"))["items"] == []


async def test_everything_is_told_with_who_and_from_where(desk: Desk, root: Account) -> None:
    await desk.done("POST", "users", login="bob", password=PASSWORD)
    await desk.done("PUT", "users/bob", name="Bob")
    await desk.done("PUT", "users/bob/password", password="another battery")
    await desk.done("POST", "users/bob/disable")
    await desk.done("POST", "users/bob/enable")
    await desk.done("DELETE", "users/bob")
    told = (await desk.done("GET", "audit", who="bob"))["items"]
    assert [one["action"] for one in reversed(told)] == [
        "account.added", "account.changed", "account.password", "account.disabled",
        "account.enabled", "account.removed",
    ]  # fmt: skip
    assert {(one["actor"], one["origin"]["ip"]) for one in told} == {(root.sub, "127.0.0.1")}
    assert all(one["origin"]["request_id"] for one in told)


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("POST", "users", {}, 400),
        ("POST", "users", {"login": 5, "password": PASSWORD}, 400),
        ("POST", "users", {"login": "bob", "password": "short"}, 400),
        ("POST", "users", {"login": "ROOT", "password": PASSWORD}, 409),
        ("POST", "users", {"login": "bob", "password": PASSWORD, "group": "/nowhere"}, 400),
        ("PUT", "users/nobody", {"name": "x"}, 404),
        ("DELETE", "users/nobody", {"files": "burn"}, 400),
        ("POST", "clients", {"metadata": []}, 400),
        ("POST", "import", {"document": "x"}, 400),
        ("POST", "users/root/tokens", {"label": "x", "expires": "soon"}, 400),
        ("GET", "nothing", {}, 404),
        ("DELETE", "users", {}, 405),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence(
    desk: Desk, method: str, path: str, said: Json, status: int
) -> None:
    response = await desk.ask(method, path, **said)
    assert response.status_code == status, response.text
    assert response.json()["Detail"]


async def test_of_twenty_who_add_one_account_one_does(desk: Desk) -> None:
    asked = (desk.ask("POST", "users", login="bob", password=PASSWORD) for _ in range(20))
    statuses = sorted(one.status_code for one in await asyncio.gather(*asked))
    assert statuses.count(200) == 1
    # Passwords are hashed a few at a time: who would wait too long is told so.
    assert set(statuses) <= {200, 409, 503}


def test_an_address_is_found_with_the_names_in_it() -> None:
    _, names = find_call("DELETE", "users/a%2Fb/tokens/%2E%2E")
    assert names == {"login": "a/b", "token_id": ".."}
    for method, path in (("PUT", "users"), ("GET", "users/a/b"), ("GET", "nothing")):
        with pytest.raises(KeyError):
            find_call(method, path)


async def test_a_suite_is_shown_with_who_is_in_it(desk: Desk) -> None:
    """NSSO-4.3."""
    for name in ("mail", "chat", "other"):
        metadata = {"client_name": name.title(), "redirect_uris": ["https://a.example/cb"]}
        await desk.done("POST", "clients", client_id=name, metadata=metadata)
        assert (await desk.done("GET", f"clients/{name}/suite"))["members"] == []
    for name, suite in (("mail", "acme"), ("chat", "acme"), ("other", "bolt")):
        await desk.done("PUT", f"clients/{name}/suite", suite=suite)
    await desk.done("PUT", "clients/chat", is_disabled=True)
    assert await desk.done("GET", "clients/mail/suite") == {
        "client_id": "mail", "suite": "acme", "suites": ["acme", "bolt"],
        "members": [{"client_id": "chat", "label": "Chat", "is_disabled": True}],
    }  # fmt: skip
    assert (await desk.done("GET", "clients/other/suite"))["members"] == []


async def test_attack_89_what_a_client_is_called_has_a_form(desk: Desk) -> None:
    """ATTACKS 89: one that cannot be asked for could not be removed either."""
    document = {"redirect_uris": ["https://wiki.example/cb"]}
    for wrong in ("a b", "x" * 201, "a\nb", "ü"):
        refused = await desk.ask("POST", "clients", metadata=document, client_id=wrong)
        assert refused.status_code == 400, wrong
    for label in ("x" * 201, "a\x1b[2Jb"):
        assert (await desk.ask("POST", "invitations", label=label)).status_code == 400
    listed = await desk.done("GET", "clients", search="wiki")
    assert listed["items"] == []
    assert (await desk.done("POST", "invitations", label="CI  runner"))["initial_access_token"]


async def test_attack_65_no_change_lets_codes_go_in_the_clear(desk: Desk, world: World) -> None:
    """ATTACKS 65: what may not be registered may not be changed to; what was there stays."""
    plain, here = "http://wiki.example/cb", "http://127.0.0.1/cb"
    document = {"redirect_uris": ["https://wiki.example/cb"]}
    await desk.done("POST", "clients", metadata=document, client_id="wiki")
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        said = {name: [plain, "https://wiki.example/cb"]}
        assert (await desk.ask("PUT", "clients/wiki", metadata=said)).status_code == 400
    said = {"redirect_uris": [here, "https://wiki.example/cb"]}
    assert (await desk.done("PUT", "clients/wiki", metadata=said))["redirect_uris"][0] == here
    old = await world.provider.clients.find("wiki")
    assert old is not None
    event = AuditEvent(at=world.provider.clock(), actor="test", action="client.changed")

    def before(client: Client) -> Client:
        return replace(client, metadata=replace(client.metadata, redirect_uris=(plain,)))

    assert await world.provider.clients.update("wiki", before, event)
    kept = await desk.done("PUT", "clients/wiki", metadata={"client_name": "Wiki"})
    assert kept["redirect_uris"] == [plain]
    # Where one is kept, no further one comes beside it, to go to after signing out either.
    more = {"post_logout_redirect_uris": [plain]}
    assert (await desk.ask("PUT", "clients/wiki", metadata=more)).status_code == 400
