"""Fills a folder of a Keycell's common files: `python -m bench.files_fill DATA NAME ENTRIES`."""

import asyncio
import hashlib
import sys
from pathlib import Path

from keycell.bootstrap import World, open_world
from keycell.files.nodes import ANY, Content, Part
from keycell.files.ports import Placing
from keycell.files.ports_blobs import Written
from keycell.files.uploads import block_hash
from keycell.settings import Settings

_AT_ONCE = 32


async def fill(world: World, name: str, entries: int) -> None:
    """Make one-byte files as a client would, without the wire."""
    space = await world.files.spaces.find("common-files", "")
    assert space is not None
    folder, _ = await world.files.nodes.make_folders(
        space.root_id, (name,), "bench", world.files.clock()
    )
    for start in range(0, entries, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, entries))
        await asyncio.gather(*(place(world, folder.node_id, number) for number in numbers))


async def place(world: World, folder_id: str, number: int) -> None:
    """Make one of them."""
    content = b"x"
    sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content)  # noqa: S324
    written = Written(size=1, sha256=sha256, md5=md5.hexdigest(), block_md5s=(md5.digest(),),
                      key=None, content=content)  # fmt: skip
    held = Content(size=1, etag=md5.hexdigest(), sha256=sha256, content_type="text/plain",
                   block_hash=block_hash([md5.digest()]), parts=(Part(sha256, 1),))  # fmt: skip
    await world.files.nodes.place(
        Placing(parent_id=folder_id, names=(f"{number:06}.txt",), content=held, written=(written,),
                conditions=ANY, by="bench", at=world.files.clock())
    )  # fmt: skip


async def main() -> None:
    """Fill beside the running server."""
    data, name, entries = sys.argv[1:]
    async with open_world(Settings(data=Path(data)), serves=False) as world:
        await fill(world, name, int(entries))


asyncio.run(main())
