"""Scope: what a client asks for and a person allows.

A *scope* is the whole set, a *scope value* one member of it.
"""

import re

from keycell.oauth.errors import InvalidScope, quote

Scope = frozenset[str]

OPENID = "openid"
OFFLINE = frozenset({"offline_access", "offline"})
"""The scope value that asks for a refresh token, and its old name (OIDCC-11)."""
DEVICE_SSO = frozenset({"device_sso"})
"""Asks for a device secret, by which other applications are signed in too. NSSO-3.1."""

KNOWN = frozenset(
    {
        OPENID,
        "profile",
        "email",
        "address",
        "phone",
        "offline_access",
        "offline",
        "pydio",
        "groups",
        "roles",
        "files.read",
        "files.write",
        "admin",
        *DEVICE_SSO,
    }
)
FIRST_PARTY_ONLY = frozenset({"admin"})
PEOPLE_ONLY = frozenset(KNOWN - {"files.read", "files.write"})
"""What makes sense for a person alone, and so is never given to a client on its own behalf."""

_MOST_VALUES = 64
_LONGEST_VALUE = 128
_VALUE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def parse_scope(text: str | None) -> Scope:
    """Read a scope parameter; the order does not matter, repetition neither. RFC6749-3.3."""
    values = (text or "").split(" ")
    scope = frozenset(value for value in values if value)
    if len(scope) > _MOST_VALUES:
        raise InvalidScope(f"scope has {len(scope)} values; at most {_MOST_VALUES} are taken")
    for value in scope:
        if len(value) > _LONGEST_VALUE or not _VALUE.fullmatch(value):
            raise InvalidScope(f"{quote(value)} is no scope value")
    return scope


def format_scope(scope: Scope) -> str:
    """Write a scope in one fixed order. RFC6749-3.3."""
    return " ".join(sorted(scope))


def narrow(granted: Scope, requested: Scope | None) -> Scope:
    """Give what is asked of what was granted; nothing asked means all of it. RFC6749-6."""
    if requested is None:
        return granted
    # Values we do not know were dropped when the grant was made; a client repeats them here.
    excess = (requested & KNOWN) - granted
    if excess:
        raise InvalidScope(f"{quote(format_scope(frozenset(excess)))} was not granted")
    return requested & granted


def wants_offline(scope: Scope) -> bool:
    """Tell whether a refresh token is asked for. OIDCC-11."""
    return not OFFLINE.isdisjoint(scope)
