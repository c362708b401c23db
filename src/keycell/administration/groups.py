"""Groups, a tree by path, and roles."""

from dataclasses import dataclass, replace
from typing import TypedDict

from keycell.accounts.administration import check_nobodys
from keycell.accounts.groups import Group, Role, check_group_path, check_role
from keycell.accounts.people import check_name
from keycell.administration.call import Items, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGroup:
    """A group, by its path."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddingGroup:
    """A new group."""

    path: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRole:
    """A role."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PuttingRole:
    """A role, and what people read of it."""

    role: str
    label: str = ""


class GroupView(TypedDict):
    """A group, by its path, and what people read of it."""

    path: str
    label: str


class GroupNamed(TypedDict):
    """The group that it was done to."""

    path: str


class RoleView(TypedDict):
    """A role, and what people read of it."""

    role_id: str
    label: str


class RoleNamed(TypedDict):
    """The role that it was done to."""

    role_id: str


async def groups(office: Office, _asked: Nothing) -> Items[GroupView]:
    """List the groups."""
    found = await office.people.groups.groups()
    return {"items": [{"path": one.path, "label": one.label} for one in found]}


async def added(office: Office, asked: AddingGroup) -> GroupView:
    """Add a group like /staff/lab, and those it lies in."""
    path = check_group_path(asked.path)
    if path == "/":
        raise Clash("the root is there already")
    group = Group(path, check_name(asked.label) or path.rpartition("/")[2])
    if not await office.people.groups.add_group(group, office.event("group.added", path)):
        raise Clash(phrase("there is a group %(path)s already", path=path))
    return {"path": group.path, "label": group.label}


async def removed(office: Office, asked: NamedGroup) -> GroupNamed:
    """Remove a group that nobody and no group is in."""
    path = check_group_path(asked.path)
    if path not in {one.path for one in await office.people.groups.groups()}:
        raise NotThere(phrase("there is no group %(path)s", path=path))
    if not await office.people.groups.remove_group(path, office.event("group.removed", path)):
        raise Clash(
            phrase("%(path)s has members or groups in it; move them elsewhere first", path=path)
        )
    return {"path": path}


async def roles(office: Office, _asked: Nothing) -> Items[RoleView]:
    """List the roles."""
    found = await office.people.groups.roles()
    return {"items": [{"role_id": one.role_id, "label": one.label} for one in found]}


async def put_role(office: Office, asked: PuttingRole) -> RoleView:
    """Add a role, or change what people read of it."""
    role = Role(check_role(asked.role), check_name(asked.label) or asked.role)
    # Whoever was given such a role would be taken for somebody else.
    await check_nobodys(office.people, role.role_id)
    before = {one.role_id: one.label for one in await office.people.groups.roles()}
    changes = {"label": [before.get(role.role_id), role.label]}
    event = replace(office.event("role.changed", role.role_id), detail={"changes": changes})
    await office.people.groups.put_role(role, event)
    return {"role_id": role.role_id, "label": role.label}


async def removed_role(office: Office, asked: NamedRole) -> RoleNamed:
    """Remove a role, from the accounts that have it too."""
    event = office.event("role.removed", asked.role)
    if not await office.people.groups.remove_role(asked.role, event):
        raise NotThere(f"there is no role {asked.role[:100]}")
    return {"role_id": asked.role}
