"""`keycell admin client acting`: who may act for whom in token exchanges."""

from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
_SAID = {
    "applications": "applications that act", "people": "people who act",
    "groups": "groups that act", "for_people": "for", "for_groups": "for groups",
}  # fmt: skip


@shows
def acting(
    out: Output,
    client_id: str,
    application: Annotated[Texts, typer.Option(help="client_id of one that may act.")] = None,
    person: Annotated[Texts, typer.Option(help="Login of somebody who may act.")] = None,
    group: Annotated[Texts, typer.Option(help="Path of a group whose people may act.")] = None,
    for_person: Annotated[Texts, typer.Option(help="Login of somebody acted for.")] = None,
    for_group: Annotated[Texts, typer.Option(help="Path of a group acted for.")] = None,
    may_act: Annotated[
        Text, typer.Option(help="The only application that may act by its tokens.")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Let nobody act.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show who may act for whom where an application exchanges tokens, or say so.

    The options are the whole rule.

    keycell admin client acting grafana
    keycell admin client acting grafana --application helper --for-group /staff
    keycell admin client acting grafana --nobody
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}/acting"
    rule = {
        "applications": application or [], "people": person or [], "groups": group or [],
        "for_people": for_person or [], "for_groups": for_group or [], "may_act": may_act or "",
    }  # fmt: skip
    if nobody and any(rule.values()):
        fail("--nobody goes with no other part of the rule", Exit.USAGE)
    if nobody or any(rule.values()) or may_act is not None:
        told = administer(where, "PUT", path, **rule)
    else:
        told = administer(where, "GET", path)
    show(told, _lines(told), as_json=out.as_json)


def _lines(rule: dict[str, object]) -> list[str]:
    lines = [
        f"{said}: {', '.join(named)}"
        for name, said in _SAID.items()
        if isinstance(named := rule[name], list) and named
    ]
    lines += [f"may act by its tokens: {rule['may_act']} alone"] if rule["may_act"] else []
    return lines or ["nobody may act for anybody"]
