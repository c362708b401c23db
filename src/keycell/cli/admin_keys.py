"""`keycell admin keys`: the server's keys."""

import base64
import os
from typing import Annotated

import typer

from keycell.cli.administering import administer
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, lists, shows, shows_here
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, moment_text

app = typer.Typer(
    help="The server's keys: to sign, and to open what is encrypted to it.", no_args_is_help=True
)

_TABLE = Table(
    (
        Column("alg"),
        Column("state"),
        Column("kid"),
        Column("created_at", "made", text=moment_text),
    ),
    ("kid", "alg", "state", "created_at"),
)


@app.command("list")
@lists
def list_(out: Output, data: Data = None, database: Database = None) -> None:
    """List the keys with their states."""
    found = administer((data, database, out.profile), "GET", "keys")
    out.show(_TABLE, found["items"])


@app.command("rotate")
@shows
def rotate(
    out: Output,
    alg: Annotated[str, typer.Option(help="One algorithm, or all.")] = "all",
    urgent: Annotated[
        bool, typer.Option("--urgent", help="At once, though clients may not know the new key.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Put the next key to use, and make one to follow it."""
    from keycell.oauth.metadata import OWN_KEYS

    if alg not in ("all", *OWN_KEYS):
        fail(f"{alg}: expected one of {', '.join(OWN_KEYS)}", Exit.USAGE)
    told = administer(
        (data, database, out.profile), "POST", "keys/rotate", alg=alg, is_urgent=urgent
    )
    out.said(told, f"rotated: {', '.join(told['rotated'])}")


@app.command("sealing-key")
@shows_here
def sealing_key(out: Output) -> None:
    """Print a fresh sealing key, for KEYCELL_SEALING_KEY."""
    key = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    show({"sealing_key": key}, [key], as_json=out.as_json)
