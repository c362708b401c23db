"""`keycell admin mail`, and what `keycell admin user` mails."""

from typing import Annotated, Any, Optional

import typer

from keycell.cli.administering import administer, change, done, part
from keycell.cli.commands import with_examples
from keycell.cli.output import show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database, note_address
from keycell.cli.tables import Column, Table, moment_text

app = typer.Typer(
    help=with_examples(
        "Mail that the server sends.",
        "keycell admin mail test me@example.org",
        "keycell admin mail test me@example.org --json",
        "keycell admin mail test me@example.org --data data",
    ),
    no_args_is_help=True,
)

_INVITATIONS = Table(
    (
        Column("invitation_id", "invitation"),
        Column("email", gives_way=True),
        Column("group", gives_way=True),
        Column("expires_at", "until", text=moment_text),
    ),
    ("invitation_id", "email", "group", "client_id", "created_by", "created_at", "expires_at"),
)
Hours = Annotated[Optional[int], typer.Option(help="How long it is good for: 168.")]  # noqa: UP045


@app.command("test")
@shows
def send_test(out: Output, address: str, data: Data = None, database: Database = None) -> None:
    """Send a test to an address at once, and say what the mail server answers.

    keycell admin mail test me@example.org
    keycell admin mail test me@example.org --json
    keycell admin mail test me@example.org --data data
    """
    told = administer((data, database, out.profile), "POST", "mail/test", to=address)
    show(told, [f"the mail server took a letter to {address}"], as_json=out.as_json)


@shows
def invite(
    out: Output,
    email: str,
    group: Annotated[str, typer.Option(help="Path of a group.")] = "/",
    app_: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--app", help="client_id of the application they land in."),
    ] = None,
    hours: Hours = None,
    language: Annotated[str, typer.Option(help="Of the letter: en, fr, de, es or ar.")] = "en",
    data: Data = None,
    database: Database = None,
) -> None:
    """Invite somebody by mail; link and code are printed, to hand over by other means.

    keycell admin user invite ann@example.org
    keycell admin user invite ann@example.org --group /staff --language de
    keycell admin user invite ann@example.org --app grafana --hours 48
    """
    note_address(data, database)
    made = administer(
        (data, database, out.profile), "POST", "user-invitations", email=email, group=group,
        client_id=app_, hours=hours, language=language,
    )  # fmt: skip
    show(made, _told(made), as_json=out.as_json)


@lists
def invitations(out: Output, data: Data = None, database: Database = None) -> None:
    """List the invitations that are open.

    keycell admin user invitations
    keycell admin user invitations --columns email,expires_at
    keycell admin user invitations --json
    """
    found = administer((data, database, out.profile), "GET", "user-invitations")
    out.show(_INVITATIONS, found["items"])


@changes
def uninvite(out: Output, invitation: str, data: Data = None, database: Database = None) -> None:
    """Withdraw an invitation, by its name in the list.

    keycell admin user uninvite INVITATION
    keycell admin user uninvite INVITATION --dry-run
    keycell admin user uninvite INVITATION --data data
    """
    where, look = (data, database, out.profile), "user-invitations"
    change(out, where, "DELETE", f"{look}/{part(invitation)}", look=look,
           among={"invitation_id": invitation})  # fmt: skip
    what = f"{invitation} {{}} nothing any more"
    out.changed(done(invitation, "removed"), what.format("opens"), what.format("would open"))


@shows
def link(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Make a one-time link by which somebody sets a new password, within 24 hours.

    keycell admin user link ann
    keycell admin user link ann --data data
    keycell admin user link ann --jq .link
    """
    note_address(data, database)
    made = administer((data, database, out.profile), "POST", f"users/{part(login)}/link")
    show(made, _told(made), as_json=out.as_json)


def _told(made: dict[str, Any]) -> list[str]:
    return [made["link"], f"code: {made['code']}", f"until: {made['expires_at']}"]
