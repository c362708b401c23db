"""Cells, below every wire: what they are called, how many there are, what becomes of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from keycell.accounts.audit import NOWHERE, AuditEvent
from keycell.bootstrap import World
from keycell.files.access import Action, Right
from keycell.files.cells import CellWish, Member, Members, change_cell, make_cell, remove_cell
from keycell.files.errors import BadRequest, Conflict, Forbidden, NotFound
from keycell.files.finding import stat
from keycell.files.linking import make_link
from keycell.files.links import Permission
from keycell.files.moving import restore, trash
from keycell.files.names import RECYCLE_BIN, read_path
from keycell.files.spaces import MOST_CELLS, Space, Volume
from keycell.stores.spaces import SqlSpaceStore

from .conftest import Home
from .test_links import link


async def wish(home: Home, label: str = "Docs", members: Members | None = None) -> CellWish:
    """Give a wish for a cell over a folder of one's own."""
    await home.put("personal-files/dir/a", b"x")
    folder = await stat(home.files, home.actor, read_path("personal-files/dir"))
    return CellWish(label=label, root_id=folder.node.node_id, members=members or {})


def room(home: Home, label: str = "Docs") -> CellWish:
    """Give a wish for a cell with room of its own."""
    own = Member(frozenset({Action.READ, Action.WRITE}))
    return CellWish(label=label, members={home.actor.sub: own})


async def test_a_person_has_so_many_cells(home: Home) -> None:
    await home.put("personal-files/a", b"x")
    wanted = room(home)
    made = [make_cell(home.files, home.actor, wanted, NOWHERE) for _ in range(MOST_CELLS)]
    slugs = {space.slug for space in await asyncio.gather(*made)}
    assert len(slugs) == MOST_CELLS
    assert "docs" in slugs
    with pytest.raises(Conflict, match=f"{MOST_CELLS} cells"):
        await make_cell(home.files, home.actor, wanted, NOWHERE)


async def test_a_cell_takes_no_name_that_means_something_else(home: Home) -> None:
    made = await make_cell(home.files, home.actor, await wish(home, "Personal files"), NOWHERE)
    assert made.slug.startswith("cell-")


class Quicker(SqlSpaceStore):
    """Spaces of which somebody else takes each name a moment before."""

    async def add(
        self, space: Space, volume: Volume | None, rights: Sequence[Right], event: AuditEvent
    ) -> bool:
        assert volume is not None
        volume_id, root_id = f"v-{space.slug}", f"r-{space.slug}"
        taken = replace(space, space_id=f"s-{space.slug}", volume_id=volume_id, root_id=root_id)
        theirs = replace(volume, trash_id=f"t-{space.slug}", volume_id=volume_id, root_id=root_id)
        assert await super().add(taken, theirs, (), event)
        return await super().add(space, volume, rights, event)


async def test_names_that_are_always_taken_end_in_a_refusal(home: Home, world: World) -> None:
    there = replace(home.files, spaces=Quicker(world.database))
    with pytest.raises(Conflict, match="'Docs' is taken"):
        await make_cell(there, home.actor, room(home), NOWHERE)


async def test_a_cell_stays_over_its_folder_and_is_removed_once(home: Home) -> None:
    wanted = await wish(home)
    space = await make_cell(home.files, home.actor, wanted, NOWHERE)
    with pytest.raises(BadRequest, match="stays over the folder"):
        await change_cell(
            home.files, home.actor, space, replace(wanted, root_id="another"), NOWHERE
        )
    await remove_cell(home.files, home.actor, space, NOWHERE)
    with pytest.raises(NotFound, match="no cell"):
        await remove_cell(home.files, home.actor, space, NOWHERE)
    assert await home.get("personal-files/dir/a") == b"x"


async def test_who_only_reads_in_a_cell_takes_no_uploads_for_it(home: Home, bob: Home) -> None:
    wanted = await wish(home, members={bob.actor.sub: Member(frozenset({Action.READ}))})
    space = await make_cell(home.files, home.actor, wanted, NOWHERE)
    assert await bob.get(f"{space.slug}/a") == b"x"
    with pytest.raises(Forbidden, match="change yourself"):
        await make_link(
            bob.files, bob.actor, link(space.root_id, "drop", Permission.UPLOAD), NOWHERE
        )


async def test_what_was_deleted_comes_back_into_no_other_cell_of_that_name(home: Home) -> None:
    wanted = await wish(home)
    space = await make_cell(home.files, home.actor, wanted, NOWHERE)
    thrown = await stat(home.files, home.actor, read_path(f"{space.slug}/a"))
    await trash(home.files, home.actor, thrown)
    await remove_cell(home.files, home.actor, space, NOWHERE)
    assert (await make_cell(home.files, home.actor, room(home), NOWHERE)).slug == space.slug
    binned = await stat(home.files, home.actor, read_path(f"personal-files/{RECYCLE_BIN}/a"))
    assert binned.node.origin == f"{space.slug}/a"
    await restore(home.files, home.actor, binned)
    assert await home.get("personal-files/a") == b"x"
