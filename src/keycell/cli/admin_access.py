"""`keycell admin client access` and `may`: who may use an application."""

from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
_ACR = {"mfa": "urn:keycell:acr:mfa", "password": "urn:keycell:acr:password", "": ""}


@shows
def access(
    out: Output,
    client_id: str,
    group: Annotated[Texts, typer.Option(help="Path of a group that may.")] = None,
    role: Annotated[Texts, typer.Option(help="A role that may.")] = None,
    person: Annotated[Texts, typer.Option(help="Login of somebody who may.")] = None,
    network: Annotated[Texts, typer.Option(help="From where, as 192.0.2.0/24.")] = None,
    acr: Annotated[Text, typer.Option(help="mfa asks for a second factor; password.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="Let everybody.")] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Show who may use an application, or say so: the options are the whole rule.

    keycell admin client access grafana
    keycell admin client access grafana --group /staff --acr mfa
    keycell admin client access grafana --everybody
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}/access"
    named = {"groups": group or [], "roles": role or [], "people": person or []}
    narrowed = {"networks": network or []}
    if everybody and any(named.values()):
        fail("--everybody goes with no --group, --role or --person", Exit.USAGE)
    if acr is not None and acr not in _ACR:
        fail(f"--acr: received {acr[:50]!r}, expected mfa, password or nothing", Exit.USAGE)
    if everybody or any(named.values()) or network or acr is not None:
        rule = administer(where, "PUT", path, **named, **narrowed, acr=_ACR[acr or ""])
    else:
        rule = administer(where, "GET", path)
    show(rule, _lines(rule), as_json=out.as_json)


def _lines(rule: dict[str, object]) -> list[str]:
    lines = ["everybody may use it"] if rule["is_for_everybody"] else []
    for kind in ("groups", "roles", "people", "networks"):
        named = rule[kind]
        if isinstance(named, list) and named:
            lines.append(f"{kind}: {', '.join(named)}")
    return [*lines, f"acr: {rule['acr']}"] if rule["acr"] else lines


@shows
def may(
    out: Output,
    client_id: str,
    login: str,
    ip: Annotated[str, typer.Option(help="Where their browser would be.")] = "",
    data: Data = None,
    database: Database = None,
) -> None:
    """Say whether somebody may use an application.

    keycell admin client may grafana ann
    keycell admin client may grafana ann --json
    keycell admin client may grafana ann --data data
    """
    where, path = (data, database, out.profile), f"clients/{part(client_id)}/preview"
    told = administer(where, "GET", path, login=login, ip=ip)
    said = f"{login} may use {client_id}"
    if told["networks"] and not ip:
        said += f", from {', '.join(told['networks'])}"
    lines = [said] if told["may_sign_in"] else [f"no: {one}" for one in told["refusals"]]
    show(told, lines, as_json=out.as_json)
