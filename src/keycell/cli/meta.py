"""`keycell meta` and `keycell tags`: what people say of files and folders."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.completion import OnServer
from keycell.cli.output import write
from keycell.cli.serving import at_server, place
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.tables import Column, Row, Table
from keycell.cli.talk import note
from keycell.cli.terminal import clean
from keycell.client.meaning import find
from keycell.client.paths import RemotePath

if TYPE_CHECKING:
    from keycell.client.nodes import Node
    from keycell.client.session import Session

_PREFIX = "usermeta-"
_TAGS = "usermeta-tags"
_SAID = Table(
    (Column("namespace"), Column("value", gives_way=True)), ("namespace", "value")
)  # fmt: skip
_NAMESPACES = Table(
    (Column("namespace"), Column("label", gives_way=True), Column("type")),
    ("namespace", "label", "type"),
)
Namespace = Annotated[str, typer.Argument(metavar="NAMESPACE", help="usermeta-note, or note.")]


class Commands(CommandTable):
    """What can be done with what is said."""

    table = (
        Command("get", "keycell.cli.meta:get", "Tell what is said of a file or folder."),
        Command("set", "keycell.cli.meta:set_", "Say something of a file or folder."),
        Command("rm", "keycell.cli.meta:rm", "Take back what is said."),
        Command("namespaces", "keycell.cli.meta:namespaces", "List what may be said."),
    )


class TagCommands(CommandTable):
    """What can be done with tags."""

    table = (
        Command("ls", "keycell.cli.meta:tags_ls", "List the tags of a file or folder."),
        Command("add", "keycell.cli.meta:tags_add", "Put tags on a file or folder."),
        Command("rm", "keycell.cli.meta:tags_rm", "Take tags off a file or folder."),
    )


app = group(
    Commands,
    "meta",
    "What people say of files and folders.",
    "keycell meta get :team/report.pdf",
    "keycell meta set :team/report.pdf note 'read by all'",
    "keycell meta namespaces",
)
tags = group(
    TagCommands,
    "tags",
    "Tags of files and folders.",
    "keycell tags ls :team/report.pdf",
    "keycell tags add :team/report.pdf urgent 2026",
    "keycell tags rm :team/report.pdf urgent",
)


def _whole(namespace: str) -> str:
    return namespace if namespace.startswith(_PREFIX) else f"{_PREFIX}{namespace}"


def _said(node: "Node") -> list[Row]:
    return [
        {"namespace": name, "value": value}
        for name, value in node.meta.items()
        if name.startswith(_PREFIX)
    ]


@lists
def get(out: Output, path: OnServer) -> None:
    """Tell what is said of a file or folder.

    keycell meta get :team/report.pdf
    keycell meta get :team/report.pdf --columns value
    keycell meta get :team/report.pdf --json
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> list[Row]:
        return _said(await find(session, wanted))

    out.show(_SAID, at_server(name, work))


@changes
def set_(
    out: Output,
    path: OnServer,
    namespace: Namespace,
    value: str,
    as_value: Annotated[
        bool, typer.Option("--raw-json", help="The value is JSON: a number, a list, true.")
    ] = False,
) -> None:
    """Say something of a file or folder.

    keycell meta set :team/report.pdf note "read by all"
    keycell meta set :team/report.pdf stars 4 --raw-json
    keycell meta set :team/report.pdf note "to be read" --dry-run
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> None:
        from keycell.client.errors import BadUse, ClientError
        from keycell.client.files import set_meta

        try:
            said = json.loads(value) if as_value else value
        except ValueError as error:
            raise BadUse(f"{value!r} is no JSON: {error}") from error
        await find(session, wanted)
        if out.dry_run:
            return
        try:
            await set_meta(session, wanted.path, {_whole(namespace): said})
        except ClientError as error:
            error.hint = error.hint or "keycell meta namespaces lists what may be said"
            raise

    at_server(name, work)
    document = {"path": wanted.path, "namespace": _whole(namespace), "value": value}
    what = f"{_whole(namespace)} of {wanted} {{}} "
    out.changed(document, f"{what.format('is')}{value}", f"{what.format('would be')}{value}")


@changes
def rm(out: Output, path: OnServer, namespace: Namespace) -> None:
    """Take back what is said of a file or folder.

    keycell meta rm :team/report.pdf note
    keycell meta rm :team/report.pdf usermeta-note
    keycell meta rm :team/report.pdf note --dry-run
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> None:
        from keycell.client.files import remove_meta

        await find(session, wanted)
        if not out.dry_run:
            await remove_meta(session, wanted.path, [_whole(namespace)])

    at_server(name, work)
    what = f"said in {_whole(namespace)} of {wanted} any more"
    out.changed({"path": wanted.path, "namespace": _whole(namespace)},
                f"nothing is {what}", f"nothing would be {what}")  # fmt: skip


@lists
def namespaces(out: Output) -> None:
    """List what may be said of files and folders.

    keycell meta namespaces
    keycell meta namespaces --columns namespace
    keycell meta namespaces --json
    """

    async def work(session: "Session") -> list[Row]:
        from keycell.client import files

        return [_namespace(one) for one in await files.namespaces(session)]

    out.show(_NAMESPACES, at_server(out.profile or "", work))


def _namespace(found: dict[str, Any]) -> Row:
    kind = json.loads(found.get("JsonDefinition") or "{}").get("type")
    return {"namespace": found["Namespace"], "label": found.get("Label"), "type": kind}


def _tags_of(node: "Node") -> list[str]:
    said = node.meta.get(_TAGS)
    listed = said.split(",") if isinstance(said, str) else said if isinstance(said, list) else []
    return [str(one).strip() for one in listed if str(one).strip()]


def _change(out: Output, path: str, add: list[str], remove: list[str]) -> None:
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> list[str]:
        from keycell.client.files import remove_meta, set_meta

        before = _tags_of(await find(session, wanted))
        kept = [one for one in dict.fromkeys([*before, *add]) if one not in remove]
        if out.dry_run or kept == before:
            return kept
        if kept:
            await set_meta(session, wanted.path, {_TAGS: ",".join(kept)})
        else:
            await remove_meta(session, wanted.path, [_TAGS])
        return kept

    _list_tags(out, wanted, at_server(name, work), {"dry_run": out.dry_run})
    if out.dry_run:
        note("nothing was done: these would be its tags")


def _list_tags(
    out: Output, wanted: RemotePath, kept: list[str], beside: dict[str, object]
) -> None:
    if out.as_json:
        out.one({"path": wanted.path, "tags": kept, **beside})
        return
    for one in kept:
        write(clean(one))


@shows
def tags_ls(out: Output, path: OnServer) -> None:
    """List the tags of a file or folder.

    keycell tags ls :team/report.pdf
    keycell tags ls :team/docs
    keycell tags ls :team/report.pdf --jq '.tags[]'
    """
    name, wanted = place(out.profile, path)

    async def work(session: "Session") -> list[str]:
        return _tags_of(await find(session, wanted))

    _list_tags(out, wanted, at_server(name, work), {})


@changes
def tags_add(
    out: Output, path: OnServer, tag: Annotated[list[str], typer.Argument(metavar="TAG")]
) -> None:
    """Put tags on a file or folder, and list those on it.

    keycell tags add :team/report.pdf urgent
    keycell tags add :team/report.pdf urgent 2026
    keycell tags add :team/report.pdf urgent --dry-run
    """
    _change(out, path, tag, [])


@changes
def tags_rm(
    out: Output, path: OnServer, tag: Annotated[list[str], typer.Argument(metavar="TAG")]
) -> None:
    """Take tags off a file or folder, and list those left.

    keycell tags rm :team/report.pdf urgent
    keycell tags rm :team/report.pdf urgent 2026
    keycell tags rm :team/report.pdf urgent --dry-run
    """
    _change(out, path, [], tag)
