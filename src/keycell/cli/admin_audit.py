"""`keycell admin audit`: who did what, when, from where, and with what result."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.output import show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.accounts.audit import AuditEvent
    from keycell.bootstrap import World

app = typer.Typer(help="The audit trail.", no_args_is_help=True)

Text = Optional[str]  # noqa: UP045  (typer reads it)
_PAGE = 1000


@app.command("list")
def list_(
    most: Annotated[int, typer.Option(min=1, max=100_000, help="So many events.")] = 50,
    action: Annotated[Text, typer.Option(help="Such as session or session.started.")] = None,
    who: Annotated[Text, typer.Option(help="An actor, target or client.")] = None,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """List what happened, the latest first."""

    async def work(world: "World") -> "list[AuditEvent]":
        found: list[AuditEvent] = []
        before: str | None = None
        while len(found) < most and (page := await world.audit.page(before, _PAGE)):
            before = page[-1][0]
            found += [event for _, event in page if _is_wanted(event, action, who)]
        return found[:most]

    events = with_store(data, database, work)
    items = [asdict(event) | {"at": event.at.isoformat()} for event in events]
    show({"items": items}, [_line(event) for event in events], as_json=as_json)


def _is_wanted(event: "AuditEvent", action: str | None, who: str | None) -> bool:
    if action is not None and not f"{event.action}.".startswith(f"{action}."):
        return False
    return who is None or who in (event.actor, event.target, event.client_id)


def _line(event: "AuditEvent") -> str:
    from keycell.accounts.audit import sentence

    detail = json.dumps(event.detail, ensure_ascii=False) if event.detail else ""
    place = event.origin.ip or "-"
    result = "" if event.result == "done" else f" [{event.result}]"
    return f"{event.at:%Y-%m-%d %H:%M:%S}Z\t{place}\t{sentence(event)}{result}\t{detail}".rstrip()
