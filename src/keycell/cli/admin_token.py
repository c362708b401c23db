"""`keycell admin token`: personal access tokens, and access keys for S3."""

from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, change, done, part
from keycell.cli.commands import with_examples
from keycell.cli.output import show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, moment_text
from keycell.cli.talk import note

app = typer.Typer(
    help=with_examples(
        "Personal access tokens, and access keys for S3.",
        "keycell admin token list ann",
        "keycell admin token add ann --label backup --expires 90d",
        "keycell admin token revoke ann TOKEN",
    ),
    no_args_is_help=True,
)

Text = Optional[str]  # noqa: UP045  (typer reads it)
_TABLE = Table(
    (
        Column("token_id", "token"),
        Column("label", gives_way=True),
        Column("scopes", gives_way=True),
        Column("expires_at", "until", text=moment_text),
        Column("is_held", "held"),
        Column("last_used_at", "used", text=moment_text, is_spare=True),
        Column("last_used_ip", "from", is_spare=True),
    ),
    ("token_id", "label", "scopes", "expires_at", "auto_refresh", "created_at", "created_by",
     "last_used_at", "last_used_ip", "is_held"),
)  # fmt: skip


@app.command("add")
@shows
def add(
    out: Output,
    login: str,
    label: Annotated[str, typer.Option(help="What it is for.")],
    expires: Annotated[Text, typer.Option(help="When it ends: 24h, 90d.")] = None,
    auto_refresh: Annotated[
        Text, typer.Option(help="Instead: how long after its last use it ends: 10m, 30d.")
    ] = None,
    scope: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="What it may do, all files if nothing is said: files.read, files.write, "
            "space:SLUG:r, space:SLUG:rw, node:NODE:rw, admin."
        ),
    ] = None,
    s3: Annotated[
        bool, typer.Option("--s3", help="Make a pair of access key and secret for S3.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Make a token of somebody; it is shown this once.

    keycell admin token add ann --label backup --expires 90d
    keycell admin token add ann --label reader --scope space:team:r
    keycell admin token add ann --label rclone --s3
    """
    made = administer(
        (data, database, out.profile), "POST", f"users/{part(login)}/tokens", label=label,
        expires=expires, auto_refresh=auto_refresh, scopes=scope or [], is_s3=s3,
    )  # fmt: skip
    lines = [made["access_token"]] if not s3 else [
        f"access key: {made['access_key_id']}", f"secret: {made['secret_access_key']}"
    ]  # fmt: skip
    show(made, lines, as_json=out.as_json)


@app.command("list")
@lists
def list_(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """List the tokens and access keys of somebody.

    keycell admin token list ann
    keycell admin token list ann --sort -last_used_at
    keycell admin token list ann --columns token_id,label
    """
    found = administer((data, database, out.profile), "GET", f"users/{part(login)}/tokens")
    out.show(_TABLE, found["items"])
    if any(one["is_held"] for one in found["items"]):
        note(
            "What is held opens nothing: its maker administers no more. "
            f"keycell admin token keep {login} TOKEN lets it go on."
        )


@app.command("keep")
@shows
def keep(
    out: Output, login: str, token_id: str, data: Data = None, database: Database = None
) -> None:
    """Let a token go on that is held, as whoever made it administers no more.

    keycell admin token keep ann TOKEN
    keycell admin token keep ann TOKEN --json
    keycell admin token keep ann TOKEN --data data
    """
    administer(
        (data, database, out.profile), "POST",
        f"users/{part(login)}/tokens/{part(token_id)}/keep",
    )  # fmt: skip
    out.said(done(token_id, "kept"), f"{token_id} is kept")


@app.command("revoke")
@changes
def revoke(
    out: Output, login: str, token_id: str, data: Data = None, database: Database = None
) -> None:
    """End a token or an access key of somebody, at once.

    keycell admin token revoke ann TOKEN
    keycell admin token revoke ann TOKEN --dry-run
    keycell admin token revoke ann TOKEN --data data
    """
    where, look = (data, database, out.profile), f"users/{part(login)}/tokens"
    change(out, where, "DELETE", f"{look}/{part(token_id)}", look=look,
           among={"token_id": token_id})  # fmt: skip
    out.changed(done(token_id, "removed"), f"{token_id} is ended", f"{token_id} would be ended")
