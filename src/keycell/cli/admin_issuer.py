"""`keycell admin issuer`: whose assertions are taken for people."""

import json
from pathlib import Path
from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, change, done
from keycell.cli.commands import with_examples
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table

app = typer.Typer(
    help=with_examples(
        "Issuers whose assertions are taken for people.",
        "keycell admin issuer list",
        "keycell admin issuer put https://ci.example --client deploy --jwks keys.json",
        "keycell admin issuer remove https://ci.example --dry-run",
    ),
    no_args_is_help=True,
)

Texts = Optional[list[str]]  # noqa: UP045  (typer reads it)
Text = Optional[str]  # noqa: UP045
File = Optional[Path]  # noqa: UP045
_TABLE = Table(
    (
        Column("issuer", gives_way=True),
        Column("label", gives_way=True),
        Column("match"),
        Column("scope", gives_way=True),
        Column("clients", gives_way=True),
    ),
    ("issuer", "label", "clients", "scope", "jwks_uri", "has_jwks", "match", "subjects"),
)


@app.command("put")
@shows
def put(
    out: Output,
    issuer: Annotated[str, typer.Argument(help="What iss of its assertions says.")],
    client: Annotated[Texts, typer.Option(help="An application that may show them.")] = None,
    scope: Annotated[str, typer.Option(help="The most that they may open.")] = "",
    jwks: Annotated[File, typer.Option(help="A file with its public keys.")] = None,
    jwks_uri: Annotated[Text, typer.Option(help="Where it publishes its keys.")] = None,
    match: Annotated[str, typer.Option(help="listed: the subjects given; login: a subject is "
                                            "the login of an account.")] = "listed",
    subject: Annotated[Texts, typer.Option(help="A subject and whose it is: SUB=LOGIN.")] = None,
    label: Annotated[str, typer.Option(help="What people read.")] = "",
    data: Data = None,
    database: Database = None,
) -> None:  # fmt: skip
    """Trust an issuer, or trust it otherwise: what is not said again is no longer so.

    keycell admin issuer put https://ci.example --client deploy --jwks keys.json
    keycell admin issuer put https://ci.example --jwks-uri https://ci.example/jwks
    keycell admin issuer put https://ci.example --match login --scope openid
    """
    said = administer(
        (data, database, out.profile), "POST", "issuers", issuer=issuer,
        clients=list(client or ()), scope=scope, label=label, jwks=_keys(jwks),
        jwks_uri=jwks_uri, match=match, subjects=_subjects(subject or []),
    )  # fmt: skip
    show(said, [f"{said['issuer']} is trusted"], as_json=out.as_json)


def _keys(file: Path | None) -> object:
    if file is None:
        return None
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{file}: {error}", Exit.USAGE)


def _subjects(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        subject, _, login = pair.rpartition("=")
        if not subject or not login:
            fail(f"--subject takes SUB=LOGIN, not {pair}", Exit.USAGE)
        found[subject] = login
    return found


@app.command("list")
@lists
def list_(out: Output, data: Data = None, database: Database = None) -> None:
    """List the issuers whose assertions are taken.

    keycell admin issuer list
    keycell admin issuer list --columns issuer,clients
    keycell admin issuer list --json
    """
    found = administer((data, database, out.profile), "GET", "issuers")
    out.show(_TABLE, found["items"])


@app.command("remove")
@changes
def remove(out: Output, issuer: str, data: Data = None, database: Database = None) -> None:
    """Trust an issuer no longer.

    keycell admin issuer remove https://ci.example
    keycell admin issuer remove https://ci.example --dry-run
    keycell admin issuer remove https://ci.example --data data
    """
    where, path = (data, database, out.profile), "issuers"
    named = {"issuer": issuer}
    change(out, where, "DELETE", path, look=path, among=named, **named)
    out.changed(done(issuer, "removed"), f"{issuer} is trusted no longer",
                f"{issuer} would be trusted no longer")  # fmt: skip
