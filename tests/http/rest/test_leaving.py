"""What goes with a person who is removed, what stays, and what an administrator may keep."""

import asyncio
from datetime import timedelta

import pytest

from keycell.accounts.audit import NOWHERE
from keycell.bootstrap import World
from keycell.files.access import Action
from keycell.files.cells import CellWish, Member, make_cell
from keycell.files.finding import stat
from keycell.files.names import read_path
from keycell.files.spaces import Space
from keycell.stores.sweep import Sweep

from ...files.conftest import Home, actor_for
from ..tokens import make, sign_in
from .people import Person, alice, bo, root

__all__ = ["alice", "bo", "root"]

BOTH = Member(frozenset({Action.READ, Action.WRITE}))


@pytest.fixture
async def home(world: World, alice: Person) -> Home:
    """Alice, who has files."""
    home = Home(world.files, actor_for(alice.account))
    await home.put("personal-files/open/in.txt", b"in")
    await home.put("common-files/ours.txt", b"ours")
    return home


async def swept(world: World, later: timedelta = timedelta(0)) -> None:
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    while await sweep.once(world.files.clock() + later):
        pass


async def left(root: Person) -> list[dict[str, object]]:
    """List what people left behind, as administrators see it."""
    found = await root.asks("POST", "workspace", {"Queries": None})
    return [one for one in found["Workspaces"] if "KeptUntil" in one]  # type: ignore[attr-defined]


async def test_links_tokens_and_jobs_end_at_once(
    world: World, root: Person, alice: Person, home: Home
) -> None:
    http = alice.http
    program = await make(http, alice.token)
    node_id = (await stat(home.files, home.actor, read_path("personal-files/open"))).node.node_id
    share = {"RootNodes": [{"Uuid": node_id}], "Permissions": ["Preview", "Download"]}
    link = await alice.asks("PUT", "share/link", {"ShareLink": share})
    path = str(link["LinkUrl"]).partition("/public/")[2]
    assert (await http.get(f"/public/{path}")).status_code == 200
    await root.asks("DELETE", "user/alice")
    assert (await http.get(f"/public/{path}")).status_code == 404
    for token in (program, alice.token):
        answer = await http.get("/dav/", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    assert await world.files.links.of_person(alice.account.sub, 10) == []
    assert await world.files.spaces.of_owner(alice.account.sub, 10) == []
    assert await world.files.spaces.rights(role_ids=[alice.account.sub]) == []
    # What they put into other people's places is other people's.
    bos = Home(world.files, actor_for(root.account))
    assert await bos.get("common-files/ours.txt") == b"ours"


async def test_own_files_are_kept_for_administrators_and_then_go(
    world: World, root: Person, alice: Person, bo: Person, home: Home
) -> None:
    await root.asks("DELETE", "user/alice")
    (kept,) = await left(root)
    assert kept["Label"] == "My Files (alice)"
    # Whoever comes by that login later is somebody else, and finds nothing.
    await root.asks("PUT", "user/alice", {"Login": "alice", "Password": "correct horse battery"})
    newcomer = Person(alice.http, alice.account, await sign_in(alice.http, "alice"))
    assert str(kept["Slug"]) not in str(await newcomer.asks("GET", "graph/state"))
    await newcomer.is_told(404, "GET", "tree/stat/personal-files%2Fopen")
    # An administrator lets somebody look through it.
    await root.is_told(404, "GET", f"tree/stat/{kept['Slug']}")
    right = {"NodeID": kept["RootUUIDs"][0], "RoleID": bo.account.sub, "Action": {"Name": "read"}}  # type: ignore[index]
    await root.asks("PUT", "acl", right)
    theirs = Home(world.files, actor_for(bo.account))
    await swept(world, timedelta(days=29))
    assert await theirs.get(f"{kept['Slug']}/open/in.txt") == b"in"
    await swept(world, timedelta(days=31))
    assert await left(root) == []
    await bo.is_told(404, "GET", f"tree/stat/{kept['Slug']}")


async def test_what_an_administrator_keeps_stays(
    world: World, root: Person, alice: Person, home: Home
) -> None:
    await root.asks("DELETE", "user/alice")
    (kept,) = await left(root)
    said = {"Slug": "archive", "Label": "Of Alice", "KeptUntil": 0}
    changed = await root.asks("PUT", f"workspace/{kept['Slug']}", said)
    assert "KeptUntil" not in changed
    await swept(world, timedelta(days=3000))
    assert (await root.asks("GET", "workspace/archive"))["UUID"] == kept["UUID"]


async def test_own_files_go_now_where_that_is_asked(
    world: World, root: Person, alice: Person, home: Home
) -> None:
    await root.is_told(400, "DELETE", "user/alice?files=soon")
    await root.asks("DELETE", "user/alice?files=now")
    await swept(world)
    assert await left(root) == []
    assert [one.slug for one in await world.files.spaces.all("", 100)] == ["common-files"]


async def test_what_others_have_a_part_in_stays(
    world: World, root: Person, alice: Person, bo: Person, home: Home
) -> None:
    both, alone, over = await cells_of_alice(home, bo)
    theirs = Home(world.files, actor_for(bo.account))
    await home.put(f"{both.slug}/a.txt", b"a")
    await root.asks("DELETE", "user/alice")
    assert {one["UUID"] for one in await left(root)} >= {alone.space_id}
    assert both.space_id not in {one["UUID"] for one in await left(root)}
    assert await theirs.get(f"{both.slug}/a.txt") == b"a"
    assert await theirs.get(f"{over.slug}/in.txt") == b"in"
    await theirs.put(f"{both.slug}/b.txt", b"b")
    # It is nobody's own: an administrator looks after it, and gives nobody a role of nobody.
    room = {"Uuid": both.space_id, "Label": "Ours", "ACLs": {}}
    await bo.is_told(403, "PUT", "share/cell", {"Room": room})
    await root.asks("PUT", "share/cell", {"Room": room})
    assert "" not in {one.role_id for one in await world.files.spaces.rights()}
    await swept(world, timedelta(days=31))
    assert await world.files.spaces.by_id(both.space_id) is not None
    assert await world.files.spaces.by_id(over.space_id) is None


async def cells_of_alice(home: Home, bo: Person) -> tuple[Space, Space, Space]:
    """Give a cell that is shared with Bo, one that is not, and one over a folder of Alice's."""
    folder = await stat(home.files, home.actor, read_path("personal-files/open"))
    shared = {bo.account.sub: BOTH}
    wishes = (
        CellWish(label="Both", members=shared),
        CellWish(label="Alone", members={}),
        CellWish(label="Over", root_id=folder.node.node_id, members=shared),
    )
    both, alone, over = [await make_cell(home.files, home.actor, one, NOWHERE) for one in wishes]
    return both, alone, over


async def test_of_twenty_removals_one_is_told(root: Person, alice: Person, home: Home) -> None:
    calls = (root.call("DELETE", "user/alice") for _ in range(20))
    statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert set(statuses) <= {200, 404}
    assert 200 in statuses
    assert len(await left(root)) == 1
