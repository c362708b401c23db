"""What scopes and details let an application do, in words."""

from collections.abc import Collection

from keycell.catalogs import N_
from keycell.oauth.details import Details, FilesDetail
from keycell.oauth.sentences import Words

SCOPES = {
    "openid": N_("know who you are when you sign in"),
    "profile": N_("see your name and profile"),
    "email": N_("see your mail address"),
    "address": N_("see your postal address"),
    "phone": N_("see your phone number"),
    "groups": N_("see which groups you belong to"),
    "roles": N_("see which roles you have"),
    "pydio": N_("see your login, mail address, groups and roles"),
    "files.read": N_("read your files"),
    "files.write": N_("change and delete your files"),
    "admin": N_("administer this Keycell in your name"),
    "device_sso": N_("sign you in to this publisher's other applications on your device"),
    "offline_access": N_("keep this access while you are away"),
}
"""In the order in which they are told: signing in, reading, writing, staying."""


def as_told(scope: Collection[str]) -> set[str]:
    """Give a scope with one name for what has two. OIDCC-11."""
    return {"offline_access" if value == "offline" else value for value in scope}


def told(scope: Collection[str], words: Words) -> list[str]:
    """Say what a scope lets an application do; what we do not know is told by its name."""
    asked = as_told(scope)
    known = [words(SCOPES[value]) for value in SCOPES if value in asked]
    return known + sorted(asked - SCOPES.keys())


def places(details: Details, new: Details, words: Words) -> list[tuple[str, bool]]:
    """Say which files are asked for, each with whether they were not allowed before."""
    return [(_place(one, words), one in new) for one in details]


def _place(one: FilesDetail, words: Words) -> str:
    writes = "write" in one.actions
    if one.node_id is not None:
        told = words(N_("read, change and delete one file or folder: %s"))
        return (told if writes else words(N_("read one file or folder: %s"))) % one.node_id
    if one.space is not None:
        told = words(N_("read, change and delete your files in %s"))
        return (told if writes else words(N_("read your files in %s"))) % one.space
    return words(N_("read, change and delete all your files") if writes else SCOPES["files.read"])
