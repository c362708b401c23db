"""How long a person lets a client have what they allow it: once, for some days, or until revoked.

A *term* is kept with the grant, so whatever descends from it ends with it at the latest.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from keycell.oauth.clients import Client
from keycell.oauth.grants import Grant
from keycell.oauth.scope import DEVICE_SSO, OFFLINE
from keycell.values import dataclass

SOME_DAYS = timedelta(days=30)


class Lasting(StrEnum):
    """What a person may choose from."""

    ONCE = "once"
    """As long as the access token that comes of it, and asked again the next time."""
    SOME_DAYS = "30-days"
    UNTIL_REVOKED = "until-revoked"


@dataclass(frozen=True, slots=True)
class Term:
    """How long something is allowed: until a moment, or until it is revoked."""

    ends_at: datetime | None = None
    is_once: bool = False
    """Nothing is remembered, and nothing outlives the first access token."""


UNTIL_REVOKED = Term()


def asks_term(client: Client) -> bool:
    """Tell whether a person says how long: our own applications are a part of the house."""
    return not client.is_first_party


def term_of(client: Client, chosen: str | None, now: datetime) -> Term:
    """Read what a person chose; nothing chosen lasts until it is revoked.

    What is no choice of ours is taken for the shortest one.
    """
    if chosen is None or not asks_term(client) or chosen == Lasting.UNTIL_REVOKED:
        return UNTIL_REVOKED
    if chosen == Lasting.SOME_DAYS:
        return Term(now + SOME_DAYS)
    return Term(is_once=True)


def limited(grant: Grant, term: Term) -> Grant:
    """Give a grant that lasts no longer than its term.

    Once is less than was asked: no refresh token, and the client is told so by the scope that
    its answer carries. RFC6749-3.3, OIDCC-11.
    """
    if term.is_once:
        return replace(grant, scope=grant.scope - OFFLINE - DEVICE_SSO, ends_at=grant.expires_at)
    if term.ends_at is None:
        return grant
    ends_at = term.ends_at
    return replace(grant, ends_at=ends_at, expires_at=min(grant.expires_at, ends_at))


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Give the later of two ends; what has none is later than all."""
    return None if one is None or other is None else max(one, other)


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Give the earlier of two ends, if there is one."""
    return min((end for end in (one, other) if end is not None), default=None)


def told_term(term: Term) -> dict[str, object]:
    """Give what the trail keeps of a term; nothing of what lasts until it is revoked."""
    if term.is_once:
        return {"lasts": "once"}
    return {} if term.ends_at is None else {"until": f"{term.ends_at:%Y-%m-%d %H:%M}"}
