"""What lies in a server's folder, looked at from beneath when the server is down."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from keycell.bootstrap import World, open_world
from keycell.files.finding import stat, walk
from keycell.files.names import read_path
from keycell.files.nodes import Version
from keycell.files.reading import open_version
from keycell.settings import parse_settings
from keycell.stores.database import Statement
from keycell.stores.schema_files import (
    GIVEN_UP,
    blobs,
    file_versions,
    nodes,
    upload_parts,
    uploads,
    volumes,
)
from keycell.stores.sweep import Sweep
from keycell.stores.sweep_bytes import Orphans

from ..files.conftest import Home, actor_for
from ..server import Server

LATER = timedelta(hours=49)
"""Beyond the time that bytes without a row have."""
PAGES = 300
"""A sweep looks through a page at a time; there is at least one for each folder."""
_VOLUMES = Statement(select(volumes.c.volume_id, volumes.c.used))
_VERSIONS = Statement(
    select(nodes.c.volume_id, func.sum(file_versions.c.size).label("n"))
    .join_from(file_versions, nodes, nodes.c.node_id == file_versions.c.node_id)
    .group_by(nodes.c.volume_id)
)
_ARRIVED = Statement(
    select(uploads.c.volume_id, func.sum(upload_parts.c.size).label("n"))
    .join_from(upload_parts, uploads, uploads.c.upload_id == upload_parts.c.upload_id)
    .where(uploads.c.expires_at > GIVEN_UP)
    .group_by(uploads.c.volume_id)
)
_BLOBS = Statement(select(blobs.c.sha256, blobs.c.size, blobs.c.key, blobs.c.content))


@dataclass(frozen=True)
class Seen:
    """What was found: the contents of each file, the latest first."""

    contents: Mapping[str, list[bytes]]


async def look(server: Server, login: str = "ann") -> Seen:
    """Read all that somebody has, with every version, and check rows against bytes."""
    told = server.database_environment | {"KEYCELL_DATA": str(server.data)}
    async with open_world(parse_settings(told), serves=False) as world:
        await _check_used(world)
        await _check_bytes(world, server.data / "blobs")
        account = await world.people.accounts.find_by_login(login)
        assert account is not None
        home = Home(world.files, actor_for(account))
        contents = {}
        located = await stat(home.files, home.actor, read_path("personal-files"))
        async for entry in walk(home.files, home.actor, located):
            if not entry.node.is_folder:
                versions = await world.files.nodes.versions(entry.node.node_id, 100)
                assert versions[0].version_id == entry.node.version_id
                contents[str(entry.path)] = [await _read(home, one) for one in versions]
        return Seen(contents)


async def _read(home: Home, version: Version) -> bytes:
    # The list of versions leaves their parts out.
    whole = await home.files.nodes.version(version.version_id)
    assert whole is not None
    opened = await open_version(home.files, whole)
    found = b"".join([chunk async for chunk in opened.read()])
    assert len(found) == version.content.size
    if version.content.sha256 is not None:
        assert hashlib.sha256(found).hexdigest() == version.content.sha256
    return found


async def _check_used(world: World) -> None:
    kept = {row.volume_id: 0 for row in await world.database.read(_VOLUMES)}
    for statement in (_VERSIONS, _ARRIVED):
        for row in await world.database.read(statement):
            kept[row.volume_id] += int(row.n)
    counted = {row.volume_id: row.used for row in await world.database.read(_VOLUMES)}
    assert counted == kept


async def _check_bytes(world: World, folder: Path) -> None:
    """After a sweep there are the bytes that rows name, whole, and no others."""
    sweep = Sweep(world.database, world.files.blobs, world.files.limits)
    later = world.files.clock() + LATER
    while await sweep.once(later):
        pass
    orphans = Orphans(world.database, world.files.blobs)
    for _ in range(PAGES):
        await orphans.remove(later)
    named = set()
    for row in await world.database.read_many(_BLOBS):
        content = row.content
        if row.key is not None:
            named.add(row.key)
            content = (folder / row.key[:2] / row.key).read_bytes()
        assert len(content) == row.size
        assert hashlib.sha256(content).hexdigest() == row.sha256
    found = {path.name for path in folder.rglob("*") if path.is_file()}  # noqa: ASYNC240
    assert found == named, "bytes that no row names, or a file that was left half-written"
