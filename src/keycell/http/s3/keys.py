"""The keys of the bucket in their order, from any key on: files, and folders where they count.

A file has a key. A folder has one, with a slash at its end, only where nothing lies in it: so a
program sees that it is there, and no key twice. The recycle bin is left out, unless it is asked
for by name: what was deleted is no part of what a program copies or compares.
"""

import unicodedata
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keycell.files.access import Actor
from keycell.files.errors import BadPath, NotFound
from keycell.files.finding import Entry, Located, entries_of, is_bin, spaces, stat, walk
from keycell.files.names import Path, read_path
from keycell.files.ports import Files
from keycell.files.spaces import Space

LAST = "\U0010ffff"
"""Beyond all that begins alike."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and what it stands for; a folder that holds something, if ``is_prefix``."""

    key: str
    size: int
    etag: str
    changed_at: datetime
    is_prefix: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Which keys are wanted: those that begin with ``prefix`` and lie beyond ``after``.

    Not ``deep``, folders directly below the prefix's last slash stand for all that lies in them.
    ``most`` are wanted: how many are looked at is for who reads them to say.
    """

    prefix: str
    after: str
    deep: bool
    most: int


async def keys(files: Files, actor: Actor, asked: Asked) -> AsyncGenerator[Key, None]:
    """Give keys in the order of their bytes."""
    if any(unicodedata.category(one) == "Cc" for one in asked.prefix):
        return
    # No name holds a NUL, which sorts before all else: what follows it decides nothing.
    asked = replace(asked, after=asked.after.partition("\0")[0])
    base, slash, _ = asked.prefix.rpartition("/")
    if not slash:
        async for key in _of_spaces(files, actor, asked):
            yield key
        return
    try:
        folder = await stat(files, actor, read_path(base))
    except (NotFound, BadPath):
        return
    if folder.node.is_folder and not base.startswith("/") and "//" not in asked.prefix:
        async for key in _of_folder(files, actor, folder, base + slash, asked):
            yield key


async def _of_spaces(files: Files, actor: Actor, asked: Asked) -> AsyncGenerator[Key, None]:
    for space, _ in await spaces(files, actor):
        base = f"{space.slug}/"
        if not base.startswith(asked.prefix) or asked.after >= base + LAST:
            continue
        if asked.deep:
            async for key in _of_space(files, actor, space, asked):
                yield key
        elif asked.after < base:
            yield Key(base, 0, "", space.created_at, is_prefix=True)


async def _of_space(
    files: Files, actor: Actor, space: Space, asked: Asked
) -> AsyncGenerator[Key, None]:
    base = f"{space.slug}/"
    folder = await stat(files, actor, Path(space.slug, ()))
    inner = replace(asked, prefix=base, deep=True)
    async for key in _of_folder(files, actor, folder, base, inner):
        yield key


async def _of_folder(
    files: Files, actor: Actor, folder: Located, base: str, asked: Asked
) -> AsyncGenerator[Key, None]:
    """Give the keys below a folder whose own key is ``base``."""
    begin = _beginning(base, asked)
    if begin is None:
        return
    is_empty = asked.prefix == base and asked.after < base
    # One more tells that there is more, and another may be the recycle bin or before the prefix.
    first = asked.most + 2
    async for entry in _entries(files, actor, folder, begin, first, deep=asked.deep):
        key = base + "/".join(entry.path.names[len(folder.path.names) :])
        key += "/" if entry.node.is_folder else ""
        if not key.startswith(asked.prefix):
            if key > asked.prefix:
                break
            # It sorts just before the prefix.
            continue
        is_empty = False
        if not entry.node.is_folder or not asked.deep or not entry.node.children:
            yield _key(key, entry, is_prefix=entry.node.is_folder and not asked.deep)
    if is_empty:
        yield Key(base, 0, "", folder.node.mtime, is_prefix=False)


def _key(key: str, entry: Entry, *, is_prefix: bool) -> Key:
    node = entry.node
    return Key(key, node.size if not node.is_folder else 0, node.etag, node.mtime, is_prefix)


def _beginning(base: str, asked: Asked) -> tuple[str, ...] | None:
    """Give the names beyond which keys are wanted; None if there are none."""
    rest = asked.prefix[len(base) :]
    names: tuple[str, ...] = (_just_before(rest),) if rest else ("",)
    if asked.after <= asked.prefix:
        return names
    if not asked.after.startswith(base):
        return names if asked.after < base else None
    beyond = asked.after[len(base) :]
    if asked.deep:
        return tuple(beyond.split("/"))
    name, slash, more = beyond.partition("/")
    if more and more != LAST:
        # Something in this folder lies beyond, so the folder itself does.
        return (_just_before(name + slash),)
    return (name + slash,)


def _just_before(text: str) -> str:
    """Give a text that sorts before another, and after nearly all that does."""
    before = chr(ord(text[-1]) - 1)
    # These are no characters of a text.
    return text[:-1] + ("\ud7ff" if "\ud800" <= before <= "\udfff" else before) + LAST


async def _entries(
    files: Files, actor: Actor, folder: Located, begin: Sequence[str], first: int, *, deep: bool
) -> AsyncGenerator[Entry, None]:
    if deep:
        async for entry in walk(files, actor, folder, begin, first):
            yield entry
        return
    async for entry in entries_of(files, actor, folder, begin[0], first):
        if not is_bin(folder.node, entry.node):
            yield entry
