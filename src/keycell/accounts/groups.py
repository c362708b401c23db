"""Groups, a tree by path, and roles."""

import re
from dataclasses import dataclass

from keycell.accounts.errors import Invalid
from keycell.oauth.sentences import phrase

LONGEST_PATH = 500
DEEPEST = 16

ROOT_GROUP = "root-group"
"""The role of everybody, as of the group that all others lie in; files call it so too."""

_NAME = re.compile(r"[^/\x00-\x1f\x7f]{1,100}")
_ROLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


@dataclass(frozen=True, slots=True)
class Group:
    """A place in the tree; the root is ``/``."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Role:
    """A name that applications give meaning to."""

    role_id: str
    label: str


def check_group_path(path: str) -> str:
    """Give a group path that may be kept: absolute, no empty or dotted parts."""
    names = path.strip("/").split("/") if path.strip("/") else []
    is_good = (
        path.startswith("/")
        and len(path) <= LONGEST_PATH
        and len(names) <= DEEPEST
        and all(_NAME.fullmatch(name) and name not in (".", "..") for name in names)
    )
    if not is_good:
        raise Invalid(
            "group",
            "group-form",
            phrase("%(path)s is no group path like /staff/lab", path=repr(path[:100])),
        )
    return "/" + "/".join(names)


def check_role(role_id: str) -> str:
    """Give a role identifier that may be kept."""
    if not _ROLE.fullmatch(role_id):
        raise Invalid(
            "role",
            "role-form",
            phrase("%(name)s is no role like wiki-editor", name=repr(role_id[:100])),
        )
    return role_id


def parents(path: str) -> list[str]:
    """Give the groups a group lies in, outermost first, without the root."""
    names = [name for name in path.split("/") if name]
    return ["/" + "/".join(names[:depth]) for depth in range(1, len(names))]
