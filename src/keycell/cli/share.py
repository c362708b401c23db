"""`keycell share`: public links to files and folders."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from keycell.cli.commands import Command, CommandTable, group
from keycell.cli.completion import OnServer
from keycell.cli.output import Exit, fail
from keycell.cli.serving import at_server, place
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.tables import Column, Row, Table, iso, moment_text, plain
from keycell.cli.talk import ask_secret, confirm, note
from keycell.client.meaning import find

if TYPE_CHECKING:
    from keycell.client.session import Session

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(\d{1,6})([mhdw])")


class Perm(StrEnum):
    """What whoever has a link may do."""

    VIEW = "view"
    DOWNLOAD = "download"
    UPLOAD = "upload"
    EDIT = "edit"


_WORDS = {
    Perm.VIEW: ["Preview"],
    Perm.DOWNLOAD: ["Preview", "Download"],
    Perm.UPLOAD: ["Upload"],
    Perm.EDIT: ["Preview", "Download", "Upload", "Edit"],
}
_FIELDS = ("id", "link", "url", "label", "permissions", "has_password", "expires_at",
           "downloads", "max_downloads", "node_id")  # fmt: skip


def _perm_text(words: object) -> str:
    """Give what a link lets be done in the word that makes it so, where there is one."""
    said = {str(one) for one in words} if isinstance(words, list) else set()
    known = [perm for perm, of in _WORDS.items() if {one.lower() for one in of} == said]
    return str(known[0]) if known else plain(words)


_TABLE = Table(
    (
        Column("link"),
        Column("label", gives_way=True),
        Column("permissions", "perm", text=_perm_text),
        Column("has_password", "password"),
        Column("expires_at", "until", text=moment_text),
        Column("downloads", is_number=True, is_spare=True),
    ),
    _FIELDS,
    raw="url",
)

Text = Optional[str]  # noqa: UP045  (typer reads it)
Prompt = Annotated[
    bool, typer.Option("--password-prompt", help="Ask for a password that opens it.")
]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read that password from stdin.")
]  # fmt: skip
Until = Annotated[Text, typer.Option("--expires", help="When it ends: 12h, 7d, 2026-12-31.")]
Most = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-downloads", min=1, help="How often it may be downloaded."),
]
NoPassword = Annotated[
    bool, typer.Option("--no-password", help="Let it be opened without.")
]  # fmt: skip
OtherPerm = Annotated[Optional[Perm], typer.Option("--perm", help="What it lets be done.")]  # noqa: UP045
Label = Annotated[Text, typer.Option("--label", help="What it is called.")]


class Commands(CommandTable):
    """What can be done with links; a path alone makes one."""

    table = (
        Command("create", "keycell.cli.share:create", "Make a link; a path alone does too."),
        Command("ls", "keycell.cli.share:ls", "List one's links."),
        Command("show", "keycell.cli.share:show", "Tell all about a link."),
        Command("update", "keycell.cli.share:update", "Change a link."),
        Command("requests", "keycell.cli.share:requests", "List links by which others upload."),
        Command("rm", "keycell.cli.share:rm", "Remove a link: it leads nowhere from then on."),
    )

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  (click's own)
        """Take `share PATH` for `share create PATH`."""
        known = {one.name for one in self.table}
        if args and args[0] not in known and re.search(r"[:/]", args[0]):
            args = ["create", *args]
        return super().resolve_command(ctx, args)


app = group(
    Commands,
    "share",
    "Public links to files and folders: keycell share PATH makes one.",
    "keycell share :team/report.pdf",
    "keycell share :team/drop --perm upload --expires 7d",
    "keycell share rm LINK",
)


def _row(link: dict[str, Any]) -> dict[str, object]:
    ends, most = int(link["AccessEnd"]), int(link["MaxDownloads"])
    return {
        "id": link["Uuid"],
        "link": link["LinkHash"],
        "url": link["LinkUrl"],
        "label": link["Label"],
        "permissions": [str(one).lower() for one in link["Permissions"]],
        "has_password": link["PasswordRequired"],
        "expires_at": iso(ends) if ends else None,
        "downloads": int(link["CurrentDownloads"]),
        "max_downloads": most or None,
        "node_id": link["RootNodes"][0]["Uuid"],
    }


def read_end(text: str, now: datetime) -> int:
    """Read when something ends, as seconds since 1970; raise ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is not None:
        return int((now + timedelta(seconds=int(found[1]) * _UNITS[found[2]])).timestamp())
    moment = datetime.fromisoformat(text.strip())
    return int((moment if moment.tzinfo else moment.astimezone()).timestamp())


def _end(text: str) -> str:
    try:
        return str(read_end(text, datetime.now(UTC)))
    except (ValueError, OverflowError):
        fail(f"--expires {text}: expected 12h, 7d or 2026-12-31", Exit.USAGE)


def _password(*, prompt: bool, stdin: bool) -> str:
    if not prompt and not stdin:
        return ""
    # Not taken for none: a link that was to have one would be open to whoever has its address.
    password = ask_secret("Password of the link", from_stdin=stdin)
    if not password:
        fail("no password was given", Exit.USAGE, "--no-password lets a link be opened without")
    return password


@shows
def create(
    out: Output,
    path: OnServer,
    password_prompt: Prompt = False,
    password_stdin: Stdin = False,
    expires: Until = None,
    perm: Annotated[Perm, typer.Option(help="What it lets be done.")] = Perm.DOWNLOAD,
    max_downloads: Most = None,
    label: Label = None,
) -> None:
    """Make a public link to a file or folder, and print its address.

    keycell share :team/report.pdf
    keycell share :team/drop --perm upload --expires 7d
    keycell share :team/report.pdf --password-prompt --max-downloads 3
    """
    name, wanted = place(out.profile, path)
    password = _password(prompt=password_prompt, stdin=password_stdin)
    said: dict[str, object] = {"Permissions": _WORDS[perm]}
    if expires:
        said["AccessEnd"] = _end(expires)
    if max_downloads:
        said["MaxDownloads"] = str(max_downloads)

    async def work(session: "Session") -> dict[str, object]:
        from keycell.client.files import share

        node = await find(session, wanted)
        link = {"Label": label or node.label, "RootNodes": [{"Uuid": node.node_id}], **said}
        beside = {"PasswordEnabled": True, "CreatePassword": password} if password else {}
        return _row(await share(session, link, **beside))

    row = at_server(name, work)
    if out.as_json:
        out.one(row)
    else:
        # The address alone is what one copies.
        print(row["url"])


@lists
def ls(out: Output) -> None:
    """List one's links.

    keycell share ls
    keycell share ls --columns id,url
    keycell share ls --sort -downloads --limit 5
    """

    async def work(session: "Session") -> list[Row]:
        from keycell.client.files import links

        return [_row(one) for one in await links(session)]

    out.show(_TABLE, at_server(out.profile or "", work))


@lists
def requests(out: Output) -> None:
    """List one's links by which others put files here without seeing any.

    keycell share requests
    keycell share requests --columns label,url
    keycell share requests --json
    """

    async def work(session: "Session") -> list[Row]:
        from keycell.client.files import links

        rows = [_row(one) for one in await links(session)]
        return [one for one in rows if one["permissions"] == ["upload"]]

    out.show(_TABLE, at_server(out.profile or "", work))


async def _found(session: "Session", which: str) -> dict[str, Any]:
    """Find a link by its identifier, its address, or the end of its address."""
    from keycell.client.errors import NotFound
    from keycell.client.files import links

    for one in await links(session):
        if which in (one["Uuid"], one["LinkHash"], one["LinkUrl"]):
            return one
    raise NotFound(f"there is no link {which}", "keycell share ls shows yours")


@shows
def show(out: Output, link: str) -> None:
    """Tell all about a link.

    keycell share show LINK
    keycell share show https://files.example/public/9c41f0d27ab85e63
    keycell share show LINK --jq .downloads
    """

    async def work(session: "Session") -> dict[str, object]:
        return _row(await _found(session, link))

    out.one(at_server(out.profile or "", work), _FIELDS)


@changes
def update(
    out: Output,
    link: str,
    password_prompt: Prompt = False,
    password_stdin: Stdin = False,
    no_password: NoPassword = False,
    expires: Until = None,
    perm: OtherPerm = None,
    max_downloads: Most = None,
    label: Label = None,
) -> None:
    """Change a link; what is not said stays.

    keycell share update LINK --expires 30d
    keycell share update LINK --no-password --perm view
    keycell share update LINK --max-downloads 3 --dry-run
    """
    said: dict[str, object] = {"Label": label} if label else {}
    said |= {"Permissions": _WORDS[perm]} if perm else {}
    said |= {"AccessEnd": _end(expires)} if expires else {}
    said |= {"MaxDownloads": str(max_downloads)} if max_downloads else {}
    if no_password and (password_prompt or password_stdin):
        fail("--no-password goes with no other password", Exit.USAGE)
    password = _password(prompt=password_prompt, stdin=password_stdin)
    beside: dict[str, object] = {"PasswordEnabled": False} if no_password else {}
    beside |= {"PasswordEnabled": True, "UpdatePassword": password} if password else {}

    async def work(session: "Session") -> dict[str, object]:
        from keycell.client.files import share

        found = await _found(session, link)
        if out.dry_run:
            has_password = beside.get("PasswordEnabled", found["PasswordRequired"])
            return _row({**found, **said, "PasswordRequired": has_password})
        return _row(await share(session, {"Uuid": found["Uuid"], **said}, **beside))

    row = at_server(out.profile or "", work)
    out.one({**row, "dry_run": out.dry_run}, _FIELDS)
    if out.dry_run:
        note("nothing was done: so it would be")


@changes
def rm(
    out: Output,
    link: str,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a link: from this moment it leads nowhere.

    keycell share rm LINK
    keycell share rm LINK --yes
    keycell share rm LINK --dry-run
    """
    if not out.dry_run:
        confirm(f"Remove the link {link}?", yes=yes)

    async def work(session: "Session") -> str:
        from keycell.client.files import remove_link

        found = await _found(session, link)
        if not out.dry_run:
            await remove_link(session, found["Uuid"])
        return str(found["Uuid"])

    removed = at_server(out.profile or "", work)
    what = f"the link {removed}"
    out.changed({"id": removed}, f"{what} leads nowhere from now on",
                f"{what} would lead nowhere from then on")  # fmt: skip
