"""Who must have a second factor, and who has none."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from keycell.accounts.groups import check_group_path
from keycell.accounts.policies import FactorPolicy, Kind, check_policy
from keycell.administration.call import Moment, Nothing
from keycell.administration.office import Clash, NotThere, Office
from keycell.oauth.sentences import phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Everyone, or who is in a group or has a role."""

    kind: Kind = "everyone"
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requiring(Whom):
    """From when on they must have a second factor, and how often they may put it off."""

    due_at: datetime
    skips: int = 0


class Bound(TypedDict):
    """Of whom a second factor is wanted: everyone, or who is in a group or has a role."""

    kind: Kind
    name: str


class PolicyView(Bound):
    """From when on it is wanted of them, and how often they may put it off."""

    due_at: Moment
    skips: int
    set_at: Moment


class Policies(TypedDict):
    """Who must have a second factor, and how many have none."""

    items: list[PolicyView]
    without_factor: int


def _view(policy: FactorPolicy) -> PolicyView:
    return {
        "kind": policy.kind,
        "name": policy.name,
        "due_at": policy.due_at.isoformat(),
        "skips": policy.skips,
        "set_at": policy.set_at.isoformat(),
    }


async def listed(office: Office, _asked: Nothing) -> Policies:
    """List who must have a second factor, and count who has none."""
    return {
        "items": [_view(one) for one in await office.people.policies.all()],
        "without_factor": await office.people.accounts.count_without_factor(),
    }


async def required(office: Office, asked: Requiring) -> PolicyView:
    """Want a second factor of some people. Set anew, it counts anew what they put off."""
    name = await _checked(office, asked)
    policy = FactorPolicy(
        kind=asked.kind, name=name, due_at=asked.due_at, skips=asked.skips,
        set_at=office.people.clock(),
    )  # fmt: skip
    check_policy(policy, policy.set_at)
    event = office.event("factor.policy", name or asked.kind)
    if not await office.people.policies.put(policy, event):
        raise Clash("there are as many of these rules as there may be; remove one first")
    return _view(policy)


async def relaxed(office: Office, asked: Whom) -> Bound:
    """Want a second factor of these people no longer."""
    event = office.event("factor.policy-removed", asked.name or asked.kind)
    if not await office.people.policies.remove(asked.kind, asked.name, event):
        raise NotThere(phrase("nothing is required of %(whom)s", whom=asked.name or asked.kind))
    return {"kind": asked.kind, "name": asked.name}


async def _checked(office: Office, asked: Whom) -> str:
    groups = office.people.groups
    if asked.kind == "group":
        path = check_group_path(asked.name)
        if path not in {one.path for one in await groups.groups()}:
            raise NotThere(phrase("there is no group %(path)s", path=path))
        return path
    if asked.kind == "role" and asked.name not in {one.role_id for one in await groups.roles()}:
        raise NotThere(f"there is no role {asked.name[:100]}")
    return asked.name
