"""Public links: what somebody who has only an address may do with a file or folder.

A link opens what its owner may open themselves, at the moment it is used, and no more: when the
owner loses a right, or is gone, so does the link.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keycell.files.errors import BadRequest
from keycell.files.spaces import check_label
from keycell.oauth.details import Action, FilesDetail
from keycell.oauth.sentences import phrase

_HASH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")
MOST_DOWNLOADS = 10**9
LEAST_PASSWORD = 4
LONGEST_PASSWORD = 1024


class Permission(StrEnum):
    """What a link lets be done: the words are those of the wire."""

    PREVIEW = "Preview"
    DOWNLOAD = "Download"
    UPLOAD = "Upload"
    EDIT = "Edit"
    """Change what is there: replace, rename, delete, which all can be brought back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address for a file or folder."""

    link_id: str
    hash: str
    """What its address ends with."""
    node_id: str
    label: str
    description: str = ""
    sub: str
    """Whose it is."""
    permissions: frozenset[Permission]
    password_hash: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    most_downloads: int | None = None
    downloads: int = 0
    used_at: datetime | None = None
    """When it was last downloaded; its pages are read without a trace."""
    tells: bool = False
    """Whose it is wants to be told when it is used."""
    view: str = "pydio_shared_folder"
    created_at: datetime
    changed_at: datetime

    @property
    def reach(self) -> tuple[FilesDetail, ...]:
        """Give what the link leaves of its owner's rights."""
        actions: set[Action] = {"read"}
        if Permission.UPLOAD in self.permissions:
            actions.add("write")
        return (FilesDetail(frozenset(actions), node_id=self.node_id),)

    @property
    def has_downloads_left(self) -> bool:
        """Tell whether it may be downloaded once more."""
        return self.most_downloads is None or self.downloads < self.most_downloads


def is_open(link: Link, now: datetime) -> bool:
    """Tell whether a link can be used at all."""
    if link.starts_at is not None and now < link.starts_at:
        return False
    if link.expires_at is not None and now >= link.expires_at:
        return False
    return link.has_downloads_left


def may(link: Link, permission: Permission) -> bool:
    """Tell whether a link lets this be done. Downloading includes a look."""
    if permission is Permission.PREVIEW and Permission.DOWNLOAD in link.permissions:
        return True
    return permission in link.permissions


def read_permissions(words: Collection[str]) -> frozenset[Permission]:
    """Read permissions as the wire names them; raise BadRequest."""
    try:
        found = frozenset(Permission(word) for word in words if word != "NoAccess")
    except ValueError:
        raise BadRequest("permissions are NoAccess, Preview, Download, Upload and Edit") from None
    if not found:
        raise BadRequest(
            phrase("a link must let something be done: Preview, Download, Upload or Edit")
        )
    # Whoever changes things sees them; all words are kept, for programs that know three.
    return frozenset(Permission) if Permission.EDIT in found else found


def check_hash(text: str) -> str:
    """Give an address's end that may be kept, or raise BadRequest."""
    if not _HASH.fullmatch(text):
        raise BadRequest(
            phrase(
                "%(name)s: expected 3 to 64 letters, digits, hyphens, underscores; the first a "
                "letter or digit",
                name=repr(text[:80]),
            )
        )
    return text


def check_link(link: Link, now: datetime) -> Link:
    """Give a link that may be kept, or raise BadRequest."""
    check_hash(link.hash)
    check_label(link.label)
    if link.expires_at is not None and link.expires_at <= now:
        raise BadRequest(phrase("the link would have expired already"))
    if link.starts_at and link.expires_at and link.starts_at >= link.expires_at:
        raise BadRequest(phrase("the link would begin after its end"))
    if link.most_downloads is not None and not 1 <= link.most_downloads <= MOST_DOWNLOADS:
        raise BadRequest(f"downloads {link.most_downloads}: expected 1 to {MOST_DOWNLOADS}")
    return link


def check_password(password: str) -> str:
    """Give a link's password that may be kept, or raise BadRequest."""
    if len(password) < LEAST_PASSWORD or len(password.encode()) > LONGEST_PASSWORD:
        raise BadRequest(
            phrase(
                "a link's password has %(least)s characters to %(most)s bytes",
                least=LEAST_PASSWORD,
                most=LONGEST_PASSWORD,
            )
        )
    return password
