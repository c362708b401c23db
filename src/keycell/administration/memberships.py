"""What groups and roles give to whoever has them, and why somebody has what they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from keycell.accounts.groups import ROOT_GROUP, check_group_path
from keycell.accounts.people import groups_of
from keycell.accounts.policies import FactorPolicy
from keycell.administration import groups
from keycell.administration.call import Moment, Nothing
from keycell.administration.office import NotThere, Office
from keycell.administration.people import Named
from keycell.oauth.clients import Client
from keycell.oauth.sentences import phrase

_EVERYBODY = "/"


class Way(TypedDict):
    """By what of theirs a rule means somebody: of a group, with the way there from their own."""

    kind: Literal["person", "group", "role"]
    name: NotRequired[str]
    path: NotRequired[list[str]]


_Ways = list[Way]


class GroupCount(groups.GroupView):
    """A group, and how many are in it."""

    people: int


class RoleCount(groups.RoleView):
    """A role, and how many have it."""

    people: int


class Tree(TypedDict):
    """Groups and roles."""

    groups: list[GroupCount]
    roles: list[RoleCount]


class GivenApplication(TypedDict):
    """An application that a rule opens."""

    client_id: str
    label: str
    is_disabled: bool
    acr: str
    networks: list[str]
    because: list[Way]


class GivenSpace(TypedDict):
    """Files that a right opens or closes."""

    role_id: str
    label: str
    may: str
    because: list[Way]


class GivenPolicy(TypedDict):
    """By when a second factor is wanted."""

    due_at: Moment
    because: list[Way]


class Given(TypedDict):
    """What is given, each with why."""

    applications: list[GivenApplication]
    spaces: list[GivenSpace]
    factor_policies: list[GivenPolicy]


class GivenTo(Given):
    """What a group or a role gives to whoever is in it or has it."""

    kind: Literal["group", "role"]
    name: str
    label: str


class Why(Given):
    """What somebody may do, and how many applications are open to everybody."""

    login: str
    is_admin: bool
    open_to_all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A group, by its path, or a role."""

    kind: Literal["group", "role"]
    name: str


@dataclass(frozen=True, slots=True)
class _Who:
    """What rules look at in somebody, or in whoever is in a group or has a role."""

    groups: tuple[str, ...]
    """Outermost first; all but the last are those it lies in."""
    roles: tuple[str, ...]
    sub: str = ""

    def ways(self, people: Sequence[str], groups: Sequence[str], roles: Sequence[str]) -> _Ways:
        """Say by what of theirs a rule means them: each with the way from where they are."""
        found: _Ways = [{"kind": "person"}] if self.sub in people else []
        found += [
            {"kind": "group", "name": one, "path": self._path(one)}
            for one in groups
            if one == _EVERYBODY or one in self.groups
        ]
        return found + [{"kind": "role", "name": one} for one in roles if one in self.roles]

    def _path(self, group: str) -> list[str]:
        """Give the groups from their own to one that it lies in."""
        inner = [one for one in self.groups if len(one) >= len(group)]
        return [*reversed(inner), *([_EVERYBODY] if group == _EVERYBODY else [])]


async def tree(office: Office, _asked: Nothing) -> Tree:
    """List groups and roles, each with how many are in it or have it themselves."""
    members = await office.people.groups.members()
    bearers = await office.people.groups.bearers()
    return {
        "groups": [
            {"path": one.path, "label": one.label, "people": members.get(one.path, 0)}
            for one in await office.people.groups.groups()
        ],
        "roles": [
            {"role_id": one.role_id, "label": one.label, "people": bearers.get(one.role_id, 0)}
            for one in await office.people.groups.roles()
        ],
    }


async def given(office: Office, asked: Holding) -> GivenTo:
    """Say what a group or a role gives to whoever is in it or has it, and by which rule."""
    if asked.kind == "group":
        path = check_group_path(asked.name)
        label = {one.path: one.label for one in await office.people.groups.groups()}.get(path)
        who = _Who((*groups_of(path),), ())
    else:
        roles = {one.role_id: one.label for one in await office.people.groups.roles()}
        path, label, who = asked.name, roles.get(asked.name), _Who((), (asked.name,))
    if label is None:
        raise NotThere(phrase("there is no group or role %(name)s", name=asked.name[:100]))
    gifts = await _given(office, who, await office.clients())
    return {"kind": asked.kind, "name": path, "label": label, **gifts}


async def why(office: Office, asked: Named) -> Why:
    """Say what somebody may do, and by which rule: themselves, a group on the way, or a role."""
    account = await office.account(asked.login)
    who = _Who((*groups_of(account.group_path),), account.roles, account.sub)
    every = await office.clients()
    return {
        "login": account.login,
        "is_admin": account.is_admin,
        **await _given(office, who, every),
        "open_to_all": sum(
            not one.access.names_people and not one.is_first_party and not one.disabled
            for one in every
        ),
    }


async def _given(office: Office, who: _Who, every: Sequence[Client]) -> Given:
    applications: list[GivenApplication] = [
        _application(one, ways)
        for one in every
        if (ways := who.ways(one.access.people, one.access.groups, one.access.roles))
    ]
    policies: list[GivenPolicy] = [
        {"due_at": one.due_at.isoformat(), "because": ways}
        for one in await office.people.policies.all()
        if (ways := _bound(who, one))
    ]
    return {
        "applications": applications,
        "spaces": await _spaces(office, who),
        "factor_policies": policies,
    }


def _application(client: Client, ways: _Ways) -> GivenApplication:
    return {
        "client_id": client.client_id,
        "label": client.name,
        "is_disabled": client.disabled,
        "acr": client.access.acr,
        "networks": list(client.access.networks),
        "because": ways,
    }


def _bound(who: _Who, policy: FactorPolicy) -> _Ways:
    if policy.kind == "everyone":
        return [{"kind": "group", "name": _EVERYBODY, "path": [_EVERYBODY]}]
    groups, roles = ((policy.name,), ()) if policy.kind == "group" else ((), (policy.name,))
    return who.ways((), groups, roles)


async def _spaces(office: Office, who: _Who) -> list[GivenSpace]:
    """Tell of the files that rights open or close, those of everybody too."""
    if office.rights is None:
        return []
    roles = [ROOT_GROUP, *who.groups, *who.roles, *([who.sub] if who.sub else [])]
    found: list[GivenSpace] = []
    for one in await office.rights(roles):
        group = _EVERYBODY if one.role_id == ROOT_GROUP else one.role_id
        ways = who.ways((one.role_id,), (group,), (one.role_id,))
        found.append({"role_id": one.role_id, "label": one.label, "may": one.may, "because": ways})
    return found
