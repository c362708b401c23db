"""`keycell admin user`: accounts."""

import getpass
import json
import sys
from typing import Annotated, Optional

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database

app = typer.Typer(help="Accounts.", no_args_is_help=True)

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read it from stdin.")]
Text = Optional[str]  # noqa: UP045  (typer reads it)
Texts = Optional[list[str]]  # noqa: UP045


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
def add(
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
    as_json: AsJson = False,
) -> None:
    """Add an account."""
    password = _read_password(from_stdin=password_stdin)
    account = administer(
        (data, database), "POST", "users", login=login, password=password, email=email,
        name=name, group=group, roles=role or [], is_admin=admin, claims=_claims(claim),
    )  # fmt: skip
    show(account, [f"added {account['login']} ({account['sub']})"], as_json=as_json)


def _claims(pairs: list[str] | None) -> dict[str, object]:
    """Read claims given as ``name=value``; an address is a JSON object."""
    claims: dict[str, object] = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals:
            fail(f"claim: {pair[:50]!r}: expected name=value")
        claims[name] = _claim_value(name, value)
    return claims


def _claim_value(name: str, value: str) -> object:
    if name not in ("address", "phone_number_verified"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        fail(f"{name}: {value[:50]!r} is no JSON")


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the accounts."""
    found = administer((data, database), "GET", "users")
    lines = [
        f"{one['login']}\t{one['name']}\t{one['email'] or ''}\t"
        f"{'admin' if one['is_admin'] else ''}"
        for one in found["items"]
    ]
    show(found, lines, as_json=as_json)


@app.command("show")
def show_(
    login: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Show an account."""
    account = administer((data, database), "GET", f"users/{part(login)}")
    show(account, [f"{name}: {value}" for name, value in account.items()], as_json=as_json)


@app.command("passwd")
def passwd(
    login: str, password_stdin: FromStdin = False, data: Data = None, database: Database = None
) -> None:
    """Set a password; the person's browser sessions end."""
    password = _read_password(from_stdin=password_stdin)
    administer((data, database), "PUT", f"users/{part(login)}/password", password=password)
    print(f"the password of {login} is set", file=sys.stderr)


@app.command("disable")
def disable(login: str, data: Data = None, database: Database = None) -> None:
    """Disable an account; its sessions and grants end at once."""
    administer((data, database), "POST", f"users/{part(login)}/disable")
    print(f"{login} is disabled", file=sys.stderr)


@app.command("enable")
def enable(login: str, data: Data = None, database: Database = None) -> None:
    """Enable an account again."""
    administer((data, database), "POST", f"users/{part(login)}/enable")
    print(f"{login} is enabled", file=sys.stderr)


@app.command("remove")
def remove(
    login: str,
    files_now: Annotated[
        bool, typer.Option("--files-now", help="Delete their own files now, not in a while.")
    ] = False,
    data: Data = None,
    database: Database = None,
) -> None:
    """Remove an account with its sessions, tokens and links, and later its own files."""
    files = "now" if files_now else "keep"
    administer((data, database), "DELETE", f"users/{part(login)}", files=files)
    print(f"{login} is removed", file=sys.stderr)


@app.command("update")
def update(
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
    """Change an account."""
    roles = [] if no_roles else role or None
    administer(
        (data, database), "PUT", f"users/{part(login)}", new_login=new_login, email=email,
        name=name, group=group, roles=roles, is_admin=admin, claims=_claims(claim),
    )  # fmt: skip
    print(f"changed {new_login or login}", file=sys.stderr)


@app.command("sessions")
def sessions(
    login: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """List the browsers somebody is signed in with."""
    found = administer((data, database), "GET", f"users/{part(login)}/sessions")
    lines = ["\t".join(str(value) for value in one.values()) for one in found["items"]]
    show(found, lines, as_json=as_json)


@app.command("sign-out")
def sign_out(login: str, data: Data = None, database: Database = None) -> None:
    """End every browser session of somebody."""
    done = administer((data, database), "DELETE", f"users/{part(login)}/sessions")
    print(f"{done['ended']} sessions ended", file=sys.stderr)
