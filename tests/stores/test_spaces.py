"""Spaces: of many of one slug there is one, and rights are told by the feed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from keycell.accounts.groups import Group
from keycell.files.access import Action, Right
from keycell.files.errors import Conflict, NotFound
from keycell.files.names import RECYCLE_BIN
from keycell.files.spaces import MOST_CELLS, PERSONAL_SLUG, Space, SpaceKind, Volume
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.audit import SqlAuditTrail
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.groups import SqlGroupStore
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import GONE, nodes, spaces, volumes
from keycell.stores.space_rows import space_row
from keycell.stores.spaces import SqlSpaceStore

from .bytes import placing, written
from .conftest import ANN, EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of


@pytest.fixture
def stored(database: Database) -> SqlSpaceStore:
    return SqlSpaceStore(database)


@pytest.fixture
async def tree(database: Database, stored: SqlSpaceStore) -> SqlNodeStore:
    """The nodes of a database with ann's space, whose volume is ``v``."""
    for sub in ("ann", "bob", "eve"):
        await add_person(database, sub)
    space = space_of("ann", "v", "root")
    right = Right("root", "ann", Action.WRITE)
    assert await stored.add(space, volume_of(space, quota=1000), [right], EVENT)
    return SqlNodeStore(database, made_ids(), LATER - NOW)


@pytest.fixture
async def other(url: str) -> AsyncIterator[SqlSpaceStore]:
    """The same spaces, as another process has them."""
    opened = await open_database(url)
    yield SqlSpaceStore(opened)
    await opened.close()


def team(number: int, slug: str = "team") -> tuple[Space, Volume]:
    space = replace(
        space_of("", f"v{number}", f"root{number}"), slug=slug, kind=SpaceKind.TEAM,
        description="For all of us", label="Équipe",
    )  # fmt: skip
    return space, volume_of(space)


async def test_a_space_comes_back_with_its_volume_and_its_first_nodes(
    stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    space, volume = team(1)
    assert await stored.add(space, volume, [], EVENT)
    assert await stored.find("team", "ann") == space
    assert await stored.find("team", "") == space
    assert await stored.by_id(space.space_id) == space
    assert await stored.of_root("root1") == [space]
    assert await stored.of_owner(space.owner, 1) == [space]
    assert await stored.of_owner("nobody", 1) == []
    assert await stored.find("other", "ann") is None
    assert await stored.by_id("other") is None
    assert await stored.volume("v1") == replace(volume, seq=2, nodes=2)
    assert await stored.volume("v9") is None
    found = await tree.resolve("root1", (RECYCLE_BIN,))
    assert [node.node_id for node in found.chain] == ["root1", "trash-v1"]
    assert found.chain[0].children == 1
    assert [change.seq for change in await tree.changes("v1", 0, 10)] == [1, 2]


async def test_everybodys_own_space_has_one_slug(
    stored: SqlSpaceStore, tree: SqlNodeStore, database: Database
) -> None:
    await add_person(database, "bob")
    bobs = space_of("bob", "v2", "root2")
    assert await stored.add(bobs, volume_of(bobs), [Right("root2", "ann", Action.READ)], EVENT)
    assert await stored.find(PERSONAL_SLUG, "bob") == bobs
    anns = await stored.find(PERSONAL_SLUG, "ann")
    assert anns is not None
    assert anns.owner == "ann"
    assert await stored.find(PERSONAL_SLUG, "eve") is None
    assert await stored.seen_by("ann", frozenset({"ann"})) == [anns]
    assert [one.owner for one in await stored.all("", 10)] == ["ann", "bob"]
    assert await stored.all(anns.space_id, 1) == [bobs]


async def test_of_twenty_one_makes_a_persons_space(
    stored: SqlSpaceStore, other: SqlSpaceStore, database: Database
) -> None:
    """On first use by requests that come at once, to two processes."""
    await add_person(database, "ann")

    async def make(number: int) -> bool:
        space = replace(space_of("ann", f"v{number}", f"root{number}"), space_id=f"s{number}")
        right = Right(space.root_id, "ann", Action.WRITE)
        store = (stored, other)[number % 2]
        return await store.add(space, volume_of(space), [right], EVENT)

    outcomes = await asyncio.gather(*(make(number) for number in range(20)))
    assert outcomes.count(True) == 1
    assert len(await database.read(Statement(select(spaces)))) == 1
    assert len(await database.read(Statement(select(volumes)))) == 1
    assert len(await database.read(Statement(select(nodes)))) == 2
    (found,) = await stored.seen_by("ann", frozenset({"ann"}))
    assert found.space_id == f"s{outcomes.index(True)}"
    assert len(await SqlAuditTrail(database).page(None, 50)) == 1 + 1


async def test_of_twenty_cells_made_at_once_none_is_one_too_many(
    stored: SqlSpaceStore, database: Database, url: str
) -> None:
    """By several processes, which share no transaction."""
    await SqlAccountStore(database).add(ANN, EVENT)

    def nearly_full() -> Verb[None]:
        for number in range(MOST_CELLS - 5):
            yield Statement(insert(spaces)), space_row(cell(f"old{number}"))

    await database.write(nearly_full)

    async def make(number: int) -> bool:
        space = cell(f"new{number}")
        store = SqlSpaceStore(processes[number % len(processes)])
        try:
            return await store.add(space, volume_of(space), [], EVENT)
        except Conflict:
            return False

    processes = [await open_database(url) for _ in range(5)]
    assert sum(await asyncio.gather(*(make(number) for number in range(20)))) == 5
    for process in processes:
        await process.close()
    assert len(await stored.of_owner("ann", 1000)) == MOST_CELLS
    own = space_of("ann", "v", "root")
    assert await stored.add(own, volume_of(own), [], EVENT)


def cell(name: str) -> Space:
    space = replace(space_of("ann", f"v-{name}", f"r-{name}"), kind=SpaceKind.CELL)
    return replace(space, space_id=name, slug=name)


async def test_a_space_is_seen_by_the_roles_that_may_read_its_root(
    stored: SqlSpaceStore, database: Database
) -> None:
    await SqlGroupStore(database).add_group(Group("/a", "A"), EVENT)
    for number, action in enumerate((Action.READ, Action.WRITE, Action.DENY)):
        space, volume = team(number, f"team{number}")
        assert await stored.add(space, volume, [Right(f"root{number}", "/a", action)], EVENT)
    seen = await stored.seen_by("ann", frozenset({"ann", "/a"}))
    assert [space.slug for space in seen] == ["team0", "team1"]
    assert await stored.seen_by("ann", frozenset({"ann", "/b"})) == []
    assert await stored.seen_by("ann", frozenset()) == []
    many = frozenset({"/a", *(f"role{number:04}" for number in range(600))})
    assert [space.slug for space in await stored.seen_by("ann", many)] == ["team0", "team1"]


async def test_a_space_is_changed_but_takes_no_others_slug(stored: SqlSpaceStore) -> None:
    space, volume = team(1)
    assert await stored.add(space, volume, [], EVENT)
    assert await stored.add(*team(2, "taken"), [], EVENT)
    changed = replace(space, slug="crew", label="Crew", description="")
    assert await stored.update(changed, EVENT)
    assert await stored.find("crew", "") == changed
    assert await stored.find("team", "") is None
    assert not await stored.update(replace(changed, slug="taken"), EVENT)
    assert await stored.by_id(space.space_id) == changed
    assert not await stored.update(replace(space, space_id="gone", slug="free"), EVENT)


async def test_of_twenty_one_renames_its_space_to_a_slug(
    stored: SqlSpaceStore, other: SqlSpaceStore
) -> None:
    made = [team(number, f"team{number}") for number in range(20)]
    for space, volume in made:
        assert await stored.add(space, volume, [], EVENT)
    renames = (
        (stored, other)[number % 2].update(replace(space, slug="wanted"), EVENT)
        for number, (space, _) in enumerate(made)
    )
    outcomes = await asyncio.gather(*renames)
    assert outcomes.count(True) == 1
    kept = [space.slug for space in await stored.all("", 100)]
    assert sorted(kept) == sorted({"wanted", *(f"team{n}" for n in range(20))} - {
        f"team{outcomes.index(True)}"
    })  # fmt: skip


async def test_a_right_is_a_change_of_its_node(stored: SqlSpaceStore, tree: SqlNodeStore) -> None:
    placed = await tree.place(placing(written(b"x"), "a.txt"))
    before = await stored.volume("v")
    assert before is not None
    right = Right(placed.node.node_id, "bob", Action.READ)
    assert await stored.put_right(right, EVENT)
    assert await stored.put_right(right, EVENT)
    (change,) = await tree.changes("v", before.seq, 10)
    assert change.node_id == right.node_id
    page = await tree.children("root", "", 10)
    assert page.ruled == {right.node_id: (right,)}
    assert await stored.rights(node_ids=[right.node_id]) == [right]
    assert await stored.rights(role_ids=["bob", "eve"]) == [right]
    assert await stored.rights(node_ids=["root"], role_ids=["bob"]) == []
    assert len(await stored.rights()) == 2
    assert await stored.remove_right(right, EVENT)
    assert not await stored.remove_right(right, EVENT)
    assert (await tree.children("root", "", 10)).ruled == {}
    assert [one.seq for one in await tree.changes("v", change.seq, 10)] == [change.seq + 1]


async def test_of_twenty_one_removes_a_right(
    stored: SqlSpaceStore, other: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    right = Right("root", "ann", Action.WRITE)
    outcomes = await asyncio.gather(
        *((stored, other)[number % 2].remove_right(right, EVENT) for number in range(20))
    )
    assert outcomes.count(True) == 1


async def test_a_right_needs_its_node(stored: SqlSpaceStore, tree: SqlNodeStore) -> None:
    placed = await tree.place(placing(written(b"x"), "Docs", "a.txt"))
    folder_id = placed.node.parent_id or ""
    await tree.delete(folder_id, NOW, EVENT)
    for node_id in ("nowhere", folder_id, placed.node.node_id):
        assert not await stored.put_right(Right(node_id, "bob", Action.READ), EVENT)
        assert not await stored.remove_right(Right(node_id, "bob", Action.READ), EVENT)
    cell = replace(space_of("ann", "v", folder_id), slug="cell", kind=SpaceKind.CELL)
    with pytest.raises(NotFound):
        await stored.add(cell, None, [], EVENT)


async def test_a_cell_is_a_folder_of_anothers_volume(
    stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    placed = await tree.place(placing(written(b"x"), "Docs", "a.txt"))
    folder_id = placed.node.parent_id or ""
    cell = replace(
        space_of("ann", "v", folder_id), space_id="cell", slug="cell", kind=SpaceKind.CELL
    )
    allowed = Right(folder_id, "bob", Action.READ)
    denied = Right(folder_id, "eve", Action.DENY)
    assert await stored.add(cell, None, [allowed, denied], EVENT)
    assert await stored.seen_by("bob", frozenset({"bob"})) == [cell]
    assert not await stored.add(replace(cell, space_id="second"), None, [], EVENT)
    assert await stored.remove("cell", NOW, EVENT)
    assert not await stored.remove("cell", NOW, EVENT)
    assert await stored.rights(node_ids=[folder_id]) == [denied]
    assert (await tree.resolve("root", ("Docs", "a.txt"))).missing == ()


async def test_of_many_cells_over_one_folder_one_is_made(
    stored: SqlSpaceStore, tree: SqlNodeStore
) -> None:
    placed = await tree.place(placing(written(b"x"), "Docs", "a.txt"))
    cell = replace(space_of("ann", "v", placed.node.parent_id or ""), kind=SpaceKind.CELL)
    cells = [replace(cell, space_id=f"cell{one}", slug=f"cell{one}") for one in range(20)]
    outcomes = await asyncio.gather(
        *(stored.add(one, None, [], EVENT) for one in cells), return_exceptions=True
    )
    assert outcomes.count(True) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 19
    assert len(await stored.of_root(cell.root_id)) == 1


async def test_a_space_that_is_removed_takes_its_volume_and_its_cells_along(
    stored: SqlSpaceStore, tree: SqlNodeStore, database: Database
) -> None:
    placed = await tree.place(placing(written(b"x"), "Docs", "a.txt"))
    folder_id = placed.node.parent_id or ""
    cell = replace(
        space_of("ann", "v", folder_id), space_id="cell", slug="cell", kind=SpaceKind.CELL
    )
    assert await stored.add(cell, None, [Right(folder_id, "bob", Action.READ)], EVENT)
    await tree.trash(folder_id, "ann/Docs", "ann", NOW)
    outcomes = await asyncio.gather(*(stored.remove("ann", NOW, EVENT) for _ in range(20)))
    assert outcomes.count(True) == 1
    assert await stored.all("", 10) == []
    assert await tree.locate(placed.node.node_id) is None
    with pytest.raises(NotFound):
        await tree.place(placing(written(b"y"), "b.txt", parent=folder_id))
    (root,) = await database.read(Statement(select(nodes).where(nodes.c.node_id == "root")))
    assert (root.parent_id, root.name_key, root.sort_key) == (GONE, "root", "root")


async def test_a_quota_is_set_and_lifted(stored: SqlSpaceStore, tree: SqlNodeStore) -> None:
    assert await stored.set_quota("v", 5, EVENT)
    volume = await stored.volume("v")
    assert volume is not None
    assert volume.quota == 5
    assert await stored.set_quota("v", None, EVENT)
    assert await stored.volume("v") == replace(volume, quota=None)
    assert not await stored.set_quota("nowhere", 5, EVENT)
