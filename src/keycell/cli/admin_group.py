"""`keycell admin group` and `keycell admin role`."""

from typing import Annotated

import typer

from keycell.cli.administering import administer, done, part
from keycell.cli.output import show
from keycell.cli.showing import Output, shows
from keycell.cli.store import Data, Database

groups = typer.Typer(help="Groups, a tree by path.", no_args_is_help=True)
roles = typer.Typer(help="Roles, which applications give meaning to.", no_args_is_help=True)

Label = Annotated[str, typer.Option(help="What people read.")]


@groups.command("add")
@shows
def add_group(
    out: Output, path: str, label: Label = "", data: Data = None, database: Database = None
) -> None:
    """Add a group like /staff/lab, and those it lies in."""
    administer((data, database, out.profile), "POST", "groups", path=path, label=label)
    out.said(done(path, "added"), f"added {path}")


@groups.command("list")
@shows
def list_groups(out: Output, data: Data = None, database: Database = None) -> None:
    """List the groups."""
    found = administer((data, database, out.profile), "GET", "groups")
    show(found, [f"{one['path']}\t{one['label']}" for one in found["items"]], as_json=out.as_json)


@groups.command("remove")
@shows
def remove_group(out: Output, path: str, data: Data = None, database: Database = None) -> None:
    """Remove a group that nobody and no group is in."""
    administer((data, database, out.profile), "DELETE", "groups", path=path)
    out.said(done(path, "removed"), f"removed {path}")


@roles.command("put")
@shows
def put_role(
    out: Output, role: str, label: Label = "", data: Data = None, database: Database = None
) -> None:
    """Add a role, or change what people read of it."""
    administer((data, database, out.profile), "PUT", f"roles/{part(role)}", label=label)
    out.said(done(role, "kept"), f"kept {role}")


@roles.command("list")
@shows
def list_roles(out: Output, data: Data = None, database: Database = None) -> None:
    """List the roles."""
    found = administer((data, database, out.profile), "GET", "roles")
    show(
        found, [f"{one['role_id']}\t{one['label']}" for one in found["items"]], as_json=out.as_json
    )


@roles.command("remove")
@shows
def remove_role(out: Output, role: str, data: Data = None, database: Database = None) -> None:
    """Remove a role, from the accounts that have it too."""
    administer((data, database, out.profile), "DELETE", f"roles/{part(role)}")
    out.said(done(role, "removed"), f"removed {role}")
