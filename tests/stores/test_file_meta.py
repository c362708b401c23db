"""What people say about nodes: a change of it is a change of the node."""

import asyncio

import pytest
from sqlalchemy import insert

from keycell.files.ports_stores import MOST_TAGS, Namespace
from keycell.stores.database import Database, Statement, Verb
from keycell.stores.file_meta import SqlMetaStore
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.schema_files import meta_tags
from keycell.stores.spaces import SqlSpaceStore

from .bytes import placing, written
from .conftest import EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of

TAGS = Namespace("usermeta-tags", "Tags", 2, is_indexable=True, definition='{"type":"tags"}')


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    await add_person(database, "ann")
    space = space_of("ann", "v", "root")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    return SqlNodeStore(database, made_ids(), LATER - NOW)


async def test_what_is_said_is_kept_and_told_by_the_feed(
    tree: SqlNodeStore, database: Database
) -> None:
    meta = SqlMetaStore(database)
    node = (await tree.place(placing(written(b"x"), "a.txt"))).node
    assert await meta.put(node.node_id, "tags", '"é"', "ann", NOW)
    assert await meta.put(node.node_id, "stars", "3", "ann", NOW)
    assert await meta.put("root", "stars", "1", "ann", NOW)
    assert await meta.of_nodes([node.node_id, "nowhere"]) == {
        node.node_id: {"tags": '"é"', "stars": "3"}
    }
    many = [f"n{number}" for number in range(700)]
    assert set(await meta.of_nodes([*many, node.node_id, "root"])) == {node.node_id, "root"}
    changes = await tree.changes("v", node.revision, 10)
    assert [change.node_id for change in changes] == [node.node_id, "root"]


async def test_what_is_said_once_more_is_no_change(tree: SqlNodeStore, database: Database) -> None:
    meta = SqlMetaStore(database)
    assert await meta.put("root", "stars", None, "ann", NOW)
    assert await meta.put("root", "stars", "3", "ann", NOW)
    last = (await tree.changes("v", 0, 10))[-1]
    assert await meta.put("root", "stars", "3", "ann", NOW)
    assert await tree.changes("v", last.seq, 10) == []
    assert await meta.put("root", "stars", None, "ann", NOW)
    assert await meta.of_nodes(["root"]) == {}
    assert len(await tree.changes("v", last.seq, 10)) == 1


async def test_nothing_is_said_of_what_is_not_there(
    tree: SqlNodeStore, database: Database
) -> None:
    meta = SqlMetaStore(database)
    node = (await tree.place(placing(written(b"x"), "Docs", "a.txt"))).node
    await tree.delete(node.parent_id or "", NOW, EVENT)
    assert not await meta.put(node.node_id, "stars", "3", "ann", NOW)
    assert not await meta.put("nowhere", "stars", "3", "ann", NOW)


async def test_twenty_at_once_are_all_numbered(tree: SqlNodeStore, database: Database) -> None:
    meta = SqlMetaStore(database)
    before = await SqlSpaceStore(database).volume("v")
    await asyncio.gather(*(meta.put("root", f"n{n}", "1", "ann", NOW) for n in range(20)))
    after = await SqlSpaceStore(database).volume("v")
    assert before is not None
    assert after is not None
    assert after.seq == before.seq + 20
    assert len((await meta.of_nodes(["root"]))["root"]) == 20


async def test_what_others_say_elsewhere_crowds_nothing_out(
    tree: SqlNodeStore, database: Database
) -> None:
    meta = SqlMetaStore(database)
    await add_person(database, "bob")
    other = space_of("bob", "w", "bobs")
    assert await SqlSpaceStore(database).add(other, volume_of(other), [], EVENT)
    assert await meta.put("bobs", "tags", '"theirs"', "bob", NOW)
    made = [(await tree.place(placing(written(b"x"), name))).node for name in ("b", "A")]
    for node in made:
        assert await meta.put(node.node_id, "tags", f'"{node.name}"', "ann", NOW)
    ordered = [(made[1].node_id, '"A"'), (made[0].node_id, '"b"')]
    assert await meta.said_in("tags", ["root"], 2) == ordered
    assert await meta.said_in("tags", ["root"], 1) == ordered[:1]
    assert await meta.said_in("tags", ["bobs"], 2) == [("bobs", '"theirs"')]
    assert len(await meta.said_in("tags", ["bobs", "root"], 9)) == 3
    assert await meta.said_in("tags", [], 9) == []


async def test_a_namespace_takes_along_what_was_said_in_it(
    tree: SqlNodeStore, database: Database
) -> None:
    meta = SqlMetaStore(database)
    await meta.put_namespace(TAGS, EVENT)
    stars = Namespace("stars", "Stars", 1, is_indexable=False, definition="{}")
    await meta.put_namespace(stars, EVENT)
    assert await meta.namespaces() == [stars, TAGS]
    renamed = Namespace("stars", "★", 3, is_indexable=True, definition="[]")
    await meta.put_namespace(renamed, EVENT)
    assert await meta.namespaces() == [TAGS, renamed]
    await meta.put("root", "stars", "3", "ann", NOW)
    await meta.put("root", TAGS.name, "[]", "ann", NOW)
    outcomes = await asyncio.gather(*(meta.remove_namespace("stars", EVENT) for _ in range(20)))
    assert outcomes.count(True) == 1
    assert await meta.namespaces() == [TAGS]
    assert await meta.of_nodes(["root"]) == {"root": {TAGS.name: "[]"}}


async def test_of_many_tags_offered_at_once_none_is_one_too_many(database: Database) -> None:
    meta = SqlMetaStore(database)
    await meta.put_namespace(TAGS, EVENT)
    assert not await meta.add_tag("nowhere", "x", "ann", NOW)

    def nearly_full() -> Verb[None]:
        for number in range(MOST_TAGS - 5):
            row = {"namespace": TAGS.name, "tag": f"t{number:04}", "created_by": "ann"}
            yield Statement(insert(meta_tags)), row | {"created_at": 0}

    await database.write(nearly_full)
    offers = (meta.add_tag(TAGS.name, f"u{n:02}", "bo", NOW) for n in range(20))
    assert sum(await asyncio.gather(*offers)) == 5
    assert len(await meta.tags(TAGS.name)) == MOST_TAGS
    assert await meta.remove_tags(TAGS.name, "t0000", "bo") == 0
    assert await meta.remove_tags(TAGS.name, None, "bo") == 5
    assert await meta.remove_tags(TAGS.name, "t0000", None) == 1
    await meta.remove_namespace(TAGS.name, EVENT)
    assert await meta.tags(TAGS.name) == []
