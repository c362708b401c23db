"""`keycell admin client suite`: whose sign-ins on a device an application shares."""

from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database

Text = Optional[str]  # noqa: UP045  (typer reads it)


@shows
def suite(
    out: Output,
    client_id: str,
    name: Annotated[Text, typer.Argument(help="The same for all of one publisher.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Share with no other.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show with which of its publisher's applications one shares sign-ins, or say so.

    keycell admin client suite grafana acme
    keycell admin client suite notes acme
    keycell admin client suite grafana ''
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}"
    if none and name:
        fail("--none goes with no name", Exit.USAGE)
    if none or name is not None:
        told = administer(where, "PUT", f"{path}/suite", suite=name or "")
    else:
        told = administer(where, "GET", path)
    lines = [f"suite: {told['suite']}" if told["suite"] else "it shares no sign-in"]
    show(told, lines, as_json=out.as_json)
