"""`keycell admin audit`: who did what, when, from where, and with what result."""

from collections.abc import Mapping
from typing import Annotated, Any, Optional

import typer

from keycell.cli.administering import Where, administer
from keycell.cli.commands import with_examples
from keycell.cli.showing import Output, lists
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, second_text

app = typer.Typer(
    help=with_examples(
        "The audit trail.",
        "keycell admin audit list",
        "keycell admin audit list --who ann --limit 200",
        "keycell admin audit list --action session --all --jsonl",
    ),
    no_args_is_help=True,
)

_AT_ONCE, _USUAL = 1_000, 50

Text = Optional[str]  # noqa: UP045  (typer reads it)
_TABLE = Table(
    (
        Column("at", text=second_text),
        Column("origin.ip", "from", is_spare=True),
        Column("sentence", "what", gives_way=True),
        Column("result"),
        Column("detail", gives_way=True, is_spare=True),
    ),
    ("event_id", "at", "actor", "actor_name", "action", "target", "target_name", "client_id",
     "client_name", "result", "sentence", "detail", "origin", "origin.ip"),
)  # fmt: skip


@app.command("list")
@lists
def list_(
    out: Output,
    most: Annotated[int, typer.Option(min=1, hidden=True)] = _USUAL,
    action: Annotated[Text, typer.Option(help="Such as session or session.started.")] = None,
    who: Annotated[Text, typer.Option(help="An actor, target or client.")] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """List what happened, the latest first: 50 events if it is not said how many.

    keycell admin audit list
    keycell admin audit list --who ann --limit 200
    keycell admin audit list --action session --all --jsonl
    """
    asked = {"action": action, "who": who}
    found = _listed((data, database, out.profile), out.most(most), asked)
    items = found.pop("items")
    out.show(_TABLE, items, **found)


def _listed(where: Where, most: int | None, asked: Mapping[str, str | None]) -> dict[str, Any]:
    """Ask for one part after another: each looks at so many events alone."""
    items: list[Any] = []
    before: str | None = None
    while True:
        part = _AT_ONCE if most is None else min(most - len(items), _AT_ONCE)
        found = administer(where, "GET", "audit", most=part, before=before, **asked)
        items += found["items"]
        before = found["next"]
        if before is None or len(items) == most:
            return {**found, "items": items}
