"""Many files at once, to a server or from one: what is copied where, and what came of each."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from keycell.client.downloads import download, local_errors
from keycell.client.errors import BadUse, ClientError, NotFound, SignInRequired
from keycell.client.files import make_folders, stat_or_none, walk
from keycell.client.meaning import meant
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
    names = [_name_of(one) for one in sources]
    _check_apart(target, names)
    for source, name in zip(sources, names, strict=True):
        path = target.child(name).path if into else target.path
        items += await asyncio.to_thread(_all_below, source, path)
    return items


def _name_of(source: Path) -> str:
    # Of .. too, which Path's own absolute() leaves as it is.
    return Path(os.path.abspath(source)).name  # noqa: PTH100


def _check_apart(target: RemotePath | Path, names: Sequence[str]) -> None:
    """Refuse what would go to one place at once: whichever came last would be there."""
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise BadUse(
            f"several of these are called {twice}, and would take one another's place in {target}",
            "copy each by a command of its own, to another name or into another folder",
        )


def _all_below(source: Path, path: str) -> list[Item]:
    try:
        return list(_below(source, path))
    except OSError as error:
        raise ClientError(f"{source} cannot be read: {error.strerror or error}") from error


def _below(source: Path, path: str) -> Iterator[Item]:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise BadUse(
            f"the name of {source} is no UTF-8, and names on the server are", "rename it"
        ) from None
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
    nodes = _tops(await meant(session, sources, globs=globs))
    into = await asyncio.to_thread(target.is_dir)
    if len(nodes) > 1 and not into:
        raise BadUse(f"{target} is no folder, so several cannot go into it", f"mkdir {target}")
    _check_apart(target, [node.name for node in nodes])
    items: list[Item] = []
    for node in nodes:
        local = target / node.name if into else target
        items.append(_coming(node, local))
        if node.is_folder:
            async for below in walk(session, node):
                names = below.path.removeprefix(f"{node.path}/").split("/")
                items.append(_coming(below, local.joinpath(*names)))
    return items


def _tops(nodes: Sequence[Node]) -> list[Node]:
    """Leave out what comes with a folder that is meant as well."""
    folders = {node.path for node in nodes if node.is_folder}
    return [node for node in nodes if not folders & {*_above(node.path)}]


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _coming(node: Node, local: Path) -> Item:
    return Item(local, node.path, is_up=False, is_folder=node.is_folder, size=node.size,
                etag=node.etag)  # fmt: skip


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
