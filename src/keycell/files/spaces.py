"""Spaces: what a person sees at the top, and the volumes that hold their nodes."""

import re
from datetime import datetime
from enum import StrEnum

from keycell.files.errors import BadRequest
from keycell.oauth.sentences import phrase
from keycell.values import dataclass

PERSONAL_SLUG = "personal-files"
COMMON_SLUG = "common-files"
MOST_CELLS = 200
"""Of one person."""
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_LONGEST_LABEL = 200
_LONGEST_DESCRIPTION = 2000
_UNFIT = re.compile(r"[^a-z0-9]+")


class SpaceKind(StrEnum):
    """Whose a space is."""

    PERSONAL = "personal"
    COMMON = "common"
    TEAM = "team"
    """Made by an administrator, for groups or roles."""
    CELL = "cell"
    """Made by a person, for whom they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A store of nodes with one quota and one feed of changes."""

    volume_id: str
    root_id: str
    trash_id: str
    """The recycle bin: a folder of the root."""
    quota: int | None
    """Bytes; None for no limit."""
    used: int
    """Bytes of every version that is kept, in the recycle bin too."""
    seq: int
    """The number of the latest change."""
    feed_floor: int
    """The feed reaches back to changes after this one."""
    nodes: int = 0
    """Files and folders that are kept, in the recycle bin and on their way out too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A place at the top of somebody's files."""

    space_id: str
    slug: str
    label: str
    kind: SpaceKind
    description: str = ""
    owner: str = ""
    """The ``sub`` of the person whose it is; empty for what administrators made."""
    volume_id: str
    root_id: str
    """A folder of the volume: its root, or for a shared cell any other."""
    created_at: datetime
    kept_until: datetime | None = None
    """When it goes with all it holds: whose it was is not here any more."""


def check_slug(slug: str) -> str:
    """Give a slug that may be kept, or raise BadRequest."""
    if not _SLUG.fullmatch(slug):
        raise BadRequest(
            f"{slug[:80]!r} is no slug: a to z, 0 to 9, dots and hyphens, at most 64 of them"
        )
    return slug


def check_new_slug(slug: str) -> str:
    """Give a slug that a new space may have, or raise BadRequest."""
    # Whoever had no space of their own yet would be shown this one in its place.
    if slug in (PERSONAL_SLUG, COMMON_SLUG):
        raise BadRequest(
            phrase(
                "%(name)s is the slug of a space that everybody has; choose another",
                name=repr(slug),
            )
        )
    return check_slug(slug)


def check_description(description: str) -> str:
    """Give a description that may be kept, or raise BadRequest."""
    if len(description) > _LONGEST_DESCRIPTION:
        raise BadRequest(
            phrase("a description has at most %(most)s characters", most=_LONGEST_DESCRIPTION)
        )
    return description


def check_label(label: str) -> str:
    """Give a label that may be kept, or raise BadRequest."""
    if not label.strip() or len(label) > _LONGEST_LABEL or not label.isprintable():
        raise BadRequest(
            phrase("a name has 1 to %(most)s characters that can be seen", most=_LONGEST_LABEL)
        )
    return label


def slug_of(label: str) -> str:
    """Make a slug of a label."""
    return _UNFIT.sub("-", label.casefold()).strip("-")[:48].strip("-") or "cell"
