"""What somebody else did meanwhile is not undone, and what is gone is nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest
from sqlalchemy import bindparam, select

from keycell.accounts.errors import LoginTaken
from keycell.accounts.groups import Role
from keycell.accounts.ports import NotStorable
from keycell.files.errors import Conflict
from keycell.files.names import LONGEST_NAME, marked_name
from keycell.files.ports import Move
from keycell.files.reading import MOST_PINNED
from keycell.files.spaces import SpaceKind
from keycell.oauth.acting import ActingRule
from keycell.oauth.clients import Client, ClientMetadata
from keycell.oauth.errors import InvalidToken
from keycell.stores.accounts import SqlAccountStore
from keycell.stores.clients import SqlClientStore
from keycell.stores.database import NOTHING, Database, Params, Row, Statement
from keycell.stores.groups import SqlGroupStore
from keycell.stores.nodes import SqlNodeStore
from keycell.stores.opening import open_database
from keycell.stores.schema_files import spaces
from keycell.stores.spaces import SqlSpaceStore
from keycell.stores.sweep_trees import empty_trash

from ..postgres import Postgres
from .bytes import placing, written
from .conftest import ANN, EVENT, LATER, NOW, add_person, made_ids, space_of, volume_of


@pytest.fixture
async def tree(database: Database) -> SqlNodeStore:
    """Ann's space, with a file."""
    await add_person(database, "ann")
    space = replace(space_of("ann", "v", "root"), kind=SpaceKind.CELL, slug="cell")
    assert await SqlSpaceStore(database).add(space, volume_of(space), [], EVENT)
    made = SqlNodeStore(database, made_ids(), LATER - NOW)
    await made.place(placing(written(b"x"), "a.txt"))
    return made


def client(client_id: str, **more: object) -> Client:
    made = Client(client_id=client_id, metadata=ClientMetadata(), came_by="document",
                  created_at=NOW)  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


async def test_a_space_that_was_left_is_not_its_persons_again(
    database: Database, tree: SqlNodeStore
) -> None:
    stored = SqlSpaceStore(database)
    before = await stored.find("cell", "")
    assert before is not None
    await SqlAccountStore(database).remove("ann", NOW, LATER, EVENT)
    assert not await stored.update(replace(before, label="Mine"), EVENT)
    found = await database.read(Statement(select(spaces)))
    assert [(one.owner, one.kept_until is None) for one in found] == [("", False)]


async def test_what_was_put_meanwhile_does_not_go_with_its_space(
    database: Database, tree: SqlNodeStore
) -> None:
    stored = SqlSpaceStore(database)
    space = await stored.find("cell", "")
    assert space is not None
    with pytest.raises(Conflict):
        await stored.remove(space.space_id, NOW, EVENT)
    node = (await tree.resolve("root", ["a.txt"])).node
    await tree.trash(node.node_id, "cell/a.txt", "ann", NOW)
    assert await stored.remove(space.space_id, NOW, EVENT)


async def test_a_role_that_is_gone_is_not_written_back(database: Database) -> None:
    groups, accounts = SqlGroupStore(database), SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    await groups.put_role(Role("editor", "Editors"), EVENT)
    before = await accounts.find("ann")
    assert before is not None
    await groups.remove_role("editor", EVENT)
    changed = replace(before, name="Ann", updated_at=LATER)
    assert not await accounts.update(before, changed, EVENT)
    found = await accounts.find("ann")
    assert found is not None
    assert found.roles == ("reader",)


async def test_who_has_a_clients_name_next_acts_for_nobody(database: Database) -> None:
    stored = SqlClientStore(database)
    rule = ActingRule(applications=("bot", "bot-2"), may_act="bot")
    for one in (client("api", acting=rule), client("bot"), client("bot-2"), client("other")):
        assert await stored.add(one, EVENT)
    assert await stored.find("api") is not None
    assert await stored.remove("bot", NOW, EVENT)
    found = await stored.find("api")
    assert found is not None
    # Without the last, any could act by its tokens.
    assert found.acting == replace(rule, applications=("bot-2",))


async def test_a_client_that_was_disabled_is_not_forgotten(database: Database) -> None:
    stored = SqlClientStore(database)
    for name, is_off in (("off", True), ("on", False)):
        await stored.add(client(name, unused_until=NOW, disabled=is_off), EVENT)
    await asyncio.sleep(0.3)
    await stored.add(client("next"), EVENT)
    assert [one.client_id for one in await stored.page("", 10)] == ["next", "off"]


class Slow:
    """A database whose next answer is long on its way, as a network's may be."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.write, self.note = database.write, database.note
        self.read_parted = database.read_parted
        self.read_many, self.ping, self.close = database.read_many, database.ping, database.close
        self.has_read, self.arrives = asyncio.Event(), asyncio.Event()

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        found = await self._database.read(statement, params)
        self.has_read.set()
        await self.arrives.wait()
        return found


async def test_what_was_read_before_a_change_is_not_kept(database: Database) -> None:
    slow = Slow(database)
    stored = SqlClientStore(slow)
    await stored.add(client("app"), EVENT)
    finding = asyncio.create_task(stored.find("app"))
    await slow.has_read.wait()
    await stored.update("app", lambda now: replace(now, disabled=True), EVENT)
    slow.arrives.set()
    await finding
    found = await stored.find("app")
    assert found is not None
    assert found.disabled


async def test_of_twenty_changes_at_once_none_is_lost(database: Database) -> None:
    """A client is changed as it stands, not as somebody read it a while before."""
    stored = SqlClientStore(database)
    await stored.add(client("app"), EVENT)

    def also(number: int) -> Callable[[Client], Client]:
        def change(now: Client) -> Client:
            rule = replace(now.access, roles=(*now.access.roles, str(number)))
            return replace(now, access=rule)

        return change

    changes = [stored.update("app", also(number), EVENT) for number in range(19)]
    off = stored.update("app", lambda now: replace(now, disabled=True), EVENT)
    await asyncio.gather(*changes, off)
    found = await stored.find("app")
    assert found is not None
    assert found.disabled
    assert sorted(map(int, found.access.roles)) == list(range(19))


async def test_a_change_that_is_refused_leaves_what_was(database: Database) -> None:
    stored = SqlClientStore(database)
    await stored.add(client("app"), EVENT)

    def refuse(_: Client) -> Client:
        raise InvalidToken("not now")

    with pytest.raises(InvalidToken):
        await stored.update("app", refuse, EVENT)
    assert await stored.find("app") == client("app")
    assert await stored.update("nobody", refuse, EVENT) is None


async def test_a_pinned_version_is_pinned_once_more(
    database: Database, tree: SqlNodeStore
) -> None:
    node = (await tree.resolve("root", ["a.txt"])).node
    for number in range(MOST_PINNED):
        await tree.place(placing(written(str(number).encode()), "a.txt"))
    listed = [one.version_id for one in await tree.versions(node.node_id, MOST_PINNED + 1)]
    for version_id in [*listed[:MOST_PINNED], listed[0]]:
        await tree.pin_version(node.node_id, version_id, LATER, EVENT, is_pinned=True)
    with pytest.raises(Conflict):
        await tree.pin_version(node.node_id, listed[MOST_PINNED], LATER, EVENT, is_pinned=True)


async def test_what_was_deleted_once_more_has_its_time_anew(
    database: Database, tree: SqlNodeStore
) -> None:
    node = (await tree.resolve("root", ["a.txt"])).node
    await tree.trash(node.node_id, "cell/a.txt", "ann", NOW)
    again = Again(database, tree, node.node_id)
    assert await empty_trash(again, NOW, LATER) == 0
    assert (await tree.resolve("trash-v", ["a.txt"])).missing == ()


class Again(Slow):
    """A database in which something is deleted anew after it was read."""

    def __init__(self, database: Database, tree: SqlNodeStore, node_id: str) -> None:
        super().__init__(database)
        self._tree, self._node_id = tree, node_id

    async def read(self, statement: Statement, params: Params = NOTHING) -> list[Row]:
        found = await self._database.read(statement, params)
        back = Move(node_id=self._node_id, parent_id="root", name="a.txt", by="ann", at=NOW)
        await self._tree.move(back)
        await self._tree.trash(self._node_id, "cell/a.txt", "ann", datetime.now(UTC))
        return found


@pytest.mark.parametrize("name", ["a." + "x" * 253, "x" * 255, "漢" * 85, "." + "x" * 254, "a.b"])
def test_a_marked_name_is_a_name(name: str) -> None:
    marked = marked_name(name, " 0123456789ab")
    assert len(marked.encode()) <= LONGEST_NAME
    assert " 0123456789ab" in marked


async def test_of_two_long_names_the_second_can_be_deleted(
    database: Database, tree: SqlNodeStore
) -> None:
    name = "a." + "x" * 253
    for content in (b"1", b"2"):
        node = (await tree.place(placing(written(content), name))).node
        trashed = await tree.trash(node.node_id, name, "ann", NOW)
        assert trashed is not None
        assert len(trashed.name.encode()) <= LONGEST_NAME


NUMBER = Statement(select(spaces.c.space_id).where(spaces.c.created_at == bindparam("b_at")))


async def test_a_number_that_no_column_has_is_told_so(database: Database) -> None:
    for read in (database.read, database.read_many):
        with pytest.raises(NotStorable):
            await read(NUMBER, {"b_at": 2**63})
    with pytest.raises(NotStorable):
        await SqlGroupStore(database).put_role(Role("a", "\ud800"), EVENT)


BOB = """
INSERT INTO accounts SELECT 'bob', 'bob', 'bob', name, email, email_verified, group_path, roles,
is_admin, password_hash, disabled_at, created_at, updated_at, claims FROM accounts
"""


@pytest.fixture
async def postgres_url(postgres: Postgres, migrated_postgres: str) -> AsyncIterator[str]:
    with postgres.database(migrated_postgres) as url:
        yield url


async def test_who_is_second_is_told_so_by_two_processes(postgres_url: str) -> None:
    """The name was free when it was looked for, and taken when it was written."""
    database = await open_database(postgres_url)
    accounts = SqlAccountStore(database)
    await accounts.add(ANN, EVENT)
    other = await asyncpg.connect(postgres_url)
    async with other.transaction():
        await other.execute(BOB)
        renamed = replace(ANN, login="bob", updated_at=LATER)
        writing = asyncio.create_task(accounts.update(ANN, renamed, EVENT))
        while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not writing.done()
            await asyncio.sleep(0.01)
    with pytest.raises(LoginTaken):
        await writing
    await other.close()
    await database.close()
