"""`keycell sync status` and `conflicts`: how each folder stands, and what it is at."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keycell.cli.output import Exit, fail, sentence_of
from keycell.cli.showing import Output, lists
from keycell.cli.tables import Column, Table, moment_text
from keycell.cli.talk import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keycell.sync.folders import Folder
    from keycell.sync.state import State

FIELDS = ("name", "local", "remote", "direction", "paused", "ignored", "only")
_STANDS = Table(
    (
        Column("name", gives_way=True),
        Column("state"),
        Column("files", is_number=True),
        Column("conflicts", is_number=True),
        Column("problems", text=lambda found: str(len(found)) if isinstance(found, list) else ""),
        Column("ran", text=moment_text),
        Column("paused", is_spare=True),
    ),
    (*FIELDS, "state", "files", "conflicts", "problems", "ran"),
)
_CONFLICTS = Table(
    (
        Column("folder"),
        Column("path", gives_way=True),
        Column("original", "beside", gives_way=True),
    ),
    ("folder", "path", "original", "at"),
    raw="path",
)
Names = Annotated[list[str] | None, typer.Argument(help="Names or paths; none for all.")]


@lists
def status(out: Output, names: Names = None) -> None:
    """Say how each folder stands: when it ran, how much it holds, what could not be synced.

    keycell sync status
    keycell sync status plans --json
    keycell sync status --jq '.items[].problems'
    """
    items: list[dict[str, Any]] = []
    for folder in named(names):
        with _known(folder) as state:
            items.append(_stands(folder, state))
    out.show(_STANDS, items)
    if not (out.as_json or out.as_lines):
        for item in items:
            for problem in item["problems"]:
                note(f"{item['name']}/{problem['path']}: {problem['reason']}")


@lists
def conflicts(out: Output, names: Names = None) -> None:
    """List the files that both sides had changed; one is resolved by removing or renaming it.

    keycell sync conflicts
    keycell sync conflicts plans
    keycell sync conflicts --columns path,original
    """
    items = []
    for folder in named(names):
        with _known(folder) as state:
            items += [
                {"folder": folder.name, "path": path, "original": original, "at": at}
                for path, original, at in _standing(folder, state)
            ]
    out.show(_CONFLICTS, items)


def named(names: list[str] | None) -> "list[Folder]":
    """Give the folders that are named, or all; end where there is none of such a name."""
    from keycell.sync.errors import SyncError
    from keycell.sync.folders import named as find

    try:
        return find(names or [])
    except SyncError as error:
        fail(str(error), Exit.NOT_FOUND, error.hint)


@contextmanager
def _known(folder: "Folder") -> "Iterator[State]":
    from keycell.sync.errors import SyncError

    try:
        with folder.known() as state:
            yield state
    except SyncError as error:
        fail(str(error), Exit.OTHER, error.hint)
    except OSError as error:
        fail(sentence_of(error))


def _stands(folder: "Folder", state: "State") -> dict[str, Any]:
    unresolved, problems = len(_standing(folder, state)), state.problems()
    pairs = state.pairs()
    is_begun = bool(pairs or state.said("ran"))
    doing = _doing(folder, state, unresolved=unresolved, is_begun=is_begun)
    return {
        **view(folder), "state": doing,
        "files": sum(not one.is_folder for one in pairs),
        "ran": state.said("ran") or None, "conflicts": unresolved,
        "problems": [{"path": path, "reason": why} for path, why in problems],
    }  # fmt: skip


def _doing(folder: "Folder", state: "State", *, unresolved: int, is_begun: bool) -> str:
    """Say what a folder is at, or how it was left, in a word."""
    if not folder.is_paused and _is_at_work(folder):
        from keycell.sync.state import Doing

        return state.said("doing", Doing.CHECKING)
    words = {
        "paused": folder.is_paused,
        "new": not is_begun and not state.problems(),
        "problems": bool(state.problems()),
        "unfinished": state.said("settled") != "yes",
        "conflicts": bool(unresolved),
    }
    return next((word for word, is_so in words.items() if is_so), "alike")


def _is_at_work(folder: "Folder") -> bool:
    import filelock

    try:
        with filelock.FileLock(f"{folder.database}.lock", mode=0o600).acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True


def _standing(folder: "Folder", state: "State") -> list[tuple[str, str, str]]:
    found = state.conflicts()
    return [one for one in found if os.path.lexists(Path(folder.local) / one[0])]


def view(folder: "Folder") -> dict[str, object]:
    """Give what was said of a folder when it was added."""
    return {"name": folder.name, "local": folder.local,
            "remote": f"{folder.profile}:{folder.remote}", "direction": folder.direction,
            "paused": folder.is_paused, "ignored": list(folder.ignored),
            "only": list(folder.only)}  # fmt: skip
