"""What is left out: patterns as git has them, and folders that alone were chosen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pathspec

from keycell.sync.scan import Excludes

IGNORE_FILE = ".keycellignore"
_ALWAYS = (".DS_Store", "Thumbs.db", "desktop.ini", "*~", ".~lock.*#", "*.swp", "*.part")
_GROUP = re.compile(r"\(\?P<\w+>")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left out, as it was when it was read."""

    text: str
    """By which it is known whether anything else was left out before."""
    excludes: Excludes


def rules_of(root: Path, ignored: tuple[str, ...], only: tuple[str, ...]) -> Rules:
    """Read what is left out of a folder."""
    lines = [*_ALWAYS, *ignored]
    ignore_file = root / IGNORE_FILE
    if ignore_file.is_file():
        lines += ignore_file.read_text("utf-8", "replace").splitlines()
    return _rules(tuple(lines), only)


@lru_cache(maxsize=4)
def _rules(lines: tuple[str, ...], only: tuple[str, ...]) -> Rules:
    matches = matching(pathspec.GitIgnoreSpec.from_lines(lines))
    excludes = _chosen(matches, tuple(one.strip("/") for one in only))
    return Rules("\n".join([*lines, "", *only]), excludes)


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


def _chosen(matches: Callable[[str], bool], only: tuple[str, ...]) -> Excludes:
    def excludes(path: str, is_folder: bool) -> bool:  # noqa: FBT001  (as a scan asks it)
        if only and not any(
            f"{path}/".startswith(f"{one}/") or (is_folder and f"{one}/".startswith(f"{path}/"))
            for one in only
        ):
            return True
        return matches(f"{path}/" if is_folder else path)

    return excludes
