"""What groups and roles give, and why somebody has what they have. UX-X08."""

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World

from ...conftest import Browser, add_client
from .conftest import Caller
from .desk import Desk

LAB = ["/staff/lab", "/staff"]


@pytest.fixture
async def staffed(desk: Desk, world: World, ann: Account) -> str:
    """Ann in a group within a group, and an editor; a client whose rule names both."""
    await desk.done("POST", "groups", path="/staff/lab", label="Laboratory")
    await desk.done("POST", "groups", path="/staff2")
    await desk.done("PUT", "roles/editor", label="Editor")
    await desk.done("PUT", "roles/edit", label="Not an editor")
    await desk.done("PUT", "users/ann", group="/staff/lab", roles=["editor"])
    made = await add_client(world, client_name="Wiki")
    client_id = made.client.client_id
    await desk.done("PUT", f"clients/{client_id}/access", groups=["/staff"], roles=["editor"])
    return client_id


async def test_why_somebody_may_is_told_with_the_way(
    desk: Desk, staffed: str, ann: Account
) -> None:
    """UX-X08: from the group they are in to the one that a rule names, and by which role."""
    await desk.done("PUT", "factor-policies", kind="group", name="/staff/lab",
                    due_at="2030-01-01T00:00:00Z")  # fmt: skip
    told = await desk.done("GET", "users/ann/why")
    by_group = {"kind": "group", "name": "/staff", "path": LAB}
    (wiki,) = told["applications"]
    assert (wiki["client_id"], wiki["label"]) == (staffed, "Wiki")
    assert wiki["because"] == [by_group, {"kind": "role", "name": "editor"}]
    (policy,) = told["factor_policies"]
    assert policy["because"] == [{"kind": "group", "name": "/staff/lab", "path": LAB[:1]}]
    assert told["is_admin"] is False
    common = next(one for one in told["spaces"] if one["role_id"] == "root-group")
    assert common["because"] == [{"kind": "group", "name": "/", "path": [*LAB, "/"]}]
    await desk.done("PUT", f"clients/{staffed}/access", people=["ann"])
    (wiki,) = (await desk.done("GET", "users/ann/why"))["applications"]
    assert wiki["because"] == [{"kind": "person"}]
    root = await desk.done("GET", "users/root/why")
    assert (root["applications"], root["is_admin"]) == ([], True)


async def test_what_a_group_and_a_role_give(desk: Desk, staffed: str) -> None:
    """UX-X08: a group gives what those that it lies in give, too."""
    tree = await desk.done("GET", "memberships")
    assert {one["path"]: one["people"] for one in tree["groups"]} == {
        "/staff": 0, "/staff/lab": 1, "/staff2": 0,
    }  # fmt: skip
    assert {one["role_id"]: one["people"] for one in tree["roles"]} == {"edit": 0, "editor": 1}
    lab = await desk.done("GET", "memberships/given", kind="group", name="/staff/lab")
    assert lab["label"] == "Laboratory"
    assert [one["client_id"] for one in lab["applications"]] == [staffed]
    assert lab["applications"][0]["because"][0]["path"] == LAB
    editor = await desk.done("GET", "memberships/given", kind="role", name="editor")
    assert editor["applications"][0]["because"] == [{"kind": "role", "name": "editor"}]
    other = await desk.done("GET", "memberships/given", kind="group", name="/staff2")
    assert other["applications"] == []
    for name in ("/none", "none"):
        kind = "group" if name.startswith("/") else "role"
        refused = await desk.ask("GET", "memberships/given", kind=kind, name=name)
        assert refused.status_code == 404


async def test_people_are_listed_by_group_and_role(desk: Desk, staffed: str) -> None:
    """UX-X04, UX-X08: whoever is below is in it; a name that only begins so is another."""
    for said, found in (({"group": "/staff"}, ["ann"]), ({"group": "/staff2"}, []),
                        ({"group": "/"}, ["ann", "root"]), ({"role": "editor"}, ["ann"]),
                        ({"role": "edit"}, []), ({"role": "e_itor"}, []),
                        ({"group": "/staff/lab", "role": "editor"}, ["ann"])):  # fmt: skip
        listed = await desk.done("GET", "users", **said)
        assert [one["login"] for one in listed["items"]] == found, said
    assert (await desk.ask("GET", "users", group="staff")).status_code == 400


async def test_signing_somebody_out_ends_programs_where_that_is_asked(
    desk: Desk, world: World, ann: Account, browser: Browser
) -> None:
    """UX-X05: without, what is for offline use goes on; with, it ends and stays allowed."""
    made = await add_client(world)
    tokens = await browser.tokens(made)
    ended = await desk.done("DELETE", "users/ann/sessions")
    assert (ended["ended"], ended["grants"]) == (1, 0)
    renewed = await browser.refresh(made, tokens["refresh_token"])
    assert renewed.status_code == 200
    ended = await desk.done("DELETE", "users/ann/sessions", with_grants=True)
    assert ended["grants"] >= 1
    refused = await browser.refresh(made, renewed.json()["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    (told,) = (await desk.done("GET", "users/ann/whole"))["applications"]
    assert "know who you are when you sign in" in told["may"]


async def test_nobody_else_is_told_why(ann_calls: Caller) -> None:
    for path in ("memberships", "users/ann/why"):
        answer = await ann_calls.call("GET", f"/a/keycell/admin/{path}")
        assert answer.status_code == 403
