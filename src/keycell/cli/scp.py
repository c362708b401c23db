"""`keycell scp`, `put` and `get`: files and folders to a server and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from keycell.cli.ending import finish
from keycell.cli.login import AsJson, ProfileName
from keycell.cli.output import Exit, fail, say_error, show
from keycell.cli.talk import note

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from keycell.client.carrying import Carried, Item
    from keycell.client.errors import ClientError
    from keycell.client.paths import RemotePath
    from keycell.client.session import Session

    Plan = Callable[[Session], Awaitable[list[Item]]]

Sources = Annotated[list[str], typer.Argument(help="What is copied; the last is the target.")]
NoGlob = Annotated[bool, typer.Option("--no-glob", help="Take * and ? as letters of a name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be copied.")]
AtOnce = Annotated[int, typer.Option("--parallel", min=1, max=16, help="Files at once.")]


def scp(
    paths: Sources,
    dry_run: DryRun = False,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Copy files and folders to a server, or from one.

    Examples: keycell scp photos :personal-files/; keycell scp ':personal-files/*.jpg' .;
    a transfer that was cut goes on when the command is run again.
    """
    from keycell.client.paths import BadPlace, read_place

    if len(paths) < 2:  # noqa: PLR2004
        fail("give what is copied, and the target", Exit.USAGE, "keycell scp a.txt :space/")
    try:
        target, remote = read_place(paths[-1]), [read_place(one) for one in paths[:-1]]
    except BadPlace as error:
        fail(str(error), Exit.USAGE, error.hint)
    sources = [one for one in remote if one is not None]
    plan = _plan(paths, sources, target, globs=not no_glob)
    if plan is not None:
        name = _profile(target, sources) or profile or ""
        _run(plan, parallel, dry_run, as_json, name)
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


def put(
    paths: Sources,
    dry_run: DryRun = False,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Copy files and folders to a server."""
    scp([*paths[:-1], _on_server(paths[-1])], dry_run, no_glob, parallel, profile, as_json)


def get(
    paths: Sources,
    dry_run: DryRun = False,
    no_glob: NoGlob = False,
    parallel: AtOnce = 4,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Copy files and folders from a server; to the folder one is in, if only one path is given."""
    if len(paths) == 1:
        paths = [*paths, "."]
    sources = [_on_server(one) for one in paths[:-1]]
    scp([*sources, paths[-1]], dry_run, no_glob, parallel, profile, as_json)


def _on_server(text: str) -> str:
    return text if ":" in text or text.startswith("cells//") else f":{text}"


def _run(plan: "Plan", at_once: int, dry_run: bool, as_json: bool, profile: str) -> NoReturn:
    items, outcomes = finish(
        lambda: _carry(plan, at_once, dry_run, profile),
        "interrupted: the same command goes on from here",
    )
    failed = [one for one in outcomes if one.error is not None]
    for one in failed:
        assert one.error is not None  # noqa: S101  (it was asked for)
        code = Exit[one.error.kind.upper()]
        say_error(f"{_way(one.item)}: {one.error}", code, one.error.hint, one.error.request_id)
    for one in outcomes:
        if not one.is_verified:
            note(f"{_way(one.item)}: the server knows no digest of it yet; its length is right")
    files = [one for one in items if not one.is_folder]
    if dry_run:
        lines = [_way(one) for one in items]
        show({"items": [_view(one) for one in items]}, lines, as_json=as_json)
        raise SystemExit(0)
    resumed = sum(one.resumed for one in outcomes)
    done = len(files) - len(failed)
    note(_summary(done, [one.item for one in outcomes if one.error is None], resumed))
    if as_json:
        told = [_view(one.item, one.error) for one in outcomes]
        show({"items": told, "done": done, "failed": len(failed)}, [], as_json=True)
    if not failed:
        raise SystemExit(0)
    only = failed[0].error
    is_alone = len(files) == 1 and only is not None
    raise SystemExit(int(Exit[only.kind.upper()] if is_alone and only else Exit.PARTLY))


async def _carry(
    plan: "Plan", at_once: int, dry_run: bool, profile: str
) -> "tuple[list[Item], list[Carried]]":
    from keycell.cli.progress import shown
    from keycell.client.carrying import carry
    from keycell.client.session import open_session

    async with open_session(profile) as session:
        items = await plan(session)
        if dry_run:
            return items, []
        with shown(items) as progress:
            return items, [one async for one in carry(session, items, at_once, progress)]


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


def _summary(done: int, items: "list[Item]", resumed: int) -> str:
    size = sum(one.size for one in items)
    again = f", of which {resumed:,} had arrived before" if resumed else ""
    return f"Copied {done} file{'' if done == 1 else 's'}, {size:,} bytes{again}"
