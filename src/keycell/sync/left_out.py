"""What is left out: patterns as git has them, what is on other disks, and all but what was chosen.

A file of patterns is written by people and programs, and some of them empty it first. So what it
left out stays out until what it says has stood for a minute: nobody sends by accident what was to
stay here. What it leaves out from now on is left out at once.
"""

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pathspec

from keycell.sync.mounts import mounts_below
from keycell.sync.scan import Excludes
from keycell.sync.state import State

IGNORE_FILE = ".keycellignore"
REST = 60
"""Seconds that patterns stand before what they let in is let in."""
_ALWAYS = (".DS_Store", "Thumbs.db", "desktop.ini", "*~", ".~lock.*#", "*.swp", "*.part")
_GROUP = re.compile(r"\(\?P<\w+>")
_KEPT = "ignore file"

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left out, as it was when it was read."""

    text: str
    """By which it is known whether anything else was left out before."""
    excludes: Excludes
    problems: tuple[tuple[str, str], ...] = ()
    is_waiting: bool = False
    """Whether something is let in a minute later."""


def rules_of(root: Path, ignored: Lines, only: Lines, state: State) -> Rules:
    """Read what is left out of a folder."""
    lines, held = _said_by_file(root, state)
    return _rules((*_ALWAYS, *ignored, *lines), held, mounts_below(root), only)


def _said_by_file(root: Path, state: State) -> tuple[Lines, Lines]:
    """Give what the file says, and what it said before, as long as that holds, too."""
    now = time.time()
    lines, written_at = _read(root / IGNORE_FILE)
    kept = json.loads(state.said(_KEPT, "{}"))
    before = tuple(kept.get("holds", lines))
    since = min(now, kept["since"]) if kept.get("seen") == [*lines] else now
    is_held = _lets_in(before, lines) and now - min(since, written_at) < REST
    holds = before if is_held else lines
    found = {"holds": [*holds], "seen": [*lines], "since": since}
    if found != kept:
        state.say(_KEPT, json.dumps(found))
    return lines, before if is_held else ()


def _read(path: Path) -> tuple[Lines, float]:
    """Give the patterns of a file, and when they were written; none, and never, without one."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
            # Asked last: whoever empties it meanwhile did so by now.
            written_at = os.fstat(file.fileno()).st_mtime
    except (FileNotFoundError, IsADirectoryError):
        return (), float("inf")
    return tuple(one for one in lines if one.strip() and not one.startswith("#")), written_at


def _lets_in(before: Lines, lines: Lines) -> bool:
    """Tell whether something may be left out no more."""
    new = [one for one in lines if one not in before]
    is_kept = [one for one in lines if one in before] == [*before]
    return not is_kept or any(one.startswith("!") for one in new)


@lru_cache(maxsize=4)
def _rules(lines: Lines, held: Lines, mounts: Lines, only: Lines) -> Rules:
    said = [matching(pathspec.GitIgnoreSpec.from_lines(one)) for one in (lines, held) if one]
    chosen = tuple(one.strip("/") for one in only)
    excludes = _chosen(said, chosen)
    mounted = [one for one in mounts if not excludes(one, True)]  # noqa: FBT003
    problems = [(one, "another disk is mounted there: it is left alone") for one in mounted]
    if held:
        problems.append((IGNORE_FILE, "what it left out stays out until it stood for a minute"))
    text = "\n".join([*lines, "", *held, "", *mounted, "", *only])
    return Rules(text, _without(excludes, {*mounted}), tuple(problems), is_waiting=bool(held))


def matching(spec: pathspec.GitIgnoreSpec) -> Callable[[str], bool]:
    """Ask all patterns at once first: of a hundred thousand paths most match none."""
    leaving_out = [one.regex.pattern for one in spec.patterns if one.include and one.regex]
    # Each names its own group alike; which of them matched does not matter here.
    any_of = re.compile(
        "|".join(f"(?:{_GROUP.sub('(?:', one)})" for one in leaving_out) or r"(?!)"
    )

    def matches(path: str) -> bool:
        return any_of.search(path) is not None and spec.match_file(path)

    return matches


def _chosen(said: Sequence[Callable[[str], bool]], only: Lines) -> Excludes:
    def excludes(path: str, is_folder: bool) -> bool:  # noqa: FBT001  (as a scan asks it)
        if only and not any(
            f"{path}/".startswith(f"{one}/") or (is_folder and f"{one}/".startswith(f"{path}/"))
            for one in only
        ):
            return True
        asked = f"{path}/" if is_folder else path
        return any(matches(asked) for matches in said)

    return excludes


def _without(excludes: Excludes, mounts: set[str]) -> Excludes:
    if not mounts:
        return excludes
    return lambda path, is_folder: path in mounts or excludes(path, is_folder)
