"""People, groups and roles over REST."""

import pytest

from keycell.bootstrap import World

from ...conftest import PASSWORD, Browser, add_client
from ..tokens import make, sign_in
from .people import Person, alice, bo, root

__all__ = ["alice", "bo", "root"]

NEW = {"Login": "cleo", "Password": "correct horse battery", "GroupPath": "/",
       "Attributes": {"displayName": "Cleo", "email": "cleo@example.org", "profile": "standard"},
       "Roles": None, "Policies": None}  # fmt: skip


async def test_an_administrator_lists_people_and_groups(root: Person, alice: Person) -> None:
    """CELLS-CLIENT.md 3.7."""
    group = {"IsGroup": True, "GroupPath": "/staff", "GroupLabel": "Staff"}
    await root.asks("PUT", "user/staff", group)
    for body in (None, {"Queries": [{"Login": "*"}]}, {"queries": None}):
        found = await root.asks("POST", "user", body)
        assert [one["Login"] for one in found["Users"]] == ["alice", "root"]  # type: ignore[attr-defined]
        assert [one["GroupLabel"] for one in found["Groups"]] == ["Staff"]  # type: ignore[attr-defined]
        assert found["Total"] == 3
    found = await root.asks("POST", "user", {"Queries": [{"Login": "AL*"}], "Limit": 1})
    assert (len(found["Users"]), found["Total"]) == (1, 1)  # type: ignore[arg-type]
    none = await root.asks("POST", "user", {"Queries": [{"Login": "al[a-z]*"}]})
    assert none["Total"] == 0


async def test_an_account_is_made_changed_and_removed(
    world: World, browser: Browser, root: Person
) -> None:
    made = await root.asks("PUT", "user/cleo", NEW)
    assert (made["Login"], made["GroupPath"]) == ("cleo", "/")
    assert made["Attributes"] == NEW["Attributes"]
    token = await sign_in(browser.http, "cleo")
    assert await root.asks("GET", "user/CLEO") == made
    await root.asks("PUT", "role/editor", {"Label": "Editors"})
    await root.asks("PUT", "user/staff", {"IsGroup": True, "GroupPath": "/staff"})
    changed = await root.asks("PUT", "user/cleo", {
        "Login": "cleo", "GroupPath": "/staff", "Roles": [{"Uuid": "editor"}],
        "Attributes": {"displayName": "Cleo C", "profile": "admin"},
    })  # fmt: skip
    assert [one["Uuid"] for one in changed["Roles"]] == [  # type: ignore[attr-defined]
        "root-group", "/staff", "editor", made["Uuid"],
    ]  # fmt: skip
    assert changed["Attributes"]["profile"] == "admin"  # type: ignore[index]
    # What was read is sent back as it is.
    assert await root.asks("PUT", "user/cleo", changed) == changed
    await root.is_told(409, "DELETE", "user/staff/")
    fewer = await root.asks("PUT", "user/roles/cleo", {"Login": "cleo", "Roles": []})
    assert [one["Uuid"] for one in fewer["Roles"]][-2:] == ["/staff", made["Uuid"]]  # type: ignore[attr-defined]
    assert (await root.asks("DELETE", "user/cleo"))["Success"] is True
    who = await browser.http.get("/a/user/cleo", headers={"Authorization": f"Bearer {token}"})
    assert who.status_code == 401
    await root.is_told(404, "GET", "user/cleo")
    await root.is_told(404, "DELETE", "user/cleo")
    await root.asks("DELETE", "user/staff/")
    await root.is_told(404, "DELETE", "user/staff/")
    actions = {event.action for _, event in await world.audit.page(None, 100)}
    assert {"account.added", "account.changed", "account.removed", "group.added",
            "group.removed", "role.changed"} <= actions  # fmt: skip


async def test_an_account_is_locked_and_unlocked(
    browser: Browser, root: Person, alice: Person
) -> None:
    await root.asks("PUT", "user/alice", {"Attributes": {"locks": '["logout"]'}})
    assert (await alice.call("GET", "user/alice")).status_code == 401
    await root.asks("PUT", "user/alice", {"Attributes": {"locks": "[]"}})
    assert await sign_in(browser.http, "alice")
    await root.asks("PUT", "user/alice", {"Password": "another horse battery"})
    assert await sign_in(browser.http, "alice", "another horse battery")


async def test_roles_are_made_listed_and_removed(root: Person, alice: Person) -> None:
    """CELLS-CLIENT.md 3.7."""
    await root.asks("PUT", "role/editor", {"Uuid": "editor", "Label": "Editors"})
    await root.asks("PUT", "user/roles/alice", {"Roles": [{"Uuid": "editor"}]})
    found = await root.asks("POST", "role", {"Queries": None})
    assert found == {"Total": 2, "Roles": [
        {"Uuid": "root-group", "Label": "Root Group", "GroupRole": True},
        {"Uuid": "editor", "Label": "Editors"},
    ]}  # fmt: skip
    assert (await root.asks("GET", "role/editor"))["Label"] == "Editors"
    await root.asks("DELETE", "role/editor")
    left = await root.asks("GET", "user/alice")
    assert "editor" not in str(left["Roles"])
    await root.is_told(404, "GET", "role/editor")
    await root.is_told(404, "DELETE", "role/editor")
    # A role that somebody has of themselves is given to nobody.
    for taken in ("root-group", alice.account.sub):
        await root.is_told(400, "PUT", f"role/{taken}", {"Label": "x"})
        await root.is_told(400, "PUT", "user/cleo", NEW | {"Roles": [{"Uuid": alice.account.sub}]})


async def test_a_person_reads_and_changes_their_own(
    world: World, browser: Browser, alice: Person
) -> None:
    read = await alice.asks("GET", "user/alice")
    said = {"displayName": "Alice A", "email": "new@example.org"}
    changed = await alice.asks("PUT", "user/Alice", {**read, "Attributes": said})
    assert changed["Attributes"] == {**said, "profile": "standard"}
    account = await world.people.accounts.find(alice.account.sub)
    assert account is not None
    # Nobody vouched for it: applications must not take it for proven.
    assert account.email_verified is False
    chosen = "a quite different horse"
    for old in ("", "wrong horse battery"):
        await alice.is_told(403, "PUT", "user/alice", {"Password": chosen, "OldPassword": old})
    await alice.is_told(400, "PUT", "user/alice", {"Password": "short", "OldPassword": PASSWORD})
    await alice.asks("PUT", "user/alice", {"Password": chosen, "OldPassword": PASSWORD})
    assert await sign_in(browser.http, "alice", chosen)


@pytest.mark.parametrize(
    "body",
    [
        {"Attributes": {"profile": "admin"}},
        {"GroupPath": "/staff"},
        {"Roles": [{"Uuid": "editor"}]},
        {"Attributes": {"locks": '["logout"]'}},
        {"IsGroup": True, "GroupPath": "/mine"},
    ],
)
async def test_nobody_raises_themselves(
    root: Person, alice: Person, body: dict[str, object]
) -> None:
    await root.asks("PUT", "role/editor", {"Label": "Editors"})
    await root.asks("PUT", "user/staff", {"IsGroup": True, "GroupPath": "/staff"})
    before = await root.asks("GET", "user/alice")
    await alice.is_told(403, "PUT", "user/alice", body)
    await alice.is_told(403, "PUT", "user/roles/alice", {"Roles": [{"Uuid": "editor"}]})
    assert await root.asks("GET", "user/alice") == before


async def test_administration_is_for_administrators(alice: Person, bo: Person) -> None:
    for method, path, body in [
        ("POST", "user", None), ("GET", "user/bo", None), ("GET", "user/nobody", None),
        ("PUT", "user/bo", {"Attributes": {"displayName": "X"}}), ("PUT", "user/nobody", NEW),
        ("DELETE", "user/bo", None), ("DELETE", "user/alice", None), ("POST", "role", None),
        ("PUT", "role/x", {}), ("GET", "role/x", None), ("DELETE", "role/x", None),
        ("DELETE", "user/staff/", None),
    ]:  # fmt: skip
        await alice.is_told(403, method, path, body)
    assert (await alice.http.post("/a/user")).status_code == 401


async def test_other_tokens_do_not_touch_the_account(
    world: World, browser: Browser, alice: Person, root: Person
) -> None:
    personal = Person(browser.http, alice.account, await make(browser.http, alice.token))
    made = await add_client(world, scope="openid profile email")
    await browser.http.get("/")
    page = await browser.authorize(made, scope="openid profile email")
    page = await browser.log_in(page, "alice")
    page = await browser.submit(page, action="accept")
    code = page.headers["location"].partition("code=")[2].partition("&")[0]
    token = (await browser.exchange(made, code)).json()["access_token"]
    foreign = Person(browser.http, alice.account, token)
    for weak in (personal, foreign):
        told = (await weak.call("GET", "user/alice")).json()
        assert (told["Code"], "came of a sign-in" in told["Detail"]) == ("Forbidden", True)
        await weak.is_told(403, "PUT", "user/alice", {"Attributes": {"email": "x@evil.example"}})


async def test_an_administrator_does_not_lock_themselves_out(root: Person) -> None:
    await root.is_told(403, "DELETE", "user/root")
    await root.is_told(403, "PUT", "user/root", {"Attributes": {"profile": "standard"}})
    await root.is_told(403, "PUT", "user/root", {"Attributes": {"locks": "logout"}})
    await root.is_told(403, "PUT", "user/root", {"Password": "another horse battery"})


@pytest.mark.parametrize(
    "body",
    [
        {"Login": 7}, {"Login": "other"}, {"Attributes": "x"}, {"Attributes": {"email": 1}},
        {"Roles": "x"}, {"Roles": ["x"]}, {"Roles": [{"Uuid": "nowhere"}]}, {"GroupPath": "staff"},
        {"GroupPath": "/nowhere"}, {"Attributes": {"profile": "god"}}, {"Password": "short"},
        {"Attributes": {"email": "no address"}}, {"IsGroup": "yes"},
    ],
)  # fmt: skip
async def test_an_account_that_cannot_be_is_refused(
    root: Person, alice: Person, body: dict[str, object]
) -> None:
    await root.is_told(400, "PUT", "user/alice", body)
    await root.is_told(400, "PUT", "user/-cleo", NEW | body)
