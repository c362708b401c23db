"""`keycell ls`, `tree`, `stat`, `du`, `find`: what there is, and how much of it."""

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.completion import OneOnServer, OnServer, remote_paths
from keycell.cli.output import Exit
from keycell.cli.rows import FIELDS, NODES, PATHS, SPACES, node_row
from keycell.cli.serving import at_server, place, places
from keycell.cli.showing import Output, lists_paths, shows
from keycell.cli.tables import Column, Row, Table, plain, size_text
from keycell.cli.terminal import clean, stdout
from keycell.client.globs import is_pattern
from keycell.client.meaning import find, meant
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from keycell.client.nodes import Node
    from keycell.client.session import Session

Paths = Annotated[
    Optional[list[str]],  # noqa: UP045  (typer reads it)
    typer.Argument(metavar="PATH", help="Where; the spaces if none.", autocompletion=remote_paths),
]
NoGlob = Annotated[bool, typer.Option("--no-glob", help="Take * and ? as letters of a name.")]
_DU = Table(
    (
        Column("size", text=size_text, is_number=True),
        Column("files", is_number=True),
        Column("folders", is_number=True),
        Column("path", text=lambda path: plain(path) or ":", gives_way=True),
    ),
    ("path", "size", "files", "folders"),
    raw="path",
)


@lists_paths
def ls(
    out: Output,
    paths: Paths = None,
    itself: Annotated[
        bool, typer.Option("--directory", "-d", help="The folder itself, not what lies in it.")
    ] = False,
    exists: Annotated[
        bool, typer.Option("--exists", "-f", help="Only tell whether it is there; 3 if not.")
    ] = False,
    no_glob: NoGlob = False,
) -> None:
    """List what lies in folders.

    keycell ls                             the spaces
    keycell ls :personal-files/docs        a folder
    keycell ls ':team/**/*.pdf' --json     what a pattern means, as JSON
    """
    name, wanted = places(out.profile, paths or [":"])

    async def work(session: "Session") -> tuple[list[Row], bool]:
        nodes = await meant(session, wanted, globs=not no_glob)
        is_pattern_alone = not no_glob and any(map(is_pattern, paths or []))
        if itself or is_pattern_alone:
            return [node_row(one) for one in nodes], True
        rows: list[Row] = []
        for node in nodes:
            rows += [node_row(one) async for one in _in(session, node)]
        return rows, len(nodes) > 1

    if exists:
        _tell_whether(out, name, wanted)
        return
    rows, needs_paths = at_server(name, work)
    at_the_top = wanted[0].path == "" and not itself
    out.show(SPACES if at_the_top else PATHS if needs_paths else NODES, rows)


def _tell_whether(out: Output, name: str, wanted: list[RemotePath]) -> None:
    from keycell.client.files import stat_or_none

    async def work(session: "Session") -> bool:
        found = [await stat_or_none(session, one.path) for one in wanted]
        return all(one is not None for one in found)

    is_there = at_server(name, work)
    out.one({"exists": is_there}) if out.as_json else print("true" if is_there else "false")
    if not is_there:
        raise SystemExit(int(Exit.NOT_FOUND))


async def _in(session: "Session", node: "Node") -> "AsyncIterator[Node]":
    from keycell.client.files import children

    if not node.is_folder:
        yield node
        return
    async for one in children(session, node.path):
        yield one


@lists_paths
def tree(
    out: Output,
    path: OneOnServer = ":",
    depth: Annotated[int, typer.Option("--depth", "-L", min=1, help="So deep.")] = 64,
    folders: Annotated[bool, typer.Option("--folders", "-d", help="Folders alone.")] = False,
) -> None:
    """Show what lies in a folder, and in the folders in it.

    keycell tree :team --depth 2
    keycell tree :personal-files --folders
    keycell tree :team -0 | xargs -0 -n1 echo
    """
    name, wanted = place(out.profile, path)
    is_drawn = not (out.as_json or out.as_lines or out.raw or out.nul or out.template)

    async def work(session: "Session") -> "list[tuple[Node, str]]":
        top = await find(session, wanted)
        return [(top, ""), *(await _drawn(session, top, depth, "", folders=folders))]

    found = at_server(name, work)
    if not is_drawn:
        out.show(PATHS, [node_row(node) for node, _ in found[1:]])
        return
    terminal = stdout(out.colour)
    for node, before in found:
        style = PATHS.columns[-1].style
        text = clean(node.name or ":")
        row = node_row(node)
        print(before + (terminal.paint(text, style(row)) if style else text))


async def _drawn(
    session: "Session", top: "Node", depth: int, before: str, *, folders: bool
) -> "list[tuple[Node, str]]":
    from keycell.client.files import children

    if not top.is_folder or not depth:
        return []
    inside = [
        one async for one in children(session, top.path)
        if (one.is_folder or not folders) and not one.is_bin
    ]  # fmt: skip
    found = []
    for one in inside:
        is_last = one is inside[-1]
        found.append((one, before + ("└── " if is_last else "├── ")))
        below = before + ("    " if is_last else "│   ")
        found += await _drawn(session, one, depth - 1, below, folders=folders)
    return found


@shows
def stat(out: Output, path: OnServer) -> None:
    """Tell all about a file or folder.

    keycell stat :personal-files/a.txt
    keycell stat :personal-files/a.txt --json
    keycell stat ':team/*.pdf'
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> dict[str, object]:
        node = await find(session, wanted)
        said = {name: one for name, one in node.meta.items() if name.startswith("usermeta-")}
        row = {**node_row(node), "size": node.size}
        if node.path.count("/") == 0:
            row |= {"permissions": node.meta.get("ws_permissions")}
        return {**row, "meta": said or None}

    document = at_server(name, work)
    out.one(document, (*FIELDS, "permissions"))


@lists_paths
def du(
    out: Output,
    paths: Paths = None,
    depth: Annotated[int, typer.Option("--depth", "-d", min=0, help="Folders so deep too.")] = 0,
    no_glob: NoGlob = False,
) -> None:
    """Tell how much lies in folders.

    keycell du :personal-files
    keycell du :team --depth 1 --sort -size
    keycell du ':team/*' --json
    """
    name, wanted = places(out.profile, paths or [":"])

    async def work(session: "Session") -> list[Row]:
        nodes = await meant(session, wanted, globs=not no_glob)
        return [row for node in nodes for row in await _weighed(session, node, depth)]

    out.show(_DU, at_server(name, work))


async def _weighed(session: "Session", top: "Node", depth: int) -> list[Row]:
    from keycell.client.files import walk

    weights: dict[str, list[int]] = {top.path: [0, 0, 0]}
    nodes = [top] if not top.is_folder else [one async for one in walk(session, top)]
    start = len(top.path.split("/")) if top.path else 0
    for node in nodes:
        names = node.path.split("/")
        above = ["/".join(names[: start + deep]) for deep in range(min(depth + 1, len(names)))]
        if node.is_folder and len(names) - start <= depth:
            weights.setdefault(node.path, [0, 0, 0])
        for path in dict.fromkeys([top.path, *above]):
            if path == top.path or (path in weights and path != node.path):
                weights[path][0] += 0 if node.is_folder else node.size
                weights[path][1 if not node.is_folder else 2] += 1
    return [
        {"path": path, "size": size, "files": files, "folders": folders}
        for path, (size, files, folders) in weights.items()
    ]


@lists_paths
def find_(
    out: Output,
    what: Annotated[str, typer.Argument(help="Part of a name, or a path with a pattern.")],
    kind: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--type", help="file or folder."),
    ] = None,
) -> None:
    """Find files and folders by their names.

    keycell find invoice                  what has it in its name, wherever it is
    keycell find ':team/**/*.pdf'         what a pattern means
    keycell find 2026 --type folder -0
    """
    from keycell.cli.output import fail

    if kind not in (None, "file", "folder"):
        fail(f"--type {kind}: there are file and folder", Exit.USAGE)
    by_path = is_pattern(what) or ":" in what or "/" in what
    name, wanted = place(out.profile, what) if by_path else (out.profile or "", None)

    async def work(session: "Session") -> list[Row]:
        from keycell.client.errors import NotFound
        from keycell.client.files import search

        try:
            nodes = await (search(session, what) if wanted is None else meant(session, [wanted]))
        except NotFound:
            # Nothing found is an answer too.
            nodes = []
        rows = [node_row(one) for one in nodes if not one.is_bin]
        return [row for row in rows if kind is None or (row["type"] == "file") is (kind == "file")]

    out.show(PATHS, at_server(name, work))
