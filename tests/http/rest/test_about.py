"""What is known of a file or folder beside itself: whose, what it holds, what became of it."""

from keycell.accounts.audit import AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.names import RECYCLE_BIN

from .people import Person, alice, bo, root
from .test_cells import folder, room
from .test_workspaces import home_of

__all__ = ["alice", "bo", "root"]

Told = list[tuple[str, str, str, str]]


async def about(who: Person, node: str) -> dict[str, object]:
    return await who.asks("GET", f"keycell/nodes/{node}/about")


def activity(told: dict[str, object]) -> Told:
    items = told["activity"]
    assert isinstance(items, list)
    return [(one["action"], one["by"], one["label"], one["who"]) for one in items]


async def node_at(who: Person, path: str) -> str:
    found = await who.asks("GET", f"tree/stat/{path}")
    return str(found["Node"]["Uuid"])  # type: ignore[index]


async def test_who_made_and_wrote_a_file(world: World, alice: Person, bo: Person) -> None:
    """UX-F16."""
    docs = await folder(world, alice)
    cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "write")))
    await home_of(world, bo).put(f"{cell['Slug']}/a.txt", b"by Bo")
    told = await about(alice, await node_at(alice, "personal-files/docs/a.txt"))
    assert activity(told) == [("version.written", "Bo", "", ""), ("node.made", "Alice", "", "")]
    assert (told["owner"], told["created_by"], told["changed_by"]) == ("Alice", "Alice", "Bo")
    assert len(str(told["sha256"])) == 64
    assert told["holds"] is None


async def test_a_folder_tells_with_whom_it_is_shared_to_who_may_change_it(
    world: World, alice: Person, bo: Person
) -> None:
    """UX-F16."""
    docs = await folder(world, alice)
    cell = await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    await alice.asks("PUT", "share/link", {
        "ShareLink": {"RootNodes": [{"Uuid": docs}], "Permissions": ["Preview"], "Label": "Box"},
    })  # fmt: skip
    wider = {"Room": {**room(docs, (bo.account.sub, "write"))["Room"], "Uuid": cell["Uuid"]}}  # type: ignore[dict-item]
    await alice.asks("PUT", "share/cell", wider)
    told = activity(await about(alice, docs))
    assert ("link.added", "Alice", "Box", "") in told
    assert ("space.added", "Alice", "Our docs", "") in told
    assert ("right.added", "Alice", "Our docs", "Bo") in told
    assert told[-1] == ("node.made", "Alice", "", "")
    await alice.asks("PUT", "share/cell", {
        "Room": {**room(docs, (bo.account.sub, "read"))["Room"], "Uuid": cell["Uuid"]},  # type: ignore[dict-item]
    })  # fmt: skip
    assert activity(await about(bo, docs)) == [("node.made", "Alice", "", "")]


async def test_what_lies_in_a_folder_is_counted(world: World, alice: Person) -> None:
    """UX-F16: all below it, and of a space nothing that was thrown away."""
    docs = await folder(world, alice)
    await folder(world, alice, "personal-files/docs/below")
    assert (await about(alice, docs))["holds"] == {"folders": 1, "files": 2, "size": 10}
    top = await node_at(alice, "personal-files")
    assert (await about(alice, top))["holds"] == {"folders": 2, "files": 2, "size": 10}
    below = await node_at(alice, "personal-files/docs/below")
    await alice.asks("POST", "tree/delete", {"Nodes": [{"Uuid": below}]})
    assert (await about(alice, top))["holds"] == {"folders": 1, "files": 1, "size": 5}
    binned = await about(alice, await node_at(alice, f"personal-files/{RECYCLE_BIN}/below"))
    assert activity(binned)[0][:2] == ("node.trashed", "Alice")


async def test_what_is_denied_below_a_folder_is_not_counted_for_anybody(
    world: World, alice: Person, bo: Person
) -> None:
    docs = await folder(world, alice)
    below = await folder(world, alice, "personal-files/docs/below")
    elsewhere = await folder(world, alice, "personal-files/other")
    await alice.asks("PUT", "share/cell", room(docs, (bo.account.sub, "read")))
    await deny(world, elsewhere, bo)
    await deny(world, "gone", bo)
    assert (await about(bo, docs))["holds"] is not None
    await deny(world, below, bo)
    assert (await about(bo, docs))["holds"] is None
    assert (await about(alice, docs))["holds"] is not None
    await bo.is_told(404, "GET", f"keycell/nodes/{below}/about")


async def deny(world: World, node: str, who: Person) -> None:
    event = AuditEvent(at=world.files.clock(), actor="test", action="right.added", target=node)
    await world.files.spaces.put_right(Right(node, who.account.sub, Action.DENY), event)
