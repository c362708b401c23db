"""`keycell scp`, `put` and `get`: files and folders to a server and back."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from keycell.cli.completion import copied_paths
from keycell.cli.ending import finish
from keycell.cli.output import Exit, fail, say_error, show
from keycell.cli.progress import Shown, seconds_text, shown
from keycell.cli.serving import listen
from keycell.cli.showing import Output, changes
from keycell.cli.tables import size_text
from keycell.cli.talk import note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from keycell.client.carrying import Carried, Item
    from keycell.client.errors import ClientError
    from keycell.client.paths import RemotePath
    from keycell.client.session import Session

    Plan = Callable[[Session], Awaitable[list[Item]]]

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE... TARGET", help="The last is the target.", autocompletion=copied_paths
    ),
]
NoGlob = Annotated[bool, typer.Option("--no-glob", help="Take * and ? as letters of a name.")]
AtOnce = Annotated[int, typer.Option("--parallel", min=1, max=16, help="Files at once.")]
Way = Annotated[Shown, typer.Option("--progress", help="How to tell how far it is.")]
# What the old client has options for is so anyhow: folders go whole, what is there is replaced.
Anyhow = Annotated[bool, typer.Option("--force", "-f", "--recursive", "-r", hidden=True)]


@dataclass(frozen=True, slots=True)
class _Wish:
    """How it is to be copied."""

    dry_run: bool
    globs: bool
    at_once: int
    way: Shown


@changes
def scp(
    out: Output,
    paths: Sources,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    progress: Way = Shown.AUTO,
    force: Anyhow = False,
) -> None:
    """Copy files and folders to a server, or from one.

    keycell scp photos :personal-files/
    keycell scp ':personal-files/*.jpg' .
    keycell scp big.iso :team/ --progress json

    A transfer that was cut goes on when the command is run again.
    """
    del force
    _copy(out, paths, _Wish(out.dry_run, not no_glob, parallel, progress))


@changes
def put(
    out: Output,
    paths: Sources,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    progress: Way = Shown.AUTO,
    force: Anyhow = False,
) -> None:
    """Copy files and folders to a server.

    keycell put photos personal-files/
    """
    del force
    paths = [*paths[:-1], _on_server(paths[-1])]
    _copy(out, paths, _Wish(out.dry_run, not no_glob, parallel, progress))


@changes
def get(
    out: Output,
    paths: Sources,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    progress: Way = Shown.AUTO,
    force: Anyhow = False,
) -> None:
    """Copy files and folders from a server; to the folder one is in, if only one path is given.

    keycell get personal-files/photos
    """
    del force
    here = paths[-1] if len(paths) > 1 else "."
    sources = [_on_server(one) for one in (paths[:-1] if len(paths) > 1 else paths)]
    _copy(out, [*sources, here], _Wish(out.dry_run, not no_glob, parallel, progress))


def _copy(out: Output, paths: list[str], wish: _Wish) -> None:
    from keycell.client.paths import BadPlace, read_place

    if len(paths) < 2:  # noqa: PLR2004
        fail("give what is copied, and the target", Exit.USAGE, "keycell scp a.txt :space/")
    try:
        target, remote = read_place(paths[-1]), [read_place(one) for one in paths[:-1]]
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    sources = [one for one in remote if one is not None]
    plan = _plan(paths, sources, target, globs=wish.globs)
    if plan is not None:
        _run(out, plan, wish, _profile(target, sources) or out.profile or "")
    fail("one side is local, the other on a server", Exit.USAGE,
         "keycell cp copies on a server; a place on one begins with a colon")  # fmt: skip


def _plan(
    paths: list[str], sources: "list[RemotePath]", target: "RemotePath | None", *, globs: bool
) -> "Plan | None":
    from keycell.client.carrying import plan_down, plan_up

    if target is not None and not sources:
        found = _local(paths[:-1], globs=globs)
        return lambda session: plan_up(session, found, target)
    if target is None and len(sources) == len(paths) - 1:
        return lambda session: plan_down(session, sources, Path(paths[-1]), globs=globs)
    return None


def _local(texts: list[str], *, globs: bool) -> list[Path]:
    """Find what patterns mean that no shell has looked at."""
    import glob

    found: list[Path] = []
    for text in texts:
        is_plain = not globs or Path(text).exists()
        # Whole paths, from any root: a Path's own glob begins in a folder.
        meant = [] if is_plain else glob.glob(text, recursive=True)  # noqa: PTH207
        found += [Path(one) for one in sorted(meant)] or [Path(text)]
    return found


def _profile(target: "RemotePath | None", sources: "list[RemotePath]") -> str:
    from keycell.client.paths import BadPlace, common_profile

    try:
        return common_profile([target] if target is not None else sources)
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)


def _on_server(text: str) -> str:
    return text if ":" in text or text.startswith("cells//") else f":{text}"


def _run(out: Output, plan: "Plan", wish: _Wish, profile: str) -> NoReturn:
    began = time.monotonic()
    told = finish(
        lambda: _carry(plan, wish, profile), "interrupted: the same command goes on from here"
    )
    if wish.dry_run:
        lines = [_way(one) for one in told.items]
        show({"items": [_view(one) for one in told.items]}, lines, as_json=out.as_json)
        raise SystemExit(0)
    failed = [one for one in told.outcomes if one.error is not None]
    if wish.way is not Shown.JSON:
        _tell_problems(told.outcomes)
    files = len(told.outcomes)
    # One that failed has said all there is to say.
    if wish.way is not Shown.JSON and not (files == 1 and failed):
        note(_summary(told, time.monotonic() - began))
    if out.as_json:
        seen = [_view(one.item, one.error) for one in told.outcomes]
        out.one({"items": seen, "done": files - len(failed), "failed": len(failed)})
    if not failed:
        raise SystemExit(0)
    only = failed[0].error
    is_alone = files == 1 and only is not None
    raise SystemExit(int(Exit[only.kind.upper()] if is_alone and only else Exit.PARTLY))


def _tell_problems(outcomes: "Sequence[Carried]") -> None:
    for one in outcomes:
        if one.error is not None:
            code = Exit[one.error.kind.upper()]
            say_error(f"{_way(one.item)}: {one.error}", code, one.error.hint, one.error.request_id)
        elif not one.is_verified:
            note(f"{_way(one.item)}: the server knows no digest of it yet; its length is right")


@dataclass(frozen=True, slots=True)
class _Told:
    """What came of it."""

    items: "Sequence[Item]"
    outcomes: "Sequence[Carried]" = ()
    retried: int = 0


async def _carry(plan: "Plan", wish: _Wish, profile: str) -> _Told:
    from keycell.client.carrying import carry
    from keycell.client.session import open_session

    async with open_session(profile) as session:
        listen(session.http)
        items = await plan(session)
        if wish.dry_run:
            return _Told(items)
        outcomes = []
        with shown(items, wish.way) as meter:
            async for one in carry(session, items, wish.at_once, meter.watch):
                meter.ended(one)
                outcomes.append(one)
        return _Told(items, outcomes, session.transport.retried)


def _way(item: "Item") -> str:
    there = f":{item.path}"
    return f"{item.local} -> {there}" if item.is_up else f"{there} -> {item.local}"


def _view(item: "Item", error: "ClientError | None" = None) -> dict[str, object]:
    found: dict[str, object] = {
        "local": str(item.local),
        "path": item.path,
        "direction": "up" if item.is_up else "down",
        "is_folder": item.is_folder,
        "size": item.size,
    }
    return found | ({"error": str(error), "kind": error.kind} if error is not None else {})


def _summary(told: _Told, seconds: float) -> str:
    done = [one for one in told.outcomes if one.error is None]
    failed, resumed = len(told.outcomes) - len(done), sum(one.resumed for one in done)
    size = size_text(sum(one.item.size for one in done))
    beside = [
        f"{size_text(resumed)} had arrived before" if resumed else "",
        f"{told.retried} retried" if told.retried else "",
        f"{failed} failed" if failed else "",
    ]
    more = ", ".join(one for one in beside if one)
    files = f"{len(done)} file{'' if len(done) == 1 else 's'}"
    return f"copied {files}, {size} in {seconds_text(seconds)}{f' ({more})' if more else ''}"
