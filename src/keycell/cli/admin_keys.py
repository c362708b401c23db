"""`keycell admin keys`: the server's keys."""

import base64
import os
from typing import Annotated

import typer

from keycell.cli.administering import administer, change, part
from keycell.cli.commands import with_examples
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, lists, shows_here
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, moment_text
from keycell.cli.talk import confirm

app = typer.Typer(
    help=with_examples(
        "The server's keys: to sign, and to open what is encrypted to it.",
        "keycell admin keys list",
        "keycell admin keys rotate --alg ES256",
        "keycell admin keys revoke ES256-f3mX --dry-run",
    ),
    no_args_is_help=True,
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
    """List the keys with their states.

    keycell admin keys list
    keycell admin keys list --columns kid,state
    keycell admin keys list --data data --json
    """
    found = administer((data, database, out.profile), "GET", "keys")
    out.show(_TABLE, found["items"])


@app.command("rotate")
@changes
def rotate(
    out: Output,
    alg: Annotated[str, typer.Option(help="One algorithm, or all.")] = "all",
    urgent: Annotated[
        bool, typer.Option("--urgent", help="At once, though clients may not know the new key.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Put the next key to use, and make one to follow it.

    keycell admin keys rotate
    keycell admin keys rotate --alg ES256
    keycell admin keys rotate --dry-run
    """
    from keycell.oauth.metadata import OWN_KEYS

    if alg not in ("all", *OWN_KEYS):
        fail(f"{alg}: expected one of {', '.join(OWN_KEYS)}", Exit.USAGE)
    where = (data, database, out.profile)
    told = change(out, where, "POST", "keys/rotate", look="keys", alg=alg, is_urgent=urgent)
    if out.dry_run:
        told = {"rotated": list(OWN_KEYS if alg == "all" else (alg,))}
    what = ", ".join(told["rotated"])
    out.changed(told, f"rotated: {what}", f"the keys of {what} would be rotated")


@app.command("revoke")
@changes
def revoke(
    out: Output,
    kid: Annotated[str, typer.Argument(help="The key, as the list names it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Let a key that leaked count for nothing from now on; the next one signs at once.

    Applications that have not fetched the next key refuse sign-ins until they do.

    keycell admin keys revoke ES256-f3mX
    keycell admin keys revoke ES256-f3mX --dry-run
    keycell admin keys revoke ES256-f3mX --yes
    """
    where, path = (data, database, out.profile), f"keys/{part(kid)}"
    concerned = administer(where, "GET", path)["applications"]
    unaware = sum(not one["knows"] for one in concerned)
    if out.dry_run:
        out.changed({"revoked": kid}, "", f"{kid} would be revoked; applications that may not "
                    f"know the next one: {unaware}")  # fmt: skip
        return
    confirm(
        f"{kid} counts for nothing from then on; applications that may not know the next one: "
        f"{unaware}. Revoke it?",
        yes=yes,
    )
    told = administer(where, "DELETE", path)
    out.changed(told, f"revoked: {told['revoked']}", "")


@app.command("sealing-key")
@shows_here
def sealing_key(out: Output) -> None:
    """Print a fresh sealing key, for KEYCELL_SEALING_KEY.

    keycell admin keys sealing-key
    keycell admin keys sealing-key --json
    export KEYCELL_SEALING_KEY="$(keycell admin keys sealing-key)"
    """
    key = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    show({"sealing_key": key}, [key], as_json=out.as_json)
