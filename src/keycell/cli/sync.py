"""`keycell sync`: folders that are kept alike with folders of a server."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from keycell.cli.output import Exit, fail, show

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
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Names = Annotated[list[str] | None, typer.Argument(help="Names or paths; none for all.")]


@app.command("add")
def add(
    local: Annotated[Path, typer.Argument(help="A folder here; it is made if it is missing.")],
    remote: Annotated[str, typer.Argument(help="[profile]:space/path; made if it is missing.")],
    direction: Annotated[str, typer.Option(help="both, up or down.")] = "both",
    ignore: Annotated[
        list[str] | None, typer.Option(help="A pattern as .gitignore has them; repeatable.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Sync this folder in it alone; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a folder to be synced; nothing is transferred yet."""
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
    lines = [f"{folder.name}: {root} and {remote}; keycell sync run begins"]
    show(_view(folder), lines, as_json=as_json)


@app.command("ls")
def list_folders(as_json: Json = False) -> None:
    """List the folders that are synced."""
    from keycell.sync.folders import folders

    found = folders()
    lines = [f"{one.name}\t{one.local}\t{one.profile}:{one.remote}\t{one.direction}"
             + ("\tpaused" if one.is_paused else "") for one in found]  # fmt: skip
    show({"items": [_view(one) for one in found]}, lines, as_json=as_json)


@app.command("run")
def run(
    names: Names = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and follow both sides.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    delete_many: Annotated[
        bool, typer.Option("--delete-many", help="Many deletions are meant.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make both sides alike."""
    told = []
    for folder in _named(names):
        if folder.is_paused:
            print(f"{folder.name} is paused", file=sys.stderr)
            continue
        told.append((folder, _run(folder, watch=watch, dry=dry_run, many=delete_many)))
    items = [_told(folder, outcome) for folder, outcome in told]
    lines = [line for folder, outcome in told for line in _lines(folder, outcome, dry=dry_run)]
    show({"items": items}, lines, as_json=as_json)
    if any(outcome.problems for _, outcome in told):
        raise SystemExit(int(Exit.PARTLY))


@app.command("status")
def status(names: Names = None, as_json: Json = False) -> None:
    """Say how each folder stands: when it ran, how much it holds, what could not be synced."""
    from keycell.sync.state import State

    items, lines = [], []
    for folder in _named(names):
        state = State(folder.database)
        problems = state.problems()
        item = {
            **_view(folder), "files": sum(not one.is_folder for one in state.pairs()),
            "ran": state.said("ran") or None, "conflicts": len(_standing(folder, state)),
            "problems": [{"path": path, "reason": reason} for path, reason in problems],
        }  # fmt: skip
        state.close()
        items.append(item)
        stands = "paused" if folder.is_paused else f"ran {item['ran'] or 'never'}"
        lines.append(f"{folder.name}\t{item['files']} files\t{stands}")
        lines += [f"  {path}: {reason}" for path, reason in problems]
    show({"items": items}, lines, as_json=as_json)


@app.command("pause")
def pause(names: Names = None) -> None:
    """Leave folders alone until they are resumed."""
    for folder in _named(names):
        replace(folder, is_paused=True).write()


@app.command("resume")
def resume(names: Names = None) -> None:
    """Sync paused folders again."""
    for folder in _named(names):
        replace(folder, is_paused=False).write()


@app.command("conflicts")
def conflicts(names: Names = None, as_json: Json = False) -> None:
    """List the files that both sides had changed; one is resolved by removing or renaming it."""
    from keycell.sync.state import State

    items = []
    for folder in _named(names):
        state = State(folder.database)
        items += [
            {"folder": folder.name, "path": path, "original": original, "at": at}
            for path, original, at in _standing(folder, state)
        ]
        state.close()
    lines = [f"{one['folder']}\t{one['path']}\tbeside {one['original']}" for one in items]
    show({"items": items}, lines, as_json=as_json)


@app.command("rm")
def remove(names: Annotated[list[str], typer.Argument(help="Names or paths.")]) -> None:
    """Sync folders no more; all files stay, on both sides."""
    from keycell.sync.folders import remove as forget

    for folder in _named(names):
        shutil.rmtree(Path(folder.local) / ".keycell-sync" / "tmp", ignore_errors=True)
        forget(folder)


@app.command("service")
def service() -> None:
    """Write a systemd unit of one's own that syncs all folders from each sign-in on."""
    program = shutil.which("keycell") or sys.argv[0]
    place = Path(os.environ.get("XDG_CONFIG_HOME", "~/.config")).expanduser() / "systemd" / "user"
    place.mkdir(parents=True, exist_ok=True)
    (place / "keycell-sync@.service").write_text(
        "[Unit]\nDescription=Keycell sync of %i\nAfter=network-online.target\n\n"
        f"[Service]\nExecStart={program} sync run --watch %i\nRestart=on-failure\n"
        "RestartSec=30\n\n[Install]\nWantedBy=default.target\n"
    )
    print(place / "keycell-sync@.service")
    print("systemctl --user enable --now keycell-sync@NAME begins it", file=sys.stderr)


def _place(remote: str) -> "RemotePath":
    from keycell.client.paths import BadPlace, read_place

    try:
        place = read_place(remote)
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    if place is None or not place.names:
        fail(f"{remote!r} names no folder of a server", Exit.USAGE, "write :space/path")
    return place


def _named(names: list[str] | None) -> "list[Folder]":
    from keycell.sync.errors import SyncError
    from keycell.sync.folders import named

    try:
        return named(names or [])
    except SyncError as error:
        fail(str(error), Exit.NOT_FOUND, error.hint)


def _standing(folder: "Folder", state: object) -> list[tuple[str, str, str]]:
    from keycell.sync.state import State

    assert isinstance(state, State)  # noqa: S101  (imported late)
    found = state.conflicts()
    return [one for one in found if os.path.lexists(Path(folder.local) / one[0])]


def _run(folder: "Folder", *, watch: bool, dry: bool, many: bool) -> "Outcome":
    import filelock

    from keycell.sync.errors import NeedsDecision, SyncError

    lock = filelock.FileLock(f"{folder.database}.lock", mode=0o600)
    try:
        with lock.acquire(timeout=0):
            return _within(
                folder, lambda wire: _work(folder, wire, watch=watch, dry=dry, many=many)
            )
    except filelock.Timeout:
        fail(f"{folder.name} is being synced by another process", Exit.CONFLICT)
    except NeedsDecision as error:
        if not sys.stdin.isatty():
            fail(str(error), Exit.USAGE, error.hint)
        print(f"{error}. Delete them? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            fail("nothing was deleted", Exit.USAGE)
        return _run(folder, watch=watch, dry=dry, many=True)
    except SyncError as error:
        _end(error)


async def _work(
    folder: "Folder", wire: object, *, watch: bool, dry: bool, many: bool
) -> "Outcome":
    from keycell.sync.errors import Away
    from keycell.sync.run import run as run_once
    from keycell.sync.state import State
    from keycell.sync.watch import watch as follow
    from keycell.sync.wire import Wire

    assert isinstance(wire, Wire)  # noqa: S101  (imported late)
    state = State(folder.database)

    def tell(outcome: "Outcome | Away") -> None:
        if isinstance(outcome, Away):
            print(f"{folder.name}: {outcome}", file=sys.stderr)
        else:
            for line in _lines(folder, outcome, dry=False):
                print(line, file=sys.stderr)

    try:
        if watch:
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
    from keycell.client.errors import ClientError, SignInRequired, Unavailable

    try:
        return asyncio.run(_opened(folder, work))
    except SignInRequired as error:
        fail(str(error), Exit.SIGN_IN, error.hint or "keycell login")
    except Unavailable as error:
        fail(str(error), Exit.UNAVAILABLE, error.hint)
    except ClientError as error:
        fail(str(error), Exit.OTHER, error.hint)


async def _opened(folder: "Folder", work: Callable[..., object]) -> "Outcome":
    from typing import Any, cast

    from keycell.client.session import open_session
    from keycell.sync.wire import Wire

    async with open_session(folder.profile) as session:
        return cast("Outcome", await cast("Any", work)(Wire(session.http, folder.remote)))


async def _make_remote(wire: object) -> None:
    from keycell.sync.wire import Wire

    assert isinstance(wire, Wire)  # noqa: S101  (imported late)
    await wire.make_top()


def _end(error: "SyncError") -> NoReturn:
    from keycell.sync.errors import AccessEnded, Away, RootGone

    codes = {Away: Exit.UNAVAILABLE, RootGone: Exit.NOT_FOUND, AccessEnded: Exit.SIGN_IN}
    fail(str(error), codes.get(type(error), Exit.OTHER), error.hint)


def _view(folder: "Folder") -> dict[str, object]:
    return {"name": folder.name, "local": folder.local,
            "remote": f"{folder.profile}:{folder.remote}", "direction": folder.direction,
            "paused": folder.is_paused, "ignored": list(folder.ignored),
            "only": list(folder.only)}  # fmt: skip


def _told(folder: "Folder", outcome: "Outcome") -> dict[str, object]:
    return {"name": folder.name, "done": outcome.done,
            "planned": [type(one).__name__ for one in outcome.planned],
            "problems": [{"path": path, "reason": reason} for path, reason in outcome.problems],
            }  # fmt: skip


def _lines(folder: "Folder", outcome: "Outcome", *, dry: bool) -> list[str]:
    from keycell.sync.said import sentence_of

    if dry:
        lines = [f"  {sentence_of(one)}" for one in outcome.planned]
        said = f"{folder.name}: {len(lines)} to do"
    else:
        lines = []
        said = f"{folder.name}: {outcome.done} done" if outcome.done else f"{folder.name}: alike"
    return [said, *lines, *(f"  {path}: {reason}" for path, reason in outcome.problems)]
