"""What people type for a place: `[profile]:space/dir/file` is on a server, all else is local.

`cells://space/dir` and `cells//space/dir`, as the old client had them, mean the default profile.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ALIASES = ("cells://", "cells//")
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_DRIVE = re.compile(r"[A-Za-z]:")


class BadPlace(Exception):
    """A place that cannot be meant: one sentence, and how to write it."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(sentence)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class RemotePath:
    """A place on a server: a profile, "" for the default one, and the names that lead there."""

    profile: str
    names: tuple[str, ...]
    is_folder: bool = False
    """Written with a slash at its end: what lies there is, or is to be, a folder."""

    @property
    def path(self) -> str:
        """Give the path as the server has it; "" is the top, where the spaces are."""
        return "/".join(self.names)

    @property
    def name(self) -> str:
        """Give the last name; "" at the top."""
        return self.names[-1] if self.names else ""

    @property
    def parent(self) -> "RemotePath":
        """Give the folder in which it lies; the top lies in itself."""
        return RemotePath(self.profile, self.names[:-1], is_folder=True)

    def child(self, *names: str) -> "RemotePath":
        """Give what lies below it."""
        return RemotePath(self.profile, (*self.names, *names))

    def __str__(self) -> str:
        return f"{self.profile}:{self.path}"


def read_place(text: str) -> RemotePath | None:
    """Read what may be either; None for a local path, such as `./a:b` or one of a drive."""
    for alias in _ALIASES:
        if text.startswith(alias):
            return _remote("", text.removeprefix(alias), text)
    profile, colon, path = text.partition(":")
    if not colon or "/" in profile or "\\" in profile or _DRIVE.fullmatch(profile + colon):
        return None
    if profile and not _PROFILE.fullmatch(profile):
        raise BadPlace(
            f"{profile!r} cannot be the name of a profile",
            f"write ./{text} for a local file, :space/{text} for one on the server",
        )
    return _remote(profile, path, text)


def read_remote(text: str) -> RemotePath:
    """Read a place on a server, where nothing local can be meant: the colon may be left out."""
    if _DRIVE.fullmatch(text[:2]) and not text.startswith(_ALIASES):
        raise BadPlace(
            f"{text!r} is a drive: the name of a profile has two characters at least",
            f"write :{text[2:].lstrip('/') or 'space/file'} for the default profile",
        )
    return read_place(text) or _remote("", text, text)


def _remote(profile: str, path: str, text: str) -> RemotePath:
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    if ".." in names:
        raise BadPlace(f"{text!r} goes up by '..'", "write the path from its space on")
    if any(ord(letter) < ord(" ") for letter in path):
        raise BadPlace(f"{text!r} has a control character", "names have none on the server")
    return RemotePath(profile, names, is_folder=path.endswith("/") or not names)


def common_profile(places: Sequence[RemotePath]) -> str:
    """Give the one profile that all of these are of."""
    found = sorted({place.profile for place in places})
    if len(found) > 1:
        raise BadPlace(
            f"the paths are of different profiles: {', '.join(one or 'default' for one in found)}",
            "give the paths of one profile at a time; scp carries files from one to another",
        )
    return found[0] if found else ""
