"""Nodes on both databases: the tree stays a tree, whoever writes at once."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from keycell.accounts.audit import AuditEvent
from keycell.files.access import Action, Right
from keycell.files.errors import (
    Conflict,
    IsAFolder,
    NameTaken,
    NotAFolder,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
)
from keycell.files.names import RECYCLE_BIN
from keycell.files.nodes import Conditions, Node, Order, OrderBy, Sought
from keycell.files.ports import Move, Placed
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.node_reads import CHANGED, CHILD, CHILDREN, down
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import nodes, rights

from .trees import NOW, folder, make_tree, names, placing, used

EVENT = AuditEvent(at=datetime.now(UTC), actor="ann", action="node.deleted")


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    return await make_tree(database)


async def test_a_file_is_placed_with_its_folders(tree: SqlNodeStore, database: Database) -> None:
    placed = await tree.place(placing(b"hello", "Docs", "Old", "a.txt"))
    found = await tree.resolve("root", ("Docs", "Old", "a.txt"))
    assert [node.name for node in found.chain] == ["", "Docs", "Old", "a.txt"]
    assert found.missing == ()
    assert found.node == placed.node
    assert found.node.size == 5
    assert [node.children for node in found.chain[:3]] == [2, 1, 1]
    assert await used(database) == 5
    version = await tree.version(found.node.version_id or "")
    assert version is not None
    assert version.content.parts[0].size == 5


async def test_a_path_leads_as_far_as_it_does(tree: SqlNodeStore) -> None:
    await tree.place(placing(b"x", "Docs", "a.txt"))
    assert (await tree.resolve("root", ("Docs", "b", "c"))).missing == ("b", "c")
    assert (await tree.resolve("root", ())).node.node_id == "root"
    collided = await tree.resolve("root", ("docs", "a.txt"))
    assert collided.missing == ("docs", "a.txt")
    assert collided.collision is not None
    assert collided.collision.name == "Docs"
    with pytest.raises(NotFound):
        await tree.resolve("nowhere", ())


async def test_two_unicode_forms_find_one_file_and_collide_when_written(
    tree: SqlNodeStore,
) -> None:
    await tree.place(placing(b"x", "\u00e9"))
    assert (await tree.resolve("root", ("e\u0301",))).missing == ()
    with pytest.raises(NameTaken, match="differs"):
        await tree.place(placing(b"y", "e\u0301"))
    with pytest.raises(NameTaken):
        await tree.place(placing(b"y", "\u00c9"))
    with pytest.raises(NameTaken):
        await tree.make_folders("root", ("\u00c9",), "ann", NOW)
    assert await names(tree) == [RECYCLE_BIN, "\u00e9"]


async def test_what_is_overwritten_is_kept(tree: SqlNodeStore, database: Database) -> None:
    first = await tree.place(placing(b"one", "a"))
    second = await tree.place(placing(b"three", "a"))
    assert second.node.node_id == first.node.node_id
    assert second.replaced == first.node.version_id
    assert second.node.revision > first.node.revision
    kept = await tree.versions(first.node.node_id, 10)
    assert {one.version_id for one in kept} == {first.node.version_id, second.node.version_id}
    assert await used(database) == 8
    restored = await tree.restore_version(
        first.node.node_id, first.node.version_id or "", "ann", NOW
    )
    assert restored.etag == first.node.etag
    assert len(await tree.versions(first.node.node_id, 10)) == 3


async def test_the_same_bytes_make_no_new_version(tree: SqlNodeStore, database: Database) -> None:
    first = await tree.place(placing(b"one", "a"))
    again = await tree.place(placing(b"one", "a"))
    assert again.node.version_id == first.node.version_id
    assert again.node.revision > first.node.revision
    assert again.replaced is None
    assert await used(database) == 3


async def test_of_twenty_with_one_condition_one_wins(tree: SqlNodeStore) -> None:
    """RFC9110-13.1.1."""
    first = await tree.place(placing(b"0", "a"))
    for conditions, name in ((Conditions(if_match=(first.node.etag,)), "a"),
                             (Conditions(if_none_match=("*",)), "new")):  # fmt: skip
        outcomes = await asyncio.gather(
            *(tree.place(placing(b"%d" % n, name, conditions=conditions)) for n in range(1, 21)),
            return_exceptions=True,
        )
        won = [one for one in outcomes if isinstance(one, Placed)]
        assert len(won) == 1
        lost = [one for one in outcomes if isinstance(one, PreconditionFailed)]
        assert len(lost) == 19
        assert (await tree.resolve("root", (name,))).node.etag == won[0].node.etag


async def test_twenty_without_conditions_are_all_kept(tree: SqlNodeStore) -> None:
    placed = await asyncio.gather(*(tree.place(placing(b"%d" % n, "a")) for n in range(20)))
    assert len({one.node.node_id for one in placed}) == 1
    assert len(await tree.versions(placed[0].node.node_id, 100)) == 20
    assert len({one.node.revision for one in placed}) == 20


async def test_twenty_in_one_new_folder_make_it_once(tree: SqlNodeStore) -> None:
    await asyncio.gather(*(tree.place(placing(b"x", "deep", "er", f"{n}")) for n in range(20)))
    assert len(await names(tree)) == 2
    found = await tree.resolve("root", ("deep", "er"))
    assert found.node.children == 20


async def test_files_and_folders_do_not_take_each_others_place(tree: SqlNodeStore) -> None:
    await tree.place(placing(b"x", "file"))
    await tree.make_folders("root", ("folder",), "ann", NOW)
    with pytest.raises(IsAFolder):
        await tree.place(placing(b"x", "folder"))
    with pytest.raises(NotAFolder):
        await tree.place(placing(b"x", "file", "below"))
    with pytest.raises(NotAFolder):
        await tree.make_folders("root", ("file",), "ann", NOW)
    folder_, is_new = await tree.make_folders("root", ("folder",), "ann", NOW)
    assert not is_new
    assert folder_.is_folder


async def test_a_quota_is_held_and_nothing_is_half_written(
    tree: SqlNodeStore, database: Database
) -> None:
    await tree.place(placing(b"x" * 900, "a"))
    with pytest.raises(QuotaExceeded, match="100 are left"):
        await tree.place(placing(b"y" * 101, "new", "b"))
    assert await names(tree) == ["a", RECYCLE_BIN]
    assert await used(database) == 900
    outcomes = await asyncio.gather(
        *(tree.place(placing(b"%02d" % n * 15, f"n{n}")) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Placed) for one in outcomes) == 3
    assert await used(database) == 990


async def test_a_folder_moves_with_all_it_holds_by_one_row(tree: SqlNodeStore) -> None:
    await tree.place(placing(b"x", "from", "sub", "a"))
    await tree.make_folders("root", ("to",), "ann", NOW)
    source = (await tree.resolve("root", ("from",))).node
    target = (await tree.resolve("root", ("to",))).node
    before = await tree.changes("v", 0, 100)
    await tree.move(move(source, target.node_id, "moved"))
    assert (await tree.resolve("root", ("to", "moved", "sub", "a"))).missing == ()
    assert (await tree.resolve("root", ("from",))).missing == ("from",)
    changed = await tree.changes("v", before[-1].seq, 100)
    assert [change.node_id for change in changed] == [source.node_id]
    assert (await tree.resolve("root", ("to",))).node.children == 1


def move(node: Node, parent_id: str, name: str, replaces: str | None = None) -> Move:
    return Move(
        node_id=node.node_id, parent_id=parent_id, name=name, by="ann", at=NOW, replaces=replaces
    )


async def test_a_folder_cannot_lie_in_itself_whoever_moves_at_once(tree: SqlNodeStore) -> None:
    one, _ = await tree.make_folders("root", ("one",), "ann", NOW)
    two, _ = await tree.make_folders("root", ("two",), "ann", NOW)
    with pytest.raises(Conflict):
        await tree.move(move(one, one.node_id, "x"))
    outcomes = await asyncio.gather(
        tree.move(move(one, two.node_id, "one")), tree.move(move(two, one.node_id, "two")),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert len(await names(tree)) == 2


async def test_a_move_replaces_what_it_was_told_to_alone(tree: SqlNodeStore) -> None:
    one = (await tree.place(placing(b"1", "one"))).node
    two = (await tree.place(placing(b"2", "two"))).node
    with pytest.raises(NameTaken):
        await tree.move(move(one, "root", "two"))
    await tree.move(move(one, "root", "two", replaces=two.node_id))
    assert await names(tree) == [RECYCLE_BIN, "two"]
    assert await names(tree, "bin") == ["two"]
    case = await tree.move(move(one, "root", "TWO"))
    assert case.name == "TWO"
    for fixed in ("root", "bin"):
        with pytest.raises(Conflict):
            await tree.move(move(folder(fixed, None, ""), case.node_id, "x"))


async def test_the_recycle_bin_takes_what_has_the_same_name(tree: SqlNodeStore) -> None:
    for text in (b"1", b"2", b"3"):
        node = (await tree.place(placing(text, "a.txt"))).node
        trashed = await tree.trash(node.node_id, "s/a.txt", "ann", NOW)
        assert trashed is not None
        assert trashed.origin == "s/a.txt"
    assert len(set(await names(tree, "bin"))) == 3
    assert await tree.trash(node.node_id + "x", "s/a.txt", "ann", NOW) is None


async def test_what_is_deleted_for_good_is_told_of_and_takes_nothing_more(
    tree: SqlNodeStore,
) -> None:
    await tree.place(placing(b"x", "dir", "sub", "a"))
    sub = (await tree.resolve("root", ("dir", "sub"))).node
    top = (await tree.resolve("root", ("dir",))).node
    assert await tree.delete(top.node_id, NOW, EVENT)
    assert not await tree.delete(top.node_id, NOW, EVENT)
    assert await tree.locate(sub.node_id) is None
    with pytest.raises(NotFound):
        await tree.place(placing(b"y", "b", parent=sub.node_id))
    with pytest.raises(NotFound):
        await tree.make_folders(sub.node_id, ("b",), "ann", NOW)
    with pytest.raises(NotFound):
        await tree.move(move(sub, "root", "saved"))
    last = (await tree.changes("v", 0, 100))[-1]
    assert (last.node_id, last.node) == (top.node_id, None)


async def test_pages_go_on_where_they_ended(tree: SqlNodeStore) -> None:
    for n in range(7):
        await tree.place(placing(b"x", f"{n}"))
    await tree.make_folders("root", ("3a",), "ann", NOW)
    found: list[str] = []
    after, more = "", True
    while more:
        page = await tree.children("root", after, 3)
        found += [node.name for node in page.nodes]
        last = page.nodes[-1]
        after, more = last.name + "/" * last.is_folder, page.has_more
    assert found == ["0", "1", "2", "3", "3a", "4", "5", "6", RECYCLE_BIN]
    assert [one.name for one in (await tree.children_from("root", 4, 2)).nodes] == ["3a", "4"]


async def test_children_are_listed_in_an_order_with_folders_first(tree: SqlNodeStore) -> None:
    for name, content in (("B.txt", b"xx"), ("a.txt", b"xxx"), ("c%.txt", b"x")):
        await tree.place(placing(content, name))
    for name in ("z", "Y"):
        await tree.make_folders("root", (name,), "ann", NOW)

    async def names(order: Order, offset: int = 0, most: int = 9) -> list[str]:
        page, total = await tree.in_order("root", order, offset, most)
        found = [node.name for node in page.nodes]
        assert page.has_more == (offset + len(found) < total)
        return [*found, str(total)]

    everything = (await tree.children("root", "", 9)).nodes
    (bin_id,) = (one.node_id for one in everything if one.name == RECYCLE_BIN)
    by_name = Order(by=OrderBy.NAME, without=(bin_id,))
    assert await names(by_name) == ["Y", "z", "a.txt", "B.txt", "c%.txt", "5"]
    assert await names(by_name, 1, 2) == ["z", "a.txt", "5"]
    assert await names(by_name, 9) == ["5"]
    falling = replace(by_name, is_descending=True)
    assert await names(falling) == ["z", "Y", "c%.txt", "B.txt", "a.txt", "5"]
    by_size = replace(falling, by=OrderBy.SIZE)
    assert await names(by_size) == ["Y", "z", "a.txt", "B.txt", "c%.txt", "5"]
    assert await names(replace(by_size, by=OrderBy.MTIME, text=".TX")) == [
        "a.txt", "B.txt", "c%.txt", "3",
    ]  # fmt: skip
    assert await names(replace(by_size, text="%")) == ["c%.txt", "1"]


async def test_rights_are_found_on_the_way_and_on_children(
    tree: SqlNodeStore, database: Database
) -> None:
    sub, _ = await tree.make_folders("root", ("a", "b"), "ann", NOW)

    def verb() -> Verb[None]:
        for node_id, action in (("root", "write"), (sub.node_id, "deny"), (sub.node_id, "read")):
            yield Statement(insert(rights)), {
                "node_id": node_id, "role_id": "ann", "action": action, "expires_at": None
            }  # fmt: skip
        yield (
            Statement(nodes.update().where(nodes.c.node_id == sub.node_id).values(is_ruled=1)),
            {},
        )

    await database.write(verb)
    found = await tree.resolve("root", ("a", "b"))
    assert set(found.rights) == {
        Right("root", "ann", Action.WRITE),
        Right(sub.node_id, "ann", Action.DENY),
        Right(sub.node_id, "ann", Action.READ),
    }
    located = await tree.locate(sub.node_id)
    assert located is not None
    assert located.chain == found.chain
    assert set(located.rights) == set(found.rights)
    parent = found.chain[1]
    page = await tree.children(parent.node_id, "", 10)
    assert {one.action for one in page.ruled[sub.node_id]} == {Action.DENY, Action.READ}
    from_below = await tree.resolve(sub.node_id, ())
    assert from_below.ids == found.ids
    assert set(from_below.rights) == set(found.rights)


async def test_usage_search_and_times(tree: SqlNodeStore) -> None:
    await tree.place(placing(b"12345", "Docs", "100%_sure.TXT"))
    await tree.place(placing(b"123", "Docs", "sub", "b"))
    docs = (await tree.resolve("root", ("Docs",))).node
    assert await tree.usage(docs.node_id) == (1, 2, 8)
    assert [node.name for node in await tree.search(("root",), Sought(text="%_SURE"), 5)] == [
        "100%_sure.TXT"
    ]
    assert await tree.search(("root",), Sought(text="100a"), 5) == []
    assert await tree.search((), Sought(text="x"), 5) == []
    later = NOW + timedelta(days=1)
    node = (await tree.resolve("root", ("Docs", "sub", "b"))).node
    assert (await tree.touch(node.node_id, later, "ann")).mtime == later
    assert (await tree.resolve("root", ("Docs", "sub", "b"))).node.mtime == later


async def test_a_search_in_a_cell_over_a_folder_stays_in_it(tree: SqlNodeStore) -> None:
    await tree.place(placing(b"1", "Cell", "sub", "found in"))
    await tree.place(placing(b"2", "Else", "found out"))
    cell = (await tree.resolve("root", ("Cell",))).node
    assert [node.name for node in await tree.search((cell.node_id,), Sought(text="found"), 5)] == [
        "found in"
    ]
    both = await tree.search(("root", cell.node_id), Sought(text="found"), 5)
    assert sorted(node.name for node in both) == ["found in", "found out"]


async def test_of_many_that_fit_the_first_are_found(tree: SqlNodeStore) -> None:
    """Whichever were made first: a search goes on where its last part ended."""
    for path in ("trip 9", "Trip 2", "trip 3", "z trip/trip 1", "Cell/trip 0"):
        await tree.place(placing(b"x", *path.split("/")))
    cell = (await tree.resolve("root", ("Cell",))).node
    for roots in (("root",), ("root", cell.node_id), (cell.node_id, "root")):
        found = await tree.search(roots, Sought(text="trip"), 4)
        assert [node.name for node in found] == ["z trip", "trip 0", "trip 1", "Trip 2"]


async def test_many_are_found_by_few_questions(tree: SqlNodeStore) -> None:
    placed = [await tree.place(placing(b"x", "a", "b", f"{number}")) for number in range(9)]
    node_ids = [one.node.node_id for one in placed]
    found = await tree.locate_each([*node_ids, "nobody"])
    assert found == {node_id: await tree.locate(node_id) for node_id in node_ids}
    assert await tree.locate_each([]) == {}


async def test_what_was_read_is_found_by_what_it_lies_in(
    tree: SqlNodeStore, database: Database
) -> None:
    for path in ("a/b/1", "a/b/2", "a/c", "d"):
        await tree.place(placing(b"x", *path.split("/")))
    changed = [one.node for one in await tree.changes("v", 0, 100)]
    read = [node for node in changed if node is not None]

    def verb() -> Verb[None]:
        ruled = {"node_id": read[-1].node_id, "role_id": "somebody", "action": "deny"}
        yield Statement(insert(rights)), ruled | {"expires_at": None}

    await database.write(verb)
    node_ids = [node.node_id for node in read]
    assert len(node_ids) == 6
    found = await tree.locate_read(read)
    assert found == {node_id: await tree.locate(node_id) for node_id in node_ids}
    assert found[node_ids[-1]].rights[-1].action is Action.DENY
    lost = replace(read[0], parent_id="nobody")
    assert await tree.locate_read([lost]) == await tree.locate_read([]) == {}


async def test_a_page_costs_the_same_in_a_large_folder(sqlite_url: str) -> None:
    """The plan goes by an index, whatever the number of rows; bench/ looks at large tables."""
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    for statement in (CHILDREN, CHILD, CHANGED, down("root", ["a", "b"])[0]):
        compiled = statement.compiled("sqlite")
        explained = f"EXPLAIN QUERY PLAN {compiled.text}"
        plan = connection.execute(explained, [None] * len(compiled.order)).fetchall()
        told = " ".join(str(row[3]) for row in plan)
        assert "SCAN nodes" not in told, told
        assert "USING INDEX nodes_" in told, told
        assert "TEMP B-TREE" not in told, told
    connection.close()
