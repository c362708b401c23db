"""Spaces that administrators make, and rights on them, over REST."""

import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path

from ...files.conftest import Home, actor_for
from .people import Person, alice, bo, root

__all__ = ["alice", "bo", "root"]


def home_of(world: World, person: Person) -> Home:
    return Home(world.files, actor_for(person.account))


async def test_a_space_is_made_opened_and_removed(
    world: World, root: Person, alice: Person
) -> None:
    """CELLS-CLIENT.md 3.7."""
    made = await root.asks("PUT", "workspace/team", {
        "Label": "Team", "Slug": "team", "Description": "Ours", "Quota": "1000", "RootNodes": {},
    })  # fmt: skip
    assert made["Scope"] == "ADMIN"
    assert (made["Label"], made["Description"], made["Quota"]) == ("Team", "Ours", "1000")
    assert (await alice.call("GET", "tree/stat/team")).status_code == 404
    node = made["RootUUIDs"][0]  # type: ignore[index]
    right = {"NodeID": node, "RoleID": alice.account.sub, "Action": {"Name": "write"}}
    kept = await root.asks("PUT", "acl", right)
    assert kept["WorkspaceID"] == made["UUID"]
    ann = home_of(world, alice)
    await ann.put("team/a.txt", b"hello")
    await root.is_told(409, "DELETE", "workspace/team")
    changed = await root.asks("PUT", "workspace/team", {"Slug": "crew", "Quota": 0})
    assert (changed["Slug"], changed["Label"], changed["Quota"]) == ("crew", "Team", "0")
    await root.is_told(404, "GET", "workspace/team")
    assert (await root.asks("GET", "workspace/crew"))["QuotaUsage"] == "5"
    node_id = (await stat(ann.files, ann.actor, read_path("crew/a.txt"))).node.node_id
    gone = {"Nodes": [{"Uuid": node_id, "Path": "crew/a.txt"}], "RemovePermanently": True}
    await alice.asks("POST", "tree/delete", gone)
    assert (await root.asks("DELETE", "workspace/crew"))["Success"] is True
    await root.is_told(404, "DELETE", "workspace/crew")
    actions = {event.action for _, event in await world.audit.page(None, 100)}
    assert {"space.added", "space.changed", "space.removed", "right.added"} <= actions


async def test_rights_are_listed_given_and_taken(root: Person, alice: Person) -> None:
    """CELLS-CLIENT.md 3.7."""
    made = await root.asks("PUT", "workspace/team", {"Label": "Team"})
    node = made["RootUUIDs"][0]  # type: ignore[index]
    for role, action in ((alice.account.sub, "write"), ("root-group", "read")):
        right = {"NodeID": node, "RoleID": role, "Action": {"Name": action, "Value": "1"}}
        await root.asks("PUT", "acl", right)
    query = {"NodeIDs": [node], "Actions": None, "RoleIDs": None, "WorkspaceIDs": None}
    found = await root.asks("POST", "acl", {"Queries": [query]})
    assert found["Total"] == 2
    acl = next(one for one in found["ACLs"] if one["RoleID"] == "root-group")  # type: ignore[attr-defined]
    assert acl == {
        "ID": f"{node}|root-group|read", "NodeID": node, "RoleID": "root-group",
        "WorkspaceID": made["UUID"], "Action": {"Name": "read", "Value": "1"},
    }  # fmt: skip
    by_space = {"WorkspaceIDs": [made["UUID"]], "Actions": [{"Name": "read"}]}
    assert (await root.asks("POST", "acl", {"Queries": [by_space]}))["ACLs"] == [acl]
    everything = await root.asks("POST", "acl")
    assert everything["Total"] == 3
    removed = await root.asks("POST", "acl/bulk/delete", acl)
    assert removed == {"Success": True, "NumRows": "1"}
    await root.is_told(404, "POST", "acl/bulk/delete", acl)
    assert (await root.asks("POST", "acl", {"Queries": [query]}))["Total"] == 1


async def test_a_denial_wins(world: World, root: Person, alice: Person) -> None:
    home = home_of(world, alice)
    await home.put("common-files/a.txt", b"hello")
    top = (await stat(home.files, home.actor, read_path("common-files"))).node
    denial = {"NodeID": top.node_id, "RoleID": alice.account.sub, "Action": {"Name": "deny"}}
    await root.asks("PUT", "acl", denial)
    assert (await alice.call("GET", "tree/stat/common-files%2Fa.txt")).status_code == 404
    await root.asks("POST", "acl/bulk/delete", denial)
    assert (await alice.call("GET", "tree/stat/common-files%2Fa.txt")).status_code == 200


async def test_spaces_and_rights_are_for_administrators(alice: Person) -> None:
    for method, path, body in [
        ("POST", "workspace", None), ("GET", "workspace/common-files", None),
        ("PUT", "workspace/mine", {"Label": "Mine"}), ("DELETE", "workspace/common-files", None),
        ("POST", "acl", None), ("PUT", "acl", {"NodeID": "x"}), ("POST", "acl/bulk/delete", {}),
        ("GET", "config/datasource", None),
    ]:  # fmt: skip
        await alice.is_told(403, method, path, body)


@pytest.mark.parametrize(
    ("status", "slug", "body"),
    [
        (400, "personal-files", {"Label": "Mine"}),
        (400, "Team", {"Label": "T"}),
        (400, "team", {"Label": 7}),
        (400, "team", {"Label": "\x00"}),
        (400, "team", {"Description": "x" * 3000}),
        (400, "team", {"Quota": "-1"}),
        (400, "team", {"Quota": "9" * 15, "Label": 1}),
        (409, "team", {"Slug": "common-files-2", "UUID": "another"}),
        (403, "common-files", {"Slug": "other"}),
    ],
)
async def test_a_space_that_cannot_be_is_refused(
    root: Person, status: int, slug: str, body: dict[str, object]
) -> None:
    if status == 409:
        await root.asks("PUT", "workspace/team", {"Label": "Team"})
    await root.is_told(status, "PUT", f"workspace/{slug}", body)


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (400, {"Action": "read"}), (400, {"Action": {"Name": "own"}}), (400, {"NodeID": 7}),
        (400, {"RoleID": "nobody"}), (400, {"RoleID": ""}), (404, {"NodeID": "nowhere"}),
    ],
)  # fmt: skip
async def test_a_right_that_cannot_be_is_refused(
    root: Person, status: int, change: dict[str, object]
) -> None:
    right = {"NodeID": "nowhere", "RoleID": "root-group", "Action": {"Name": "read"}}
    await root.is_told(status, "PUT", "acl", right | change)


async def test_spaces_are_listed(root: Person) -> None:
    """CELLS-CLIENT.md 3.7."""
    await root.asks("PUT", "workspace/team", {"Label": "Team"})
    listed = await root.asks("POST", "workspace", {"CountOnly": True, "Queries": None})
    assert [one["Slug"] for one in listed["Workspaces"]] == ["common-files", "team"]  # type: ignore[attr-defined]
    assert listed["Total"] == 2


async def test_what_everybody_has_stays(root: Person) -> None:
    await root.is_told(403, "DELETE", "workspace/common-files")
    assert (await root.asks("PUT", "workspace/common-files", {"Label": "All"}))["Label"] == "All"
    await root.asks("PUT", "workspace/team", {"Label": "Team"})
    await root.is_told(409, "PUT", "workspace/other", {"Label": "T", "Slug": "team"})
