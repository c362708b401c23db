"""What scopes let an application do, in words."""

from collections.abc import Collection

from keycell.catalogs import N_
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
    "offline_access": N_("keep this access while you are away, until you revoke it"),
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
