"""The recycle bin: what goes there can come back, and is shown to nobody who could not see it."""

from dataclasses import replace

import pytest

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.errors import Conflict, NotFound, PreconditionFailed
from keycell.files.finding import Located, add_space, by_id, children, new_space, stat
from keycell.files.jobs import Job, JobKind
from keycell.files.moving import delete, move, restore, trash
from keycell.files.names import read_path
from keycell.files.nodes import Conditions
from keycell.files.reaches import write_reach
from keycell.files.spaces import SpaceKind
from keycell.settings import Settings

from .conftest import Home


@pytest.fixture
def settings(either_settings: Settings) -> Settings:
    return either_settings


async def at(home: Home, path: str) -> Located:
    return await stat(home.files, home.actor, read_path(path))


def event(home: Home) -> AuditEvent:
    return AuditEvent(at=home.files.clock(), actor="test", action="test", target="test")


async def run(world: World, home: Home, kind: JobKind, *paths: str, **said: object) -> None:
    nodes = [(await at(home, path)).node.node_id for path in paths]
    job = Job(
        job_id=home.files.mint_id(), kind=kind, label="test", sub=home.actor.sub,
        parameters={"nodes": nodes, "reach": write_reach(home.actor.reach), **said},
        created_at=home.files.clock(),
    )  # fmt: skip
    await world.runner.submit(job, 10)


async def test_a_job_deletes_nothing_for_good_that_it_was_not_to(home: Home, world: World) -> None:
    """What is named twice, or lies in what is named, is in the bin by the second time."""
    await home.put("personal-files/dir/a", b"x")
    await home.put("personal-files/b", b"y")
    kept = [(await at(home, f"personal-files/{one}")).node.node_id for one in ("dir/a", "b")]
    paths = ("personal-files/dir", "personal-files/dir/a", "personal-files/b", "personal-files/b")
    await run(world, home, JobKind.DELETE, *paths)
    for node_id in kept:
        assert (await by_id(home.files, home.actor, node_id)).in_trash
    await run(world, home, JobKind.DELETE, "personal-files/recycle_bin/b", from_trash=kept[1:])
    with pytest.raises(NotFound):
        await by_id(home.files, home.actor, kept[1])


async def test_what_a_move_replaces_can_come_back(home: Home) -> None:
    await home.put("personal-files/a", b"new")
    await home.put("personal-files/dir/b", b"old")
    target = read_path("personal-files/dir/b")
    await move(home.files, home.actor, await at(home, "personal-files/a"), target, replaces=True)
    assert await home.get("personal-files/dir/b") == b"new"
    await restore(home.files, home.actor, await at(home, "personal-files/recycle_bin/b"))
    assert await home.get("personal-files/dir/b-2") == b"old"


async def test_what_was_deleted_comes_back_to_a_space_that_was_renamed(home: Home) -> None:
    """Where the place has another name, or is gone, it comes back to the top of its space."""
    await home.put("common-files/dir/a", b"x")
    await trash(home.files, home.actor, await at(home, "common-files/dir/a"))
    space = (await at(home, "common-files")).space
    assert await home.files.spaces.update(replace(space, slug="ours"), event(home))
    await restore(home.files, home.actor, await at(home, "ours/recycle_bin/a"))
    assert await home.get("ours/a") == b"x"


async def test_what_was_deleted_through_a_cell_comes_back_without_it(
    home: Home, bob: Home
) -> None:
    await home.put("personal-files/shared/a", b"x")
    shared = await at(home, "personal-files/shared")
    cell = replace(
        new_space(home.files, "cell", "Cell", SpaceKind.CELL, home.actor.sub),
        volume_id=shared.node.volume_id, root_id=shared.node.node_id,
    )  # fmt: skip
    right = Right(shared.node.node_id, bob.actor.sub, Action.WRITE)
    assert await home.files.spaces.add(cell, None, [right], event(home))
    await trash(bob.files, bob.actor, await at(bob, "cell/a"))
    assert await home.files.spaces.remove(cell.space_id, home.files.clock(), event(home))
    await restore(home.files, home.actor, await at(home, "personal-files/recycle_bin/a"))
    assert await home.get("personal-files/a") == b"x"


async def test_the_bin_shows_nothing_that_was_denied(home: Home, bob: Home) -> None:
    """A denial is inherited from where something was, also while it lies in the bin."""
    await home.put("common-files/secret/b", b"y")
    secret = (await at(home, "common-files/secret")).node
    denial = Right(secret.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(denial, event(home))
    file = await at(home, "common-files/secret/b")
    await trash(home.files, home.actor, file)
    with pytest.raises(NotFound):
        await bob.get("common-files/recycle_bin/b")
    with pytest.raises(NotFound):
        await by_id(bob.files, bob.actor, file.node.node_id)
    bin_ = await at(bob, "common-files/recycle_bin")
    assert (await children(bob.files, bob.actor, bin_))[0] == []
    await restore(home.files, home.actor, await at(home, "common-files/recycle_bin/b"))
    assert await home.files.spaces.remove_right(denial, event(home))
    assert await bob.get("common-files/secret/b") == b"y"


async def test_the_bin_keeps_what_is_denied_of_the_deleted_itself(home: Home, bob: Home) -> None:
    await home.put("common-files/b", b"y")
    node = (await at(home, "common-files/b")).node
    denial = Right(node.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(denial, event(home))
    await trash(home.files, home.actor, await at(home, "common-files/b"))
    await restore(home.files, home.actor, await at(home, "common-files/recycle_bin/b"))
    with pytest.raises(NotFound):
        await bob.get("common-files/b")


async def denied_folder(home: Home, bob: Home) -> Right:
    """Deny a folder of the common space, with a file in it, to Bob."""
    await home.put("common-files/secret/b", b"y")
    secret = (await at(home, "common-files/secret")).node
    denial = Right(secret.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(denial, event(home))
    return denial


async def test_a_denial_that_was_lifted_meanwhile_does_not_come_back(
    home: Home, bob: Home
) -> None:
    denial = await denied_folder(home, bob)
    await trash(home.files, home.actor, await at(home, "common-files/secret/b"))
    assert await home.files.spaces.remove_right(denial, event(home))
    with pytest.raises(NotFound):
        await bob.get("common-files/recycle_bin/b")
    await restore(home.files, home.actor, await at(home, "common-files/recycle_bin/b"))
    assert await bob.get("common-files/secret/b") == b"y"
    # Deleted once more, it is denied to nobody.
    await trash(home.files, home.actor, await at(home, "common-files/secret/b"))
    assert await bob.get("common-files/recycle_bin/b") == b"y"


async def test_a_denial_that_was_never_lifted_stays_where_its_folder_is_gone(
    home: Home, bob: Home
) -> None:
    await denied_folder(home, bob)
    own = Right((await at(home, "common-files/secret/b")).node.node_id, bob.actor.sub, Action.DENY)
    await home.put("common-files/secret/c", b"z")
    assert await home.files.spaces.put_right(own, event(home))
    for name in ("b", "c"):
        await trash(home.files, home.actor, await at(home, f"common-files/secret/{name}"))
    secret = await at(home, "common-files/secret")
    await delete(home.files, home.actor, secret, NOWHERE)
    for name in ("b", "c"):
        await restore(home.files, home.actor, await at(home, f"common-files/recycle_bin/{name}"))
        with pytest.raises(NotFound):
            await bob.get(f"common-files/secret/{name}")


async def test_a_denial_of_its_own_stays_whatever_was_lifted_above(home: Home, bob: Home) -> None:
    denial = await denied_folder(home, bob)
    node = (await at(home, "common-files/secret/b")).node
    own = Right(node.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(own, event(home))
    await trash(home.files, home.actor, await at(home, "common-files/secret/b"))
    assert await home.files.spaces.remove_right(denial, event(home))
    await restore(home.files, home.actor, await at(home, "common-files/recycle_bin/b"))
    with pytest.raises(NotFound):
        await bob.get("common-files/secret/b")


async def test_what_was_deleted_comes_back_past_a_space_that_took_the_slug(
    home: Home, bob: Home
) -> None:
    """And that its person may not even read."""
    await home.put("common-files/dir/a", b"x")
    await trash(home.files, home.actor, await at(home, "common-files/dir/a"))
    space = (await at(home, "common-files")).space
    assert await home.files.spaces.update(replace(space, slug="ours"), event(home))
    taken = new_space(home.files, "common-files", "Bob's", SpaceKind.CELL, bob.actor.sub)
    own = Right(taken.root_id, bob.actor.sub, Action.WRITE)
    assert await add_space(home.files, taken, [own], event(bob))
    await restore(home.files, home.actor, await at(home, "ours/recycle_bin/a"))
    assert await home.get("ours/a") == b"x"


async def test_where_the_place_may_not_be_read_any_more_that_is_said(
    home: Home, bob: Home
) -> None:
    await home.put("common-files/dir/a", b"x")
    await trash(bob.files, bob.actor, await at(bob, "common-files/dir/a"))
    folder = (await at(home, "common-files/dir")).node
    denial = Right(folder.node_id, bob.actor.sub, Action.DENY)
    assert await home.files.spaces.put_right(denial, event(home))
    with pytest.raises(Conflict, match="you may not read any more"):
        await restore(bob.files, bob.actor, await at(bob, "common-files/recycle_bin/a"))


async def test_what_was_brought_back_is_not_deleted_for_good(home: Home, world: World) -> None:
    await home.put("personal-files/b", b"y")
    node_id = (await at(home, "personal-files/b")).node.node_id
    await trash(home.files, home.actor, await at(home, "personal-files/b"))
    await restore(home.files, home.actor, await by_id(home.files, home.actor, node_id))
    await run(world, home, JobKind.DELETE, "personal-files/b", from_trash=[node_id])
    assert (await by_id(home.files, home.actor, node_id)).in_trash


async def test_what_was_written_after_a_look_is_not_deleted_by_it(home: Home) -> None:
    """RFC9110-13.1.1."""
    first = (await home.put("personal-files/a.txt", b"first")).node
    seen = await at(home, "personal-files/a.txt")
    conditions = Conditions(if_match=(first.etag,))
    await home.put("personal-files/a.txt", b"second")
    for deleting in (
        trash(home.files, home.actor, seen, conditions=conditions),
        delete(home.files, home.actor, seen, NOWHERE, conditions=conditions),
    ):
        with pytest.raises(PreconditionFailed):
            await deleting
    assert await home.get("personal-files/a.txt") == b"second"
    latest = await at(home, "personal-files/a.txt")
    conditions = Conditions(if_match=(latest.node.etag,))
    assert await trash(home.files, home.actor, latest, conditions=conditions)
