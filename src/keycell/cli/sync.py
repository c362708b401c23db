"""`keycell sync`: folders that are kept alike with folders of a server."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from keycell.cli.completion import remote_paths
from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, lists, shows
from keycell.cli.sync_status import FIELDS, Names, conflicts, named, status, view
from keycell.cli.tables import Column, Table
from keycell.cli.talk import confirm, note

if TYPE_CHECKING:
    from keycell.client.paths import RemotePath
    from keycell.sync.errors import SyncError
    from keycell.sync.folders import Folder
    from keycell.sync.run import Job, Outcome

app = typer.Typer(
    help="Keep folders alike with folders of a server.",
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
_GOES_ON = "interrupted: the next run goes on from here"
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
        _within(folder, _make_remote)
        root.mkdir(parents=True, exist_ok=True)
        Disk(root).mark(folder.mark)
        folder.write()
    except SyncError as error:
        _end(error)
    except OSError as error:
        fail(f"{root} cannot be used: {error.strerror}", Exit.DENIED)
    out.said(view(folder), f"{folder.name}: {root} and {remote}; keycell sync run begins")


@app.command("ls")
@lists
def list_folders(out: Output) -> None:
    """List the folders that are synced."""
    out.show(_FOLDERS, [view(one) for one in named(None)])


@app.command("run")
@shows
def run(
    out: Output,
    names: Names = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and follow both sides.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    delete_many: Annotated[
        bool, typer.Option("--delete-many", help="Many deletions are meant.")
    ] = False,
) -> None:
    """Make both sides alike.

    keycell sync run
    keycell sync run plans --dry-run
    keycell sync run --watch
    """
    if watch and dry_run:
        fail("--watch and --dry-run exclude each other", Exit.USAGE)
    found = named(names)
    for folder in found:
        if folder.is_paused:
            note(f"{folder.name} is paused")
    found = [one for one in found if not one.is_paused]
    if watch and len(found) > 1:
        _watch(found, many=delete_many)
    told = [(one, _run(one, watch=watch, dry=dry_run, many=delete_many)) for one in found]
    items = [_told(folder, outcome) for folder, outcome in told]
    lines = [line for folder, outcome in told for line in _lines(folder, outcome, dry=dry_run)]
    show({"items": items}, lines, as_json=out.as_json)
    if any(outcome.problems for _, outcome in told):
        raise SystemExit(int(Exit.PARTLY))


@app.command("pause")
@shows
def pause(out: Output, names: Names = None) -> None:
    """Leave folders alone until they are resumed."""
    _pause(out, names, is_paused=True)


@app.command("resume")
@shows
def resume(out: Output, names: Names = None) -> None:
    """Sync paused folders again."""
    _pause(out, names, is_paused=False)


def _pause(out: Output, names: list[str] | None, *, is_paused: bool) -> None:
    found = [replace(one, is_paused=is_paused) for one in named(names)]
    for folder in found:
        folder.write()
    said = ", ".join(one.name for one in found) or "no folder"
    out.said({"items": [view(one) for one in found]},
             f"{said}: {'paused' if is_paused else 'synced again'}")  # fmt: skip


app.command("status")(status)
app.command("conflicts")(conflicts)


@app.command("rm")
@shows
def remove(
    out: Output, names: Annotated[list[str], typer.Argument(help="Names or paths.")]
) -> None:
    """Sync folders no more; all files stay, on both sides."""
    from keycell.sync.folders import remove as forget

    found = named(names)
    for folder in found:
        shutil.rmtree(Path(folder.local) / ".keycell-sync" / "tmp", ignore_errors=True)
        forget(folder)
    said = ", ".join(one.name for one in found)
    out.said({"items": [view(one) for one in found]}, f"{said}: synced no more; the files stay")


@app.command("service")
@shows
def service(out: Output) -> None:
    """Write a systemd unit of one's own that syncs all folders from each sign-in on."""
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


def _run(folder: "Folder", *, watch: bool, dry: bool, many: bool) -> "Outcome":
    import filelock

    from keycell.sync.errors import NeedsDecision, SyncError

    lock = filelock.FileLock(f"{folder.database}.lock", mode=0o600)
    try:
        # Whoever asks how it stands holds it for a moment.
        with lock.acquire(timeout=1):
            return _within(
                folder, lambda wire: _work(folder, wire, watch=watch, dry=dry, many=many)
            )
    except filelock.Timeout:
        fail(f"{folder.name} is being synced by another process", Exit.CONFLICT)
    except NeedsDecision as error:
        if not sys.stdin.isatty():
            fail(str(error), Exit.USAGE, error.hint)
        confirm(f"{error}. Delete them?", yes=False)
        told = _run(folder, watch=False, dry=dry, many=True)
        # The yes was to these deletions alone.
        return _run(folder, watch=True, dry=dry, many=False) if watch else told
    except SyncError as error:
        _end(error)


def _watch(folders: "list[Folder]", *, many: bool) -> NoReturn:
    """Follow several folders at once; one that cannot go on is told of, and the others go on."""
    import filelock

    ended: list[SyncError] = []
    with ExitStack() as locks:
        for one in folders:
            try:
                lock = filelock.FileLock(f"{one.database}.lock", mode=0o600)
                locks.enter_context(lock.acquire(timeout=1))
            except filelock.Timeout:
                fail(f"{one.name} is being synced by another process", Exit.CONFLICT)
        finish(lambda: _watched(folders, ended, many=many), _GOES_ON)
    _end(ended[0])


async def _watched(folders: "list[Folder]", ended: "list[SyncError]", *, many: bool) -> None:
    from keycell.sync.errors import SyncError

    async def follow(folder: "Folder") -> None:
        try:
            await _opened(
                folder, lambda wire: _work(folder, wire, watch=True, dry=False, many=many)
            )
        except SyncError as error:
            note(f"{folder.name}: {error}" + (f"; {error.hint}" if error.hint else ""))
            ended.append(error)

    await asyncio.gather(*map(follow, folders))


async def _work(
    folder: "Folder", wire: object, *, watch: bool, dry: bool, many: bool
) -> "Outcome":
    from keycell.sync.errors import Away
    from keycell.sync.run import run as run_once
    from keycell.sync.state import State
    from keycell.sync.wire import Wire

    assert isinstance(wire, Wire)  # noqa: S101  (imported late)
    state = State(folder.database)

    def tell(outcome: "Outcome | Away") -> None:
        if isinstance(outcome, Away):
            note(f"{folder.name}: {outcome}")
        else:
            for line in _lines(folder, outcome, dry=False):
                note(line)

    try:
        if watch:
            from keycell.sync.watch import watch as follow

            await follow(wire, state, _job(folder, many=many), tell)
        return await run_once(wire, state, _job(folder, many=many), dry=dry)
    finally:
        state.close()


def _job(folder: "Folder", *, many: bool) -> "Job":
    import platform

    from keycell.sync.plan import Direction, Policy
    from keycell.sync.run import Job

    policy = Policy(direction=Direction(folder.direction), device=platform.node() or "computer",
                    day=f"{datetime.now(UTC):%Y-%m-%d}")  # fmt: skip
    return Job(root=Path(folder.local), mark=folder.mark, policy=policy, ignored=folder.ignored,
               only=folder.only, may_delete_many=many)  # fmt: skip


def _within(folder: "Folder", work: Callable[..., object]) -> "Outcome":
    return finish(lambda: _opened(folder, work), _GOES_ON)


async def _opened(folder: "Folder", work: Callable[..., object]) -> "Outcome":
    from typing import cast

    from keycell.client.session import open_session
    from keycell.sync.wire import Wire

    async with open_session(folder.profile) as session:
        return cast("Outcome", await cast("Any", work)(Wire(session, folder.remote)))


async def _make_remote(wire: object) -> None:
    from keycell.sync.wire import Wire

    assert isinstance(wire, Wire)  # noqa: S101  (imported late)
    await wire.make_top()


def _end(error: "SyncError") -> NoReturn:
    from keycell.sync.errors import AccessEnded, Away, RootGone, SignInEnded

    codes = {Away: Exit.UNAVAILABLE, RootGone: Exit.NOT_FOUND, AccessEnded: Exit.DENIED,
             SignInEnded: Exit.SIGN_IN}  # fmt: skip
    fail(str(error), codes.get(type(error), Exit.OTHER), error.hint)


def _told(folder: "Folder", outcome: "Outcome") -> dict[str, object]:
    return {"name": folder.name, "done": outcome.done,
            "planned": [type(one).__name__ for one in outcome.planned],
            "problems": [{"path": path, "reason": reason} for path, reason in outcome.problems],
            }  # fmt: skip


def _lines(folder: "Folder", outcome: "Outcome", *, dry: bool) -> list[str]:
    if dry:
        lines = [f"  {one}" for one in outcome.said]
        said = f"{folder.name}: {len(lines)} to do"
    else:
        lines = []
        said = f"{folder.name}: {outcome.done} done" if outcome.done else f"{folder.name}: alike"
    return [said, *lines, *(f"  {path}: {reason}" for path, reason in outcome.problems)]
