"""`keycell admin group` and `keycell admin role`."""

import sys
from typing import Annotated

import typer

from keycell.cli.administering import administer, part
from keycell.cli.output import show
from keycell.cli.store import AsJson, Data, Database

groups = typer.Typer(help="Groups, a tree by path.", no_args_is_help=True)
roles = typer.Typer(help="Roles, which applications give meaning to.", no_args_is_help=True)

Label = Annotated[str, typer.Option(help="What people read.")]


@groups.command("add")
def add_group(path: str, label: Label = "", data: Data = None, database: Database = None) -> None:
    """Add a group like /staff/lab, and those it lies in."""
    administer((data, database), "POST", "groups", path=path, label=label)
    print(f"added {path}", file=sys.stderr)


@groups.command("list")
def list_groups(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the groups."""
    found = administer((data, database), "GET", "groups")
    show(found, [f"{one['path']}\t{one['label']}" for one in found["items"]], as_json=as_json)


@groups.command("remove")
def remove_group(path: str, data: Data = None, database: Database = None) -> None:
    """Remove a group that nobody and no group is in."""
    administer((data, database), "DELETE", "groups", path=path)
    print(f"removed {path}", file=sys.stderr)


@roles.command("put")
def put_role(role: str, label: Label = "", data: Data = None, database: Database = None) -> None:
    """Add a role, or change what people read of it."""
    administer((data, database), "PUT", f"roles/{part(role)}", label=label)
    print(f"kept {role}", file=sys.stderr)


@roles.command("list")
def list_roles(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the roles."""
    found = administer((data, database), "GET", "roles")
    show(found, [f"{one['role_id']}\t{one['label']}" for one in found["items"]], as_json=as_json)


@roles.command("remove")
def remove_role(role: str, data: Data = None, database: Database = None) -> None:
    """Remove a role, from the accounts that have it too."""
    administer((data, database), "DELETE", f"roles/{part(role)}")
    print(f"removed {role}", file=sys.stderr)
