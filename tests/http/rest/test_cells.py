"""Cells over REST: who is in them, what they may do there, and that it ends."""

import json
from datetime import timedelta

import pytest

from keycell.bootstrap import World
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.stores.sweep import Sweep

from ...conftest import Browser
from ..tokens import make
from .people import Person, alice, bo, root
from .test_workspaces import home_of

__all__ = ["alice", "bo", "root"]

Json = dict[str, object]


async def folder(world: World, person: Person, path: str = "personal-files/docs") -> str:
    """Give a person a folder with a file in it."""
    home = home_of(world, person)
    await home.put(f"{path}/a.txt", b"hello")
    return (await stat(home.files, home.actor, read_path(path))).node.node_id


def room(node: str | None, *members: tuple[str, str], **more: object) -> Json:
    acls: dict[str, Json] = {}
    for role, action in members:
        entry = acls.setdefault(role, {"RoleId": role, "Actions": []})
        entry["Actions"].append({"Name": action, "Value": "1"})  # type: ignore[attr-defined]
    roots = [] if node is None else [{"Uuid": node}]
    wanted = {"Label": "Our docs", "Description": "D", "RootNodes": roots, "ACLs": acls} | more
    return {"Room": wanted, "CreateEmptyRoot": node is None}


async def seen(person: Person, path: str) -> int:
    answer = await person.call("GET", f"tree/stat/{path.replace('/', '%2F')}")
    return answer.status_code


async def written(person: Person, path: str) -> int:
    wanted = {"Nodes": [{"Path": path, "Type": "COLLECTION"}]}
    answer = await person.call("POST", "tree/create", wanted)
    return answer.status_code


def until(wanted: Json, role: str, end: object) -> Json:
    """Say when somebody is out again."""
    wanted["Room"]["ACLs"][role]["AccessEnd"] = end  # type: ignore[index]
    return wanted


async def test_a_member_is_out_when_their_time_is_over(
    world: World, alice: Person, bo: Person
) -> None:
    """UX-F20."""
    node, sub = await folder(world, alice), bo.account.sub
    end = int(world.files.clock().timestamp()) + 3600
    cell = await alice.asks("PUT", "share/cell", until(room(node, (sub, "read")), sub, end))
    assert cell["ACLs"][sub]["AccessEnd"] == str(end)  # type: ignore[index]
    told = await alice.asks("GET", f"keycell/nodes/{node}/rights")
    assert [one["until"] for one in told["items"] if one["role"] == sub] == [end]  # type: ignore[attr-defined]
    # Sent back as it came, it is as it was.
    again = {"Room": {**cell, "Label": "Other"}}
    assert (await alice.asks("PUT", "share/cell", again))["ACLs"] == cell["ACLs"]
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    await sweep.once(world.files.clock())
    assert await seen(bo, f"{cell['Slug']}/a.txt") == 200
    await sweep.once(world.files.clock() + timedelta(hours=1))
    assert await seen(bo, f"{cell['Slug']}/a.txt") == 404
    assert await seen(alice, "personal-files/docs/a.txt") == 200


async def test_an_end_that_cannot_be_is_refused(world: World, alice: Person, bo: Person) -> None:
    node, sub = await folder(world, alice), bo.account.sub
    past = int(world.files.clock().timestamp()) - 1
    for action, end in (("read", past), ("deny", past + 3600), ("read", "soon"), ("read", 10**14)):
        await alice.is_told(400, "PUT", "share/cell", until(room(node, (sub, action)), sub, end))


async def test_a_member_reads_and_writes_until_taken_out(
    world: World, alice: Person, bo: Person
) -> None:
    node = await folder(world, alice)
    sub = bo.account.sub
    cell = await alice.asks("PUT", "share/cell", room(node, (sub, "read")))
    assert (cell["Label"], cell["Description"], cell["Slug"]) == ("Our docs", "D", "our-docs")
    assert cell["RootNodes"] == [{"Uuid": node}]
    member = cell["ACLs"][sub]  # type: ignore[index]
    assert member["Actions"] == [{"Name": "read", "Value": "1"}]
    assert member["User"]["Login"] == "bo"
    uuid = cell["Uuid"]
    assert await alice.asks("GET", f"share/cell/{uuid}") == cell
    assert await seen(bo, "our-docs/a.txt") == 200
    assert await written(bo, "our-docs/new") == 403


async def test_a_cell_is_changed_and_removed(world: World, alice: Person, bo: Person) -> None:
    node, sub = await folder(world, alice), bo.account.sub
    uuid = (await alice.asks("PUT", "share/cell", room(node, (sub, "read"))))["Uuid"]
    more = room(node, (sub, "read"), (sub, "write"), Uuid=uuid, Label="Docs")
    changed = await alice.asks("PUT", "share/cell", more)
    assert changed["Label"] == "Docs"
    assert await written(bo, "our-docs/new") == 200
    assert await seen(alice, "personal-files/docs/new") == 200
    # What is left out stays as it is.
    kept = await alice.asks("PUT", "share/cell", {"Room": {"Uuid": uuid}})
    assert kept == changed
    await alice.asks("PUT", "share/cell", room(node, Uuid=uuid))
    assert await seen(bo, "our-docs/a.txt") == 404
    assert await written(bo, "our-docs/newer") in (403, 404)
    assert (await bo.call("GET", f"share/cell/{uuid}")).status_code == 404
    await alice.asks("PUT", "share/cell", more)
    assert (await alice.asks("DELETE", f"share/cell/{uuid}"))["Success"] is True
    assert await seen(bo, "our-docs/a.txt") == 404
    assert await seen(alice, "personal-files/docs/a.txt") == 200
    await alice.is_told(404, "DELETE", f"share/cell/{uuid}")
    actions = {event.action for _, event in await world.audit.page(None, 100)}
    assert {"space.added", "space.changed", "space.removed", "right.added",
            "right.removed"} <= actions  # fmt: skip


async def test_a_cell_with_room_of_its_own(world: World, alice: Person, bo: Person) -> None:
    wanted = room(None)
    wanted["Room"]["ACLs"] = {"bo": {"User": {"Login": "Bo"}, "Actions": [{"Name": "write"}]}}  # type: ignore[index]
    cell = await alice.asks("PUT", "share/cell", wanted)
    again = await alice.asks("PUT", "share/cell", wanted)
    assert cell["Slug"] == "our-docs"
    assert str(again["Slug"]).startswith("our-docs-")
    assert await written(bo, "our-docs/theirs") == 200
    state = await bo.asks("GET", "graph/state")
    assert state["WorkspacesAccesses"][cell["Uuid"]] == "r,w"  # type: ignore[index]
    one = await bo.asks("GET", "graph/state/our-docs")
    assert [space["UUID"] for space in one["Workspaces"]] == [cell["Uuid"]]  # type: ignore[attr-defined]
    await bo.is_told(404, "GET", "graph/state/nowhere")
    shared = await bo.asks("GET", f"graph/relation/{alice.account.sub}")
    assert len(shared["SharedCells"]) == 2  # type: ignore[arg-type]
    assert (await bo.asks("GET", "graph/relation/nobody"))["SharedCells"] == []
    # What is in it would go with it.
    await alice.is_told(409, "DELETE", f"share/cell/{cell['Uuid']}")
    await alice.asks("DELETE", f"share/cell/{again['Uuid']}")


async def test_a_cell_of_others_answers_as_one_that_is_not_there(
    world: World, alice: Person, bo: Person
) -> None:
    node = await folder(world, alice)
    uuid = str((await alice.asks("PUT", "share/cell", room(node)))["Uuid"])
    for method, path, body in (
        ("GET", "share/cell/{}", None), ("DELETE", "share/cell/{}", None),
        ("PUT", "share/cell", room(node, Uuid="CELL")),
        ("PUT", "share/policies", {"Uuid": "CELL"}),
    ):  # fmt: skip
        told = []
        for one in (uuid, "nowhere"):
            sent = None if body is None else json.loads(json.dumps(body).replace("CELL", one))
            answer = await bo.call(method, path.format(one), sent)
            told.append((answer.status_code, answer.text.replace(one, "")))
        assert told[0] == told[1]
        assert told[0][0] == 404


async def test_a_denial_in_a_cell_wins(world: World, alice: Person, bo: Person) -> None:
    node = await folder(world, alice)
    members = (("root-group", "write"), (bo.account.sub, "deny"))
    await alice.asks("PUT", "share/cell", room(node, *members))
    assert await seen(bo, "our-docs/a.txt") == 404
    assert await seen(alice, "our-docs/a.txt") == 200


async def test_only_the_owner_or_an_administrator_changes_a_cell(
    world: World, root: Person, alice: Person, bo: Person
) -> None:
    node = await folder(world, alice)
    cell = await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "write")))
    uuid = cell["Uuid"]
    mine = room(node, (bo.account.sub, "write"), ("root-group", "write"), Uuid=uuid)
    await bo.is_told(403, "PUT", "share/cell", mine)
    await bo.is_told(403, "DELETE", f"share/cell/{uuid}")
    await bo.is_told(403, "PUT", "share/policies", {"Uuid": uuid, "Policies": []})
    assert await alice.asks("GET", f"share/cell/{uuid}") == cell
    done = await alice.asks("PUT", "share/policies", {"Uuid": uuid, "Policies": None})
    assert done == {"Success": True}
    listed = await alice.asks("POST", "share/resources", {"ShareType": "CELLS"})
    assert [one["Cells"][0]["Uuid"] for one in listed["Resources"]] == [uuid]  # type: ignore[attr-defined]
    assert (await bo.asks("POST", "share/resources"))["Resources"] == []
    link = {"ShareLink": {"RootNodes": [{"Uuid": node}], "Permissions": ["Preview"]}}
    await alice.asks("PUT", "share/link", link)
    both = await alice.asks("POST", "share/resources", {})
    assert both["Total"] == 2
    await root.is_told(403, "DELETE", "workspace/our-docs")
    await root.is_told(403, "PUT", "workspace/our-docs", {"Label": "X"})
    assert (await root.asks("DELETE", f"share/cell/{uuid}"))["Success"] is True


async def test_a_cell_over_anothers_folder_outlives_no_right(
    world: World, alice: Person, bo: Person, root: Person
) -> None:
    node = await folder(world, alice)
    sub = bo.account.sub
    cell = await alice.asks("PUT", "share/cell", room(node, (sub, "write")))
    home = home_of(world, bo)
    await home.put("our-docs/inner/b.txt", b"b")
    inner = (await stat(home.files, home.actor, read_path("our-docs/inner"))).node.node_id
    for members in ((sub, "write"),), (("root-group", "read"),), ((root.account.sub, "deny"),):
        await bo.is_told(403, "PUT", "share/cell", room(inner, *members))
    below = await bo.asks("PUT", "share/cell", room(inner, (root.account.sub, "read")))
    assert sub not in below["ACLs"]  # type: ignore[operator]
    await alice.asks("PUT", "share/cell", room(node, Uuid=cell["Uuid"]))
    assert await seen(bo, f"{below['Slug']}/b.txt") == 404
    raised = room(inner, (sub, "write"), Uuid=below["Uuid"])
    await bo.is_told(404, "PUT", "share/cell", raised)
    # Whose the folder is ends what others made of it.
    await alice.asks("DELETE", f"share/cell/{below['Uuid']}")
    await root.is_told(404, "GET", f"share/cell/{below['Uuid']}")


async def test_whom_somebody_let_in_who_was_put_out_is_out_too(
    world: World, alice: Person, bo: Person, root: Person
) -> None:
    """decisions/0083."""
    node = await folder(world, alice)
    cell = await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "write")))
    home = home_of(world, bo)
    await home.put("our-docs/inner/b.txt", b"b")
    inner = (await stat(home.files, home.actor, read_path("our-docs/inner"))).node.node_id
    below = await bo.asks("PUT", "share/cell", room(inner, (root.account.sub, "read")))
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    await sweep.once(world.files.clock())
    assert await seen(root, f"{below['Slug']}/b.txt") == 200
    await alice.asks("PUT", "share/cell", room(node, Uuid=cell["Uuid"]))
    await sweep.once(world.files.clock())
    assert await seen(root, f"{below['Slug']}/b.txt") == 404
    assert await seen(alice, "personal-files/docs/inner/b.txt") == 200


async def test_what_is_not_ones_own_to_share_is_not_shared(
    world: World, browser: Browser, alice: Person, bo: Person
) -> None:
    node = await folder(world, alice)
    await bo.is_told(404, "PUT", "share/cell", room(node, (bo.account.sub, "write")))
    cell = await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "read")))
    await bo.is_told(403, "PUT", "share/cell", room(node))
    await alice.is_told(409, "PUT", "share/cell", room(node))
    home = home_of(world, alice)
    top = (await stat(home.files, home.actor, read_path("personal-files"))).node.node_id
    file = (await stat(home.files, home.actor, read_path("personal-files/docs/a.txt"))).node
    for other in (top, file.node_id):
        await alice.is_told(403, "PUT", "share/cell", room(other))
    out = room(await folder(world, alice, "personal-files/more"), ("root-group", "deny"))
    await alice.is_told(403, "PUT", "share/cell", out)
    narrow = Person(
        browser.http, alice.account, await make(browser.http, alice.token, f"node:{node}:r")
    )
    await narrow.is_told(403, "PUT", "share/cell", room(None))
    await narrow.is_told(403, "DELETE", f"share/cell/{cell['Uuid']}")


@pytest.mark.parametrize(
    "change",
    [
        {"Label": ""}, {"Label": 7}, {"RootNodes": "x"}, {"RootNodes": [{"Uuid": 7}]},
        {"RootNodes": []}, {"ACLs": []}, {"ACLs": {"x": "y"}}, {"ACLs": {"nobody": {}}},
        {"ACLs": {"root-group": {"Actions": [{"Name": "own"}]}}}, {"Description": "x" * 3000},
    ],
)  # fmt: skip
async def test_a_cell_that_cannot_be_is_refused(world: World, alice: Person, change: Json) -> None:
    node = await folder(world, alice)
    wanted = room(node)
    wanted["Room"] = {**wanted["Room"], **change}  # type: ignore[dict-item]
    await alice.is_told(400, "PUT", "share/cell", wanted)
    await alice.is_told(400, "PUT", "share/cell", {"Room": change.get("Label", 1)})


async def test_what_is_no_cell_is_not_there(alice: Person) -> None:
    state = await alice.asks("GET", "graph/state/personal-files")
    own = state["Workspaces"][0]["UUID"]  # type: ignore[index]
    for uuid in ("nowhere", own):
        await alice.is_told(404, "GET", f"share/cell/{uuid}")
        await alice.is_told(404, "DELETE", f"share/cell/{uuid}")
        await alice.is_told(404, "PUT", "share/policies", {"Uuid": uuid})
    await alice.is_told(400, "POST", "share/resources", {"ShareType": "OTHER"})
