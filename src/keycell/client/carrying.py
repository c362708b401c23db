"""Many files at once, to a server or from one: what is copied where, and what came of each."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from keycell.client.downloads import download, local_errors
from keycell.client.errors import BadUse, ClientError, NotFound, SignInRequired
from keycell.client.files import children, make_folders, stat, stat_or_none, walk
from keycell.client.globs import RECYCLE_BIN, is_pattern, matches, split
from keycell.client.nodes import Node
from keycell.client.paths import RemotePath
from keycell.client.session import Session
from keycell.client.unfinished import forget_old
from keycell.client.uploads import Progress, upload


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a folder to be copied."""

    local: Path
    path: str
    is_up: bool
    is_folder: bool = False
    size: int = 0
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of one."""

    item: Item
    error: ClientError | None = None
    resumed: int = 0
    is_verified: bool = True
    """Whether its bytes were held against a digest; otherwise only their number was."""


async def plan_up(session: Session, sources: Sequence[Path], target: RemotePath) -> list[Item]:
    """Say what goes where: into a folder that is there or is meant, else by that name."""
    found = await stat_or_none(session, target.path)
    into = target.is_folder or (found is not None and found.is_folder)
    if len(sources) > 1 and not into:
        raise BadUse(f"{target} is no folder, so several cannot go into it", f"write {target}/")
    if not target.names or (len(target.names) == 1 and not into):
        raise BadUse(f"{target} names no space", "keycell ls : lists the spaces")
    items = [Item(Path(), target.path, is_up=True, is_folder=True)] if into and not found else []
    for source in sources:
        path = target.child(source.absolute().name).path if into else target.path
        items += await asyncio.to_thread(_all_below, source, path)
    return items


def _all_below(source: Path, path: str) -> list[Item]:
    with local_errors(source):
        return list(_below(source, path))


def _below(source: Path, path: str) -> Iterator[Item]:
    if source.is_dir():
        yield Item(source, path, is_up=True, is_folder=True)
        for one in sorted(source.iterdir()):
            # A link may lead out of the folder, or round in it.
            if not one.is_symlink():
                yield from _below(one, f"{path}/{one.name}")
    elif source.is_file():
        yield Item(source, path, is_up=True, size=source.stat().st_size)
    elif not source.exists():
        raise NotFound(f"there is no file {source}")


async def plan_down(
    session: Session, sources: Sequence[RemotePath], target: Path, *, globs: bool
) -> list[Item]:
    """Say what comes where: into a folder that is there, else by that name."""
    nodes: list[Node] = []
    for one in sources:
        nodes += await _meant(session, one, globs=globs)
    into = await asyncio.to_thread(target.is_dir)
    if len(nodes) > 1 and not into:
        raise BadUse(f"{target} is no folder, so several cannot go into it", f"mkdir {target}")
    items: list[Item] = []
    for node in nodes:
        local = target / node.name if into else target
        items.append(_coming(node, local))
        if node.is_folder:
            async for below in walk(session, node):
                names = below.path.removeprefix(f"{node.path}/").split("/")
                items.append(_coming(below, local.joinpath(*names)))
    return items


def _coming(node: Node, local: Path) -> Item:
    return Item(local, node.path, is_up=False, is_folder=node.is_folder, size=node.size,
                etag=node.etag)  # fmt: skip


async def _meant(session: Session, wanted: RemotePath, *, globs: bool) -> list[Node]:
    if not globs or not any(is_pattern(name) for name in wanted.names):
        return [await stat(session, wanted.path)]
    base, pattern = split(wanted.names)
    found: list[Node] = []
    folders = ["/".join(base)]
    while folders:
        async for node in children(session, folders.pop()):
            names = node.path.split("/")[len(base) :]
            is_bin = node.path.count("/") == 1 and node.name == RECYCLE_BIN
            if is_bin:
                continue
            if matches(pattern, names):
                found.append(node)
            elif node.is_folder and (len(names) < len(pattern) or "**" in pattern):
                folders.append(node.path)
    if not found:
        raise NotFound(f"nothing matches {wanted}", "--no-glob takes * and ? as letters")
    return found


async def carry(
    session: Session,
    items: Sequence[Item],
    at_once: int,
    progress: Callable[[Item], Progress],
) -> AsyncGenerator[Carried]:
    """Copy all, some at once; one that fails is told, and the others go on.

    Where nobody is signed in any more, all stop: none of them could go on.
    """
    await asyncio.to_thread(forget_old)
    await _make_folders(session, [one for one in items if one.is_folder])
    room = asyncio.Semaphore(at_once)

    async def one(item: Item) -> Carried:
        async with room:
            try:
                if item.is_up:
                    sent = await upload(session, item.local, item.path, progress=progress(item))
                    return Carried(item, resumed=sent.resumed)
                got = await download(session, item.path, item.local, progress=progress(item))
                return Carried(item, resumed=got.resumed, is_verified=got.is_verified)
            except SignInRequired:
                raise
            except ClientError as error:
                return Carried(item, error)

    tasks = [asyncio.create_task(one(item)) for item in items if not item.is_folder]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _make_folders(session: Session, folders: Sequence[Item]) -> None:
    await make_folders(session, [one.path for one in folders if one.is_up])
    for one in folders:
        if not one.is_up:
            with local_errors(one.local):
                one.local.mkdir(exist_ok=True)
