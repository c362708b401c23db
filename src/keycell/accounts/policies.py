"""Who must have a second factor, from when on, and how often they may put it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keycell.accounts.errors import Invalid
from keycell.accounts.people import Account, groups_of

MOST_SKIPS = 100
MOST_POLICIES = 200
LONGEST_GRACE = timedelta(days=3650)

Kind = Literal["everyone", "group", "role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorPolicy:
    """That some people must have a second factor."""

    kind: Kind
    name: str
    """The path of a group, which means those in it too, or a role; empty for everyone."""
    due_at: datetime
    skips: int
    """How many sign-ins may put it off before that."""
    set_at: datetime

    @property
    def mark(self) -> str:
        """Name what skips are counted for: a policy that is set anew is counted anew."""
        return f"{self.kind}\0{self.name}\0{self.set_at.isoformat()}".replace("\0", " ")


@dataclass(frozen=True, slots=True)
class Grace:
    """What is left to somebody who must set up a second factor."""

    policy: FactorPolicy
    skips_left: int
    is_over: bool
    """The day has come, or nothing is left: they set it up before anything else."""


def check_policy(policy: FactorPolicy, now: datetime) -> FactorPolicy:
    """Give a policy that may be kept, or raise Invalid."""
    if not 0 <= policy.skips <= MOST_SKIPS:
        raise Invalid("skips", "skips", f"expected 0 to {MOST_SKIPS} skips")
    if policy.due_at.tzinfo is None or policy.due_at > now + LONGEST_GRACE:
        raise Invalid("due_at", "due", "expected a time with its zone, within ten years")
    if bool(policy.name) is (policy.kind == "everyone"):
        raise Invalid("name", "name", "a group or a role has a name, everyone has none")
    return policy


def policy_for(policies: Sequence[FactorPolicy], account: Account) -> FactorPolicy | None:
    """Give the policy that binds somebody: of several the one that is due first."""
    groups = groups_of(account.group_path)
    bound = [
        one
        for one in policies
        if one.kind == "everyone"
        or (one.kind == "group" and one.name in groups)
        or (one.kind == "role" and one.name in account.roles)
    ]
    return min(bound, key=lambda one: (one.due_at, one.skips, one.name), default=None)


def grace(policy: FactorPolicy, used: int, now: datetime) -> Grace:
    """Say what is left of a policy to somebody who has put it off so often."""
    left = max(policy.skips - used, 0)
    return Grace(policy, left, now >= policy.due_at or left == 0)
