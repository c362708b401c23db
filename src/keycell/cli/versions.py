"""`keycell versions`: what a file held before."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.completion import OnServer
from keycell.cli.output import Exit, fail
from keycell.cli.reading import write_out
from keycell.cli.serving import at_server, place
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.tables import Column, Table, moment_text, size_text
from keycell.cli.talk import confirm
from keycell.client.meaning import find
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from keycell.client.nodes import Node
    from keycell.client.session import Session

Which = Annotated[str, typer.Argument(metavar="VERSION", help="As keycell versions ls names it.")]
_TABLE = Table(
    (
        Column("version"),
        Column("size", text=size_text, is_number=True),
        Column("created_at", "from", text=moment_text),
        Column("is_current", "now"),
        Column("is_pinned", "pinned"),
        Column("created_by_name", "by", gives_way=True, is_spare=True),
        Column("label", gives_way=True, is_spare=True),
    ),
    ("version", "size", "etag", "sha256", "created_at", "created_by", "created_by_name",
     "is_current", "is_pinned", "label"),
)  # fmt: skip


class Commands(CommandTable):
    """What can be done with versions."""

    table = (
        Command("ls", "keycell.cli.versions:ls", "List the versions of a file."),
        Command("get", "keycell.cli.versions:get", "Fetch a version."),
        Command("restore", "keycell.cli.versions:restore", "Make a version the current one."),
        Command("pin", "keycell.cli.versions:pin", "Keep a version however old it is."),
        Command("rm", "keycell.cli.versions:rm", "Let go of a version for good."),
    )


app = group(
    Commands,
    "versions",
    "What files held before.",
    "keycell versions ls :personal-files/a.txt",
    "keycell versions get :personal-files/a.txt VERSION -o before.txt",
    "keycell versions restore :personal-files/a.txt VERSION",
)


async def _file(session: "Session", wanted: RemotePath) -> "Node":
    node = await find(session, wanted)
    if node.is_folder:
        fail(f"{wanted} is a folder: only files have versions", Exit.USAGE)
    return node


async def _version(
    session: "Session", wanted: RemotePath, version: str
) -> "tuple[Node, dict[str, Any]]":
    """Find a file that has a version, and what is known of that."""
    from keycell.client.errors import NotFound
    from keycell.client.files import versions

    node = await _file(session, wanted)
    for one in await versions(session, node.node_id):
        if one["version"] == version:
            return node, one
    raise NotFound(f"{wanted} has no version {version}",
                   f"keycell versions ls {wanted} names those there are")  # fmt: skip


@lists
def ls(out: Output, path: OnServer) -> None:
    """List the versions of a file, the latest first.

    keycell versions ls :personal-files/a.txt
    keycell versions ls :personal-files/a.txt --sort size --limit 3
    keycell versions ls :personal-files/a.txt --format '{version}'
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> list[dict[str, Any]]:
        from keycell.client.files import versions

        return await versions(session, (await _file(session, wanted)).node_id)

    out.show(_TABLE, at_server(name, work))


@shows
def get(
    out: Output,
    path: OnServer,
    version: Which,
    to: Annotated[
        Optional[Path],  # noqa: UP045  (typer reads it)
        typer.Option("--to", "-o", help="A local file; stdout if none."),
    ] = None,
) -> None:
    """Fetch what a version held.

    keycell versions get :personal-files/a.txt VERSION
    keycell versions get :personal-files/a.txt VERSION -o before.txt
    keycell versions get :personal-files/a.txt VERSION | diff - a.txt
    """
    name, wanted = place(out.profile, path)
    if to is not None and to.exists():
        fail(f"{to} is there already", Exit.CONFLICT, "give another name")

    async def work(session: "Session") -> int:
        from keycell.client.downloads import local_errors, partial_of

        node, _ = await _version(session, wanted, version)
        if to is None:
            return await write_out(session, node.path, sys.stdout.buffer, version)
        partial = partial_of(to)
        with local_errors(to):
            try:
                with partial.open("wb") as file:
                    size = await write_out(session, node.path, file, version)
                partial.replace(to)
            finally:
                partial.unlink(missing_ok=True)
        return size

    size = at_server(name, work)
    if to is not None:
        out.said({"path": wanted.path, "version": version, "to": str(to), "size": size},
                 f"fetched {size} bytes to {to}")  # fmt: skip


@changes
def restore(out: Output, path: OnServer, version: Which) -> None:
    """Make a version the current one again; what the file holds now stays a version.

    keycell versions restore :personal-files/a.txt VERSION
    keycell versions restore :personal-files/a.txt VERSION --dry-run
    keycell versions restore work:team/a.txt VERSION --json
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> int:
        from keycell.client.files import restore_version

        node, known = await _version(session, wanted, version)
        if not out.dry_run:
            await restore_version(session, node.node_id, version)
        return int(known["size"])

    size = at_server(name, work)
    what = f"{wanted} {{}} again what it was at that version: {size_text(size)}"
    out.changed({"path": wanted.path, "version": version, "size": size},
                what.format("is"), what.format("would be"))  # fmt: skip


async def _ask(session: "Session", method: str, node: "Node", version: str, body: object) -> None:
    from urllib.parse import quote

    where = f"/a/keycell/versions/{quote(node.node_id)}/{quote(version, safe='')}"
    await session.json(method, where, body)


@changes
def pin(
    out: Output,
    path: OnServer,
    version: Which,
    off: Annotated[bool, typer.Option("--off", help="Keep it no longer than others.")] = False,
) -> None:
    """Keep a version however old it is.

    keycell versions pin :personal-files/a.txt VERSION
    keycell versions pin :personal-files/a.txt VERSION --off
    keycell versions pin :personal-files/a.txt VERSION --dry-run
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> None:
        node, _ = await _version(session, wanted, version)
        if not out.dry_run:
            await _ask(session, "PUT", node, version, {"is_pinned": not off})

    at_server(name, work)
    kept = f"kept {'as long as others' if off else 'for good'}"
    out.changed({"path": wanted.path, "version": version, "is_pinned": not off},
                f"{version} is {kept}", f"{version} would be {kept}")  # fmt: skip


@changes
def rm(
    out: Output,
    path: OnServer,
    version: Which,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Let go of an earlier version for good.

    keycell versions rm :personal-files/a.txt VERSION
    keycell versions rm :personal-files/a.txt VERSION --yes
    keycell versions rm :personal-files/a.txt VERSION --dry-run
    """
    name, wanted = place(out.profile, path)
    if not out.dry_run:
        confirm(f"Delete version {version} of {wanted} for good?", yes=yes)

    async def work(session: "Session") -> None:
        node, known = await _version(session, wanted, version)
        if known["is_current"]:
            fail(f"{version} is what {wanted} holds now", Exit.CONFLICT, f"keycell rm {wanted}")
        if not out.dry_run:
            await _ask(session, "DELETE", node, version, None)

    at_server(name, work)
    out.changed({"path": wanted.path, "version": version},
                f"{version} is deleted", f"{version} would be deleted for good")  # fmt: skip
