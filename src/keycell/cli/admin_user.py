"""`keycell admin user`: accounts."""

import getpass
import json
import sys
from typing import Annotated, Optional

import typer

from keycell.cli import admin_mail, admin_people
from keycell.cli.administering import administer, change, done, listed, part
from keycell.cli.commands import with_examples
from keycell.cli.output import Exit, fail, show
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table, moment_text
from keycell.cli.talk import note

app = typer.Typer(
    help=with_examples(
        "Accounts.",
        "keycell admin user list --search example.org",
        "keycell admin user add ann --email ann@example.org",
        "keycell admin user disable ann --dry-run",
    ),
    no_args_is_help=True,
)

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read it from stdin.")]
Text = Optional[str]  # noqa: UP045  (typer reads it)
Texts = Optional[list[str]]  # noqa: UP045

_ACCOUNTS = Table(
    (
        Column("login"),
        Column("name", gives_way=True),
        Column("email", gives_way=True),
        Column("is_admin", "admin"),
        Column("is_disabled", "disabled"),
        Column("group", gives_way=True, is_spare=True),
    ),
    ("sub", "login", "name", "email", "group", "roles", "is_admin", "is_disabled", "created_at",
     "leaves_at", "test_of", "claims"),
)  # fmt: skip
_SESSIONS = Table(
    (
        Column("sid"),
        Column("browser", gives_way=True),
        Column("ip"),
        Column("created_at", "since", text=moment_text, is_spare=True),
        Column("seen_at", "seen", text=moment_text),
    ),
    ("sid", "browser", "ip", "created_at", "seen_at"),
)
_FACTORS = Table(
    (
        Column("kind"),
        Column("name", gives_way=True),
        Column("created_at", "since", text=moment_text),
        Column("last_used_at", "used", text=moment_text),
    ),
    ("id", "kind", "name", "created_at", "last_used_at"),
)


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("no password", Exit.USAGE, "pass --password-stdin, or run it at a terminal")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        fail("the passwords differ", Exit.USAGE)
    return first


@app.command("add")
@shows
def add(
    out: Output,
    login: str,
    email: Annotated[Text, typer.Option()] = None,
    name: Annotated[Text, typer.Option()] = None,
    group: Annotated[str, typer.Option(help="Path of a group.")] = "/",
    claim: Annotated[Texts, typer.Option(help="A claim: given_name=Ann.")] = None,
    role: Annotated[Texts, typer.Option(help="A role.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: FromStdin = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Add an account.

    keycell admin user add ann
    keycell admin user add ann --email ann@example.org --name 'Ann Lee'
    keycell admin user add root --admin --password-stdin < password.txt
    """
    password = _read_password(from_stdin=password_stdin)
    account = administer(
        (data, database, out.profile), "POST", "users", login=login, password=password,
        email=email, name=name, group=group, roles=role or [], is_admin=admin,
        claims=_claims(claim),
    )  # fmt: skip
    show(account, [f"added {account['login']} ({account['sub']})"], as_json=out.as_json)


def _claims(pairs: list[str] | None) -> dict[str, object]:
    """Read claims given as ``name=value``; an address is a JSON object."""
    claims: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals:
            fail(f"--claim {pair[:50]!r}: expected name=value", Exit.USAGE)
        claims[name] = _claim_value(name, value)
    return claims


def _claim_value(name: str, value: str) -> object:
    if name.partition("#")[0] not in ("address", "phone_number_verified"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        fail(f"--claim {name}: {value[:50]!r} is no JSON", Exit.USAGE)


@app.command("list")
@lists
def list_(
    out: Output,
    search: Annotated[Text, typer.Option(help="A part of login, name, address, group.")] = None,
    without_factor: Annotated[
        bool, typer.Option("--without-factor", help="Who has no second factor alone.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """List the accounts.

    keycell admin user list
    keycell admin user list --search example.org
    keycell admin user list --without-factor --columns login,email
    """
    kind = {"state": "unguarded"} if without_factor else {}
    out.show(_ACCOUNTS, listed((data, database, out.profile), "users", search, **kind))


@app.command("show")
@shows
def show_(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Show an account.

    keycell admin user show ann
    keycell admin user show ann --jq .roles
    keycell admin user show ann --data data
    """
    account = administer((data, database, out.profile), "GET", f"users/{part(login)}")
    out.one(account, [name for name, value in account.items() if value not in ("", [], {})])


@app.command("passwd")
@changes
def passwd(
    out: Output,
    login: str,
    password_stdin: FromStdin = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Set a password; the person's browser sessions end.

    keycell admin user passwd ann
    keycell admin user passwd ann --password-stdin < password.txt
    keycell admin user passwd ann --data data
    """
    password = _read_password(from_stdin=password_stdin)
    where, path = (data, database, out.profile), f"users/{part(login)}"
    change(out, where, "PUT", f"{path}/password", look=path, password=password)
    what = f"the password of {login}"
    out.changed(done(login, "changed"), f"{what} is set", f"{what} would be set")


@app.command("disable")
@changes
def disable(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Disable an account; its sessions and grants end at once.

    keycell admin user disable ann
    keycell admin user disable ann --dry-run
    keycell admin user disable ann --data data
    """
    where, path = (data, database, out.profile), f"users/{part(login)}"
    change(out, where, "POST", f"{path}/disable", look=path)
    out.changed(done(login, "disabled"), f"{login} is disabled", f"{login} would be disabled")


@app.command("enable")
@shows
def enable(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Enable an account again.

    keycell admin user enable ann
    keycell admin user enable ann --json
    keycell admin user enable ann --data data
    """
    administer((data, database, out.profile), "POST", f"users/{part(login)}/enable")
    out.said(done(login, "enabled"), f"{login} is enabled")


@app.command("remove")
@changes
def remove(
    out: Output,
    login: str,
    files_now: Annotated[
        bool, typer.Option("--files-now", help="Delete their own files now, not in a while.")
    ] = False,
    grace: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Days in which they may keep it by signing in; then all goes."),
    ] = None,
    data: Data = None,
    database: Database = None,
) -> None:
    """Remove an account with its sessions, tokens and links, and later its own files.

    keycell admin user remove ann --grace 14
    keycell admin user remove ann --files-now
    keycell admin user remove ann --dry-run
    """
    where, path = (data, database, out.profile), f"users/{part(login)}"
    files = "now" if files_now else "keep"
    told = change(out, where, "DELETE", path, look=path, files=files, grace_days=grace)
    if grace is None:
        out.changed(done(login, "removed"), f"{login} is removed", f"{login} would be removed")
    else:
        out.changed(done(login, "leaving"), f"{login} is removed on {told.get('leaves_at')}",
                    f"{login} would be removed in {grace} days")  # fmt: skip


@app.command("keep")
@shows
def keep(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Keep an account that is to be removed after a grace.

    keycell admin user keep ann
    keycell admin user keep ann --json
    keycell admin user keep ann --data data
    """
    administer((data, database, out.profile), "POST", f"users/{part(login)}/keep")
    out.said(done(login, "kept"), f"{login} stays")


@app.command("update")
@shows
def update(
    out: Output,
    login: str,
    new_login: Annotated[Text, typer.Option("--login", help="Another login.")] = None,
    email: Annotated[Text, typer.Option(help="Another mail address; empty for none.")] = None,
    name: Annotated[Text, typer.Option(help="Another name.")] = None,
    group: Annotated[Text, typer.Option(help="Path of another group.")] = None,
    role: Annotated[Texts, typer.Option(help="The roles, all of them.")] = None,
    no_roles: Annotated[bool, typer.Option("--no-roles", help="No role at all.")] = False,
    claim: Annotated[Texts, typer.Option(help="A claim; empty for none.")] = None,
    admin: Annotated[Optional[bool], typer.Option(help="An administrator or not.")] = None,  # noqa: UP045
    data: Data = None,
    database: Database = None,
) -> None:
    """Change an account.

    keycell admin user update ann --email ann@example.org --group /staff
    keycell admin user update ann --role editor --role reader
    keycell admin user update ann --login ann.lee --claim given_name=Ann
    """
    roles = [] if no_roles else role or None
    administer(
        (data, database, out.profile), "PUT", f"users/{part(login)}", new_login=new_login,
        email=email, name=name, group=group, roles=roles, is_admin=admin, claims=_claims(claim),
    )  # fmt: skip
    out.said(done(new_login or login, "changed"), f"changed {new_login or login}")


@app.command("sessions")
@lists
def sessions(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """List the browsers somebody is signed in with.

    keycell admin user sessions ann
    keycell admin user sessions ann --sort -seen_at --limit 5
    keycell admin user sessions ann --json
    """
    found = administer((data, database, out.profile), "GET", f"users/{part(login)}/sessions")
    out.show(_SESSIONS, found["items"])


@app.command("sign-out")
@changes
def sign_out(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """End every browser session of somebody.

    keycell admin user sign-out ann
    keycell admin user sign-out ann --dry-run
    keycell admin user sign-out ann --data data
    """
    where, path = (data, database, out.profile), f"users/{part(login)}/sessions"
    told = change(out, where, "DELETE", path, look=path)
    if out.dry_run:
        told = {"ended": len(told["items"]), "grants": 0}
    count = f"{told['ended']} sessions"
    out.changed(told, f"{count} ended", f"{count} would end")


@app.command("factors")
@lists
def factors(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """List somebody's passkeys and authenticator apps.

    keycell admin user factors ann
    keycell admin user factors ann --columns kind,last_used_at
    keycell admin user factors ann --jq .recovery_codes_left
    """
    found = administer((data, database, out.profile), "GET", f"users/{part(login)}/factors")
    items = found.pop("items")
    out.show(_FACTORS, items, **found)
    note(f"{found['recovery_codes_left']} recovery codes left")
    note(f"{found['trusted_browsers']} browsers trusted without a second factor")


@app.command("reset-factors")
@changes
def reset_factors(out: Output, login: str, data: Data = None, database: Database = None) -> None:
    """Remove every second factor of somebody; their password alone opens the account then.

    keycell admin user reset-factors ann
    keycell admin user reset-factors ann --dry-run
    keycell admin user reset-factors ann --data data
    """
    where, path = (data, database, out.profile), f"users/{part(login)}/factors"
    told = change(out, where, "DELETE", path, look=path)
    if out.dry_run:
        told = {"login": login, "removed": len(told["items"])}
    what = f"{told['removed']} second factors of {login}"
    out.changed(told, f"{what} removed", f"{what} would be removed")


app.command("invite")(admin_mail.invite)
app.command("invitations")(admin_mail.invitations)
app.command("uninvite")(admin_mail.uninvite)
app.command("link")(admin_mail.link)
app.command("import")(admin_people.import_)
