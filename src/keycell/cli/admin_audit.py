"""`keycell admin audit`: who did what, when, from where, and with what result."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Optional

import typer

from keycell.cli.administering import Where, administer
from keycell.cli.output import show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database

app = typer.Typer(help="The audit trail.", no_args_is_help=True)

_AT_ONCE = 1_000

Text = Optional[str]  # noqa: UP045  (typer reads it)


@app.command("list")
@shows
def list_(
    out: Output,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="So many events.")] = 50,
    action: Annotated[Text, typer.Option(help="Such as session or session.started.")] = None,
    who: Annotated[Text, typer.Option(help="An actor, target or client.")] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """List what happened, the latest first."""
    asked = {"action": action, "who": who}
    found = _listed((data, database, out.profile), most, asked)
    show(found, [_line(event) for event in found["items"]], as_json=out.as_json)


def _listed(where: Where, most: int, asked: Mapping[str, str | None]) -> dict[str, Any]:
    """Ask for one part after another: each looks at so many events alone."""
    items: list[Any] = []
    before: str | None = None
    while True:
        part = min(most - len(items), _AT_ONCE)
        found = administer(where, "GET", "audit", most=part, before=before, **asked)
        items += found["items"]
        before = found["next"]
        if before is None or len(items) == most:
            return {**found, "items": items}


def _line(event: Mapping[str, Any]) -> str:
    at = datetime.fromisoformat(event["at"])
    detail = json.dumps(event["detail"], ensure_ascii=False) if event["detail"] else ""
    place = event["origin"]["ip"] or "-"
    result = "" if event["result"] == "done" else f" [{event['result']}]"
    return f"{at:%Y-%m-%d %H:%M:%S}Z\t{place}\t{event['sentence']}{result}\t{detail}".rstrip()
