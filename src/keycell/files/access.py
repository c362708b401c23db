"""Who may do what: rights on nodes, and what a token leaves of them.

A person has *roles*: the root group, each group on the way to their own, what they were given, and
a role of their own. A *right* lets a role read or write a node and all that lies in it, or denies
it. Nothing is allowed that no right allows; one that denies wins over all that allow. A *reach* is
what a token leaves of that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from keycell.files.errors import Forbidden, NotFound
from keycell.oauth.details import FilesDetail
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

ROOT_GROUP = "root-group"


class Action(StrEnum):
    """What a right is about."""

    READ = "read"
    WRITE = "write"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Right:
    """Something a role may, or may not, do with a node and what lies in it."""

    node_id: str
    role_id: str
    action: Action
    expires_at: datetime | None = None
    """When it ends; the sweep takes it away then. Not told where only what may be done counts."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody may do with a node."""

    read: bool
    write: bool

    def __and__(self, other: "Allowed") -> "Allowed":
        return Allowed(self.read and other.read, self.write and other.write)

    def __or__(self, other: "Allowed") -> "Allowed":
        return Allowed(self.read or other.read, self.write or other.write)


NOTHING = Allowed(read=False, write=False)
EVERYTHING = Allowed(read=True, write=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: a person, their roles, and what their token leaves of their rights."""

    sub: str
    login: str
    roles: frozenset[str]
    reach: tuple[FilesDetail, ...]
    is_admin: bool = False
    """An administrator with a token that says so: manages spaces and rights, reads no more."""
    client_id: str = ""

    @property
    def is_bound_to_nodes(self) -> bool:
        """Tell whether the token opens some nodes and not what they lie in."""
        return any(detail.node_id is not None for detail in self.reach)

    def covers(self, reach: Iterable[FilesDetail]) -> bool:
        """Tell whether the token opens all that a reach opens."""
        return all(any(_covers(mine, one) for mine in self.reach) for one in reach)


def _covers(wider: FilesDetail, one: FilesDetail) -> bool:
    return (
        one.actions <= wider.actions
        and wider.space in (None, one.space)
        and wider.node_id in (None, one.node_id)
    )


def roles_of(sub: str, group_path: str, roles: Iterable[str]) -> frozenset[str]:
    """Give every role that a person has."""
    names = [name for name in group_path.split("/") if name]
    groups = ("/" + "/".join(names[:depth]) for depth in range(1, len(names) + 1))
    return frozenset({ROOT_GROUP, *groups, *roles, sub})


def merge(rights: Iterable[Right], roles: frozenset[str]) -> Allowed:
    """Decide what roles may do with a node, given the rights on it and on all it lies in."""
    actions = {right.action for right in rights if right.role_id in roles}
    if Action.DENY in actions:
        return NOTHING
    write = Action.WRITE in actions
    return Allowed(read=write or Action.READ in actions, write=write)


def may_hand_on(sub: str, roles: frozenset[str], root_id: str, rights: Iterable[Right]) -> bool:
    """Decide whether somebody may have a cell over a folder of somebody else's.

    Who may change the folder may. What the cell itself gives to roles of theirs is left out: else
    it would stand by what it gives. What was given there to them by name was given by others.
    """
    own = frozenset({sub})
    return merge(
        (
            right
            for right in rights
            if right.node_id != root_id or right.action is Action.DENY or right.role_id in own
        ),
        roles,
    ).write


def reached(reach: Sequence[FilesDetail], slug: str, chain: Iterable[str]) -> Allowed:
    """Decide what a token leaves of rights on a node, by its space and all it lies in."""
    found = NOTHING
    ids = frozenset(chain)
    for detail in reach:
        is_here = (detail.space is None or detail.space == slug) and (
            detail.node_id is None or detail.node_id in ids
        )
        if is_here:
            write = "write" in detail.actions
            found |= Allowed(read=write or "read" in detail.actions, write=write)
    return found


def check_read(allowed: Allowed, path: object) -> None:
    """Refuse to show what may not be read, as if nothing were there; the path is its text."""
    if not allowed.read:
        raise NotFound(phrase("there is nothing at %(path)s", path=repr(str(path)[:200])))


def check_write(allowed: Allowed, path: object) -> None:
    """Refuse a change: as if nothing were there to whom may not even read."""
    check_read(allowed, path)
    if not allowed.write:
        raise Forbidden(
            phrase(
                "%(path)s may be read, but not changed, with this access",
                path=repr(str(path)[:200]),
            )
        )
