"""`keycell admin keys`: the signing keys."""

import base64
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.bootstrap import World

app = typer.Typer(help="Signing keys.", no_args_is_help=True)


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the signing keys with their states."""

    async def work(world: "World") -> list[dict[str, object]]:
        return [
            {
                "kid": key.record.kid,
                "alg": key.record.alg,
                "state": key.record.state,
                "created_at": key.record.created_at.isoformat(),
                "activated_at": key.record.activated_at and key.record.activated_at.isoformat(),
                "retired_at": key.record.retired_at and key.record.retired_at.isoformat(),
            }
            for key in await world.keys.store.all()
        ]

    keys = with_store(data, database, work)
    lines = [f"{one['alg']}\t{one['state']}\t{one['kid']}\t{one['created_at']}" for one in keys]
    show({"items": keys}, lines, as_json=as_json)


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

    async def work(world: "World") -> list[str]:
        from keycell.accounts.audit import MACHINE
        from keycell.oauth.keys import NotPublishedLongEnough
        from keycell.oauth.metadata import SIGNING_ALGORITHMS
        from keycell.provider.keys import rotate as rotate_flow

        chosen = SIGNING_ALGORITHMS if alg == "all" else (alg,)
        if not set(chosen) <= set(SIGNING_ALGORITHMS):
            fail(f"{alg}: expected one of {', '.join(SIGNING_ALGORITHMS)}", Exit.USAGE)
        try:
            for one in chosen:
                await rotate_flow(world.keys, one, MACHINE, is_urgent=urgent)
        except NotPublishedLongEnough as error:
            fail(str(error), Exit.CONFLICT, "wait until then, or pass --urgent after a leak")
        return list(chosen)

    print(f"rotated: {', '.join(with_store(data, database, work))}", file=sys.stderr)


@app.command("sealing-key")
def sealing_key() -> None:
    """Print a fresh sealing key, for KEYCELL_SEALING_KEY."""
    print(base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode())
