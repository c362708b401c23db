"""`keycell admin factors`: who must have a second factor."""

from datetime import UTC, datetime, time
from typing import Annotated

import typer

from keycell.cli.administering import administer, change, done
from keycell.cli.commands import with_examples
from keycell.cli.output import Exit, fail
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, moment_text
from keycell.cli.talk import note

app = typer.Typer(
    help=with_examples(
        "Who must have a second factor.",
        "keycell admin factors list",
        "keycell admin factors require --by 2026-12-03 --group /staff",
        "keycell admin factors relax --group /staff",
    ),
    no_args_is_help=True,
)

_TABLE = Table(
    (
        Column("kind"),
        Column("name", gives_way=True),
        Column("due_at", "by", text=moment_text),
        Column("skips", is_number=True),
    ),
    ("kind", "name", "due_at", "skips", "set_at"),
)
InGroup = Annotated[str, typer.Option("--group", help="Who is in this group alone.")]
WithRole = Annotated[str, typer.Option("--role", help="Who has this role alone.")]


def _whom(group: str, role: str) -> dict[str, str]:
    if group and role:
        fail("--group and --role: give one of them, or none for everyone", Exit.USAGE)
    kind = "group" if group else "role" if role else "everyone"
    return {"kind": kind, "name": group or role}


def _end_of(day: str) -> str:
    try:
        moment = datetime.combine(datetime.fromisoformat(day).date(), time.max, UTC)
    except ValueError:
        fail(f"--by {day[:50]!r}: expected a day like 2026-12-03", Exit.USAGE)
    return moment.replace(microsecond=0).isoformat()


@app.command("require")
@shows
def require(
    out: Output,
    by: Annotated[str, typer.Option(help="The last day to set it up, like 2026-12-03, in UTC.")],
    skips: Annotated[int, typer.Option(help="So many sign-ins may put it off until then.")] = 0,
    group: InGroup = "",
    role: WithRole = "",
    data: Data = None,
    database: Database = None,
) -> None:
    """Want a second factor of everyone, or of a group or role.

    keycell admin factors require --by 2026-12-31
    keycell admin factors require --by 2026-12-03 --group /staff
    keycell admin factors require --by 2026-12-03 --skips 4 --role editor
    """
    whom = _whom(group, role)
    told = administer(
        (data, database, out.profile), "PUT", "factor-policies",
        **whom, due_at=_end_of(by), skips=skips,
    )  # fmt: skip
    name = whom["name"] or whom["kind"]
    out.said(done(name, "kept"), f"{name}: a second factor by {told['due_at']}")


@app.command("list")
@lists
def list_(out: Output, data: Data = None, database: Database = None) -> None:
    """List who must have a second factor.

    keycell admin factors list
    keycell admin factors list --columns kind,name,due_at
    keycell admin factors list --jq .without_factor
    """
    found = administer((data, database, out.profile), "GET", "factor-policies")
    items = found.pop("items")
    out.show(_TABLE, items, **found)
    note(f"{found['without_factor']} people without a second factor")


@app.command("relax")
@changes
def relax(
    out: Output,
    group: InGroup = "",
    role: WithRole = "",
    data: Data = None,
    database: Database = None,
) -> None:
    """Want a second factor of them no longer.

    keycell admin factors relax
    keycell admin factors relax --group /staff
    keycell admin factors relax --role editor --dry-run
    """
    whom = _whom(group, role)
    where, path = (data, database, out.profile), "factor-policies"
    change(out, where, "DELETE", path, look=path, among=whom, **whom)
    name = whom["name"] or whom["kind"]
    out.changed(done(name, "removed"), f"{name}: no second factor needed",
                f"{name}: no second factor would be needed")  # fmt: skip
