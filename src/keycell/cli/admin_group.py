"""`keycell admin group` and `keycell admin role`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from keycell.cli.output import Exit, fail, show
from keycell.cli.store import AsJson, Data, Database, with_store

if TYPE_CHECKING:
    from keycell.accounts.audit import AuditEvent
    from keycell.accounts.groups import Group, Role
    from keycell.bootstrap import World

groups = typer.Typer(help="Groups, a tree by path.", no_args_is_help=True)
roles = typer.Typer(help="Roles, which applications give meaning to.", no_args_is_help=True)

Label = Annotated[str, typer.Option(help="What people read.")]


@groups.command("add")
def add_group(path: str, label: Label = "", data: Data = None, database: Database = None) -> None:
    """Add a group like /staff/lab, and those it lies in."""
    from keycell.accounts.groups import Group, check_group_path

    async def work(world: "World") -> bool:
        checked = check_group_path(path)
        if checked == "/":
            fail("the root is there already", Exit.CONFLICT)
        group = Group(checked, label or checked.rpartition("/")[2])
        return await world.people.groups.add_group(group, _event(world, "group.added", checked))

    if not with_store(data, database, work):
        fail(f"there is a group {path} already", Exit.CONFLICT)
    print(f"added {path}", file=sys.stderr)


@groups.command("list")
def list_groups(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the groups."""

    async def work(world: "World") -> "list[Group]":
        return list(await world.people.groups.groups())

    found = with_store(data, database, work)
    items = [{"path": one.path, "label": one.label} for one in found]
    show({"items": items}, [f"{one.path}\t{one.label}" for one in found], as_json=as_json)


@groups.command("remove")
def remove_group(path: str, data: Data = None, database: Database = None) -> None:
    """Remove a group that nobody and no group is in."""

    async def work(world: "World") -> bool:
        event = _event(world, "group.removed", path)
        if path not in {one.path for one in await world.people.groups.groups()}:
            fail(f"there is no group {path}", Exit.NOT_FOUND)
        return await world.people.groups.remove_group(path, event)

    if not with_store(data, database, work):
        fail(f"{path} has members or groups in it", Exit.CONFLICT, "move them elsewhere first")
    print(f"removed {path}", file=sys.stderr)


@roles.command("put")
def put_role(role: str, label: Label = "", data: Data = None, database: Database = None) -> None:
    """Add a role, or change what people read of it."""
    from keycell.accounts.groups import Role, check_role

    async def work(world: "World") -> None:
        made = Role(check_role(role), label or role)
        await world.people.groups.put_role(made, _event(world, "role.changed", role))

    with_store(data, database, work)
    print(f"kept {role}", file=sys.stderr)


@roles.command("list")
def list_roles(data: Data = None, database: Database = None, as_json: AsJson = False) -> None:
    """List the roles."""

    async def work(world: "World") -> "list[Role]":
        return list(await world.people.groups.roles())

    found = with_store(data, database, work)
    items = [{"role_id": one.role_id, "label": one.label} for one in found]
    show({"items": items}, [f"{one.role_id}\t{one.label}" for one in found], as_json=as_json)


@roles.command("remove")
def remove_role(role: str, data: Data = None, database: Database = None) -> None:
    """Remove a role, from the accounts that have it too."""

    async def work(world: "World") -> bool:
        return await world.people.groups.remove_role(role, _event(world, "role.removed", role))

    if not with_store(data, database, work):
        fail(f"there is no role {role}", Exit.NOT_FOUND)
    print(f"removed {role}", file=sys.stderr)


def _event(world: "World", action: str, target: str) -> "AuditEvent":
    from keycell.accounts.audit import MACHINE, AuditEvent

    return AuditEvent(at=world.people.clock(), actor=MACHINE, action=action, target=target)
