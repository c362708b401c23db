"""Locks on both databases: of many at once one gets it, and it holds every write of the tree."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from keycell.files.errors import Locked, NotFound, TooLarge
from keycell.files.locks import MOST_ON_ONE, Lock
from keycell.files.ports import Move
from keycell.stores import locks as stored
from keycell.stores.database import Database
from keycell.stores.lock_checks import BELOW, check_locks
from keycell.stores.locks import SqlLockStore
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.spaces import SqlSpaceStore

from .bytes import placing, written
from .conftest import EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of

SOON = NOW + timedelta(minutes=10)


def lock(
    node_id: str,
    token: str = "t",  # noqa: S107  (a lock's)
    *,
    sub: str = "ann",
    exclusive: bool = True,
    deep: bool = False,
) -> Lock:
    return Lock(
        token=token, node_id=node_id, volume_id="v", is_exclusive=exclusive, is_deep=deep,
        owner="<o/>", sub=sub, timeout=timedelta(minutes=10), expires_at=SOON,
    )  # fmt: skip


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    return SqlNodeStore(database, made_ids(), LATER - NOW)


@pytest.fixture
def locks(database: Database) -> SqlLockStore:
    return SqlLockStore(database)


async def file_in(tree: SqlNodeStore, *names: str) -> tuple[str, str]:
    """Place a file; give its identifier and its folder's."""
    node = (await tree.place(placing(written(names[-1].encode()), *names))).node
    return node.node_id, node.parent_id or ""


async def test_of_twenty_exclusive_locks_at_once_one_is_taken(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-6.2."""
    node_id, _ = await file_in(tree, "a.txt")
    wanted = [lock(node_id, f"t{number}", sub=f"s{number}") for number in range(20)]
    done = await asyncio.gather(*(locks.take(one, NOW) for one in wanted), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [Locked] * 19
    standing = await locks.on_nodes([node_id], NOW)
    assert [one.token for one in standing] == [f"t{done.index(None)}"]
    assert standing[0] == wanted[done.index(None)]


async def test_shared_locks_stand_side_by_side_up_to_a_number(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-6.2."""
    node_id, _ = await file_in(tree, "a.txt")
    shared = [lock(node_id, f"t{n}", exclusive=False) for n in range(MOST_ON_ONE + 1)]
    done = await asyncio.gather(*(locks.take(one, NOW) for one in shared), return_exceptions=True)
    assert done.count(None) == MOST_ON_ONE
    with pytest.raises(Locked):
        await locks.take(lock(node_id, "x"), NOW)


async def test_a_deep_lock_suffers_no_other_above_or_below(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-7.4."""
    node_id, folder = await file_in(tree, "Docs", "Old", "a.txt")
    other, _ = await file_in(tree, "Docs2", "a.txt")
    await locks.take(lock(node_id, "file"), NOW)
    await locks.take(lock(other, "other"), NOW)
    with pytest.raises(Locked):
        await locks.take(lock("root", "all", deep=True), NOW)
    await locks.take(lock("root", "flat"), NOW)
    with pytest.raises(Locked):
        await locks.take(lock(folder, "deep", deep=True), NOW)
    assert await locks.release("file", "ann")
    await locks.take(lock(folder, "deep", deep=True), NOW)
    with pytest.raises(Locked):
        await locks.take(lock(node_id, "again"), NOW)


async def test_only_its_holder_ends_or_prolongs_a_lock(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-6.4."""
    node_id, _ = await file_in(tree, "a.txt")
    await locks.take(lock(node_id), NOW)
    longer = SOON + timedelta(minutes=5)
    assert await locks.refresh("t", "bob", longer, NOW) is None
    assert not await locks.release("t", "bob")
    refreshed = await locks.refresh("t", "ann", longer, NOW)
    assert refreshed == replace(lock(node_id), expires_at=longer)
    found = await tree.resolve("root", ("a.txt",))
    assert found.node.locked_until == longer
    done = await asyncio.gather(*(locks.release("t", "ann") for _ in range(20)))
    assert done.count(True) == 1
    assert (await tree.resolve("root", ("a.txt",))).node.locked_until is None
    assert await locks.refresh("t", "ann", longer, NOW) is None


async def test_a_lock_holds_writes_by_others_until_it_expires(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-7."""
    node_id, _ = await file_in(tree, "a.txt")
    await locks.take(lock(node_id), NOW)
    change = placing(written(b"new"), "a.txt")
    with pytest.raises(Locked, match="token of a lock of your own"):
        await tree.place(change)
    with pytest.raises(Locked):
        await tree.place(replace(change, by="bob", lock_tokens=frozenset({"t"})))
    await tree.place(replace(change, lock_tokens=frozenset({"t"})))
    await tree.place(placing(written(b"other"), "b.txt"))
    await tree.place(replace(placing(written(b"late"), "a.txt"), at=SOON))


async def test_a_lock_on_a_folder_holds_its_list(tree: SqlNodeStore, locks: SqlLockStore) -> None:
    """RFC4918-7.4."""
    node_id, folder = await file_in(tree, "Docs", "a.txt")
    await locks.take(lock(folder), NOW)
    shown = frozenset({"t"})
    await tree.place(placing(written(b"new"), "Docs", "a.txt"))
    for refused in (
        tree.place(placing(written(b"x"), "b.txt", parent=folder)),
        tree.make_folders(folder, ["New"], "ann", NOW),
        tree.trash(node_id, "", "ann", NOW),
        tree.delete(node_id, NOW, EVENT),
        tree.move(Move(node_id=node_id, parent_id="root", name="x", by="ann", at=NOW)),
    ):
        with pytest.raises(Locked):
            await refused
    await tree.make_folders(folder, ["New", "Newer"], "ann", NOW, shown)
    await tree.trash(node_id, "", "ann", NOW, shown)


async def test_what_holds_something_locked_does_not_move_without_its_token(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-7.5, RFC4918-7.7."""
    node_id, folder = await file_in(tree, "Docs", "Old", "a.txt")
    docs = (await tree.resolve("root", ("Docs",))).node.node_id
    await locks.take(lock(node_id), NOW)
    move = Move(node_id=docs, parent_id="root", name="Papers", by="ann", at=NOW)
    with pytest.raises(Locked):
        await tree.move(move)
    with pytest.raises(Locked):
        await tree.trash(docs, "", "ann", NOW)
    await tree.move(replace(move, lock_tokens=frozenset({"t"})))
    assert await locks.on_nodes([node_id], NOW) == []
    await tree.place(placing(written(b"free"), "a.txt", parent=folder))


async def test_what_is_replaced_must_not_be_locked(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-9.9.3."""
    source, _ = await file_in(tree, "a.txt")
    target, _ = await file_in(tree, "b.txt")
    await locks.take(lock(target), NOW)
    move = Move(node_id=source, parent_id="root", name="b.txt", by="ann", at=NOW, replaces=target)
    with pytest.raises(Locked):
        await tree.move(move)
    await tree.move(replace(move, lock_tokens=frozenset({"t"})))


async def test_a_lock_and_twenty_writes_at_once_agree_on_an_order(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    """RFC4918-7."""
    node_id, _ = await file_in(tree, "a.txt")

    async def write(number: int) -> bool:
        try:
            await tree.place(placing(written(b"%d" % number), "a.txt"))
        except Locked:
            return False
        return True

    done = await asyncio.gather(
        *(write(n) for n in range(10)), locks.take(lock(node_id), NOW),
        *(write(n) for n in range(10, 20)),
    )  # fmt: skip
    assert done[10] is None
    before = (await tree.resolve("root", ("a.txt",))).node
    assert not any([await write(number) for number in range(20, 24)])
    assert (await tree.resolve("root", ("a.txt",))).node == before


async def test_nobody_holds_locks_without_number(
    tree: SqlNodeStore, locks: SqlLockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "MOST_OF_ONE", 2)
    for number in range(2):
        node_id, _ = await file_in(tree, f"{number}.txt")
        await locks.take(lock(node_id, f"t{number}"), NOW)
    node_id, _ = await file_in(tree, "2.txt")
    with pytest.raises(TooLarge):
        await locks.take(lock(node_id, "more"), NOW)
    with pytest.raises(NotFound):
        await locks.take(lock("nowhere", "more"), NOW)


async def test_where_nothing_is_locked_no_statement_looks_for_locks(
    tree: SqlNodeStore, locks: SqlLockStore
) -> None:
    node_id, _ = await file_in(tree, "Docs", "a.txt")
    way = (await tree.resolve("root", ("Docs", "a.txt"))).chain
    assert list(check_locks(way, "ann", frozenset(), NOW)) == []
    await locks.take(lock(node_id), NOW)
    way = (await tree.resolve("root", ("Docs", "a.txt"))).chain
    assert next(check_locks(way, "ann", frozenset(), NOW))
    assert list(check_locks(way, "ann", frozenset(), SOON)) == []


async def test_locks_below_are_found_by_an_index(sqlite_url: str) -> None:
    plan = sqlite3.connect(sqlite_url.removeprefix("sqlite:///")).execute(
        f"EXPLAIN QUERY PLAN {BELOW.compiled('sqlite').text}", ("v", 0, "n")
    ).fetchall()  # fmt: skip
    said = " ".join(str(row[-1]) for row in plan)
    assert "SCAN locks" not in said
    assert "SCAN nodes" not in said
    assert "locks_volume" in said
