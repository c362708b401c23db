"""Patterns of names: `*` and `?` within a name, `**` for any number of folders.

A bracket is a bracket, since names have them. What lies in the recycle bin of a space is never
meant by a pattern, only by its name.
"""

import re
import unicodedata
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

RECYCLE_BIN = "recycle_bin"
_ANY_DEPTH = "**"
_AT = 1
"""How deep the recycle bin lies: right below its space."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that lies in a folder."""

    name: str
    is_folder: bool


Children = Callable[[tuple[str, ...]], Awaitable[Sequence[Found]]]
"""Lists what lies in a folder, by the names that lead there."""


def is_pattern(text: str) -> bool:
    """Tell whether a text has anything that stands for more than itself."""
    return "*" in text or "?" in text


def split(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names before the first pattern, and those from it on."""
    for number, name in enumerate(names):
        if is_pattern(name):
            return tuple(names[:number]), tuple(names[number:])
    return tuple(names), ()


def _passed(states: set[int], pattern: Sequence[str]) -> set[int]:
    """Add the states that are reached without a name: `**` may stand for no folder at all."""
    found = set(states)
    for state in sorted(states):
        at = state
        while at < len(pattern) and pattern[at] == _ANY_DEPTH:
            at += 1
            found.add(at)
    return found


async def expand(names: Sequence[str], children: Children) -> AsyncGenerator[tuple[str, ...]]:
    """Give the paths that a pattern means, in the order in which they are listed.

    Folders are listed once each, and only those in which something can be meant.
    """
    base, pattern = split(names)
    if not pattern:
        yield base
        return
    # What is still to be looked at, the next at the end, with the states that lead there.
    waiting = [(base, True, frozenset(_passed({0}, pattern)))]
    while waiting:
        path, is_folder, states = waiting.pop()
        if len(pattern) in states and path != base:
            yield path
        if not is_folder or not states - {len(pattern)}:
            continue
        found = [one for one in await children(path) if not _is_bin(path, one.name)]
        waiting += [
            ((*path, one.name), one.is_folder, _after(pattern, states, one.name))
            for one in reversed(found)
        ]


def _is_bin(folder: Sequence[str], name: str) -> bool:
    return len(folder) == _AT and name == RECYCLE_BIN


def _after(pattern: Sequence[str], states: frozenset[int], name: str) -> frozenset[int]:
    following = set()
    for state in states - {len(pattern)}:
        if pattern[state] == _ANY_DEPTH:
            following.add(state)
        elif _expression(pattern[state]).fullmatch(_normal(name)):
            following.add(state + 1)
    return frozenset(_passed(following, pattern))


@lru_cache(maxsize=256)
def _expression(name: str) -> re.Pattern[str]:
    # Runs of stars mean what one means, and would make the expression slow.
    said = re.sub(r"\*+", "*", _normal(name))
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one) or re.escape(one) for one in said), re.DOTALL)


def _normal(name: str) -> str:
    # Two forms of one name are one name to whoever types it.
    return unicodedata.normalize("NFC", name)
