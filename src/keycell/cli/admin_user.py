"""`keycell admin user`: accounts."""

import getpass
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.accounts.people import Account
    from keycell.bootstrap import World

app = typer.Typer(help="Accounts.", no_args_is_help=True)

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read it from stdin.")]
Text = Optional[str]  # noqa: UP045  (typer reads it)
_PAGE = 500


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("no password", Exit.USAGE, "pass --password-stdin, or run it at a terminal")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        fail("the passwords differ", Exit.USAGE)
    return first


def view(account: "Account") -> dict[str, object]:
    """Give what is shown of an account."""
    return {
        "sub": account.sub,
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "group": account.group_path,
        "roles": list(account.roles),
        "is_admin": account.is_admin,
        "is_disabled": account.disabled_at is not None,
        "created_at": account.created_at.isoformat(),
        "claims": dict(account.claims),
    }


@app.command("add")
def add(
    login: str,
    email: Annotated[Text, typer.Option()] = None,
    name: Annotated[Text, typer.Option()] = None,
    group: Annotated[str, typer.Option(help="Path of a group.")] = "/",
    claim: Annotated[Optional[list[str]], typer.Option(help="A claim: given_name=Ann.")] = None,  # noqa: UP045
    role: Annotated[Optional[list[str]], typer.Option(help="A role.")] = None,  # noqa: UP045
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: FromStdin = False,
    data: Data = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add an account."""
    from keycell.accounts.administration import NewAccount, add_account, read_claims
    from keycell.accounts.audit import MACHINE

    password = _read_password(from_stdin=password_stdin)

    async def work(world: "World") -> "Account":
        wanted = NewAccount(
            login=login, email=email, name=name or "", group_path=group, is_admin=admin,
            password=password, claims=read_claims(claim or []), roles=tuple(role or ()),
        )  # fmt: skip
        return await add_account(world.people, wanted, MACHINE)

    account = with_store(data, database, work)
    show(view(account), [f"added {account.login} ({account.sub})"], as_json=as_json)


@app.command("list")
def list_(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the accounts."""

    async def work(world: "World") -> "list[Account]":
        found: list[Account] = []
        while page := await world.people.accounts.page(found[-1].key if found else "", _PAGE):
            found.extend(page)
        return found

    accounts = with_store(data, database, work)
    lines = [
        f"{one.login}\t{one.name}\t{one.email or ''}\t{'admin' if one.is_admin else ''}"
        for one in accounts
    ]
    show({"items": [view(one) for one in accounts]}, lines, as_json=as_json)


@app.command("show")
def show_(
    login: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Show an account."""
    account = with_store(data, database, lambda world: _find(world, login))
    lines = [f"{name}: {value}" for name, value in view(account).items()]
    show(view(account), lines, as_json=as_json)


@app.command("passwd")
def passwd(
    login: str, password_stdin: FromStdin = False, data: Data = None, database: Database = None
) -> None:
    """Set a password; the person's browser sessions end."""
    from keycell.accounts.administration import set_password
    from keycell.accounts.audit import MACHINE

    password = _read_password(from_stdin=password_stdin)

    async def work(world: "World") -> None:
        await set_password(world.people, await _find(world, login), password, MACHINE)

    with_store(data, database, work)
    print(f"the password of {login} is set", file=sys.stderr)


@app.command("disable")
def disable(login: str, data: Data = None, database: Database = None) -> None:
    """Disable an account; its sessions and grants end at once."""
    from keycell.accounts.administration import disable as disable_flow
    from keycell.accounts.audit import MACHINE

    async def work(world: "World") -> None:
        await disable_flow(world.people, await _find(world, login), MACHINE)

    with_store(data, database, work)
    print(f"{login} is disabled", file=sys.stderr)


@app.command("enable")
def enable(login: str, data: Data = None, database: Database = None) -> None:
    """Enable an account again."""
    from keycell.accounts.administration import change
    from keycell.accounts.audit import MACHINE

    async def work(world: "World") -> None:
        account = await _find(world, login)
        enabled = replace(account, disabled_at=None)
        await change(world.people, account, enabled, "account.enabled", MACHINE)

    with_store(data, database, work)
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
    from keycell.accounts.administration import remove as remove_flow
    from keycell.accounts.audit import MACHINE

    async def work(world: "World") -> None:
        kept = timedelta(0) if files_now else world.files.limits.trash_kept
        await remove_flow(world.people, await _find(world, login), MACHINE, kept)

    with_store(data, database, work)
    print(f"{login} is removed", file=sys.stderr)


async def _find(world: "World", login: str) -> "Account":
    account = await world.people.accounts.find_by_login(login)
    if account is None:
        fail(f"there is no account {login}", Exit.NOT_FOUND)
    return account


@app.command("update")
def update(
    login: str,
    new_login: Annotated[Text, typer.Option("--login", help="Another login.")] = None,
    email: Annotated[Text, typer.Option(help="Another mail address; empty for none.")] = None,
    name: Annotated[Text, typer.Option(help="Another name.")] = None,
    group: Annotated[Text, typer.Option(help="Path of another group.")] = None,
    role: Annotated[Optional[list[str]], typer.Option(help="The roles, all of them.")] = None,  # noqa: UP045
    no_roles: Annotated[bool, typer.Option("--no-roles", help="No role at all.")] = False,
    claim: Annotated[Optional[list[str]], typer.Option(help="A claim; empty for none.")] = None,  # noqa: UP045
    admin: Annotated[Optional[bool], typer.Option(help="An administrator or not.")] = None,  # noqa: UP045
    data: Data = None,
    database: Database = None,
) -> None:
    """Change an account."""
    from keycell.accounts.administration import Changes, read_claims, update_account
    from keycell.accounts.audit import MACHINE

    roles = () if no_roles else tuple(role) if role else None

    async def work(world: "World") -> None:
        changes = Changes(
            login=new_login, email=email, name=name, group_path=group, is_admin=admin,
            claims=read_claims(claim or []), roles=roles,
        )  # fmt: skip
        await update_account(world.people, await _find(world, login), changes, MACHINE)

    with_store(data, database, work)
    print(f"changed {new_login or login}", file=sys.stderr)


@app.command("sessions")
def sessions(
    login: str, data: Data = None, database: Database = None, as_json: AsJson = False
) -> None:
    """List the browsers somebody is signed in with."""
    from keycell.accounts.sessions import browser_label

    async def work(world: "World") -> list[dict[str, object]]:
        account = await _find(world, login)
        kept = await world.people.sessions.of_account(account.sub, world.people.clock())
        return [
            {
                "sid": one.sid,
                "browser": browser_label(one.user_agent),
                "ip": one.ip,
                "created_at": one.created_at.isoformat(),
                "seen_at": one.seen_at.isoformat(),
            }
            for one in kept
        ]

    found = with_store(data, database, work)
    lines = ["\t".join(str(value) for value in one.values()) for one in found]
    show({"items": found}, lines, as_json=as_json)


@app.command("sign-out")
def sign_out(login: str, data: Data = None, database: Database = None) -> None:
    """End every browser session of somebody."""
    from keycell.accounts.administration import sign_out as sign_out_flow
    from keycell.accounts.audit import MACHINE

    async def work(world: "World") -> int:
        return await sign_out_flow(world.people, await _find(world, login), MACHINE)

    print(f"{with_store(data, database, work)} sessions ended", file=sys.stderr)
