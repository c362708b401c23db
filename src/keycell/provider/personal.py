"""Personal access tokens and access keys: what a person gives to a program without a sign-in.

A token ends at a moment that was set, or a while after its last use. Neither opens more than its
scope and places say, and neither can make another or change the account.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from keycell.accounts.audit import AuditEvent
from keycell.accounts.people import Account
from keycell.accounts.ports_mail import Mailing
from keycell.oauth.details import Details, personal_scopes, read_personal_scopes
from keycell.oauth.errors import InvalidRequest, InvalidScope, quote
from keycell.oauth.scope import Scope

PREFIX = "kcp_"
"""Followed by base64url: no slash, comma or space, so that it fits into every header and URL."""
KEY_PREFIX = "KC"
LONGEST_LABEL = 100
LONGEST_LIFE = timedelta(days=366)
LONGEST_WINDOW = timedelta(days=92)
SHORTEST_WINDOW = timedelta(minutes=5)
MOST_OF_ACCOUNT = 100
MOST_DOCUMENTS = 1000
DOCUMENT_LIFE = timedelta(minutes=10)
NOTED_EVERY = timedelta(minutes=1)
"""The last use is written down no more often than this."""
LASTING = timedelta(days=7)
"""What was made for less than this was meant to end, and nobody is told of it."""
FORETOLD = (timedelta(days=14), timedelta(days=3), timedelta(0))
"""So long before its end somebody is told of it, by mail."""
REMEMBERED = timedelta(days=30)
"""So long after its end it can be renewed."""

Kind = Literal["personal", "document"]
_DURATION = re.compile(r"(?!\d{6}w)(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalToken:
    """A personal access token as it is kept: by digest."""

    token_id: str
    digest: str
    kind: Kind = "personal"
    sub: str
    label: str
    scope: Scope
    details: Details
    expires_at: datetime
    auto_refresh: timedelta | None = None
    """Each use puts the end off by so much."""
    created_at: datetime
    """Or renewed: the secret that there is was made then."""
    created_by: str
    last_used_at: datetime | None = None
    last_used_ip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A pair for programs that speak S3; signatures need its secret, so it is sealed."""

    token_id: str
    sealed: str
    sub: str
    label: str
    scope: Scope
    details: Details
    expires_at: datetime
    created_at: datetime
    created_by: str
    last_used_at: datetime | None = None
    last_used_ip: str | None = None


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A personal access token, and the account it is of."""

    token: PersonalToken
    account: Account


@dataclass(frozen=True, slots=True)
class HeldKey:
    """An access key, and the account it is of."""

    key: AccessKey
    account: Account


@dataclass(frozen=True, slots=True)
class Use:
    """When a token or key was used, and from which address; none where others used it."""

    at: datetime
    ip: str = ""


class PersonalTokenStore(Protocol):
    """The personal access tokens."""

    async def add(self, token: PersonalToken, event: AuditEvent) -> bool:
        """Keep a new token; False if its account is gone, disabled, or has as many as it may."""
        ...

    async def find(self, digest: str) -> HeldToken | None:
        """Find a token whose account stands. One point read."""
        ...

    async def of_account(self, sub: str, now: datetime) -> Sequence[PersonalToken]:
        """List somebody's tokens that have not expired, the latest first."""
        ...

    async def get(self, token_id: str) -> PersonalToken | None:
        """Find a token by its identifier."""
        ...

    async def revoke(self, token_id: str, sub: str, event: AuditEvent) -> bool:
        """End somebody's token; True for the call that did."""
        ...

    async def keep(self, token_id: str, sub: str, event: AuditEvent) -> bool:
        """Have somebody's token stand by whoever does this; True if there is one."""
        ...

    async def renew(
        self, before: PersonalToken, renewed: PersonalToken, event: AuditEvent
    ) -> bool:
        """Give a token a new secret and a new end, once; False as `add`, or if it changed."""
        ...

    def note_use(
        self, token: PersonalToken, use: Use, until: datetime, event: AuditEvent | None
    ) -> None:
        """Write down soon that a token was used, and until when it is good now."""
        ...


class AccessKeyStore(Protocol):
    """The access keys."""

    async def add(self, key: AccessKey, event: AuditEvent) -> bool:
        """Keep a new key; False if its account is gone, disabled, or has as many as it may."""
        ...

    async def find(self, access_key_id: str) -> HeldKey | None:
        """Find a key whose account stands. One point read."""
        ...

    async def of_account(self, sub: str, now: datetime) -> Sequence[AccessKey]:
        """List somebody's keys that have not expired, the latest first."""
        ...

    async def revoke(self, access_key_id: str, sub: str, event: AuditEvent) -> bool:
        """End somebody's key; True for the call that did."""
        ...

    async def keep(self, access_key_id: str, sub: str, event: AuditEvent) -> bool:
        """Have somebody's key stand by whoever does this; True if there is one."""
        ...

    async def renew(self, before: AccessKey, renewed: AccessKey, event: AuditEvent) -> bool:
        """Give a key a new secret and a new end, once; False as `add`, or if it changed."""
        ...

    def note_use(self, key: AccessKey, use: Use, event: AuditEvent | None) -> None:
        """Write down soon that a key was used."""
        ...


class EndingTokens(Protocol):
    """The tokens and keys whose person is to be told that they end."""

    async def due(self, now: datetime, most: int) -> Sequence[PersonalToken | AccessKey]:
        """List those whose person is to be told by now."""
        ...

    async def told(
        self,
        one: PersonalToken | AccessKey,
        now: datetime,
        again: datetime | None,
        mailing: Mailing,
    ) -> bool:
        """Tell somebody by mail, and note when next; True for the call that did."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a new token or key, as it came in."""

    label: str
    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    auto_refresh: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a new token or key may do, and until when: checked."""

    label: str
    scope: Scope
    details: Details
    expires_at: datetime
    auto_refresh: timedelta | None

    @property
    def told(self) -> dict[str, object]:
        """Give what the audit trail keeps of it."""
        return {"label": self.label, "scopes": personal_scopes(self.scope, self.details)}


def read_wish(wish: Wish, account: Account, now: datetime) -> Terms:
    """Check what is asked for somebody; raise InvalidRequest or InvalidScope."""
    label = " ".join(wish.label.split())
    if not 1 <= len(label) <= LONGEST_LABEL or not label.isprintable():
        raise InvalidRequest(
            f"the label has {len(label)} characters; expected 1 to {LONGEST_LABEL}, such as the "
            "name of the program that will use it"
        )
    if account.is_test:
        raise InvalidRequest(
            f"{account.login} is an account for tests: it opens applications in test mode alone"
        )
    scope, details = read_personal_scopes(wish.scopes)
    if "admin" in scope and not account.is_admin:
        raise InvalidScope("the scope admin is for administrators alone")
    return Terms(
        label=label,
        scope=scope,
        details=details,
        expires_at=_read_end(wish, now),
        auto_refresh=wish.auto_refresh,
    )


def _read_end(wish: Wish, now: datetime) -> datetime:
    end, window = wish.expires_at, wish.auto_refresh
    if (end is None) == (window is None):
        raise InvalidRequest("give either an expiry or an auto-refresh window, one of the two")
    if window is not None:
        if not SHORTEST_WINDOW <= window <= LONGEST_WINDOW:
            raise InvalidRequest(
                f"the auto-refresh window is {window}; expected 5 minutes to "
                f"{LONGEST_WINDOW.days} days"
            )
        return now + window
    assert end is not None  # noqa: S101  (one of the two is there)
    if not now < end <= now + LONGEST_LIFE:
        raise InvalidRequest(
            f"the expiry {end:%F %T} UTC is not between now and {LONGEST_LIFE.days} days from now"
        )
    return end


def read_duration(text: str) -> timedelta:
    """Read a time like ``30s``, ``10m``, ``24h`` or ``90d``; raise InvalidRequest."""
    parts = _DURATION.fullmatch(text.strip())
    if parts is None:
        raise InvalidRequest(f"{quote(text)} is no time; write one like 10m, 24h or 90d")
    return timedelta(**{_UNITS[parts[2]]: int(parts[1])})


def is_noted(last_used_at: datetime | None, now: datetime) -> bool:
    """Tell whether a use at this moment is worth writing down."""
    return last_used_at is None or now - last_used_at >= NOTED_EVERY


def used(token: PersonalToken, now: datetime) -> datetime:
    """Say until when a token is good once it was used."""
    if token.auto_refresh is None:
        return token.expires_at
    # Uses in the next minute are not written down: the window is never shorter than promised.
    return max(token.expires_at, now + token.auto_refresh + NOTED_EVERY)


def kept_until(begun: datetime, end: datetime) -> datetime:
    """Say how long what ends then is kept, so that it can be renewed."""
    return end + REMEMBERED if end - begun >= LASTING else end


def next_telling(begun: datetime, end: datetime, now: datetime) -> datetime | None:
    """Say when somebody is told next that what they made ends; None if no more.

    Never in its first half: what was made just now needs no reminder.
    """
    if end - begun < LASTING:
        return None
    moments = (end - before for before in FORETOLD)
    return next((one for one in moments if one > now and one - begun >= end - one), None)


def first_use(kept: PersonalToken | AccessKey, now: datetime) -> AuditEvent | None:
    """Say that a token or key was used for the first time; later uses are not told."""
    if kept.last_used_at is not None:
        return None
    return AuditEvent(
        at=now, actor=kept.sub, action="personal.used", target=kept.token_id,
        detail={"label": kept.label},
    )  # fmt: skip
