"""`keycell trash`: what was deleted, brought back or let go of."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.output import Exit, fail
from keycell.cli.rows import FIELDS, MODIFIED, SIZE, TYPE, node_row
from keycell.cli.serving import at_server, place, places
from keycell.cli.showing import Output, changes, lists_paths
from keycell.cli.tables import Column, Row, Table
from keycell.cli.talk import confirm, note
from keycell.client.globs import RECYCLE_BIN
from keycell.client.meaning import find
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from keycell.client.nodes import Node
    from keycell.client.session import Session

Spaces = Annotated[
    Optional[list[str]],  # noqa: UP045  (typer reads it)
    typer.Argument(metavar="SPACE", help="Of which spaces; one's own if none."),
]
_OWN = "personal-files"
_TABLE = Table(
    (TYPE, SIZE, MODIFIED, Column("origin", "was at", gives_way=True)),
    (*FIELDS, "origin"),
    raw="path",
)


class Commands(CommandTable):
    """What can be done with the recycle bin."""

    table = (
        Command("ls", "keycell.cli.trash:ls", "List what was deleted."),
        Command("restore", "keycell.cli.trash:restore", "Bring back what was deleted."),
        Command("empty", "keycell.cli.trash:empty", "Let go of what was deleted, for good."),
    )


app = group(
    Commands,
    "trash",
    "What was deleted.",
    "keycell trash ls",
    "keycell trash restore :personal-files/a.txt",
    "keycell trash empty --dry-run",
)


async def _deleted(session: "Session", spaces: list[RemotePath]) -> "list[Node]":
    from keycell.client.files import children, stat_or_none

    found = []
    for space in spaces:
        await find(session, space)
        bin_ = f"{space.names[0]}/{RECYCLE_BIN}"
        if await stat_or_none(session, bin_) is not None:
            found += [one async for one in children(session, bin_)]
    return found


def _spaces(out: Output, texts: list[str] | None) -> tuple[str, list[RemotePath]]:
    name, wanted = places(out.profile, texts or [f":{_OWN}"])
    for one in wanted:
        if len(one.names) != 1:
            fail(f"{one} is no space", Exit.USAGE, "keycell ls shows the spaces")
    return name, wanted


@lists_paths
def ls(out: Output, spaces: Spaces = None) -> None:
    """List what lies in the recycle bins of spaces.

    keycell trash ls
    keycell trash ls :common-files --json
    keycell trash ls --sort -size --limit 10
    """
    name, wanted = _spaces(out, spaces)

    async def work(session: "Session") -> list[Row]:
        found = await _deleted(session, wanted)
        return [{**node_row(one), "origin": one.origin or None} for one in found]

    out.show(_TABLE, at_server(name, work))


@changes
def restore(
    out: Output,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Where it was, or in the recycle bin.")
    ],
    to: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--to", help="Into this folder, not where it was."),
    ] = None,
) -> None:
    """Bring back what was deleted, by where it was; the latest of several.

    keycell trash restore :personal-files/a.txt
    keycell trash restore :personal-files/a.txt --to :personal-files/found
    keycell trash restore :personal-files/a.txt --dry-run
    """
    name, wanted = places(out.profile, paths)
    folder = None if to is None else place(out.profile, to)[1]

    async def work(session: "Session") -> list[dict[str, object]]:
        return [await _restored(session, one, folder, dry_run=out.dry_run) for one in wanted]

    done = at_server(name, work)
    for one in done:
        note(f"{'would bring' if out.dry_run else 'brought'} back {one['path']}")
    if out.as_json:
        out.changed({"items": done}, "", "")


async def _restored(
    session: "Session", wanted: RemotePath, folder: RemotePath | None, *, dry_run: bool
) -> dict[str, object]:
    from keycell.client import files
    from keycell.client.errors import NotFound

    if not wanted.names:
        fail(f"{wanted} names nothing that was deleted", Exit.USAGE)
    space = RemotePath(wanted.profile, wanted.names[:1])
    found = [
        one for one in await _deleted(session, [space]) if wanted.path in (one.origin, one.path)
    ]
    if not found:
        raise NotFound(f"nothing that was at {wanted} is in the recycle bin",
                       f"keycell trash ls {space}")  # fmt: skip
    # In the bin they stand in the order of the names that they have there.
    node = max(found, key=lambda one: one.trashed_at)
    if not dry_run:
        await files.restore(session, [node.path])
        back = await _by_id(session, node)
        if folder is not None:
            await find(session, folder)
            await files.move(session, [back], folder.path, into=True)
            back = f"{folder.path}/{back.rpartition('/')[2]}"
        return {"path": back, "origin": node.origin or None}
    return {"path": node.origin or node.path, "origin": node.origin or None}


async def _by_id(session: "Session", node: "Node") -> str:
    """Give where something is after it was brought back: a name that is taken gets a number."""
    from keycell.client.files import children

    above = node.origin.rpartition("/")[0] or node.path.partition("/")[0]
    async for one in children(session, above):
        if one.node_id == node.node_id:
            return one.path
    return node.origin


@changes
def empty(
    out: Output,
    spaces: Spaces = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Let go of all that lies in the recycle bins of spaces, for good.

    keycell trash empty
    keycell trash empty :common-files --dry-run
    keycell trash empty :common-files --yes
    """
    name, wanted = _spaces(out, spaces)

    async def look(session: "Session") -> "list[Node]":
        return await _deleted(session, wanted)

    nodes = at_server(name, look)
    count = f"{len(nodes)} {'item' if len(nodes) == 1 else 'items'}"
    told = {"items": [{"path": one.path} for one in nodes]}
    if nodes and not out.dry_run:
        confirm(f"Delete {count} for good?", yes=yes)
        at_server(name, lambda session: _let_go(session, nodes))
    out.changed(told, f"deleted {count} for good", f"{count} would be deleted for good")


async def _let_go(session: "Session", nodes: "list[Node]") -> None:
    from keycell.client.files import delete

    await delete(session, [one.path for one in nodes], for_good=True)
