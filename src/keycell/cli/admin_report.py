"""`keycell admin report`: the server and every application, judged rule by rule."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from keycell.cli.administering import administer
from keycell.cli.output import Exit, show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database, note_address

_MARKS = {"met": "ok", "advised": "could be better", "broken": "BROKEN"}


@shows
def report(
    out: Output,
    every: Annotated[bool, typer.Option("--all", help="What is kept, too.")] = False,
    fapi: Annotated[bool, typer.Option("--fapi2", help="What FAPI 2 asks for, too.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Judge the running configuration and every application by RFC 9700, OAuth 2.1 and FAPI 2.

    Ends with 1 where RFC 9700 or OAuth 2.1 is broken.

    keycell admin report
    keycell admin report --all --fapi2
    keycell admin report --data data --json
    """
    note_address(data, database)
    told = administer((data, database, out.profile), "GET", "report")
    show(told, list(_lines(told, every=every, fapi=fapi)), as_json=out.as_json, indent=2)
    if not told["ok"]:
        raise typer.Exit(Exit.OTHER)


def _lines(told: Mapping[str, Any], *, every: bool, fapi: bool) -> Iterator[str]:
    parts = [("The server", told["server"])]
    parts += [(f"{one['label']} ({one['client_id']})", one) for one in told["clients"]]
    for title, part in parts:
        said = [
            line
            for one in part["findings"]
            if (every or one["verdict"] != "met") and (fapi or one["profile"] != "FAPI 2")
            for line in _finding(one)
        ]
        if said:
            yield from (title, *said, "")
    counts = told["counts"]
    yield (
        f"{counts['broken']} broken, {counts['advised']} could be better, {counts['met']} kept "
        "(RFC 9700, OAuth 2.1)"
    )


def _finding(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {_MARKS[one['verdict']]}: {one['asks']}  [{one['profile']}, {one['section']}]"
    yield f"    {one['found']}"
    if one["mend"]:
        yield f"    → {one['mend']}"
