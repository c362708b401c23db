"""Whom somebody who shares is shown, and who reaches something."""

from keycell.accounts.administration import Changes, update_account
from keycell.bootstrap import World
from keycell.files.access import ROOT_GROUP

from ...conftest import Browser
from .conftest import Caller, ann_calls, home
from .people import Person, alice, bo, person, root
from .test_cells import folder, room

__all__ = ["alice", "ann_calls", "bo", "home", "root"]


async def shown(by: Person, text: str) -> list[object]:
    found = await by.asks("GET", f"keycell/people?text={text}")
    return [one["name"] for one in found["items"]]  # type: ignore[attr-defined]


async def test_people_are_shown_by_the_beginning_of_a_name(
    world: World, browser: Browser, alice: Person, bo: Person
) -> None:
    for login, name in (("bodo", "Bodo von Klee"), ("carla", "Carla")):
        await person(world, browser, login, email=f"{login}.secret@example.org")
        account = await world.people.accounts.find_by_login(login)
        assert account is not None
        await make_name(world, account.sub, name)
    assert await shown(alice, "bo") == ["Bo", "Bodo von Klee"]
    assert await shown(alice, "KLEE") == ["Bodo von Klee"]
    assert await shown(alice, "carla.secret@example.org") == ["Carla"]
    # Nobody is found by a part of their address, by a letter, by a wildcard, or is themselves.
    for text in ("carla.secret", "secret", "b", "", "%25%25", "alice"):
        assert await shown(alice, text) == []


async def make_name(world: World, sub: str, name: str) -> None:
    account = await world.people.accounts.find(sub)
    assert account is not None
    await update_account(world.people, account, Changes(name=name), "test")


async def test_houses_on_one_server_do_not_see_each_other(
    world: World, browser: Browser, root: Person
) -> None:
    for name in ("north", "north/lab", "south"):
        group = {"IsGroup": True, "GroupPath": f"/{name}", "GroupLabel": name.title()}
        await root.asks("PUT", f"user/{name}", group)
    first = await person(world, browser, "nora", group_path="/north/lab")
    await person(world, browser, "norbert", group_path="/north")
    await person(world, browser, "norma", group_path="/south")
    assert await shown(first, "nor") == ["Norbert", "North", "North/Lab"]
    assert await shown(root, "nor") == ["Nora", "Norbert", "Norma", "North", "North/Lab"]
    assert await shown(first, "south") == []


async def test_who_is_locked_out_is_not_shown(alice: Person, bo: Person, root: Person) -> None:
    assert await shown(alice, "bo") == ["Bo"]
    await root.asks("PUT", "user/bo", {"Attributes": {"locks": '["logout"]'}})
    assert await shown(alice, "bo") == []


async def test_a_program_is_told_of_nobody(ann_calls: Caller) -> None:
    await ann_calls.refused("GET", "/a/keycell/people?text=bo", None, 403)


async def test_who_reaches_a_folder_and_by_which(world: World, alice: Person, bo: Person) -> None:
    node = await folder(world, alice)
    below = await folder(world, alice, "personal-files/docs/below")
    sub = bo.account.sub
    wanted = room(node, (sub, "write"), (ROOT_GROUP, "read"))
    await alice.asks("PUT", "share/cell", wanted)
    told = await alice.asks("GET", f"keycell/nodes/{below}/rights")
    said = [(o["name"], o["may"], o["through"], o["is_here"]) for o in told["items"]]  # type: ignore[attr-defined]
    assert sorted(said[:3]) == [
        ("Alice", "write", "docs", False), ("Bo", "write", "docs", False),
        ("Root Group", "read", "docs", False),
    ]  # fmt: skip
    assert said[3] == ("Alice", "write", "My Files", False)
    assert told["is_all"] is True
    assert "docs" in str(await alice.asks("GET", f"keycell/nodes/{node}/rights"))
    # What lies above the cell is not Bo's to know of.
    theirs = await bo.asks("GET", f"keycell/nodes/{below}/rights")
    assert "My Files" not in str(theirs)
    assert theirs["is_all"] is False


async def test_links_are_ways_in_too(world: World, alice: Person, bo: Person) -> None:
    """UX-F20: whoever has an address reaches what it is for and all that lies in it."""
    node = await folder(world, alice)
    below = await folder(world, alice, "personal-files/docs/below")
    await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "write")))
    made = await alice.asks("PUT", "share/link", {
        "ShareLink": {"RootNodes": [{"Uuid": node}], "Permissions": ["Upload"], "Label": "Box"},
    })  # fmt: skip
    theirs = await bo.asks("GET", f"keycell/nodes/{below}/rights")
    (told,) = (one for one in theirs["items"] if one["kind"] == "link")  # type: ignore[attr-defined]
    assert (told["name"], told["by"], told["may"]) == ("Box", "Alice", "write")
    assert not told["is_here"]
    assert str(made["LinkHash"]) not in str(theirs), "its address is Alice's to tell"
    await alice.asks("DELETE", f"share/link/{made['Uuid']}")
    assert "link" not in str(await bo.asks("GET", f"keycell/nodes/{below}/rights"))


async def test_who_only_looks_is_not_told_who_else_does(
    world: World, alice: Person, bo: Person
) -> None:
    node = await folder(world, alice)
    await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "read")))
    await bo.is_told(403, "GET", f"keycell/nodes/{node}/rights")
    own = await folder(world, bo)
    await alice.is_told(404, "GET", f"keycell/nodes/{own}/rights")


async def test_a_shared_folder_is_still_a_folder_of_its_owner(
    world: World, alice: Person, bo: Person
) -> None:
    """By its identifier too: it is renamed, deleted and brought back, with who is in it."""
    node = await folder(world, alice)
    await alice.asks("PUT", "share/cell", room(node, (bo.account.sub, "read")))
    await bo.is_told(403, "POST", "tree/delete", {"Nodes": [{"Uuid": node}]})
    await alice.asks("POST", "tree/delete", {"Nodes": [{"Uuid": node}]})
    assert (await alice.call("GET", "tree/stat/personal-files/docs")).status_code == 404
    await alice.asks("POST", "tree/restore", {"Nodes": [{"Uuid": node}]})
    assert (await bo.call("GET", "tree/stat/our-docs/a.txt")).status_code == 200
