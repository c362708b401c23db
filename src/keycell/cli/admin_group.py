"""`keycell admin group` and `keycell admin role`."""

from typing import Annotated

import typer

from keycell.cli.administering import administer, change, done, part
from keycell.cli.commands import with_examples
from keycell.cli.showing import Output, changes, lists, shows
from keycell.cli.store import Data, Database
from keycell.cli.tables import Column, Table

groups = typer.Typer(
    help=with_examples(
        "Groups, a tree by path.",
        "keycell admin group list",
        "keycell admin group add /staff/lab --label 'The lab'",
        "keycell admin group remove /staff/lab",
    ),
    no_args_is_help=True,
)
roles = typer.Typer(
    help=with_examples(
        "Roles, which applications give meaning to.",
        "keycell admin role list",
        "keycell admin role put editor --label Editors",
        "keycell admin role remove editor --dry-run",
    ),
    no_args_is_help=True,
)

_GROUPS = Table((Column("path"), Column("label", gives_way=True)), ("path", "label"))
_ROLES = Table((Column("role_id", "role"), Column("label", gives_way=True)), ("role_id", "label"))
Label = Annotated[str, typer.Option(help="What people read.")]


@groups.command("add")
@shows
def add_group(
    out: Output, path: str, label: Label = "", data: Data = None, database: Database = None
) -> None:
    """Add a group like /staff/lab, and those it lies in.

    keycell admin group add /staff
    keycell admin group add /staff/lab --label 'The lab'
    keycell admin group add /staff --data data
    """
    administer((data, database, out.profile), "POST", "groups", path=path, label=label)
    out.said(done(path, "added"), f"added {path}")


@groups.command("list")
@lists
def list_groups(out: Output, data: Data = None, database: Database = None) -> None:
    """List the groups.

    keycell admin group list
    keycell admin group list --sort path
    keycell admin group list --jq '.items[].path'
    """
    found = administer((data, database, out.profile), "GET", "groups")
    out.show(_GROUPS, found["items"])


@groups.command("remove")
@shows
def remove_group(out: Output, path: str, data: Data = None, database: Database = None) -> None:
    """Remove a group that nobody and no group is in.

    keycell admin group remove /staff/lab
    keycell admin group remove /staff/lab --json
    keycell admin group remove /staff/lab --data data
    """
    administer((data, database, out.profile), "DELETE", "groups", path=path)
    out.said(done(path, "removed"), f"removed {path}")


@roles.command("put")
@shows
def put_role(
    out: Output, role: str, label: Label = "", data: Data = None, database: Database = None
) -> None:
    """Add a role, or change what people read of it.

    keycell admin role put editor
    keycell admin role put editor --label Editors
    keycell admin role put editor --data data
    """
    administer((data, database, out.profile), "PUT", f"roles/{part(role)}", label=label)
    out.said(done(role, "kept"), f"kept {role}")


@roles.command("list")
@lists
def list_roles(out: Output, data: Data = None, database: Database = None) -> None:
    """List the roles.

    keycell admin role list
    keycell admin role list --sort role_id
    keycell admin role list --jq '.items[].role_id'
    """
    found = administer((data, database, out.profile), "GET", "roles")
    out.show(_ROLES, found["items"])


@roles.command("remove")
@changes
def remove_role(out: Output, role: str, data: Data = None, database: Database = None) -> None:
    """Remove a role, from the accounts that have it too.

    keycell admin role remove editor
    keycell admin role remove editor --dry-run
    keycell admin role remove editor --data data
    """
    where = (data, database, out.profile)
    change(out, where, "DELETE", f"roles/{part(role)}", look="roles", among={"role_id": role})
    out.changed(done(role, "removed"), f"removed {role}", f"{role} would be removed")
