"""`keycell admin keys`: the signing keys."""

import base64
import os
import sys
from typing import Annotated

import typer

from keycell.cli.administering import administer
from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database

app = typer.Typer(help="Signing keys.", no_args_is_help=True)


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the signing keys with their states."""
    found = administer((data, database), "GET", "keys")
    lines = [
        f"{one['alg']}\t{one['state']}\t{one['kid']}\t{one['created_at']}"
        for one in found["items"]
    ]
    show(found, lines, as_json=as_json)


@app.command("rotate")
def rotate(
    alg: Annotated[str, typer.Option(help="One algorithm, or all.")] = "all",
    urgent: Annotated[
        bool, typer.Option("--urgent", help="At once, though clients may not know the new key.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Let the next key sign, and publish one to follow it."""
    from keycell.oauth.metadata import SIGNING_ALGORITHMS

    if alg not in ("all", *SIGNING_ALGORITHMS):
        fail(f"{alg}: expected one of {', '.join(SIGNING_ALGORITHMS)}", Exit.USAGE)
    done = administer((data, database), "POST", "keys/rotate", alg=alg, is_urgent=urgent)
    print(f"rotated: {', '.join(done['rotated'])}", file=sys.stderr)


@app.command("sealing-key")
def sealing_key() -> None:
    """Print a fresh sealing key, for KEYCELL_SEALING_KEY."""
    print(base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode())
