"""What a change made different: each thing by its name, as it was and as it is.

The trail keeps it with the event. No secret has a place here: only what is named is looked at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta

from keycell.accounts.people import Account
from keycell.oauth.clients import Client

Changes = dict[str, list[object]]
HIDDEN = "…"
"""Stands for what a person says of themselves: that it changed is told, not to what."""
_LONGEST = 300
_MOST = 50
_OF_CLIENT = (
    "require_pkce", "access_token_format", "revoke_refresh_after", "access_token_lifetime",
    "id_token_lifetime", "disabled", "access",
    "acting", "suite", "secret_made_at", "test_until",
)  # fmt: skip
_OF_ACCOUNT = ("login", "name", "email", "group_path", "roles", "is_admin")


def client_changes(before: Client, after: Client) -> Changes:
    """Tell how an application differs; what it registered is named as RFC 7591 names it."""
    return _differences(_of_client(before), _of_client(after))


def account_changes(before: Account, after: Account) -> Changes:
    """Tell how an account differs. Of claims only which: they are their person's own."""
    return _differences(_of_account(before), _of_account(after)) | {
        f"claims.{name}": [HIDDEN if name in one.claims else None for one in (before, after)]
        for name in sorted({*before.claims, *after.claims})
        if before.claims.get(name) != after.claims.get(name)
    }


def _of_client(client: Client) -> dict[str, object]:
    named = {name: getattr(client, name) for name in _OF_CLIENT}
    return dict([*_leaves("", client.metadata), *_leaves("", named)])


def _of_account(account: Account) -> dict[str, object]:
    return dict(_leaves("", {name: getattr(account, name) for name in _OF_ACCOUNT}))


def _differences(was: Mapping[str, object], now: Mapping[str, object]) -> Changes:
    names = dict.fromkeys([*now, *was])
    return {
        name: [was.get(name), now.get(name)] for name in names if was.get(name) != now.get(name)
    }


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, object]]:
    """Give what a value is made of, by names like ``access.groups``."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: getattr(value, one.name) for one in fields(value)}
    elif isinstance(value, Mapping):
        parts = dict(value)
    else:
        yield prefix, _shown(value)
        return
    for name, part in parts.items():
        yield from _leaves(f"{prefix}.{name}" if prefix else name, part)


def _shown(value: object) -> object:
    """Give a value as a small document can hold it, cut where it is long."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, frozenset):
        return _shown(sorted(value))
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value[:_MOST]]
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}{HIDDEN}"
    return value
