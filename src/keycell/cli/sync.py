"""`keycell sync`: folders that are kept alike with folders of a server."""

import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.commands import with_examples
from keycell.cli.completion import remote_paths
from keycell.cli.output import Exit, fail, sentence_of, show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.sync_runs import (
    code_of,
    end_by,
    lines_of,
    run_folder,
    said_of,
    taken,
    watch_folders,
    within,
)
from keycell.cli.sync_status import FIELDS, Names, conflicts, named, status, view
from keycell.cli.tables import Column, Table
from keycell.cli.talk import note

if TYPE_CHECKING:
    from keycell.client.paths import RemotePath
    from keycell.sync.folders import Folder
    from keycell.sync.run import Outcome

app = typer.Typer(
    help=with_examples(
        "Keep folders alike with folders of a server.",
        "keycell sync add ~/plans :personal-files/plans",
        "keycell sync run --watch",
        "keycell sync status",
    ),
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_FOLDERS = Table(
    (
        Column("name"),
        Column("local", gives_way=True),
        Column("remote", gives_way=True),
        Column("direction"),
        Column("paused"),
    ),
    FIELDS,
    raw="local",
)
Remote = Annotated[
    str,
    typer.Argument(help="[profile]:space/path; made if it is missing.",
                   autocompletion=remote_paths),
]  # fmt: skip


@app.command("add")
@shows
def add(
    out: Output,
    local: Annotated[Path, typer.Argument(help="A folder here; it is made if it is missing.")],
    remote: Remote,
    direction: Annotated[str, typer.Option(help="both, up or down.")] = "both",
    ignore: Annotated[
        list[str] | None, typer.Option(help="A pattern as .gitignore has them; repeatable.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Sync this folder in it alone; repeatable.")
    ] = None,
) -> None:
    """Add a folder to be synced; nothing is transferred yet.

    keycell sync add ~/plans :personal-files/plans
    keycell sync add ~/music :music --direction down --ignore '*.tmp'
    keycell sync add ~/papers work:team --only 2026 --only drafts
    """
    from keycell.sync.disk import Disk
    from keycell.sync.errors import SyncError
    from keycell.sync.folders import new_folder

    place = _place(remote)
    if direction not in ("both", "up", "down"):
        fail(f"--direction is both, up or down, not {direction!r}", Exit.USAGE)
    root = Path(os.path.realpath(local))
    try:
        folder = new_folder(root, place.profile, place.path, direction)
        folder = replace(folder, ignored=tuple(ignore or ()), only=tuple(only or ()))
        within(folder, _make_remote)
        root.mkdir(parents=True, exist_ok=True)
        Disk(root).mark(folder.mark)
        folder.write()
    except SyncError as error:
        end_by(error)
    except OSError as error:
        fail(f"{root} cannot be used: {error.strerror}", Exit.DENIED)
    out.said(view(folder), f"{folder.name}: {root} and {remote}; keycell sync run begins")


@app.command("ls")
@lists
def list_folders(out: Output) -> None:
    """List the folders that are synced.

    keycell sync ls
    keycell sync ls --columns name,direction
    keycell sync ls --json
    """
    out.show(_FOLDERS, [view(one) for one in named(None)])


@app.command("run")
@changes
def run(
    out: Output,
    names: Names = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and follow both sides.")] = False,
    delete_many: Annotated[
        bool, typer.Option("--delete-many", help="Many deletions are meant.")
    ] = False,
) -> None:
    """Make both sides alike.

    keycell sync run
    keycell sync run plans --dry-run
    keycell sync run --watch
    """
    if watch and out.dry_run:
        fail("--watch and --dry-run exclude each other", Exit.USAGE)
    found = _not_paused(named(names))
    if watch and found:
        watch_folders(found, many=delete_many)
    told = [(one, run_folder(one, dry=out.dry_run, many=delete_many)) for one in found]
    failed = [(one, came) for one, came in told if isinstance(came, Exception)]
    if len(told) == len(failed) == 1:
        end_by(failed[0][1])
    for folder, why in failed:
        note(said_of(folder, why))
    lines = [line for one, came in told if not isinstance(came, Exception)
             for line in lines_of(one, came, dry=out.dry_run)]  # fmt: skip
    document = {"items": [_told(*one) for one in told], "dry_run": out.dry_run}
    show(document, lines, as_json=out.as_json)
    if failed and len(failed) == len(told):
        raise SystemExit(int(code_of(failed[0][1])))
    if any(isinstance(came, Exception) or came.problems for _, came in told):
        raise SystemExit(int(Exit.PARTLY))


@app.command("pause")
@changes
def pause(out: Output, names: Names = None) -> None:
    """Leave folders alone until they are resumed.

    keycell sync pause
    keycell sync pause plans
    keycell sync pause plans --dry-run
    """
    _pause(out, names, is_paused=True)


@app.command("resume")
@changes
def resume(out: Output, names: Names = None) -> None:
    """Sync paused folders again.

    keycell sync resume
    keycell sync resume plans
    keycell sync resume plans --dry-run
    """
    _pause(out, names, is_paused=False)


def _pause(out: Output, names: list[str] | None, *, is_paused: bool) -> None:
    found = [replace(one, is_paused=is_paused) for one in named(names)]
    for folder in found if not out.dry_run else ():
        folder.write()
    said = ", ".join(one.name for one in found) or "no folder"
    word = "paused" if is_paused else "synced again"
    out.changed({"items": [view(one) for one in found]},
                f"{said}: {word}", f"{said}: would be {word}")  # fmt: skip


app.command("status")(status)
app.command("conflicts")(conflicts)


@app.command("rm")
@changes
def remove(
    out: Output, names: Annotated[list[str], typer.Argument(help="Names or paths.")]
) -> None:
    """Sync folders no more; all files stay, on both sides.

    keycell sync rm plans
    keycell sync rm ~/plans ~/music
    keycell sync rm plans --dry-run
    """
    from keycell.sync.folders import remove as forget

    found = named(names)
    with ExitStack() as locks:
        for folder in found:
            # Whoever syncs it would go on, with nothing known of it any more.
            if (busy := taken(folder, locks)) is not None:
                end_by(busy)
        for folder in found if not out.dry_run else ():
            shutil.rmtree(Path(folder.local) / ".keycell-sync" / "tmp", ignore_errors=True)
            forget(folder)
    said = ", ".join(one.name for one in found)
    out.changed({"items": [view(one) for one in found]},
                f"{said}: synced no more; the files stay",
                f"{said}: would be synced no more; the files stay")  # fmt: skip


@app.command("service")
@shows
def service(out: Output) -> None:
    """Write a systemd unit of one's own that syncs all folders from each sign-in on.

    keycell sync service
    keycell sync service --json
    keycell sync service && systemctl --user enable --now keycell-sync@plans
    """
    program = shutil.which("keycell") or sys.argv[0]
    place = Path(os.environ.get("XDG_CONFIG_HOME", "~/.config")).expanduser() / "systemd" / "user"
    place.mkdir(parents=True, exist_ok=True)
    unit = place / "keycell-sync@.service"
    quoted = program.replace("\\", r"\\").replace('"', r"\"").replace("%", "%%")
    unit.write_text(
        "[Unit]\nDescription=Keycell sync of %i\nAfter=network-online.target\n\n"
        f'[Service]\nExecStart="{quoted}" sync run --watch %i\nRestart=on-failure\n'
        "RestartSec=30\n\n[Install]\nWantedBy=default.target\n"
    )
    out.one({"path": str(unit)}) if out.as_json else print(unit)
    note("systemctl --user enable --now keycell-sync@NAME begins it")


def _place(remote: str) -> "RemotePath":
    from keycell.client.paths import BadPlace, read_place

    try:
        place = read_place(remote)
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    if place is None or not place.names:
        fail(f"{remote!r} names no folder of a server", Exit.USAGE, "write :space/path")
    return place


async def _make_remote(wire: object) -> None:
    from keycell.sync.wire import Wire

    assert isinstance(wire, Wire)  # noqa: S101  (imported late)
    await wire.make_top()


def _not_paused(folders: "list[Folder]") -> "list[Folder]":
    for folder in folders:
        if folder.is_paused:
            note(f"{folder.name} is paused")
    return [one for one in folders if not one.is_paused]


def _told(folder: "Folder", came: "Outcome | Exception") -> dict[str, object]:
    if isinstance(came, Exception):
        return {"name": folder.name, "done": 0, "planned": [], "conflicts": [], "problems": [],
                "error": sentence_of(came)}  # fmt: skip
    return {"name": folder.name, "done": came.done,
            "planned": [type(one).__name__ for one in came.planned],
            "conflicts": [{"path": path, "original": was} for path, was in came.conflicts],
            "problems": [{"path": path, "reason": reason} for path, reason in came.problems],
            }  # fmt: skip
