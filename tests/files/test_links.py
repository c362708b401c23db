"""Which links can be, and who may make them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keycell.accounts.audit import NOWHERE
from keycell.bootstrap import World
from keycell.files.errors import BadRequest, Conflict, Forbidden
from keycell.files.finding import stat
from keycell.files.linking import MOST_LINKS, change_link, make_link
from keycell.files.links import Link, Permission, check_link
from keycell.files.moving import trash
from keycell.files.names import RECYCLE_BIN, read_path
from keycell.oauth.details import FilesDetail

from .conftest import Home

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def link(node_id: str, hash_: str = "holiday", *permissions: Permission) -> Link:
    return Link(
        link_id=f"id-{hash_}", hash=hash_, node_id=node_id, label="Holiday", sub="ann",
        permissions=frozenset(permissions or {Permission.DOWNLOAD}), created_at=NOW,
        changed_at=NOW,
    )  # fmt: skip


def test_a_link_is_of_some_use() -> None:
    good = link("n")
    assert check_link(good, NOW) == good
    for wrong, told in (
        (replace(good, expires_at=NOW), "expired already"),
        (replace(good, starts_at=NOW + DAY, expires_at=NOW + DAY), "begin after its end"),
        (replace(good, most_downloads=0), "expected 1 to"),
        (replace(good, hash="a/b"), "expected 3 to 64"),
    ):
        with pytest.raises(BadRequest, match=told):
            check_link(wrong, NOW)


async def node_of(home: Home, path: str) -> str:
    return (await stat(home.files, home.actor, read_path(path))).node.node_id


async def test_an_address_is_one_links_alone(home: Home) -> None:
    await home.put("personal-files/a", b"x")
    node = await node_of(home, "personal-files/a")
    for hash_ in ("one", "two"):
        await make_link(home.files, home.actor, link(node, hash_), NOWHERE)
    with pytest.raises(Conflict, match="taken"):
        await make_link(home.files, home.actor, replace(link(node), hash="one"), NOWHERE)
    with pytest.raises(Conflict, match="taken"):
        await change_link(home.files, home.actor, replace(link(node, "one"), hash="two"), NOWHERE)


async def test_of_twenty_links_at_once_as_many_are_made_as_there_is_room_for(
    home: Home, world: World
) -> None:
    await home.put("personal-files/a", b"x")
    node = await node_of(home, "personal-files/a")
    wanted = [link(node, f"link-{number}") for number in range(MOST_LINKS + 15)]
    for one in wanted[:-20]:
        await make_link(home.files, home.actor, one, NOWHERE)
    made = await asyncio.gather(
        *(make_link(home.files, home.actor, one, NOWHERE) for one in wanted[-20:]),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in made) == 15
    assert len(await home.files.links.of_person(home.actor.sub, 2 * MOST_LINKS)) == MOST_LINKS
    with pytest.raises(Conflict, match=f"{MOST_LINKS} links"):
        await make_link(home.files, home.actor, link(node), NOWHERE)


async def test_nobody_shares_more_than_they_may(home: Home) -> None:
    await home.put("personal-files/dir/a", b"x")
    folder = await node_of(home, "personal-files/dir")
    reach = (FilesDetail(frozenset({"read"})),)
    reader = replace(home.actor, reach=reach)
    with pytest.raises(Forbidden, match="may also change"):
        await make_link(home.files, reader, link(folder, "one", Permission.UPLOAD), NOWHERE)
    file = await node_of(home, "personal-files/dir/a")
    with pytest.raises(Forbidden, match="needs a folder"):
        await make_link(home.files, home.actor, link(file, "two", Permission.UPLOAD), NOWHERE)
    await trash(
        home.files, home.actor, await stat(home.files, home.actor, read_path("personal-files/dir"))
    )
    binned = await node_of(home, f"personal-files/{RECYCLE_BIN}/dir")
    with pytest.raises(Forbidden, match="recycle bin"):
        await make_link(home.files, home.actor, link(binned), NOWHERE)
